// Which colours the garment shall be shown in: named swatches, several at once.

import { el, iconButton } from "./dom.js";

const MOST = 8;
let palette = [];

/** The named colours of the vocabulary: [{name, hex}]. */
export function setPalette(colours) {
  palette = colours ?? [];
}

/** A small round of colour with its name for those who cannot tell it. */
export function swatch({ name, hex }) {
  return el("i", { class: "swatch", style: `background:${hex}`, title: `${name} ${hex}` });
}

/** Ask for colours; `made` is called with their names. `current` is the picture's own colour. */
export function askColours(item, made) {
  const chosen = new Set();
  const go = el("button", { type: "button", class: "primary", on: { click: () => {
    dialog.close();
    made([...chosen]);
  } } });
  const buttons = palette.map((colour) => el("button", {
    type: "button", class: "swatch-button", "aria-pressed": "false", "aria-label": colour.name,
    title: `${colour.name} ${colour.hex}`,
    on: { click: (event) => {
      if (chosen.has(colour.name)) chosen.delete(colour.name);
      else if (chosen.size < MOST) chosen.add(colour.name);
      event.currentTarget.setAttribute("aria-pressed", String(chosen.has(colour.name)));
      draw();
    } },
  }, swatch(colour), el("span", { text: colour.name })));
  const dialog = el("dialog", {
    class: "small-dialog", "aria-label": "Colourways",
    on: {
      click: (event) => { if (event.target === dialog) dialog.close(); },
      close: () => dialog.remove(),
    },
  },
  el("div", { class: "small-dialog-head" },
    el("h3", { text: "Colourways" }), el("span", { class: "grow" }),
    iconButton("close", "Close (Esc)", () => dialog.close())),
  el("p", { class: "muted", text: `Same drawing, same seed (${item.seed}), another colour in the words. Choose up to ${MOST}.` }),
  el("div", { class: "swatches" }, ...buttons), go);

  function draw() {
    const count = chosen.size;
    go.disabled = count === 0;
    go.textContent = count === 0 ? "Choose a colour"
      : count === 1 ? "Make 1 colourway" : `Make ${count} colourways`;
  }

  draw();
  (document.querySelector(".gradio-container") ?? document.body).append(dialog);
  dialog.showModal();
}
