// Ways of dragging: what a movement makes of a group, and the lines that it has met.

import { centre, isPoint, LEAST, shifted, withBox, withCentre, withEnds } from "./parts.js";
import { lines, marksOf, snap } from "./snap.js";

/** @typedef {{ group: Group, guides: Guides, target?: Point }} Dragged
 *  @typedef {(marks: Lines, own: number[], more?: number[]) => ReturnType<typeof snap>} Meet snaps
 *    marks, the members `own` being on the move, to other lines along x as well
 *  @typedef {(from: Group, index: number, by: Point, meet: Meet, how: string) => Dragged} Way */

/** @param {Box} box @param {Point} by @returns {Box} */
const moved = ([l, t, r, b], [dx, dy]) => [l + dx, t + dy, r + dx, b + dy];
/** @param {Group} group */
const all = (group) => group.boxes.map((_, i) => i);

/** @type {Record<string, Way>} */
const WAYS = {
  /** The whole row. */
  row(from, _index, by, meet) {
    const { dx, guides } = meet({ x: marksOf(moved(from.boxes[0], by), true).x, y: [] }, all(from));
    return { group: shifted(from, by[0] + dx, by[1]), guides };
  },

  /** One end of an even row. */
  end(from, index, by, meet) {
    const ends = /** @type {Ends} */ (from.ends);
    const [x, y] = [ends[index][0] + by[0], ends[index][1] + by[1]];
    const { dx, dy, guides } = meet({ x: [x], y: [y] }, all(from), [ends[1 - index][0]]);
    const next = /** @type {Ends} */ (ends.with(index, [x + dx, y + dy]));
    return { group: withEnds(from, next), guides };
  },

  /** One member; the first or the last of an even row takes the others along. */
  move(from, index, by, meet) {
    const box = moved(from.boxes[index], by);
    const row = from.ends && (index === 0 || index === from.boxes.length - 1);
    const { dx, dy, guides } = meet(marksOf(box, isPoint(from)), row ? all(from) : [index]);
    const [x, y] = centre(box);
    return { group: withCentre(from, index, x + dx, y + dy), guides, target: [x + dx, y + dy] };
  },

  /** An edge or a corner: `how` is a compass point. */
  size(from, index, by, meet, how) {
    const box = from.boxes[index];
    const to = moved(box, by);
    const mine = ["w", "n", "e", "s"].map((side) => how.includes(side));
    /** @param {number} axis */
    const on = (axis) => [axis, axis + 2].filter((i) => mine[i]).map((i) => to[i]);
    const { dx, dy, guides } = meet({ x: on(0), y: on(1) }, [index]);
    /** @param {number} i */
    const edge = (i) => {
      const wanted = to[i] + (i % 2 ? dy : dx);
      if (!mine[i]) return box[i];
      return i < 2 ? Math.max(Math.min(wanted, box[i + 2] - LEAST), 0)
        : Math.min(Math.max(wanted, box[i - 2] + LEAST), 1);
    };
    return { group: withBox(from, index, [edge(0), edge(1), edge(2), edge(3)]), guides };
  },
};

/** What a movement makes of the group that was grabbed.
 *  @param {{ how: string, from: Group, index: number }} drag @param {Point} by
 *  @param {Group[]} groups all of the board @param {number} reach below 0 nothing snaps */
export function dragged({ how, from, index }, by, groups, reach) {
  /** @type {Meet} */
  const meet = (marks, own, more = []) => {
    const candidates = lines(groups, from.id, own);
    candidates.x.push(...more);
    return snap(marks, candidates, reach);
  };
  return (WAYS[how] ?? WAYS.size)(from, index, by, meet, how);
}
