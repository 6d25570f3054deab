// The painted ink: all kept strokes once, and of the live stroke only what is new.

import { url } from "../dom.js";
import { inkCanvas, paintStroke, SIDE } from "../ink.js";
import { pixelsOf } from "../pixels.js";
import { remember } from "../recent.js";

const FINEST = 3072; // pixels along a side that a canvas may have

const KEPT = 4; // pictures of sketches that are held ready; others are fetched again

const COARSE = 96; // pixels along a side of the copy in which free space is looked for

export class Surface {
  /** @param {HTMLCanvasElement} canvas @param {import("./view.js").View} view */
  constructor(canvas, view) {
    this.canvas = canvas;
    this.view = view;
    this.context = /** @type {CanvasRenderingContext2D} */ (
      canvas.getContext("2d", { desynchronized: true }));
    /** The pictures of sketches by their names, the last one wanted last.
     *  @type {Map<string, HTMLCanvasElement>} */
    this.photos = new Map();
    /** @type {Sheet | null} */
    this.state = null; // what is painted
    /** @type {Uint8ClampedArray | null} */
    this.coarse = null;
    this.painted = 0; // points of the live stroke that are on the canvas
  }

  /** Whether the ink of a state is what is painted.
   *  @param {Sheet} state */
  shows(state) {
    return state.strokes === this.state?.strokes && state.photo === this.state.photo;
  }

  /** Paint everything anew.
   *  @param {Sheet} state */
  settle(state) {
    const side = Math.min(Math.round(this.view.side * (window.devicePixelRatio || 1)), FINEST);
    if (side < 2) return;
    this.state = state;
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    const { context } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, side, side);
    this.aim();
    const photo = state.photo && this.photos.get(state.photo);
    if (photo) {
      context.imageSmoothingQuality = "high";
      context.drawImage(photo, 0, 0, SIDE, SIDE);
    }
    for (const stroke of state.strokes) paintStroke(context, stroke);
    this.painted = 0;
    this.coarse = null;
  }

  /** Whether there is ink in a part of the frame, in its pixels; read from a coarse copy.
   *  @param {number} x @param {number} y @param {number} width @param {number} height */
  inkIn(x, y, width, height) {
    if (!this.coarse) {
      const small = document.createElement("canvas");
      small.width = small.height = COARSE;
      const context = pixelsOf(small);
      context.drawImage(this.canvas, 0, 0, COARSE, COARSE);
      this.coarse = context.getImageData(0, 0, COARSE, COARSE).data;
    }
    const k = COARSE / this.view.side;
    const [left, top] = [Math.max(Math.floor(x * k), 0), Math.max(Math.floor(y * k), 0)];
    for (let v = top; v <= Math.min((y + height) * k, COARSE - 1); v++) {
      for (let u = left; u <= Math.min((x + width) * k, COARSE - 1); u++) {
        if (this.coarse[(v * COARSE + u) * 4 + 3] > 24) return true;
      }
    }
    return false;
  }

  aim() {
    const k = (this.canvas.width / SIDE) * this.view.scale;
    this.context.setTransform(k, 0, 0, k, -this.view.x * k, -this.view.y * k);
  }

  /** Paint what the live stroke has grown by.
   *  @param {Stroke} stroke */
  follow(stroke) {
    this.aim();
    paintStroke(this.context, stroke, Math.max(this.painted - 2, 0));
    this.painted = stroke.p.length / 3;
  }

  /** Have the picture of a sketch ready; throws where the server has none.
   *  @param {string | null} sha */
  async fetch(sha) {
    if (!sha) return;
    const photo = this.photos.get(sha) ?? await inkCanvas(url(`toile/ink/${sha}`));
    remember(this.photos, sha, photo, KEPT);
  }
}
