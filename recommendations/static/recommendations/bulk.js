// Counts the rows that are selected, and selects all of a page. Without script each is ticked alone.
"use strict";

const bar = document.getElementById("bulk");
const told = bar.querySelector(".bulk-count");
const every = document.querySelector("thead .pick input");
const picks = [...document.querySelectorAll("input[name=pick]")];

function tell() {
  const n = picks.filter((pick) => pick.checked).length;
  told.textContent = n === 0 ? "" : (n === 1 ? told.dataset.one : told.dataset.many).replace("%(n)s", n);
  every.checked = n === picks.length;
  every.indeterminate = n > 0 && n < picks.length;
}

every.hidden = false;
every.addEventListener("change", () => {
  for (const pick of picks) {
    pick.checked = every.checked;
  }
  tell();
});
for (const pick of picks) {
  pick.addEventListener("change", tell);
}
bar.addEventListener("reset", () => setTimeout(tell));
// A page that comes back may have rows ticked.
window.addEventListener("pageshow", tell);
tell();
