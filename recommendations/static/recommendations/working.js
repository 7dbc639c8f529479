// Shows that a form which takes long is being worked on. Without script the browser says so itself.
"use strict";

document.addEventListener("submit", (event) => {
  const working = document.getElementById(event.target.dataset.working || "");
  if (working) {
    working.hidden = false;
  }
});
// A page that comes back from the browser's store is not being worked on any more.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-working]")) {
    document.getElementById(form.dataset.working).hidden = true;
  }
});
