// The component document in the browser. What is known of a kind comes from Python; the geometry
// is that of studio/garment/document.py, and tests/component_rules.json holds both to it.

import { amount, clamp, where } from "../numbers.js";

/** @type {Record<string, { plural: string, row: boolean, point: boolean }>} */
let kinds = {};

/** Take over what Python knows of each kind of component.
 *  @param {typeof kinds} known */
export function setKinds(known) { kinds = known; }

export const LEAST = 0.008; // the smallest side of a box

/** @param {Group} group */
export const isRow = (group) => kinds[group.kind].row;
/** @param {Group} group */
export const isPoint = (group) => kinds[group.kind].point;

/** @returns {Group[] | null} @param {string | null | undefined} text */
export function readParts(text) {
  return text ? JSON.parse(text).groups : null;
}

/** @param {Group[]} groups */
export function writeParts(groups) {
  return JSON.stringify({ v: 1, groups });
}

/** On the grid of a document: far finer than a pixel, and the same after every round trip.
 *  @param {number} value */
const round = (value, digits = 5) => Number(clamp(value, 0, 1).toFixed(digits));
/** @template {number[]} T @param {T} numbers @returns {T} */
const tidy = (numbers) => /** @type {T} */ (numbers.map((value) => round(value)));

/** @param {Box} box @returns {Point} */
export const centre = ([l, t, r, b]) => [(l + r) / 2, (t + b) / 2];
/** @param {Box} box @returns {Box} */
export const mirrored = ([l, t, r, b]) => [round(1 - r), t, round(1 - l), b];

/** “5 buttons”, “2 pockets”; the mirrored ones are counted too.
 *  @param {Group} group */
export const counted = ({ kind, boxes, mirror }) => (
  amount(boxes.length * (mirror ? 2 : 1), kind, kinds[kind].plural));

/** A box around another centre, kept inside the artboard.
 *  @param {Box} box @param {number} x @param {number} y @returns {Box} */
export function movedTo([l, t, r, b], x, y) {
  const [w, h] = [r - l, b - t];
  const left = clamp(x - w / 2, 0, 1 - w);
  const top = clamp(y - h / 2, 0, 1 - h);
  return tidy([left, top, left + w, top + h]);
}

/** `n` boxes of the size of one, evenly between two ends; a single one in the middle.
 *  @param {Ends} ends @param {number} n @param {Box} size */
export function row([[x0, y0], [x1, y1]], n, [l, t, r, b]) {
  // Sizes on a grid twice as coarse have halves on the grid: the same row after each reading.
  const [w, h] = [r - l, b - t].map((side) => Math.max(round(side, 4), 0.0002));
  return Array.from({ length: n }, (_, i) => {
    const at = n > 1 ? i / (n - 1) : 0.5;
    return movedTo([0, 0, w, h], round(x0 + (x1 - x0) * at), round(y0 + (y1 - y0) * at));
  });
}

/** A group that the user has changed; its members are spaced anew where it has ends.
 *  @param {Group} group @param {Ends | null} ends @param {Box[]} boxes @returns {Group} */
function changed(group, ends, boxes) {
  const kept = ends && /** @type {Ends} */ (ends.map(tidy));
  return {
    ...group, source: "user", ends: kept,
    boxes: kept && boxes.length ? row(kept, boxes.length, boxes[0]) : boxes,
  };
}

/** A group with other ends.
 *  @param {Group} group @param {Ends} ends */
export const withEnds = (group, ends) => changed(group, ends, group.boxes);

/** A group with one member's centre elsewhere: the first and the last of an even row are its
 *  ends, one between them leaves the row.
 *  @param {Group} group @param {number} index @param {number} x @param {number} y */
export function withCentre(group, index, x, y) {
  const { ends, boxes } = group;
  const last = boxes.length - 1;
  if (ends && last === 0) {
    const [was] = boxes.map(centre);
    return shifted(group, x - was[0], y - was[1]);
  }
  const moved = movedTo(boxes[index], x, y);
  if (ends && index === 0) return withEnds(group, [centre(moved), ends[1]]);
  if (ends && index === last) return withEnds(group, [ends[0], centre(moved)]);
  return changed(group, null, boxes.with(index, moved));
}

/** A group with one member's box as it was drawn out.
 *  @param {Group} group @param {number} index @param {Box} box */
export const withBox = (group, index, box) => (
  changed(group, null, group.boxes.with(index, tidy(box))));

/** The whole group elsewhere, as far as all of it stays on the artboard.
 *  @param {Group} group @param {number} dx @param {number} dy */
export function shifted(group, dx, dy) {
  /** @param {number} i @param {(...all: number[]) => number} most */
  const edge = (i, most) => most(...group.boxes.map((box) => box[i]));
  const mx = clamp(dx, -edge(0, Math.min), 1 - edge(2, Math.max));
  const my = clamp(dy, -edge(1, Math.min), 1 - edge(3, Math.max));
  const ends = group.ends?.map(([x, y]) => [x + mx, y + my]);
  return changed(group, /** @type {Ends} */ (ends ?? null),
    group.boxes.map(([l, t, r, b]) => tidy([l + mx, t + my, r + mx, b + my])));
}

/** What a screen reader is told: “button 3 of 5, 48 % across, 41 % down”.
 *  @param {Group} group @param {number} index */
export function spoken({ kind, place, boxes, locked }, index) {
  const which = boxes.length > 1 ? `${kind} ${index + 1} of ${boxes.length}` : `${kind}, ${place}`;
  return `${which}, ${where(centre(boxes[index]))}${locked ? ", locked" : ""}`;
}
