// What makes one state of the board out of another, small enough to be kept: by the names of things,
// so that it can be done to a state in which other things have changed since.

import { alike } from "./merge.js";

/** What turns one state into another; null where they are alike.
 *  @param {Sheet} from @param {Sheet} to @returns {Patch | null} */
export function difference(from, to) {
  /** @type {Patch} */
  const patch = {};
  const strokes = listed(from.strokes, to.strokes);
  if (strokes.length) patch.strokes = strokes;
  if (from.photo !== to.photo) patch.photo = [to.photo];
  const parts = from.parts && to.parts ? listed(from.parts, to.parts) : [];
  if (parts.length) patch.parts = parts;
  if (from.form && to.form && from.form !== to.form) {
    const [was, is] = [from.form, to.form];
    const fields = Object.entries(is).filter(([name, value]) => !alike(was[name], value));
    if (fields.length) patch.form = Object.fromEntries(fields);
  }
  if (from.refs !== null && to.refs !== null && from.refs !== to.refs) patch.refs = { from: from.refs, to: to.refs };
  return Object.keys(patch).length ? patch : null;
}

/** A state after a patch.
 *  @param {Sheet} state @param {Patch} patch @returns {Sheet} */
export function applied(state, { strokes, photo, parts, form, refs }) {
  return {
    ...state,
    ...(strokes && { strokes: put(state.strokes, strokes) }),
    ...(photo && { photo: photo[0] }),
    ...(parts && state.parts && { parts: put(state.parts, parts) }),
    ...(form && state.form && { form: { ...state.form, ...form } }),
    ...(refs && { refs: refs.to }),
  };
}

/** Names with what they are to be, null for nothing, and where.
 *  @template {{ id?: string }} T @param {T[]} from @param {T[]} to @returns {[string, T | null, number][]} */
function listed(from, to) {
  if (from === to) return [];
  const [was, is] = [from, to].map((list) => new Map(list.map((one) => [one.id ?? "", one])));
  /** @type {[string, T | null, number][]} */
  const entries = from.filter(({ id }) => !is.has(id ?? "")).map(({ id }) => [id ?? "", null, 0]);
  for (const [index, one] of to.entries()) {
    if (!alike(was.get(one.id ?? ""), one)) entries.push([one.id ?? "", one, index]);
  }
  return entries;
}

/** @template {{ id?: string }} T @param {T[]} list @param {[string, T | null, number][]} entries */
function put(list, entries) {
  const now = [...list];
  for (const [id, one, index] of entries) {
    const at = now.findIndex((other) => other.id === id);
    if (!one) { if (at >= 0) now.splice(at, 1); }
    else if (at >= 0) now[at] = one;
    else now.splice(Math.min(index, now.length), 0, one);
  }
  return now;
}
