/* Sends each chosen file at once and shows how far it is; what comes back is a ticket that goes with
   the form. Without this script, or where it fails, the files go with the form itself. */
(() => {
  "use strict";

  for (const zone of document.querySelectorAll(".uploads")) prepare(zone);

  function prepare(zone) {
    const input = zone.querySelector("input[type=file]");
    const form = input.form;
    if (!form) return;
    const state = { zone, input, form, waiting: 0, failed: 0, pressed: null };
    zone.classList.add("has-script");
    input.addEventListener("change", () => take(state, [...input.files]));
    for (const name of ["dragenter", "dragover"]) {
      zone.addEventListener(name, (event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        zone.classList.add("is-over");
      });
    }
    zone.addEventListener("dragleave", (event) => {
      if (!zone.contains(event.relatedTarget)) zone.classList.remove("is-over");
    });
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      take(state, [...event.dataTransfer.files]);
    });
    form.addEventListener("submit", (event) => hold(state, event));
    // Chosen while this script was still on its way.
    if (input.files.length) take(state, [...input.files]);
  }

  function take(state, files) {
    const chosen = state.input.multiple ? files : files.slice(0, 1);
    state.input.value = "";
    for (const file of chosen) {
      const row = rowFor(state, file);
      if (file.size > Number(state.zone.dataset.mostBytes)) {
        refuse(state, row, file, state.zone.dataset.tooLarge, false);
      } else {
        send(state, row, file);
      }
    }
  }

  function rowFor(state, file) {
    const template = state.zone.querySelector("template");
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelector(".ticket-name").textContent = file.name;
    row.querySelector("progress").setAttribute("aria-label", file.name);
    state.zone.querySelector(".tickets").append(row);
    return row;
  }

  function send(state, row, file) {
    const data = new FormData();
    data.append(state.input.name, file);
    data.append("csrfmiddlewaretoken", state.form.elements.csrfmiddlewaretoken.value);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const share = Math.round((100 * event.loaded) / event.total);
      row.querySelector("progress").value = share;
      row.querySelector(".ticket-share").textContent = `${share} %`;
    });
    const { failed, tooLarge, cancelled } = state.zone.dataset;
    const stop = (reason, mayTryAgain) => {
      refuse(state, row, file, reason, mayTryAgain);
      finish(state, false);
    };
    request.addEventListener("error", () => stop(failed, true));
    request.addEventListener("abort", () => stop(cancelled, false));
    request.addEventListener("load", () => {
      // Anything but our own fragment is a page: signed out, too much for a server in between.
      const isOurs = request.responseText.trimStart().startsWith("<li");
      if (isOurs) arrive(state, row, file, request);
      else if (request.status === 413) stop(tooLarge, false);
      else stop(failed, true);
    });
    row.querySelector("[data-cancel]").addEventListener("click", () => request.abort());
    state.waiting += 1;
    request.open("POST", state.zone.dataset.receive);
    request.send(data);
  }

  function arrive(state, row, file, request) {
    const held = document.createElement("template");
    held.innerHTML = request.responseText;
    const arrived = held.content.firstElementChild;
    const owner = state.input.getAttribute("form");
    if (owner) for (const box of arrived.querySelectorAll("input")) box.setAttribute("form", owner);
    const isTaken = request.status === 200;
    move(row, arrived);
    say(state, isTaken ? `${file.name}: ${state.zone.dataset.arrived}` : arrived.textContent);
    finish(state, isTaken);
  }

  // A reason in place of the bar; where trying again can help, a button for that.
  function refuse(state, row, file, reason, mayTryAgain) {
    row.classList.replace("is-coming", "field-error");
    row.querySelector("progress").remove();
    row.querySelector(".ticket-share").textContent = reason;
    row.querySelector("[data-cancel]").remove();
    const again = row.querySelector("[data-again]");
    again.hidden = !mayTryAgain;
    again.addEventListener("click", () => {
      const fresh = rowFor(state, file);
      move(row, fresh);
      fresh.querySelector("[data-cancel]").focus();
      send(state, fresh, file);
    });
    say(state, `${file.name}: ${reason}`);
  }

  function move(row, next) {
    const hadFocus = row.contains(document.activeElement);
    row.replaceWith(next);
    if (hadFocus) next.querySelector("input, button")?.focus();
  }

  function say(state, words) {
    state.zone.querySelector("[role=status]").textContent = words.trim().replace(/\s+/g, " ");
  }

  // A form that is sent while files are on their way waits for them, then goes by the same button.
  function hold(state, event) {
    if (event.defaultPrevented || !state.waiting) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    state.pressed = event.submitter;
    state.failed = 0;
    say(state, state.zone.dataset.wait);
    state.zone.classList.add("is-holding");
  }

  function finish(state, isTaken) {
    state.waiting -= 1;
    if (!isTaken) state.failed += 1;
    if (state.waiting || !state.zone.classList.contains("is-holding")) return;
    state.zone.classList.remove("is-holding");
    if (!state.failed) state.form.requestSubmit(state.pressed);
  }
})();
