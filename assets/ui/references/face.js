// The photo of a face: where the face is, what is cut out there, and another box drawn by hand.

import { el } from "../dom.js";
import { ARROWS } from "../keyboard.js";
import { clamp } from "../numbers.js";
import { load } from "../pixels.js";
import { address } from "./pieces.js";

/** @typedef {[number, number, number, number]} Box left, top, right, bottom in 0..1 of the photo */

const LEAST = 0.02;
const STEP = 0.01;
const WAIT = 350; // ms after the last key until the box is sent
const CROP = 72;
const AROUND = 0.85; // half of the crop's side in sides of the box, as the encoder cuts it

/** The box between two corners, whichever came first.
 *  @param {Point} from @param {Point} to @returns {Box} */
export function between(from, to) {
  const [x, y] = [0, 1].map((i) => [from[i], to[i]].map((v) => clamp(v, 0, 1)).sort((a, b) => a - b));
  return [x[0], y[0], x[1], y[1]];
}

/** Whether a box is large enough to hold a face.
 *  @param {Box} box */
export const holds = ([left, top, right, bottom]) => right - left >= LEAST && bottom - top >= LEAST;

/** The box elsewhere or larger, inside the photo.
 *  @param {Box} box @param {Point} by @param {boolean} grow */
export function nudged([left, top, right, bottom], [x, y], grow) {
  if (grow) return between([left, top], [Math.max(right + x, left + LEAST), Math.max(bottom + y, top + LEAST)]);
  const [dx, dy] = [clamp(x, -left, 1 - right), clamp(y, -top, 1 - bottom)];
  return /** @type {Box} */ ([left + dx, top + dy, right + dx, bottom + dy]);
}

/** The photo with the face's box and its crop; `changed(box)` is called when another box is drawn.
 *  @param {{ picture: string, box: Box | null, changed: (box: Box) => void }} options */
export function faceMarker({ picture, box, changed }) {
  let now = box;
  let timer = 0;
  /** @type {Point | null} */
  let from = null;
  const crop = el("canvas.ref-face-crop", { width: CROP, height: CROP, role: "img", "aria-label": "The face that is taken" });
  const image = el("img", { src: address(picture), alt: "Photo of the face", draggable: "false", decoding: "async" });
  const frame = el("button.ref-face-box", {
    "aria-label": "The face's box: arrows move it, Shift and arrows change its size",
    data: { key: "face-box" }, onkeydown: press,
  });
  const over = el("div.ref-frame.ref-face", {
    title: "Drag over the face, from the forehead to the chin",
    onpointerdown: (/** @type {PointerEvent} */ event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      over.setPointerCapture(event.pointerId);
      from = place(event);
    },
    onpointermove: (/** @type {PointerEvent} */ event) => { if (from) lay(between(from, place(event))); },
    onpointerup: (/** @type {PointerEvent} */ event) => {
      if (!from) return;
      const drawn = between(from, place(event));
      from = null;
      if (holds(drawn)) send(drawn);
      else lay(now);
    },
    onpointercancel: () => {
      from = null;
      lay(now);
    },
  }, image, frame);

  /** @param {PointerEvent} event @returns {Point} */
  function place({ clientX, clientY }) {
    // The same photo may have been on the page already, and has stayed there.
    const { left, top, width, height } = (over.querySelector("img") ?? image).getBoundingClientRect();
    return [(clientX - left) / (width || 1), (clientY - top) / (height || 1)];
  }

  /** @param {Box} drawn */
  function send(drawn) {
    now = /** @type {Box} */ (drawn.map((edge) => Math.round(edge * 1e4) / 1e4));
    lay(now);
    changed(now);
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const arrow = ARROWS[event.key];
    if (!arrow || !now) return;
    event.preventDefault();
    event.stopPropagation();
    const next = nudged(now, [arrow[0] * STEP, arrow[1] * STEP], event.shiftKey);
    now = next;
    lay(next);
    clearTimeout(timer);
    timer = setTimeout(() => send(next), WAIT);
  }

  /** @param {Box | null} shown */
  function lay(shown) {
    frame.hidden = !shown;
    // Its place is kept: a photo that moves under the hand would be marked elsewhere.
    crop.style.visibility = shown ? "" : "hidden";
    if (!shown) return;
    const [left, top, right, bottom] = shown.map((edge) => edge * 100);
    Object.assign(frame.style, {
      left: `${left}%`, top: `${top}%`, width: `${right - left}%`, height: `${bottom - top}%`,
    });
    load(address(picture)).then((whole) => cut(whole, shown)).catch((error) => console.warn(error));
  }

  /** @param {HTMLImageElement} whole @param {Box} shown */
  function cut(whole, [left, top, right, bottom]) {
    const { naturalWidth: w, naturalHeight: h } = whole;
    const half = Math.max((right - left) * w, (bottom - top) * h, 2) * AROUND;
    const [x, y] = [((left + right) / 2) * w - half, ((top + bottom) / 2) * h - half];
    const pen = crop.getContext("2d");
    pen?.clearRect(0, 0, CROP, CROP);
    pen?.drawImage(whole, x, y, 2 * half, 2 * half, 0, 0, CROP, CROP);
  }

  lay(now);
  return el("div.ref-photo.ref-face-photo", over, crop);
}
