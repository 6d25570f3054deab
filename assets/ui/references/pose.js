// A stick figure to pose by hand: joints are dragged, or moved with the arrow keys.

import { el, focusedIn, svg } from "../dom.js";

const SIDE = 100;
const STEP = 0.01;
const WAIT = 350; // ms after the last key until the pose is sent
const OUT = [-1, 2]; // how far a joint may leave the picture
/** Moving a joint takes along what hangs on it. */
const TREE = {
  0: [14, 15, 16, 17], 1: [0, 2, 5, 8, 11], 2: [3], 3: [4], 5: [6], 6: [7],
  8: [9], 9: [10], 11: [12], 12: [13],
};
const SWAP = [0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16];
const SMALL = new Set([14, 15, 16, 17]);

/** The pose seen in a mirror. */
export function mirrored(joints) {
  return SWAP.map((index) => joints[index] && [1 - joints[index][0], joints[index][1]]);
}

/** Bones of a figure as lines; the wearer's right is drawn in the accent's colour. */
export function bones(joints, figure) {
  return figure.bones.filter(([a, b]) => joints[a] && joints[b]).map(([a, b]) => svg("line", {
    class: `bone${figure.names[b].startsWith("right") ? " right" : ""}${SMALL.has(b) ? " small" : ""}`,
    x1: joints[a][0] * SIDE, y1: joints[a][1] * SIDE, x2: joints[b][0] * SIDE, y2: joints[b][1] * SIDE,
  }));
}

/** The head as a ring, as wide as the ears lie apart. */
function head(joints) {
  const [nose, left, right] = [joints[0], joints[17], joints[16]];
  if (!nose || !left || !right) return [];
  const r = Math.max(Math.hypot(left[0] - right[0], left[1] - right[1]) * 0.6, 0.02);
  return [svg("circle", {
    class: "bone head", cx: nose[0] * SIDE, cy: (nose[1] - r * 0.15) * SIDE, r: r * SIDE * 1.1,
  })];
}

/** A small still figure, for a preset. */
export function sketchOf(joints, figure) {
  return svg("svg", { class: "pose-small", viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true" },
    ...head(joints), ...bones(joints, figure).filter((line) => !line.classList.contains("small")));
}

/** The figure to be edited. `changed(joints)` is called when a movement ends. */
export function poseEditor({ joints: given, figure, changed }) {
  const joints = given.map((joint) => joint && [...joint]);
  /** @type {any} */
  let drag = null;
  let timer = 0;
  const spoken = el("p", { class: "sr", role: "status", "aria-live": "polite" });
  const root = svg("svg", {
    class: "pose-edit", viewBox: `0 0 ${SIDE} ${SIDE}`, role: "group", "aria-label": "Pose",
  });

  function below(index, found = []) {
    for (const next of TREE[index] ?? []) { found.push(next); below(next, found); }
    return found;
  }

  function move(index, dx, dy, alone) {
    for (const each of alone ? [index] : [index, ...below(index)]) {
      if (!joints[each]) continue;
      joints[each] = joints[each].map((value, i) => (
        Math.min(Math.max(value + (i ? dy : dx), OUT[0]), OUT[1])));
    }
    draw();
  }

  function said(index) {
    const [x, y] = joints[index];
    return `${figure.names[index]}, ${Math.round(x * 100)} % across, ${Math.round(y * 100)} % down`;
  }

  const rounded = () => joints.map((joint) => joint?.map((v) => Math.round(v * 1e4) / 1e4));

  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => changed(rounded()), WAIT);
  }

  function press(event, index) {
    const far = STEP * (event.shiftKey ? 5 : 1);
    const moves = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] };
    if (moves[event.key]) {
      move(index, ...moves[event.key], event.altKey);
      spoken.textContent = said(index);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      if (joints.filter(Boolean).length <= 2) return;
      joints[index] = null;
      spoken.textContent = `${figure.names[index]} hidden`;
      draw();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    later();
  }

  function grab(event, index) {
    if (event.button !== 0) return;
    event.preventDefault();
    drag = { index, x: event.clientX, y: event.clientY, alone: event.altKey, moved: false };
    root.setPointerCapture(event.pointerId);
    root.querySelector(`[data-joint="${index}"]`)?.focus({ preventScroll: true });
  }

  root.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const side = root.getBoundingClientRect().width || 1;
    move(drag.index, (event.clientX - drag.x) / side, (event.clientY - drag.y) / side, drag.alone);
    Object.assign(drag, { x: event.clientX, y: event.clientY, moved: true });
  });
  for (const end of ["pointerup", "pointercancel"]) {
    root.addEventListener(end, () => {
      const moved = drag?.moved;
      drag = null;
      if (moved) changed(rounded());
    });
  }

  function handle(index) {
    const [x, y] = joints[index].map((value) => value * SIDE);
    const small = SMALL.has(index);
    return svg("g", {
      class: "joint", role: "button", tabindex: "0", "aria-label": said(index),
      data: { joint: String(index) },
      on: { pointerdown: (event) => grab(event, index), keydown: (event) => press(event, index) },
    }, svg("title", {}), svg("circle", { class: "hit", cx: x, cy: y, r: small ? 2.5 : 6 }),
    svg("circle", { class: "dot", cx: x, cy: y, r: small ? 0.9 : 2 }));
  }

  function draw() {
    const held = focusedIn(root)?.dataset.joint;
    const order = joints.map((_, i) => i).filter((i) => joints[i])
      .sort((a, b) => Number(SMALL.has(a)) - Number(SMALL.has(b)));
    root.replaceChildren(...head(joints), ...bones(joints, figure), ...order.map(handle));
    for (const node of root.querySelectorAll(".joint")) {
      node.querySelector("title").textContent = figure.names[Number(node.dataset.joint)];
    }
    if (held) root.querySelector(`[data-joint="${held}"]`)?.focus({ preventScroll: true });
  }

  draw();
  return { root: el("div", { class: "pose-stage" }, root, spoken), get joints() { return rounded(); } };
}
