// A question before something that cannot be taken back, or for a name.

import { el, iconButton } from "./dom.js";

/** Ask; `done` is called with the text of the field, if there is one. `must` is the text that has
 *  to be typed before the answer counts. */
export function ask({ title, text = "", label = "", value = "", must = "", go, danger = false, done }) {
  const field = label
    ? el("input", { type: "text", maxlength: "80", "aria-label": label, autocomplete: "off" })
    : null;
  const button = el("button", {
    type: "submit", class: danger ? "primary danger" : "primary", text: go,
  });
  const squeezed = (words) => words.trim().split(/\s+/).join(" ");
  const ready = () => {
    button.disabled = Boolean(field) && (must
      ? squeezed(field.value) !== squeezed(must)
      : !field.value.trim());
  };
  const form = el("form", {
    on: { submit: (event) => {
      event.preventDefault();
      if (button.disabled) return;
      dialog.close();
      done(field?.value ?? "");
    } },
  }, text ? el("p", { text }) : null,
  field ? el("label", { class: "field" }, el("span", { text: label }), field) : null, button);
  const dialog = el("dialog", {
    class: "small-dialog", "aria-label": title,
    on: {
      click: (event) => { if (event.target === dialog) dialog.close(); },
      close: () => dialog.remove(),
    },
  },
  el("div", { class: "small-dialog-head" }, el("h3", { text: title }), el("span", { class: "grow" }),
    iconButton("close", "Close (Esc)", () => dialog.close())), form);
  if (field) {
    field.value = value;
    field.addEventListener("input", ready);
  }
  ready();
  (document.querySelector(".gradio-container") ?? document.body).append(dialog);
  dialog.showModal();
  field?.focus();
}
