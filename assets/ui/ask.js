// A question before something that cannot be taken back, or for a name.

import { el, openDialog } from "./dom.js";

/** Ask; `done` is called with the text of the field, if there is one. `must` is the text that has
 *  to be typed before the answer counts.
 *  @param {{ title: string, text?: string, label?: string, value?: string, must?: string, go: string, danger?: boolean, done: (text: string) => void }} options */
export function ask({ title, text = "", label = "", value = "", must = "", go, danger = false, done }) {
  const field = el("input", {
    type: "text", maxlength: 80, "aria-label": label, autocomplete: "off", value, oninput: ready,
  });
  const button = el("button.primary", { type: "submit", class: danger && "danger" }, go);

  function ready() {
    /** @param {string} words */
    const squeezed = (words) => words.trim().split(/\s+/).join(" ");
    const written = squeezed(field.value);
    button.disabled = Boolean(label) && (must ? written !== squeezed(must) : !written);
  }

  ready();
  const dialog = openDialog("small-dialog", title, {}, el("form", {
    onsubmit: (event) => {
      event.preventDefault();
      if (button.disabled) return;
      dialog.close();
      done(label ? field.value : "");
    },
  }, text && el("p", text), label && el("label.field", el("span", label), field), button));
  if (label) field.focus();
}
