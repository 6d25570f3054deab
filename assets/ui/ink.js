// The drawing's geometry: the same curves as studio/desk/drawing.py paints for the model.

import { load, repaint, rgba } from "./pixels.js";

export const SIDE = 1024;
const LIGHTEST = 0.3;

/** Paint one stroke, and its mirrored twin, on a context whose unit is the artboard's.
 *  `from` leaves out the points before it, which are painted already.
 *  @param {CanvasRenderingContext2D} context @param {Stroke} stroke */
export function paintStroke(context, stroke, from = 0) {
  context.save();
  context.globalCompositeOperation = stroke.t === "eraser" ? "destination-out" : "source-over";
  context.strokeStyle = "#16161a";
  context.lineCap = "round";
  context.lineJoin = "round";
  run(context, stroke, from);
  if (stroke.m) {
    context.translate(SIDE, 0);
    context.scale(-1, 1);
    run(context, stroke, from);
  }
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {Stroke} stroke @param {number} from */
function run(context, { p, w }, from) {
  const last = p.length / 3 - 1;
  /** @param {number} i */
  const x = (i) => p[3 * i];
  /** @param {number} i */
  const y = (i) => p[3 * i + 1];
  for (let i = from; i <= last; i++) {
    const before = Math.max(i - 1, 0);
    const after = Math.min(i + 1, last);
    context.beginPath();
    context.moveTo((x(before) + x(i)) / 2, (y(before) + y(i)) / 2);
    context.quadraticCurveTo(x(i), y(i), (x(i) + x(after)) / 2, (y(i) + y(after)) / 2);
    if (i === 0) {
      context.moveTo(x(i), y(i));
      context.lineTo((x(i) + x(after)) / 2, (y(i) + y(after)) / 2);
    }
    if (i === last) context.lineTo(x(i), y(i));
    context.lineWidth = w * (LIGHTEST + (1 - LIGHTEST) * p[3 * i + 2]);
    context.stroke();
  }
}

/** A pen that steadies the hand: each point moves only part of the way to the pointer. */
export class SteadyLine {
  static FOLLOW = 0.6;
  static NEAREST = 1.5;
  static CENTRE = 8;

  /** @param {Stroke} stroke @param {number} x @param {number} y @param {number} force */
  constructor(stroke, x, y, force) {
    this.stroke = stroke;
    this.at = [x, y, force];
    this.pointer = [x, y, force];
    stroke.p = [round(x), round(y), round(force, 100)];
  }

  /** @param {number} x @param {number} y @param {number} force */
  add(x, y, force) {
    // With symmetry on, a line along the centre front is one line, not two beside each other.
    const onCentre = this.stroke.m && Math.abs(x - SIDE / 2) < SteadyLine.CENTRE;
    this.pointer = [onCentre ? SIDE / 2 : x, y, force];
    const next = this.at.map((v, i) => v + (this.pointer[i] - v) * SteadyLine.FOLLOW);
    if (Math.hypot(next[0] - this.at[0], next[1] - this.at[1]) < SteadyLine.NEAREST) return;
    this.at = next;
    this.stroke.p.push(round(next[0]), round(next[1]), round(next[2], 100));
  }

  /** The line ends where the pointer was lifted. */
  finish() {
    const [x, y, force] = this.pointer;
    if (Math.hypot(x - this.at[0], y - this.at[1]) >= 0.5) {
      this.stroke.p.push(round(x), round(y), round(force, 100));
    }
  }
}

/** @param {number} value */
function round(value, parts = 10) {
  return Math.round(value * parts) / parts;
}

/** A server's ink picture (white on black) as a canvas of dark ink on nothing.
 *  @param {string} address */
export async function inkCanvas(address) {
  const image = await load(address);
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  repaint(canvas, image, (light) => rgba(22, 22, 26, light));
  return canvas;
}
