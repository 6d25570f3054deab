// The bar over the pictures: how they are looked at.

import { choice, el, iconButton, press, segments, slider } from "../dom.js";

/** Ways to look: [name, text, what it is]. */
export const MODES = [
  ["slider", "Slider", "Two pictures behind a line that you drag"],
  ["flick", "Flick", "One picture at a time, the next under the mouse or with the space bar"],
  ["grid", "Side by side", "All pictures, zoomed together"],
];

/** @param {string} text @param {string} title @param {() => void} onclick */
const quiet = (text, title, onclick) => el("button.quiet", { title, onclick }, text);

export class Bar {
  /** @param {any} room */
  constructor(room) {
    const { zoom, stage } = room;
    this.stage = stage;
    this.modes = segments("Ways to compare", MODES, (name) => room.setMode(name));
    this.sides = ["left", "right"].map((side, which) => choice("", `Picture on the ${side}`, [], "",
      (at) => room.setSide(which, Number(at))));
    this.pairing = el("div.pairing", this.sides);
    this.swap = quiet("Swap", "Swap (C)", () => room.swapPair());
    this.play = quiet("Play", "Turn the pictures over by themselves",
      () => this.playing(stage.play(!stage.beat)));
    this.ink = slider("Drawing over the pictures", { min: 0, max: 100, step: 5, value: 0 },
      (ink) => stage.setInk(ink / 100));
    this.inkField = el("label.ink-field", el("span", "Drawing"), this.ink);
    this.percent = quiet("", "100 %: a pixel of the picture for one of the screen (1)", () => zoom.actual());
    this.percent.classList.add("zoom-value");
    this.fit = quiet("Fit", "Fit (0)", () => zoom.fit());
    this.root = el("div.compare-bar", { role: "toolbar", "aria-label": "How to compare" },
      this.modes.node, this.pairing, this.swap, this.play, this.inkField, el("span.grow"),
      el("div.zooming",
        iconButton("minus", "Smaller (−)", () => zoom.by(-1)), this.percent,
        iconButton("plus", "Larger (+)", () => zoom.by(1)), this.fit));
  }

  /** @param {import("./zoom.js").Zoom} zoom */
  zoomed(zoom) {
    this.percent.textContent = `${zoom.percent} %`;
    this.fit.disabled = !zoom.moved;
  }

  /** @param {boolean} on */
  playing(on) {
    this.play.textContent = on ? "Stop" : "Play";
    press(this.play, on);
  }

  toggleInk() {
    if (this.ink.disabled) return;
    this.ink.value = this.ink.valueAsNumber > 0 ? "0" : "70";
    this.stage.setInk(this.ink.valueAsNumber / 100);
  }

  /** @param {ComparedPicture[]} items @param {string} mode @param {number[]} pair */
  show(items, mode, pair) {
    const few = items.length < 2;
    this.root.hidden = items.length === 0;
    this.modes.mark(mode);
    for (const button of this.modes.buttons) button.disabled = few && button.dataset.value !== "grid";
    this.swap.disabled = few;
    this.pairing.hidden = few || items.length === 2 || mode !== "slider";
    for (const [which, select] of this.sides.entries()) {
      select.replaceChildren(...items.map(({ letter, seed }, at) => el("option", { value: at }, `${letter} · ${seed}`)));
      select.value = String(pair[which]);
    }
    this.play.hidden = mode !== "flick";
    this.playing(false);
    const drawn = items.some((item) => item.ink);
    this.ink.disabled = !drawn;
    this.inkField.title = drawn ? "The drawing that each picture was made from, over it (O)"
      : "None of these pictures was made from a drawing.";
    this.inkField.classList.toggle("off", !drawn);
  }
}
