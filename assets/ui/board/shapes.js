// How components are drawn on the board: one record for those that are a point, one for those with
// an extent. A place is from 0 to 1; `view` knows where it is in the frame.

import { svg } from "../dom.js";
import { SIDE } from "../ink.js";
import { centre, isPoint } from "./parts.js";

export const TOUCH = globalThis.matchMedia?.("(pointer: coarse)").matches ?? false;
const CORNERS = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];

/** The part of a thing that takes the pointer, large enough for a finger.
 *  @param {number} x @param {number} y */
export function hit(x, y, r = 13) { return svg("circle.hit", { cx: x, cy: y, r: TOUCH ? 22 : r }); }

/** @param {number} x @param {number} y @param {string} words */
export function text(x, y, words, anchor = "middle") {
  return svg("text", { x, y, "text-anchor": anchor }, words);
}

/** @typedef {import("./view.js").View} View
 *  @typedef {{
 *    size(box: Box): number,
 *    draw(view: View, box: Box, name: string): SVGElement,
 *    handle(view: View, box: Box, number: number): SVGElement[],
 *    corners(view: View, box: Box): [name: string, x: number, y: number][],
 *  }} Shape how large it is, what is drawn of it, what takes the pointer, where it is drawn out */

/** @type {Shape} */
const point = {
  /** Above all others: no belt covers a button. */
  size: () => 0,
  draw(view, box, name) {
    const [x, y] = view.px(...centre(box));
    const r = Math.max(((box[2] - box[0]) * SIDE * view.pixels) / 2, 7);
    return svg(`circle.${name}`, { cx: x, cy: y, r });
  },
  handle(view, box) {
    const [x, y] = view.px(...centre(box));
    const cross = svg("path.cross", { d: `M${x - 3} ${y}h6M${x} ${y - 3}v6` });
    return [hit(x, y), point.draw(view, box, "shape"), cross];
  },
  corners: () => [],
};

/** @type {Shape} */
const extent = {
  /** Small ones lie above large ones. */
  size: ([l, t, r, b]) => (r - l) * (b - t),
  draw(view, box, name) {
    const [x, y] = view.px(box[0], box[1]);
    const [right, bottom] = view.px(box[2], box[3]);
    return svg(`rect.${name}`, { x, y, width: right - x, height: bottom - y, rx: 3 });
  },
  handle(view, box, number) {
    const [x, y] = view.px(box[0], box[1]);
    return [extent.draw(view, box, "shape"), svg("g.tag", { transform: `translate(${x} ${y})` },
      svg("rect", { x: -8, y: -8, width: 16, height: 16, rx: 8 }), text(0, 4, String(number)))];
  },
  /** Where it is drawn out: [name, x, y]; only the corners where there is no room for more. */
  corners(view, box) {
    const [l, t] = view.px(box[0], box[1]);
    const [r, b] = view.px(box[2], box[3]);
    const room = 3 * (TOUCH ? 22 : 12);
    return CORNERS.filter((name) => name.length === 2
      || ("ns".includes(name) ? r - l : b - t) > room).map((name) => [
      name,
      name.includes("w") ? l : name.includes("e") ? r : (l + r) / 2,
      name.includes("n") ? t : name.includes("s") ? b : (t + b) / 2,
    ]);
  },
};

/** @param {Group} group */
export const shapeOf = (group) => (isPoint(group) ? point : extent);
