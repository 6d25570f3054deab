// Snapping: to the centre front, and to other boxes' edges and centres.

import { centre, isPoint } from "./parts.js";

/** The lines that something may snap to, in 0..1.
 *  @param {Group[]} groups @param {string} movingId @param {number[]} movingIndexes */
export function lines(groups, movingId, movingIndexes) {
  /** @type {Lines} */
  const found = { x: [0.5], y: [] };
  for (const group of groups) {
    group.boxes.forEach((box, index) => {
      if (group.id === movingId && movingIndexes.includes(index)) return;
      const [x, y] = centre(box);
      found.x.push(x);
      found.y.push(y);
      if (!isPoint(group)) {
        found.x.push(box[0], box[2]);
        found.y.push(box[1], box[3]);
      }
    });
  }
  return found;
}

/** @param {number[]} marks @param {number[]} candidates @param {number} reach */
function nearest(marks, candidates, reach) {
  /** @type {{ off: number, line: number } | null} */
  let best = null;
  for (const mark of marks) {
    for (const line of candidates) {
      const off = line - mark;
      if (Math.abs(off) <= reach && (!best || Math.abs(off) < Math.abs(best.off))) {
        best = { off, line };
      }
    }
  }
  return best;
}

/** How far to shift so that one of `marks` ({x, y} lists) lies on a line, and the lines met.
 *  @param {Lines} marks @param {Lines} candidates @param {number} reach */
export function snap(marks, candidates, reach) {
  const x = nearest(marks.x, candidates.x, reach);
  const y = nearest(marks.y, candidates.y, reach);
  return { dx: x?.off ?? 0, dy: y?.off ?? 0, guides: { x: x?.line ?? null, y: y?.line ?? null } };
}

/** What of a box may meet a line: its centre, and the edges of one that has an extent.
 *  @param {Box} box @param {boolean} point @returns {Lines} */
export function marksOf(box, point) {
  const [x, y] = centre(box);
  return point ? { x: [x], y: [y] } : { x: [x, box[0], box[2]], y: [y, box[1], box[3]] };
}
