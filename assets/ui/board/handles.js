// Components as handles above the ink: seen with every tool, moved with the components tool.

import { el, focusedIn, svg } from "../dom.js";
import { SIDE } from "../ink.js";
import {
  LEAST, centre, counted, isPoint, isRow, mirrored, shifted, spoken, withBox, withCentre,
  withEnds,
} from "./parts.js";
import { lines, marksOf, snap } from "./snap.js";

const REACH = 7; // pixels within which something snaps
const CORNERS = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const BURST = 800; // ms within which key presses on one handle are one step of undo
const CHIP = 24; // pixels from one label to the next

/** Options: view, drawing, shown() -> bool, active() -> bool, activate(), commit(),
 *  ask(verb, details), inkIn(x, y, width, height) -> bool, in pixels of the frame. */
export function handles({ view, drawing, shown, active, activate, commit, ask, inkIn }) {
  const spokenLine = el("p", { class: "sr", role: "status", "aria-live": "polite" });
  const root = svg("svg", { class: "board-parts", "aria-label": "Components", role: "group" });
  const touch = matchMedia("(pointer: coarse)").matches;
  /** @type {{ id: string, index: number } | null} */
  let selected = null; // {id, index}
  /** @type {any} */
  let drag = null;
  /** @type {{ x: number | null, y: number | null }} */
  let guides = { x: null, y: null };
  let lastKey = { at: 0, what: "" };

  /** @returns {Group[]} */
  const groups = () => drawing.now.parts ?? [];
  const find = (id) => groups().find((group) => group.id === id);
  const px = (x, y) => view.toFrame(x * SIDE, y * SIDE);

  function select(id, index = 0, tell = true) {
    selected = id && find(id) ? { id, index } : null;
    draw();
    if (tell) {
      document.dispatchEvent(new CustomEvent("toile-part", { detail: { id, from: "board" } }));
    }
  }

  function put(changed, step) {
    const parts = groups().map((group) => (group.id === changed.id ? changed : group));
    if (step) drawing.change({ parts });
    else drawing.replace({ parts });
  }

  function say(id, index) {
    const group = find(id);
    if (group?.boxes[index]) spokenLine.textContent = spoken(group, index);
  }

  // Drawing

  function draw() {
    if (!shown()) { root.replaceChildren(); return; }
    const focused = focusedIn(root)?.dataset.handle;
    root.classList.toggle("active", active());
    // Small ones lie above large ones, points above all: a belt covers no button.
    const drawn = groups().map((group, index) => ({ group, number: index + 1, size: size(group) }))
      .sort((a, b) => b.size - a.size).map(({ group, number }) => one(group, number));
    root.replaceChildren(...(active() ? labels() : []), ...drawn, ...guideLines());
    if (focused) root.querySelector(`[data-handle="${focused}"]`)?.focus({ preventScroll: true });
  }

  function size(group) {
    if (isPoint(group)) return 0;
    return Math.max(0, ...group.boxes.map(([l, t, r, b]) => (r - l) * (b - t)));
  }

  function one(group, number) {
    const chosen = selected?.id === group.id;
    const classes = ["part", group.locked && "locked", chosen && "chosen"].filter(Boolean);
    const node = svg("g", { class: classes.join(" "), data: { id: group.id } });
    if (group.mirror) node.append(...group.boxes.map((box) => shape(group, mirrored(box), "twin")));
    const even = isRow(group) && group.ends && group.boxes.length > 1;
    const [line = [], ends = []] = even ? placket(group, chosen) : [];
    node.append(...line);
    node.append(...group.boxes.map((box, index) => handle(group, box, index, number)));
    node.append(...ends);
    return node;
  }

  function shape(group, box, name) {
    if (isPoint(group)) {
      const [x, y] = px(...centre(box));
      return svg("circle", { class: name, cx: x, cy: y, r: radius(box) });
    }
    const [x, y] = px(box[0], box[1]);
    const [right, bottom] = px(box[2], box[3]);
    return svg("rect", { class: name, x, y, width: right - x, height: bottom - y, rx: 3 });
  }

  function radius(box) {
    return Math.max(((box[2] - box[0]) * SIDE * view.pixels) / 2, 7);
  }

  function handle(group, box, index, number) {
    const picked = selected?.id === group.id && selected?.index === index;
    const node = svg("g", {
      class: picked ? "handle picked" : "handle", role: "button", tabindex: "0",
      "aria-label": spoken(group, index), "aria-pressed": String(picked),
      data: { handle: `${group.id}/${index}` },
      on: {
        pointerdown: (event) => grab(event, group.id, index, "move"),
        focus: () => {
          if (!active()) activate();
          if (selected?.id !== group.id || selected?.index !== index) select(group.id, index);
          say(group.id, index);
        },
        keydown: (event) => press(event, group.id, index),
      },
    });
    const [x, y] = px(...centre(box));
    if (isPoint(group)) {
      node.append(svg("circle", { class: "hit", cx: x, cy: y, r: touch ? 22 : 13 }));
    }
    node.append(shape(group, box, "shape"));
    if (isPoint(group)) {
      node.append(svg("path", { class: "cross", d: `M${x - 3} ${y}h6M${x} ${y - 3}v6` }));
    } else {
      node.append(tag(...px(box[0], box[1]), number));
      if (picked && active() && !group.locked) node.append(...corners(group, box, index));
    }
    return node;
  }

  function tag(x, y, number) {
    return svg("g", { class: "tag", transform: `translate(${x} ${y})` },
      svg("rect", { x: -8, y: -8, width: 16, height: 16, rx: 8 }), text(0, 4, String(number)));
  }

  function text(x, y, words, anchor = "middle") {
    const node = svg("text", { x, y, "text-anchor": anchor });
    node.textContent = words;
    return node;
  }

  function corners(group, box, index) {
    const [l, t] = px(box[0], box[1]);
    const [r, b] = px(box[2], box[3]);
    const hit = touch ? 22 : 12;
    const roomy = { x: r - l > 3 * hit, y: b - t > 3 * hit };
    const spots = CORNERS.filter((name) => name.length === 2
      || (["n", "s"].includes(name) ? roomy.x : roomy.y));
    return spots.map((name) => {
      const x = name.includes("w") ? l : name.includes("e") ? r : (l + r) / 2;
      const y = name.includes("n") ? t : name.includes("s") ? b : (t + b) / 2;
      return svg("g", {
        class: `corner ${name}`,
        on: { pointerdown: (event) => grab(event, group.id, index, name) },
      }, svg("circle", { class: "hit", cx: x, cy: y, r: hit }),
      svg("rect", { x: x - 4, y: y - 4, width: 8, height: 8 }));
    });
  }

  /** The line of an even row, which moves all of it, and its two ends, which respace it. */
  function placket(group, chosen) {
    const [a, b] = group.ends.map(([x, y]) => px(x, y));
    const far = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    const step = [((b[0] - a[0]) / far) * 26, ((b[1] - a[1]) / far) * 26];
    const line = { x1: a[0] - step[0], y1: a[1] - step[1], x2: b[0] + step[0], y2: b[1] + step[1] };
    const drawn = [
      svg("line", { class: "placket", ...line }),
      svg("line", {
        class: "placket-hit", x1: a[0], y1: a[1], x2: b[0], y2: b[1],
        on: { pointerdown: (event) => grab(event, group.id, 0, "row") },
      }),
    ];
    if (!active() || group.locked || !(chosen || !touch)) return [drawn];
    return [drawn, [0, 1].map((end) => {
      const x = end ? line.x2 : line.x1;
      const y = end ? line.y2 : line.y1;
      const [ux, uy] = group.ends[end];
      return svg("g", {
        class: "end", role: "button", tabindex: "0",
        "aria-label": `${end ? "Last" : "First"} end of the ${counted(group)}, `
          + `${Math.round(ux * 100)} % across, ${Math.round(uy * 100)} % down`,
        data: { handle: `${group.id}/end${end}` },
        on: {
          pointerdown: (event) => grab(event, group.id, end, "end"),
          focus: () => selected?.id !== group.id && select(group.id, 0),
          keydown: (event) => press(event, group.id, end, "end"),
        },
      }, svg("circle", { class: "hit", cx: x, cy: y, r: touch ? 22 : 13 }),
      svg("path", { d: `M${x} ${y - 6}l6 6-6 6-6-6z` }));
    })];
  }

  /** What each group is, at the edge where no ink is, with a line to it. */
  function labels() {
    /** @type {Record<string, any[]>} */
    const sides = { left: [], right: [] };
    groups().forEach((group, number) => {
      if (!group.boxes.length) return;
      const [x, y] = px(...centre(group.boxes[0]));
      const side = x < view.side / 2 - 4 ? "left" : "right";
      sides[side].push({ group, number: number + 1, x, y });
    });
    const out = [];
    for (const [side, list] of Object.entries(sides)) {
      list.sort((a, b) => a.y - b.y);
      const taken = [];
      list.forEach(({ group, number, x, y }) => {
        const words = counted(group);
        const wide = words.length * 6.4 + 38;
        const left = side === "left" ? 8 : view.side - 8 - wide;
        const at = freeSpot(left, y, wide, taken);
        taken.push(at);
        out.push(svg("g", { class: selected?.id === group.id ? "label chosen" : "label" },
          svg("line", { x1: side === "left" ? left + wide : left, y1: at, x2: x, y2: y }),
          svg("rect", { x: left, y: at - 11, width: wide, height: 22, rx: 11 }),
          svg("circle", { cx: left + 11, cy: at, r: 8 }),
          text(left + 11, at + 4, String(number)),
          text(left + 26, at + 4, words, "start")));
      });
    }
    return out;
  }

  /** The height nearest to `y` at which a label covers neither ink nor another label. */
  function freeSpot(left, y, wide, taken) {
    const most = view.side - 16;
    const wanted = Math.min(Math.max(y, 16), most);
    /** @type {number | null} */
    let second = null; // where it covers ink, but at least no other label
    for (let off = 0; off < view.side; off += 8) {
      for (const at of off ? [wanted - off, wanted + off] : [wanted]) {
        if (at < 16 || at > most || taken.some((other) => Math.abs(other - at) < CHIP)) continue;
        if (!inkIn(left - 4, at - 14, wide + 8, 28)) return at;
        second ??= at;
      }
    }
    return second ?? wanted;
  }

  function guideLines() {
    const out = [];
    if (guides.x !== null) {
      const [x] = px(guides.x, 0);
      out.push(svg("line", { class: "guide", x1: x, y1: 0, x2: x, y2: view.side }));
    }
    if (guides.y !== null) {
      const [, y] = px(0, guides.y);
      out.push(svg("line", { class: "guide", x1: 0, y1: y, x2: view.side, y2: y }));
    }
    return out;
  }

  // Dragging

  function grab(event, id, index, how) {
    if (event.button !== 0 || !active() || drag) return;
    const group = find(id);
    event.preventDefault();
    event.stopPropagation();
    select(id, how === "end" || how === "row" ? selected?.index ?? 0 : index);
    if (!group || group.locked) {
      spokenLine.textContent = `The ${group?.kind ?? "component"} is locked.`;
      return;
    }
    drag = {
      pointer: event.pointerId, how, index, from: group, copy: event.altKey, moved: false,
      at: view.toBoard(event.clientX, event.clientY, root.getBoundingClientRect()),
    };
    root.setPointerCapture(event.pointerId);
    root.classList.add("dragging");
    // The pointer is held by the whole drawing; keys still go to the handle.
    root.querySelector(`[data-handle="${id}/${how === "end" ? `end${index}` : index}"]`)
      ?.focus({ preventScroll: true });
  }

  function moved(event) {
    const [x, y] = view.toBoard(event.clientX, event.clientY, root.getBoundingClientRect());
    const dx = (x - drag.at[0]) / SIDE;
    const dy = (y - drag.at[1]) / SIDE;
    const { from, index, how } = drag;
    const free = event.ctrlKey || event.metaKey;
    const all = from.boxes.map((_, i) => i);
    const reach = free ? -1 : REACH / (view.pixels * SIDE);
    if (how === "row") {
      const box = from.boxes[0].map((v, i) => v + (i % 2 ? dy : dx));
      const met = snap({ x: marksOf(box, true).x, y: [] }, lines(groups(), from.id, all), reach);
      guides = met.guides;
      return shifted(from, dx + met.dx, dy);
    }
    if (how === "end") {
      const ends = /** @type {Ends} */ ([...from.ends]);
      const [ex, ey] = ends[index];
      const candidates = lines(groups(), from.id, all);
      candidates.x.push(ends[1 - index][0]);
      const met = snap({ x: [ex + dx], y: [ey + dy] }, candidates, reach);
      guides = met.guides;
      ends[index] = [ex + dx + met.dx, ey + dy + met.dy];
      return withEnds(from, ends);
    }
    const box = from.boxes[index];
    const last = from.boxes.length - 1;
    const whole = from.ends && (index === 0 || index === last);
    const candidates = lines(groups(), from.id, whole ? all : [index]);
    if (how === "move") {
      const ghost = box.map((v, i) => v + (i % 2 ? dy : dx));
      const met = snap(marksOf(ghost, isPoint(from)), candidates, reach);
      guides = met.guides;
      const [cx, cy] = centre(box);
      const target = /** @type {Point} */ ([cx + dx + met.dx, cy + dy + met.dy]);
      drag.target = target;
      return drag.copy ? from : withCentre(from, index, ...target);
    }
    return resized(from, index, how, dx, dy, candidates, reach);
  }

  function resized(from, index, how, dx, dy, candidates, reach) {
    let [l, t, r, b] = from.boxes[index];
    /** @type {{ x: number[], y: number[] }} */
    const marks = { x: [], y: [] };
    if (how.includes("w")) marks.x.push(l + dx);
    if (how.includes("e")) marks.x.push(r + dx);
    if (how.includes("n")) marks.y.push(t + dy);
    if (how.includes("s")) marks.y.push(b + dy);
    const met = snap(marks, candidates, reach);
    guides = met.guides;
    if (how.includes("w")) l = Math.max(Math.min(l + dx + met.dx, r - LEAST), 0);
    if (how.includes("e")) r = Math.min(Math.max(r + dx + met.dx, l + LEAST), 1);
    if (how.includes("n")) t = Math.max(Math.min(t + dy + met.dy, b - LEAST), 0);
    if (how.includes("s")) b = Math.min(Math.max(b + dy + met.dy, t + LEAST), 1);
    return withBox(from, index, [l, t, r, b]);
  }

  root.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    const next = moved(event);
    put(next, !drag.moved && !drag.copy);
    drag.moved = true;
    draw();
  });

  function release(event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    const { from, index, moved: did, copy, target } = drag;
    drag = null;
    guides = { x: null, y: null };
    root.classList.remove("dragging");
    if (copy && target) {
      const [x, y] = target.map((v) => Math.min(Math.max(v, 0), 1));
      ask("copy", { id: from.id, index, x, y });
    } else if (did) commit();
    draw();
    say(from.id, index);
  }

  root.addEventListener("pointerup", release);
  root.addEventListener("pointercancel", release);

  // Keys

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function press(event, id, index, how = "move") {
    const group = find(id);
    if (!group) return;
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      ask("remove", how === "end" ? { id } : { id, index });
      return;
    }
    if (event.key === "Escape") { select(null); return; }
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    if (group.locked) { spokenLine.textContent = `The ${group.kind} is locked.`; return; }
    const far = (event.shiftKey ? 10 : 1) / SIDE;
    const [dx, dy] = [step[0] * far, step[1] * far];
    let next;
    if (how === "end" && group.ends) {
      const ends = /** @type {Ends} */ (
        group.ends.map(([x, y], i) => (i === index ? [x + dx, y + dy] : [x, y])));
      next = withEnds(group, ends);
    } else {
      const [x, y] = centre(group.boxes[index]);
      next = withCentre(group, index, x + dx, y + dy);
    }
    const now = performance.now();
    const what = `${id}/${how}/${index}`;
    put(next, lastKey.what !== what || now - lastKey.at > BURST);
    lastKey = { at: now, what };
    commit();
    draw();
    say(id, Math.min(index, next.boxes.length - 1));
  }

  document.addEventListener("toile-part", (event) => {
    if (event.detail.from === "board" || !shown()) return;
    if (event.detail.id && !active()) activate();
    select(event.detail.id, 0, false);
  });

  view.onChange(draw);
  return { root, spoken: spokenLine, draw, select, selected: () => selected };
}
