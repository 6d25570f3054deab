// Two states of the board that grew out of one are put together, as studio/desk/together.py does it;
// tests/merge_rules.json holds both to it.

/** What either took away is gone, what either added is there, what both changed is as in `mine`.
 *  `base` null is one that is no longer known: then nothing is taken away.
 *  @template T
 *  @param {T[] | null} base @param {T[]} theirs @param {T[]} mine
 *  @param {(one: T) => string} name @param {Set<string>} gone names that are taken away besides
 *  @returns {T[]} */
export function merged(base, theirs, mine, name, gone = new Set()) {
  /** @param {T[]} list */
  const named = (list) => new Map(list.map((one) => [name(one), one]));
  const [known, there, here] = [named(base ?? []), named(theirs), named(mine)];
  if (base && theirs.length === base.length && theirs.every((one, i) => alike(one, base[i]))) return mine;
  /** @type {T[]} */
  const result = [];
  for (const [key, one] of there) {
    const own = here.get(key);
    if (own !== undefined) result.push(known.has(key) && alike(own, known.get(key)) ? one : own);
    else if (!known.has(key) && !gone.has(key)) result.push(one);
  }
  for (const [key, one] of here) if (!there.has(key) && !known.has(key)) result.push(one);
  return result;
}

/** One value that two may have changed.
 *  @template T @param {T} base @param {T} theirs @param {T} mine */
export const chosen = (base, theirs, mine) => (mine === base ? theirs : mine);

/** Whether two values say the same, in whatever order their fields are written: the server writes
 *  those of a stroke in another one.
 *  @param {any} a @param {any} b @returns {boolean} */
export function alike(a, b) {
  if (a === b) return true;
  if (!(a instanceof Object && b instanceof Object) || Array.isArray(a) !== Array.isArray(b)) return false;
  /** @param {any} of */
  const said = (of) => Object.keys(of).filter((key) => of[key] !== undefined);
  const keys = said(a);
  return keys.length === said(b).length && keys.every((key) => alike(a[key], b[key]));
}

/** The words and settings of three sheets: a step back that was taken while an answer was on its way
 *  is not undone by it.
 *  @param {Sheet["form"]} base @param {Sheet["form"]} theirs @param {Sheet["form"]} mine @returns {Sheet["form"]} */
export function fields(base, theirs, mine) {
  if (!(base && theirs && mine)) return theirs;
  return Object.fromEntries(Object.entries(theirs).map(([name, value]) =>
    [name, name in mine && !alike(base[name], mine[name]) ? mine[name] : value]));
}

/** The ink and the components of three sheets put together.
 *  @param {Sheet} base @param {Sheet} theirs @param {Sheet} mine
 *  @returns {Pick<Sheet, "strokes" | "photo" | "parts" | "rest">} */
export function together(base, theirs, mine) {
  const parts = theirs.parts && mine.parts
    ? merged(base.parts, theirs.parts, mine.parts, ({ id }) => id)
    : theirs.parts ?? mine.parts;
  return {
    strokes: merged(base.strokes, theirs.strokes, mine.strokes, ({ id }) => id ?? ""),
    photo: chosen(base.photo, theirs.photo, mine.photo),
    parts, rest: theirs.rest,
  };
}
