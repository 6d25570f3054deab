// What was read out of the words: the garment, its components, and what could not be done.

import { el } from "./dom.js";
import { live } from "./part.js";

/**
 * A word of the vocabulary, and what the prompt says where that says more.
 * @param {string} word
 * @param {string} [said]
 */
function chip(word, said) {
  if (!said) return el("span.chip", word);
  return el("span.chip", word, " ", el("span.said", { title: `Read as “${word}”` }, `from ${said}`));
}

/** @param {Mounted} part */
export function mount({ root, props, watch }) {
  function draw() {
    /** @type {Reading} */
    const { garment = [], said = {}, found = [], scene = [], problems = [], unplaced = [] } =
      props.value ?? {};
    const lines = problems.map((problem) => el("p.problem", problem));
    if (garment.length || found.length || scene.length) {
      lines.unshift(el("p.found", garment.map((word) => chip(word, said[word])),
        found.map((word) => el("span.chip.count", word)), scene.map((word) => chip(word))));
    }
    if (unplaced.length) lines.push(el("p.muted", `Not recognised: ${unplaced.join(", ")}`));
    root.replaceChildren(...lines);
  }

  live(watch, { value: draw });
}
