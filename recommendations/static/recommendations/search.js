// Suggestions under the search of the bar. Without script the search is a page of its own.
"use strict";

const PAUSE = 150; // milliseconds without a key before anything is asked
const MOST = 12; // addresses that are remembered
const OF_ONE = /^.*?\/(recommendations|evidence|indicators|sources|areas)\/[^/]+\//;

// The pages that one person opened last, newest first. Addresses alone are kept, no titles: the
// site tells a title only to who may read it now. Signing out, or in as another, forgets them.
class Recent {
  constructor(person) {
    this.person = person;
  }

  get kept() {
    try {
      const kept = JSON.parse(localStorage.getItem("recent"));
      return kept?.person === this.person ? kept.paths : null;
    } catch {
      return null;
    }
  }

  get paths() {
    return this.kept ?? [];
  }

  add(address) {
    const path = OF_ONE.exec(address)?.[0];
    const others = this.paths.filter((each) => each !== path);
    const paths = (path ? [path, ...others] : others).slice(0, MOST);
    try {
      localStorage.setItem("recent", JSON.stringify({ person: this.person, paths }));
    } catch {
      // Storage is full or switched off: nothing is remembered.
    }
  }
}

class Suggestions {
  constructor(form) {
    this.form = form;
    this.recent = new Recent(form.dataset.person);
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
    this.input.addEventListener("click", () => this.box.hidden && this.ask());
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
    const words = text ? [["text", text]] : this.recent.paths.map((path) => ["recent", path]);
    if (text.length === 1 || words.length === 0) {
      this.close();
      return;
    }
    this.asked = new AbortController();
    try {
      const url = `${this.form.dataset.suggestions}?${new URLSearchParams(words)}`;
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
    this.box.replaceChildren(...found.children);
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
      if (event.key === "ArrowDown" && !event.isComposing) {
        this.ask();
      }
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
  const { input } = new Suggestions(form);
  // Opened by its icon on a narrow page, the search is ready to type in.
  const drop = form.closest("details");
  drop?.addEventListener("toggle", () => drop.open && input.focus());
}

const own = new Recent(document.querySelector("form[data-person]")?.dataset.person);
own.add(location.pathname);
addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) {
    localStorage.removeItem("recent");
  }
});
// A page that the browser kept whole is asked for again by another person, or by nobody.
addEventListener("pageshow", (event) => event.persisted && !own.kept && location.reload());
