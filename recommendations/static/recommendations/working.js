// Shows that a form which takes long is being worked on. Without script the browser says so itself.
"use strict";

document.addEventListener("submit", (event) => {
  // What only downloads a file leaves the page as it is.
  if (event.submitter && "quick" in event.submitter.dataset) {
    return;
  }
  const working = document.getElementById(event.target.dataset.working || "");
  if (working) {
    working.hidden = false;
    tell(event.target.dataset.progress, working.querySelector("[data-told]"));
  }
});
// How far it is, where there is an address that says so; until the answer replaces the page.
function tell(address, told) {
  if (!address || !told) {
    return;
  }
  setInterval(async () => {
    const answer = await fetch(address).catch(() => null);
    if (answer && answer.ok) {
      told.textContent = await answer.text();
    }
  }, 1000);
}
// A page that comes back from the browser's store is not being worked on any more.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-working]")) {
    document.getElementById(form.dataset.working).hidden = true;
  }
});
