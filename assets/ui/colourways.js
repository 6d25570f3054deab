// Which colours the garment shall be shown in: named swatches, several at once.

import { el, openDialog, press } from "./dom.js";
import { amount } from "./numbers.js";

const MOST = 8;
/** @typedef {{ name: string, hex: string }} Colour */

/** @type {Colour[]} */
let palette = [];

/** The named colours of the vocabulary: [{name, hex}].
 *  @param {Colour[] | null} colours */
export function setPalette(colours) {
  palette = colours ?? [];
}

/** A small round of colour with its name for those who cannot tell it.
 *  @param {Colour} colour */
export function swatch({ name, hex }) {
  return el("i.swatch", { style: `background:${hex}`, title: `${name} ${hex}` });
}

/** Ask for colours; `made` is called with their names.
 *  @param {Picture} item @param {(names: string[]) => void} made */
export function askColours(item, made) {
  const chosen = new Set();
  const go = el("button.primary", { onclick: () => {
    dialog.close();
    made([...chosen]);
  } });
  const buttons = palette.map((colour) => {
    const { name, hex } = colour;
    const button = el("button.swatch-button", {
      "aria-pressed": false, "aria-label": name, title: `${name} ${hex}`,
      onclick: () => {
        if (!chosen.delete(name) && chosen.size < MOST) chosen.add(name);
        press(button, chosen.has(name));
        draw();
      },
    }, swatch(colour), el("span", name));
    return button;
  });

  function draw() {
    go.disabled = chosen.size === 0;
    go.textContent = go.disabled ? "Choose a colour" : `Make ${amount(chosen.size, "colourway")}`;
  }

  draw();
  const dialog = openDialog("small-dialog", "Colourways", {},
    el("p.muted", `Same drawing, same seed (${item.seed}), another colour in the words. Choose up to ${MOST}.`),
    el("div.swatches", buttons), go);
}
