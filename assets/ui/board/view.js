// Which part of the artboard is seen: zoom and pan, shared by ink, components and underlay.

import { SIDE } from "../ink.js";
import { clamp } from "../numbers.js";

const MOST = 8;

export class View {
  constructor() {
    this.scale = 1; // 1 shows the whole artboard
    this.x = 0; // the left and upper edge of what is seen, in the artboard's units
    this.y = 0;
    this.side = 1; // pixels along a side of the frame
    /** @type {((view: View) => void)[]} */
    this.watchers = [];
  }

  /** @param {(view: View) => void} watcher */
  onChange(watcher) { this.watchers.push(watcher); }

  /** Pixels for one unit. */
  get pixels() { return (this.side / SIDE) * this.scale; }

  /** @param {number} side */
  resize(side) {
    this.side = side;
    this.changed();
  }

  /** A place in units as pixels of the frame.
   *  @returns {Point}
   *  @param {number} x @param {number} y */
  toFrame(x, y) { return [(x - this.x) * this.pixels, (y - this.y) * this.pixels]; }

  /** The same for a place from 0 to 1.
   *  @param {number} x @param {number} y */
  px(x, y) { return this.toFrame(x * SIDE, y * SIDE); }

  /** A place on the page as units of the artboard.
   *  @returns {Point}
   *  @param {number} clientX @param {number} clientY @param {{ left: number, top: number }} box */
  toBoard(clientX, clientY, box) {
    return [
      this.x + (clientX - box.left) / this.pixels,
      this.y + (clientY - box.top) / this.pixels,
    ];
  }

  /** Zoom so that the board's place (x, y) stays under the pointer.
   *  @param {number} factor */
  zoom(factor, x = this.x + SIDE / this.scale / 2, y = this.y + SIDE / this.scale / 2) {
    const scale = clamp(this.scale * factor, 1, MOST);
    this.x = x - (x - this.x) * (this.scale / scale);
    this.y = y - (y - this.y) * (this.scale / scale);
    this.scale = scale;
    this.changed();
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.x -= dx / this.pixels;
    this.y -= dy / this.pixels;
    this.changed();
  }

  whole() {
    this.scale = 1;
    this.changed();
  }

  /** Show a part of the artboard, with a little air around it.
   *  @param {number[]} box */
  fit([left, top, right, bottom]) {
    const width = Math.max(right - left, bottom - top, SIDE / MOST) * 1.12;
    this.scale = clamp(SIDE / width, 1, MOST);
    this.x = (left + right) / 2 - SIDE / this.scale / 2;
    this.y = (top + bottom) / 2 - SIDE / this.scale / 2;
    this.changed();
  }

  changed() {
    const room = SIDE - SIDE / this.scale;
    this.x = clamp(this.x, 0, room);
    this.y = clamp(this.y, 0, room);
    for (const watcher of this.watchers) watcher(this);
  }
}
