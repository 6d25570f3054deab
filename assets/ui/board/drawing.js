// What is on the board: strokes, the ink of a dropped picture and the components; and the words and
// references beside it, so that one undo knows all of it.

import { SIDE } from "../ink.js";
import { History } from "./history.js";
import { readParts, writeParts } from "./parts.js";

const LAYER = { id: "ink", kind: "ink" };
/** @type {Rest} */
const NOTHING = { front: [LAYER], back: [] };

/** A name that nothing else has.
 *  @returns {string} */
export function freshName() {
  const [a, b] = crypto.getRandomValues(new Uint32Array(2));
  return `${a.toString(36)}${b.toString(36)}`;
}

export class Drawing extends History {
  constructor() {
    super({ strokes: [], photo: null, parts: null, form: null, refs: null, rest: NOTHING });
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
  add(stroke) {
    stroke.id ??= freshName();
    this.change({ strokes: [...this.now.strokes, stroke] });
  }

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

  /** Start over with a stored drawing and the steps that are kept with it.
   *  @param {any} value */
  load(value) {
    this.project = value?.project ?? null;
    this.begin({
      ...parse(value), parts: readParts(value?.parts),
      form: value?.seen?.form ?? null, refs: value?.refs ?? null,
    }, value?.steps);
  }

  /** What the server is sent.
   *  @param {number} number of the change */
  value(number) {
    return {
      doc: write(this.now),
      photo: this.now.photo,
      ...(this.now.parts && { parts: writeParts(this.now.parts) }),
      project: this.project, e: this.edition, n: number,
    };
  }
}

/** The page draws on the lowest layer of the front; the others stay as they are.
 *  @param {Pick<Sheet, "strokes" | "rest">} sheet */
function write({ strokes, rest }) {
  const [lowest = LAYER, ...others] = rest.front;
  return JSON.stringify({ v: 2, sides: { ...rest, front: [{ ...lowest, strokes }, ...others] } });
}

/** @returns {Pick<Sheet, "strokes" | "photo" | "rest">} @param {any} value */
export function parse(value) {
  const photo = value?.photo ?? null;
  if (!value?.doc) return { strokes: [], photo, rest: NOTHING };
  const { sides, strokes: plain } = JSON.parse(value.doc);
  const { strokes = plain ?? [], ...lowest } = sides?.front?.[0] ?? LAYER;
  const front = [lowest, ...(sides?.front ?? []).slice(1)];
  return { strokes, photo, rest: { ...(sides ?? NOTHING), front } };
}
