// Counts the rows that are selected, and selects all of a page. Without script each is ticked alone.
"use strict";

const bar = document.getElementById("bulk");
const told = bar.querySelector(".bulk-count");
const every = bar.querySelector("button[type=button]");
const picks = [...document.querySelectorAll("input[name=pick]")];

function tell() {
  const n = picks.filter((pick) => pick.checked).length;
  const words = n === 0 ? told.dataset.none : n === 1 ? told.dataset.one : told.dataset.many;
  told.textContent = words.replace("%(n)s", n);
  every.textContent = n === picks.length ? every.dataset.many : every.dataset.none;
}

every.hidden = false;
every.addEventListener("click", () => {
  const isWanted = !picks.every((pick) => pick.checked);
  for (const pick of picks) {
    pick.checked = isWanted;
  }
  tell();
});
for (const pick of picks) {
  pick.addEventListener("change", tell);
}
// A page that comes back may have rows ticked.
window.addEventListener("pageshow", tell);
tell();
