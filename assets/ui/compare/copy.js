// Copying text, also on pages that the browser does not trust with its clipboard.

import { el } from "../dom.js";

const SAID = 2000;

/** Copy, and let the button say so for a moment.
 *  @param {string} text @param {HTMLElement} button */
export async function copyText(text, button) {
  const done = await written(text);
  const label = button.dataset.label ?? button.textContent;
  button.dataset.label = label;
  button.textContent = done ? "Copied" : "Press Ctrl+C";
  setTimeout(() => { button.textContent = label; }, SAID);
}

/** @param {string} text */
async function written(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed here: the old way asks for no permission.
    }
  }
  const field = el("textarea.sr", { readonly: true, value: text });
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
