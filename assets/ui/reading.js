// What was read out of the words: the garment, its components, and what could not be done.

import { el } from "./dom.js";
import { live } from "./part.js";

/** @param {Mounted} part */
export function mount({ root, props, watch }) {
  function draw() {
    /** @type {Record<string, string[]>} */
    const { garment = [], found = [], problems = [], unplaced = [] } = props.value ?? {};
    const lines = problems.map((problem) => el("p.problem", problem));
    if (garment.length || found.length) {
      lines.unshift(el("p.found", garment.map((word) => el("span.chip", word)),
        found.map((word) => el("span.chip.count", word))));
    }
    if (unplaced.length) lines.push(el("p.muted", `Not recognised: ${unplaced.join(", ")}`));
    root.replaceChildren(...lines);
  }

  live(watch, { value: draw });
}
