// Which pictures are compared, for the buttons on all cards.

import { press } from "../dom.js";

let chosen = new Set();

/** These are compared now: every button on the page shows it.
 *  @param {string[]} ids */
export function compareThese(ids) {
  chosen = new Set(ids);
  for (const button of document.querySelectorAll("button[data-compare]")) showCompared(button);
}

/** Let a picture's button show whether it is compared.
 *  @param {any} button */
export function showCompared(button) {
  const inside = chosen.has(button.dataset.compare);
  const label = inside ? "Take out of the comparison" : "Compare";
  press(button, inside);
  button.setAttribute("aria-label", label);
  button.title = `${label} (X: with the one before)`;
  button.classList.toggle("starred", inside);
  return button;
}
