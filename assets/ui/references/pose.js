// A stick figure to pose by hand: joints are dragged, or moved with the arrow keys.

import { el, rebuild, svg, withData } from "../dom.js";
import { ARROWS } from "../keyboard.js";
import { clamp, where } from "../numbers.js";
import { mayDraw, takesOver } from "../pen.js";

const SIDE = 100;
const STEP = 0.01;
const WAIT = 350; // ms after the last key until the pose is sent
/** Moving a joint takes along what hangs on it.
 *  @type {Record<number, number[]>} */
const TREE = {
  0: [14, 15, 16, 17], 1: [0, 2, 5, 8, 11], 2: [3], 3: [4], 5: [6], 6: [7],
  8: [9], 9: [10], 11: [12], 12: [13],
};
const SWAP = [0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16];
const SMALL = new Set([14, 15, 16, 17]);

/** The pose seen in a mirror.
 *  @param {Joint[]} joints @returns {Joint[]} */
export function mirrored(joints) {
  return SWAP.map((index) => joints[index]).map((joint) => joint && [1 - joint[0], joint[1]]);
}

/** A joint and all that hangs on it.
 *  @param {number} index @returns {number[]} */
export const limb = (index) => [index, ...(TREE[index] ?? []).flatMap(limb)];

/** The pose with joints elsewhere; they may leave the picture by its own size.
 *  @param {Joint[]} joints @param {number[]} which @param {Point} by @returns {Joint[]} */
export function shifted(joints, which, by) {
  return joints.map((joint, index) => (joint && which.includes(index)
    ? joint.map((value, i) => clamp(value + by[i], -1, 2)) : joint));
}

/** Bones of a figure as lines; the wearer's right is drawn in the accent's colour.
 *  @param {Joint[]} joints @param {Figure} figure */
function bones(joints, figure) {
  return figure.bones.flatMap(([a, b]) => {
    const [from, to] = [joints[a], joints[b]];
    return from && to ? [svg("line.bone", {
      class: `${figure.names[b].startsWith("right") ? "right" : ""}${SMALL.has(b) ? " small" : ""}`,
      x1: from[0] * SIDE, y1: from[1] * SIDE, x2: to[0] * SIDE, y2: to[1] * SIDE,
    })] : [];
  });
}

/** The head as a ring, as wide as the ears lie apart.
 *  @param {Joint[]} joints */
function head(joints) {
  const [nose, left, right] = [joints[0], joints[17], joints[16]];
  if (!nose || !left || !right) return null;
  const r = Math.max(Math.hypot(left[0] - right[0], left[1] - right[1]) * 0.6, 0.02);
  return svg("circle.bone.head", { cx: nose[0] * SIDE, cy: (nose[1] - r * 0.15) * SIDE, r: r * SIDE * 1.1 });
}

/** A small still figure, for a preset.
 *  @param {Joint[]} joints @param {Figure} figure */
export function sketchOf(joints, figure) {
  return svg("svg.pose-small", { viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": true },
    head(joints), bones(joints, figure).filter((line) => !line.classList.contains("small")));
}

/** The figure to be edited. `changed(joints)` is called when a movement ends.
 *  @param {{ joints: Joint[], figure: Figure, changed: (joints: Joint[]) => void }} options */
export function poseEditor({ joints, figure, changed }) {
  return new PoseEditor(joints, figure, changed).node;
}

class PoseEditor {
  /** @param {Joint[]} joints @param {Figure} figure @param {(joints: Joint[]) => void} changed */
  constructor(joints, figure, changed) {
    this.joints = joints;
    this.figure = figure;
    this.changed = changed;
    /** @type {{ id: number, type: string, from: Joint[], index: number, x: number, y: number, alone: boolean, moved: boolean } | null} */
    this.drag = null;
    this.timer = 0;
    this.spoken = el("p.sr", { role: "status", "aria-live": "polite" });
    this.root = svg("svg.pose-edit", {
      viewBox: `0 0 ${SIDE} ${SIDE}`, role: "group", "aria-label": "Pose",
      onpointermove: (event) => this.follow(event),
      onpointerup: (event) => this.release(event), onpointercancel: (event) => this.release(event),
    });
    this.node = el("div.pose-stage", this.root, this.spoken);
    this.draw();
  }

  send() { this.changed(this.joints.map((joint) => joint?.map((v) => Math.round(v * 1e4) / 1e4) ?? null)); }

  /** @param {number} index @param {Point} by @param {boolean} alone */
  move(index, by, alone) {
    this.joints = shifted(this.joints, alone ? [index] : limb(index), by);
    this.draw();
  }

  /** @param {number} index */
  said(index) { return `${this.figure.names[index]}, ${where(/** @type {Point} */ (this.joints[index]))}`; }

  /** @param {KeyboardEvent} event @param {number} index */
  press(event, index) {
    const arrow = ARROWS[event.key];
    if (arrow) {
      const far = STEP * (event.shiftKey ? 5 : 1);
      this.move(index, [arrow[0] * far, arrow[1] * far], event.altKey);
      this.spoken.textContent = this.said(index);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      if (this.joints.filter(Boolean).length <= 2) return;
      this.joints = this.joints.with(index, null);
      this.spoken.textContent = `${this.figure.names[index]} hidden`;
      this.draw();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), WAIT);
  }

  /** @param {PointerEvent} event @param {number} index */
  grab(event, index) {
    mayDraw(event);
    if (event.button !== 0) return;
    event.preventDefault();
    if (this.drag && !takesOver(event, this.drag)) return;
    if (this.drag) this.joints = this.drag.from;
    this.drag = {
      id: event.pointerId, type: event.pointerType, from: this.joints, index,
      x: event.clientX, y: event.clientY, alone: event.altKey, moved: false,
    };
    this.root.setPointerCapture(event.pointerId);
    withData(this.root, "joint", String(index))?.focus({ preventScroll: true });
  }

  /** @param {PointerEvent} event */
  follow({ clientX: x, clientY: y, pointerId }) {
    const { drag } = this;
    if (drag?.id !== pointerId) return;
    const side = this.root.getBoundingClientRect().width || 1;
    this.move(drag.index, [(x - drag.x) / side, (y - drag.y) / side], drag.alone);
    Object.assign(drag, { x, y, moved: true });
  }

  /** @param {PointerEvent} event */
  release({ pointerId }) {
    if (this.drag?.id !== pointerId) return;
    const { moved } = this.drag;
    this.drag = null;
    if (moved) this.send();
  }

  /** @param {number} index */
  handle(index) {
    const [cx, cy] = /** @type {Point} */ (this.joints[index]).map((value) => value * SIDE);
    const small = SMALL.has(index);
    return svg("g.joint", {
      role: "button", tabindex: "0", "aria-label": this.said(index), data: { joint: String(index) },
      onpointerdown: (event) => this.grab(event, index), onkeydown: (event) => this.press(event, index),
    }, svg("title", this.figure.names[index]), svg("circle.hit", { cx, cy, r: small ? 2.5 : 6 }),
    svg("circle.dot", { cx, cy, r: small ? 0.9 : 2 }));
  }

  draw() {
    const { joints, figure } = this;
    const order = [...joints.keys()].filter((i) => joints[i])
      .sort((a, b) => Number(SMALL.has(a)) - Number(SMALL.has(b)));
    rebuild(this.root, [head(joints), ...bones(joints, figure), ...order.map((i) => this.handle(i))], "joint");
  }
}
