// Copies a citation, or its address alone. Without script the field is selected by hand.
"use strict";

for (const box of document.querySelectorAll("[data-cite]")) {
  const field = box.querySelector("textarea");
  const told = box.querySelector("[role=status]");
  for (const button of box.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      told.textContent = "";
      const isDone = await copied(field, button.dataset.copy || field.value);
      told.textContent = isDone ? told.dataset.done : told.dataset.failed;
    });
  }
  const drop = box.closest("details");
  drop?.addEventListener("toggle", () => drop.open && box.scrollIntoView({ block: "nearest" }));
  drop?.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drop.open) {
      drop.open = false;
      drop.querySelector("summary").focus();
    }
  });
}

// A site without https has no clipboard: there the text is selected first.
async function copied(field, text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const start = field.value.indexOf(text);
    field.focus();
    field.setSelectionRange(start, start + text.length);
    return document.execCommand("copy");
  }
}
