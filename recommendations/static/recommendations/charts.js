// Values of charts step by step, by pointer or keyboard, and charts as PNG. Without script each value
// has a title, the table below the chart holds all of them, and SVG and CSV are links.
"use strict";

const NAMED = ":is(circle, path, g, a) > title";
const SCALE = 2;

for (const box of document.querySelectorAll("[data-chart]")) {
  const panel = box.querySelector(".chart-values");
  if (!panel) {
    continue;
  }
  const slider = panel.querySelector("input");
  const output = panel.querySelector("output");
  // The wide drawing and the narrow one have the same values in the same order.
  const drawings = [...box.querySelectorAll("svg")].map(stepsOf);
  const last = (drawings[0]?.length ?? 0) - 1;
  if (last < 1) {
    continue;
  }

  const show = (place) => {
    const text = drawings[0][place].map((item) => item.querySelector("title").textContent).join("; ");
    slider.value = place;
    slider.setAttribute("aria-valuetext", text);
    output.textContent = text;
  };
  const mark = (place) => {
    box.querySelectorAll(".is-chosen").forEach((item) => item.classList.remove("is-chosen"));
    drawings.forEach((steps) => steps[place]?.forEach((item) => item.classList.add("is-chosen")));
    show(place);
  };

  slider.max = last;
  show(last);
  panel.hidden = false;
  slider.addEventListener("input", () => mark(Number(slider.value)));
  slider.addEventListener("focus", () => mark(Number(slider.value)));
  box.addEventListener("pointerover", (event) => {
    for (const steps of drawings) {
      const place = steps.findIndex((items) => items.some((item) => item.contains(event.target)));
      if (place >= 0) {
        mark(place);
      }
    }
  });
}

/** The named marks of a drawing in order of time: those of one period, which are one step, together. */
function stepsOf(svg) {
  const steps = new Map();
  for (const title of svg.querySelectorAll(NAMED)) {
    const mark = title.parentElement;
    const step = mark.dataset.at ?? mark;
    steps.set(step, [...(steps.get(step) ?? []), mark]);
  }
  const times = [...steps.keys()];
  return (times.every((time) => typeof time === "string") ? times.sort() : times).map((time) => steps.get(time));
}

for (const button of document.querySelectorAll("[data-png]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const image = new Image();
    image.addEventListener("load", () => save(image, button.dataset.file));
    image.addEventListener("error", () => location.assign(button.dataset.png));
    image.src = button.dataset.png;
  });
}

function save(image, name) {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * SCALE;
  canvas.height = image.naturalHeight * SCALE;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  }, "image/png");
}
