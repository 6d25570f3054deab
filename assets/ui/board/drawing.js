// What is on the board: strokes, the ink of a dropped picture and the components, with undo.

import { SIDE } from "../ink.js";
import { History } from "./history.js";
import { readParts, writeParts } from "./parts.js";

/** @extends {History<Sheet>} */
export class Drawing extends History {
  constructor() {
    super({ strokes: [], photo: null, parts: null });
    /** @type {string | null} */
    this.project = null;
  }

  get blank() { return !this.now.strokes.length && !this.now.photo; }

  /** Bounds of the ink in units of the artboard, or null without any.
   *  @returns {[number, number, number, number] | null} */
  get bounds() {
    if (this.now.photo) return [0, 0, SIDE, SIDE];
    const pens = this.now.strokes.filter(({ t }) => t === "pen");
    /** @param {number} axis @param {(...all: number[]) => number} most @param {number} from */
    const edge = (axis, most, from) => pens.reduce((found, { p, m }) => p.reduce((best, v, i) => (
      i % 3 === axis ? most(best, v, m && !axis ? SIDE - v : v) : best), found), from);
    const [l, t, r, b] = [edge(0, Math.min, SIDE), edge(1, Math.min, SIDE), edge(0, Math.max, 0), edge(1, Math.max, 0)];
    return l < r || t < b ? [l, t, r, b] : null;
  }

  /** @param {Stroke} stroke */
  add(stroke) { this.change({ strokes: [...this.now.strokes, stroke] }); }

  /** One group instead of the one of its name.
   *  @param {Group} group @param {boolean} step whether it is a step of its own */
  put(group, step) {
    const parts = (this.now.parts ?? []).map((old) => (old.id === group.id ? group : old));
    if (step) this.change({ parts });
    else this.replace({ parts });
  }

  clear() {
    if (!this.blank) this.change({ strokes: [], photo: null });
  }

  /** Start over with a stored drawing; another project's steps are not undone into this one.
   *  @param {any} value */
  load(value) {
    this.project = value?.project ?? null;
    this.begin({ ...parse(value), parts: readParts(value?.parts) });
  }

  /** What the server is sent.
   *  @param {number} number of the change */
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

/** @returns {{ strokes: Stroke[], photo: string | null }} @param {any} value */
export function parse(value) {
  const { strokes } = value?.doc ? JSON.parse(value.doc) : { strokes: [] };
  return { strokes, photo: value?.photo ?? null };
}
