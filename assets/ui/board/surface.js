// The painted ink: all kept strokes once, and of the live stroke only what is new.

import { SIDE, inkCanvas, paintStroke } from "../ink.js";
import { pixelsOf, url } from "../dom.js";

const FINEST = 3072; // pixels along a side that a canvas may have

const COARSE = 96; // pixels along a side of the copy in which free space is looked for

export class Surface {
  constructor(canvas, view) {
    this.canvas = canvas;
    this.view = view;
    this.context = canvas.getContext("2d", { desynchronized: true });
    this.photos = new Map();
    this.painted = 0; // points of the live stroke that are on the canvas
  }

  /** Paint everything anew. */
  settle(state) {
    const side = Math.min(Math.round(this.view.side * (window.devicePixelRatio || 1)), FINEST);
    if (side < 2) return;
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

  /** Whether there is ink in a part of the frame, in its pixels; read from a coarse copy. */
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

  /** Paint what the live stroke has grown by. */
  follow(stroke) {
    this.aim();
    paintStroke(this.context, stroke, Math.max(this.painted - 2, 0));
    this.painted = stroke.p.length / 3;
  }

  /** Have the picture of a sketch ready; throws where the server has none. */
  async fetch(sha) {
    if (sha && !this.photos.has(sha)) {
      this.photos.set(sha, await inkCanvas(url(`toile/ink/${sha}`)));
    }
  }

  /** Bounds of the ink in units, or null without any. */
  bounds(state) {
    const box = [SIDE, SIDE, 0, 0];
    const grow = (x, y) => {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    };
    for (const { t, p, m } of state.strokes) {
      if (t !== "pen") continue;
      for (let i = 0; i < p.length; i += 3) {
        grow(p[i], p[i + 1]);
        if (m) grow(SIDE - p[i], p[i + 1]);
      }
    }
    if (state.photo) return [0, 0, SIDE, SIDE];
    return box[0] < box[2] || box[1] < box[3] ? box : null;
  }
}
