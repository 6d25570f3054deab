// What was read out of the words: the garment, its components, and what could not be done.

import { el } from "./dom.js";

export function mount({ element, props, watch }) {
  const root = element.querySelector(".reading-root");

  function draw() {
    const { garment = [], found = [], problems = [], unplaced = [] } = props.value ?? {};
    const lines = [];
    if (garment.length || found.length) {
      lines.push(el("p", { class: "found" },
        ...garment.map((word) => el("span", { class: "chip", text: word })),
        ...found.map((word) => el("span", { class: "chip count", text: word }))));
    }
    for (const problem of problems) lines.push(el("p", { class: "problem", text: problem }));
    if (unplaced.length) {
      lines.push(el("p", { class: "muted", text: `Not recognised: ${unplaced.join(", ")}` }));
    }
    root.replaceChildren(...lines);
    root.dataset.ready = "1";
  }

  watch("value", draw);
  draw();
}
