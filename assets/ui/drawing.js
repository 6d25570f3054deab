// The document: strokes and the ink of a dropped picture, with undo and redo.

const STEPS = 64;

export class Drawing {
  constructor() {
    this.now = { strokes: [], photo: null };
    this.past = [];
    this.future = [];
  }

  get isEmpty() {
    return this.now.photo === null && !this.now.strokes.some((stroke) => stroke.t === "pen");
  }

  /** One undoable step to another state; states are never changed, only replaced. */
  change(next) {
    this.past.push(this.now);
    if (this.past.length > STEPS) this.past.shift();
    this.future = [];
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
    this.now = from.pop();
    return true;
  }

  /** Start over with a stored drawing; another project's steps are not undone into this one. */
  load(value) {
    this.now = parse(value);
    this.past = [];
    this.future = [];
  }

  /** What the server is sent. */
  value(number) {
    return {
      doc: JSON.stringify({ v: 1, strokes: this.now.strokes }),
      photo: this.now.photo,
      n: number,
    };
  }
}

export function parse(value) {
  const document = value?.doc ? JSON.parse(value.doc) : { strokes: [] };
  return { strokes: document.strokes, photo: value?.photo ?? null };
}
