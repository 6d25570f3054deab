// What each group is, at the edge where no ink is, with a line to it.

import { svg } from "../dom.js";
import { clamp } from "../numbers.js";
import { centre, counted } from "./parts.js";
import { text } from "./shapes.js";

const CHIP = 24; // pixels from one label to the next

/** The height nearest to `y` at which a label covers neither ink nor another label; where there is
 *  none, one at which it covers at least no other label.
 *  @param {number} y @param {number} side @param {number[]} taken @param {(at: number) => boolean} inked */
export function freeSpot(y, side, taken, inked) {
  const wanted = clamp(y, 16, side - 16);
  /** @type {number | null} */
  let second = null;
  for (let off = 0; off < side; off += 8) {
    for (const at of off ? [wanted - off, wanted + off] : [wanted]) {
      if (at < 16 || at > side - 16 || taken.some((other) => Math.abs(other - at) < CHIP)) continue;
      if (!inked(at)) return at;
      second ??= at;
    }
  }
  return second ?? wanted;
}

/** @param {Group[]} groups @param {import("./view.js").View} view
 *  @param {string | undefined} chosen the id of the chosen group
 *  @param {(x: number, y: number, width: number, height: number) => boolean} inkIn */
export function labels(groups, view, chosen, inkIn) {
  const placed = groups.map((group, i) => ({ group, number: i + 1 }))
    .filter(({ group }) => group.boxes.length)
    .map((one) => ({ ...one, at: view.px(...centre(one.group.boxes[0])) }))
    .sort((a, b) => a.at[1] - b.at[1]);
  /** @param {{ at: Point }} one */
  const onLeft = ({ at }) => at[0] < view.side / 2 - 4;
  return [placed.filter(onLeft), placed.filter((one) => !onLeft(one))].flatMap((list, side) => {
    /** @type {number[]} */
    const taken = [];
    return list.map(({ group, number, at: [x, y] }) => {
      const words = counted(group);
      const wide = words.length * 6.4 + 38;
      const left = side ? view.side - 8 - wide : 8;
      const at = freeSpot(y, view.side, taken, (top) => inkIn(left - 4, top - 14, wide + 8, 28));
      taken.push(at);
      return svg(chosen === group.id ? "g.label.chosen" : "g.label",
        svg("line", { x1: side ? left : left + wide, y1: at, x2: x, y2: y }),
        svg("rect", { x: left, y: at - 11, width: wide, height: 22, rx: 11 }),
        svg("circle", { cx: left + 11, cy: at, r: 8 }),
        text(left + 11, at + 4, String(number)),
        text(left + 26, at + 4, words, "start"));
    });
  });
}
