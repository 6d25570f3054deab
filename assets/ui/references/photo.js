// A photo with its mask laid over it: tinted inside, a line at its edge.

import { el, pixelsOf } from "../dom.js";
import { address } from "./pieces.js";

const SIDE = 384;
const TINT = [47, 70, 184];

/** Read an image; resolves when its pixels are there. */
export function load(source) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("the picture could not be read"));
    image.src = source;
  });
}

/** A photo of `picture` with `mask` over it, where `shown`. */
export function photo({ picture, mask, alt, shown }) {
  const over = el("canvas", { class: "ref-mask", "aria-hidden": "true", hidden: true });
  const frame = el("div", { class: "ref-frame" },
    el("img", { src: address(picture), alt, draggable: "false", decoding: "async" }), over);
  if (mask && shown) {
    load(address(mask)).then((image) => tint(over, image)).catch((error) => console.warn(error));
  }
  return el("div", { class: "ref-photo" }, frame);
}

/** Paint a mask (white on black) in the accent's colour. */
function tint(canvas, image) {
  const scale = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight));
  canvas.width = Math.max(Math.round(image.naturalWidth * scale), 1);
  canvas.height = Math.max(Math.round(image.naturalHeight * scale), 1);
  const { width, height } = canvas;
  const context = pixelsOf(canvas);
  context.drawImage(image, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  const { data } = pixels;
  const inside = new Uint8Array(width * height);
  for (let i = 0; i < inside.length; i += 1) inside[i] = data[i * 4] > 127 ? 1 : 0;
  const at = (x, y) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : inside[y * width + x]);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const i = y * width + x;
      const edge = inside[i] && !(at(x - 2, y) && at(x + 2, y) && at(x, y - 2) && at(x, y + 2));
      data.set([...TINT, edge ? 255 : inside[i] ? 72 : 0], i * 4);
    }
  }
  context.putImageData(pixels, 0, 0);
  canvas.hidden = false;
}
