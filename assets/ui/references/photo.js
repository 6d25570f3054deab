// A photo with its mask laid over it: tinted inside, a line at its edge.

import { el } from "../dom.js";
import { load, repaint, rgba } from "../pixels.js";
import { address } from "./pieces.js";

const SIDE = 384;
/** The accent's colour with an opacity, 0 to 255.
 *  @param {number} opacity */
export const tinted = (opacity) => rgba(47, 70, 184, opacity);

/** A photo of `picture` with `mask` over it, where there is one.
 *  @param {string} picture @param {string | null | false} mask @param {string} alt */
export function photo(picture, mask, alt) {
  const over = el("canvas.ref-mask", { "aria-hidden": true, hidden: true });
  if (mask) load(address(mask)).then((image) => tint(over, image)).catch((error) => console.warn(error));
  return el("div.ref-photo", el("div.ref-frame",
    el("img", { src: address(picture), alt, draggable: "false", decoding: "async" }), over));
}

/** Paint a mask (white on black) in the accent's colour.
 *  @param {HTMLCanvasElement} canvas @param {HTMLImageElement} image */
function tint(canvas, image) {
  const scale = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight));
  /** @param {number} natural */
  const side = (natural) => Math.max(Math.round(natural * scale), 1);
  Object.assign(canvas, { width: side(image.naturalWidth), height: side(image.naturalHeight) });
  const { width, height } = canvas;
  repaint(canvas, image, (light, i, lights) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    /** @param {number} u @param {number} v */
    const inside = (u, v) => u >= 0 && v >= 0 && u < width && v < height && lights[v * width + u] > 127;
    const within = inside(x - 2, y) && inside(x + 2, y) && inside(x, y - 2) && inside(x, y + 2);
    return tinted(light <= 127 ? 0 : within ? 72 : 255);
  });
  canvas.hidden = false;
}
