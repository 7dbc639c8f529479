// Boxes of Select2 are named by what is chosen in them alone; here each gets the name of its field.
// Rows that are wider than the screen can be moved by keyboard as well.
"use strict";
{
  const SELECT = "select.admin-autocomplete.select2-hidden-accessible";

  const nameOf = (select) => {
    const label = select.labels[0];
    const text = select.getAttribute("aria-label") || (label ? label.textContent : "");
    return text.trim().replace(/:$/, "");
  };

  const nameBoxes = () => {
    for (const select of document.querySelectorAll(SELECT)) {
      const container = select.nextElementSibling;
      const box = container.querySelector("[role=combobox]");
      const chosen = container.querySelector("[role=textbox]");
      const words = container.querySelector("input");
      for (const part of [box, words]) {
        if (part) part.setAttribute("aria-label", nameOf(select));
      }
      if (chosen) {
        box.id = `${select.id}-box`;
        box.setAttribute("aria-labelledby", `${box.id} ${chosen.id}`);
        chosen.removeAttribute("role");
        chosen.removeAttribute("aria-readonly");
      }
    }
  };

  for (const rows of document.querySelectorAll(".tabular fieldset")) {
    if (rows.scrollWidth > rows.clientWidth) rows.tabIndex = 0;
  }

  const $ = django.jQuery;
  // After the script of Django that makes the boxes, at the start and for each row that is added.
  $(() => setTimeout(nameBoxes));
  document.addEventListener("formset:added", () => setTimeout(nameBoxes));
  $(document).on("select2:open", (event) => {
    const box = event.target.nextElementSibling.querySelector("[role=combobox]");
    box.setAttribute("aria-controls", box.getAttribute("aria-owns"));
    for (const part of document.querySelectorAll(
      ".select2-container--open .select2-search__field, .select2-container--open [role=listbox]"
    )) {
      part.setAttribute("aria-label", nameOf(event.target));
    }
  });
}
