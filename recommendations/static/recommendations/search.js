// Suggestions under the search of the bar. Without script the search is a page of its own.
"use strict";

const PAUSE = 150; // milliseconds without a key before anything is asked

class Suggestions {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=search]");
    this.box = this.add("div", { className: "suggestions", hidden: true, id: `${this.input.id}-list` });
    this.box.setAttribute("role", "listbox");
    this.box.setAttribute("aria-label", form.dataset.label);
    this.status = this.add("p", { className: "visually-hidden" });
    this.status.setAttribute("role", "status");
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", this.box.id);
    this.input.setAttribute("aria-expanded", "false");
    this.input.autocomplete = "off";
    this.input.addEventListener("input", () => this.wait());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("blur", () => this.close());
    // Before the input loses the focus, which closes the list.
    this.box.addEventListener("mousedown", (event) => this.open(event.target.closest("[role=option]")));
  }

  add(name, values) {
    const element = Object.assign(document.createElement(name), values);
    this.form.append(element);
    return element;
  }

  wait() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const text = this.input.value.trim();
    if (text.length < 2) {
      this.close();
      return;
    }
    this.asked = new AbortController();
    try {
      const url = `${this.form.dataset.suggestions}?${new URLSearchParams({ text })}`;
      const answer = await fetch(url, { signal: this.asked.signal });
      if (answer.ok && !answer.redirected && document.activeElement === this.input) {
        this.show(await answer.text());
      }
    } catch {
      // Overtaken by the next key, or no connection: the search itself is there still.
    }
  }

  show(answer) {
    const found = new DOMParser().parseFromString(answer, "text/html").querySelector("[data-status]");
    this.options = [...found.querySelectorAll("[role=option]")];
    for (const option of this.options) {
      option.id = `${this.input.id}-${option.id}`;
    }
    this.box.replaceChildren(...this.options);
    this.status.textContent = found.dataset.status;
    this.box.hidden = this.options.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.box.hidden));
    this.choose(-1);
  }

  choose(place) {
    this.place = place;
    this.options.forEach((option, each) => option.setAttribute("aria-selected", String(each === place)));
    if (place < 0) {
      this.input.removeAttribute("aria-activedescendant");
    } else {
      this.input.setAttribute("aria-activedescendant", this.options[place].id);
      this.options[place].scrollIntoView({ block: "nearest" });
    }
  }

  press(event) {
    if (this.box.hidden || event.isComposing) {
      return;
    }
    const count = this.options.length;
    if (event.key === "ArrowDown") {
      this.choose((this.place + 2) % (count + 1) - 1);
    } else if (event.key === "ArrowUp") {
      this.choose((this.place + count + 1) % (count + 1) - 1);
    } else if (event.key === "Enter" && this.place >= 0) {
      this.open(this.options[this.place]);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return;
    }
    event.preventDefault();
  }

  open(option) {
    if (option) {
      location.assign(option.dataset.href);
    }
  }

  close() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.box.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

for (const form of document.querySelectorAll("form[data-suggestions]")) {
  new Suggestions(form);
}
