/* A field that chooses among many rows: one box with a list, made of the words, the button and the
   select that the page came with. The select stays, unseen, and is what the form sends; words go
   along only while nothing is chosen, and then the site answers with what they find. */

const PAUSE = 200; // milliseconds without a key, after which words are looked for

for (const field of document.querySelectorAll(".picker[data-address]")) new Picker(field).begin();

function Picker(field) {
  const box = field.querySelector("input");
  const select = field.querySelector("select");
  const status = field.querySelector("[role=status]");
  const popup = document.createElement("div");
  const list = document.createElement("ul");
  const told = document.createElement("p"); // the status for the eye; for the ear it never goes
  const words = box.name;
  let active = -1;
  let timer = 0;
  let request = null;
  let sent = 0;

  const options = () => [...list.children];
  const chosen = () => select.options[select.selectedIndex];

  this.begin = () => {
    const id = select.id;
    select.removeAttribute("id");
    select.hidden = true;
    field.querySelector("button").remove();
    list.id = `${id}_list`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", box.getAttribute("aria-label"));
    told.setAttribute("aria-hidden", "true");
    popup.className = "picker-list";
    popup.append(list, told);
    box.after(popup);
    box.id = id;
    box.placeholder = select.querySelector('option[value=""]')?.text ?? "";
    box.removeAttribute("aria-label"); // the label of the field speaks of the box now
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    for (const name of ["aria-describedby", "aria-invalid", "required"]) {
      if (select.hasAttribute(name)) box.setAttribute(name, select.getAttribute(name));
      select.removeAttribute(name);
    }
    box.classList.toggle("is-invalid", select.classList.contains("is-invalid"));
    field.classList.add("has-script");
    close();
    if (box.value && !select.value) mark(false);
    else settle();
    box.addEventListener("input", typed);
    box.addEventListener("keydown", pressed);
    box.addEventListener("click", () => popup.hidden && ask());
    box.addEventListener("blur", close);
    // A press on the list must not take the focus out of the box.
    popup.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => choose(event.target.closest("[role=option]")));
  };

  /* What is in the box and what the form sends never disagree. */
  function mark(isSettled) {
    if (isSettled) box.removeAttribute("name");
    else box.name = words;
    box.setCustomValidity(isSettled ? "" : field.dataset.unchosen);
  }

  function settle() {
    box.value = select.value ? chosen().text : "";
    mark(true);
  }

  function typed() {
    select.value = "";
    mark(!box.value.trim());
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE);
  }

  async function ask() {
    window.clearTimeout(timer);
    request?.abort();
    request = new AbortController();
    const number = ++sent;
    const address = new URL(field.dataset.address, document.baseURI);
    if (!select.value) address.searchParams.set("words", box.value);
    try {
      const answer = await fetch(address, { signal: request.signal });
      if (!answer.ok) throw new Error(answer.status);
      const found = await answer.json();
      if (number === sent && document.activeElement === box) open(found.options, found.told);
    } catch (error) {
      if (error.name !== "AbortError") open([], field.dataset.failed);
    }
  }

  function open(found, words) {
    list.replaceChildren(...found.map(optionFor));
    status.textContent = told.textContent = words;
    popup.hidden = false;
    list.hidden = !found.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
    light(-1);
  }

  function optionFor([value, label], index) {
    const option = document.createElement("li");
    option.id = `${list.id}_${index}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", String(value === select.value));
    option.dataset.value = value;
    option.textContent = label;
    return option;
  }

  function close() {
    popup.hidden = true;
    box.setAttribute("aria-expanded", "false");
    light(-1);
  }

  function light(index) {
    options()[active]?.classList.remove("is-active");
    active = index;
    const option = options()[active];
    if (!option) return box.removeAttribute("aria-activedescendant");
    option.classList.add("is-active");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  }

  function choose(option) {
    if (!option) return;
    const { value } = option.dataset;
    if (![...select.options].some((other) => other.value === value)) {
      select.add(new Option(option.textContent, value));
    }
    select.value = value;
    settle();
    close();
    status.textContent = "";
    // As if it had been chosen in the select itself: forms save what was chosen in the background.
    for (const name of ["input", "change"]) select.dispatchEvent(new Event(name, { bubbles: true }));
  }

  function pressed(event) {
    if (event.isComposing) return;
    const last = options().length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (popup.hidden) ask();
      else if (event.key === "ArrowDown") light(active < last ? active + 1 : 0);
      else light(active > 0 ? active - 1 : last);
    } else if (event.key === "Enter" && (box.name || !popup.hidden)) {
      event.preventDefault(); // never sends a form that a row is being chosen in
      if (popup.hidden) ask();
      else choose(options()[last === 0 ? 0 : active]);
    } else if (event.key === "Escape" && !popup.hidden) {
      event.preventDefault(); // a browser would empty the box
      close();
    } else if (event.key === "Tab") {
      close();
    }
  }
}
