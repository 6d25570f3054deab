// What is on the board: strokes, the ink of a dropped picture and the components, with undo.

import { readParts, writeParts } from "./board/parts.js";

const STEPS = 64;

export class Drawing {
  constructor() {
    /** @type {Sheet} */
    this.now = { strokes: [], photo: null, parts: null };
    /** @type {Sheet[]} */
    this.past = [];
    /** @type {Sheet[]} */
    this.future = [];
    /** @type {string | null} */
    this.project = null;
    this.edition = 0; // counts changes, so that an answer to an older state is known as such
  }

  /** One undoable step to another state; states are never changed, only replaced. */
  change(next) {
    this.past.push(this.now);
    if (this.past.length > STEPS) this.past.shift();
    this.future = [];
    this.replace(next);
  }

  /** The same without a step of its own: what the words changed, or a key held down. */
  replace(next) {
    this.edition += 1;
    this.now = { ...this.now, ...next };
  }

  add(stroke) {
    this.change({ strokes: [...this.now.strokes, stroke] });
  }

  clear() {
    if (this.now.strokes.length || this.now.photo) this.change({ strokes: [], photo: null });
  }

  undo() {
    return this.step(this.past, this.future);
  }

  redo() {
    return this.step(this.future, this.past);
  }

  step(from, to) {
    if (!from.length) return false;
    to.push(this.now);
    this.edition += 1;
    this.now = /** @type {Sheet} */ (from.pop());
    return true;
  }

  /** Start over with a stored drawing; another project's steps are not undone into this one. */
  load(value) {
    this.now = { ...parse(value), parts: readParts(value?.parts) };
    this.project = value?.project ?? null;
    this.past = [];
    this.future = [];
    this.edition += 1;
  }

  /** What the server is sent. */
  value(number) {
    return {
      doc: JSON.stringify({ v: 1, strokes: this.now.strokes }),
      photo: this.now.photo,
      ...(this.now.parts && {
        parts: writeParts(this.now.parts), project: this.project, e: this.edition,
      }),
      n: number,
    };
  }
}

export function parse(value) {
  const document = value?.doc ? JSON.parse(value.doc) : { strokes: [] };
  return { strokes: document.strokes, photo: value?.photo ?? null };
}
