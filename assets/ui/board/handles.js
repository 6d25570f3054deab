// Components as handles above the ink: seen with every tool, moved with the components tool.

import { el, rebuild, svg, withData } from "../dom.js";
import { SIDE } from "../ink.js";
import { ARROWS } from "../keyboard.js";
import { clamp, where } from "../numbers.js";
import { mayDraw, takesOver } from "../pen.js";
import { dragged } from "./drags.js";
import { labels } from "./labels.js";
import { centre, counted, isRow, mirrored, spoken, withCentre, withEnds } from "./parts.js";
import { hit, shapeOf, TOUCH } from "./shapes.js";

const REACH = 7; // pixels within which something snaps
const BURST = 800; // ms within which key presses on one handle are one step of undo

export class Handles {
  /** @param {import("../board.js").Board} board @param {(verb: string, details: object) => void} ask of the server */
  constructor(board, ask) {
    this.board = board;
    this.ask = ask;
    this.spoken = el("p.sr", { role: "status", "aria-live": "polite" });
    this.root = svg("svg.board-parts", {
      "aria-label": "Components", role: "group",
      onpointermove: (event) => this.move(event),
      onpointerup: (event) => this.release(event), onpointercancel: (event) => this.release(event),
    });
    /** @type {{ id: string, index: number } | null} */
    this.selected = null;
    /** @type {{ pointer: number, type: string, how: string, index: number, from: Group, copy: boolean, moved: boolean, at: Point, target?: Point } | null} */
    this.drag = null;
    /** @type {Guides} */
    this.guides = { x: null, y: null };
    this.lastKey = { at: 0, what: "" };
    document.addEventListener("toile-part", ({ detail: { id, from } }) => {
      if (from === "board" || !board.placing) return;
      if (id) board.choose("parts");
      this.select(id, 0, false);
    });
    board.view.onChange(() => this.draw());
  }

  get active() { return this.board.tools.placing; }

  /** @returns {Group[]} */
  get groups() { return this.board.drawing.now.parts ?? []; }

  /** @param {string} id */
  find(id) { return this.groups.find((group) => group.id === id); }

  /** @param {string | null} id */
  select(id, index = 0, tell = true) {
    this.selected = id && this.find(id) ? { id, index } : null;
    this.draw();
    if (tell) {
      document.dispatchEvent(new CustomEvent("toile-part", { detail: { id, from: "board" } }));
    }
  }

  /** @param {string} id @param {number} index */
  say(id, index) {
    const group = this.find(id);
    if (group?.boxes[index]) this.spoken.textContent = spoken(group, index);
  }

  /** Whether a group stays as it is, which is said.
   *  @param {Group | undefined} group */
  isLocked(group) {
    if (group && !group.locked) return false;
    this.spoken.textContent = `The ${group?.kind ?? "component"} is locked.`;
    return true;
  }

  // Drawing

  draw() {
    if (!this.board.placing) { this.root.replaceChildren(); return; }
    const { view, surface } = this.board;
    this.root.classList.toggle("active", this.active);
    /** @param {Group} group */
    const size = (group) => Math.max(0, ...group.boxes.map(shapeOf(group).size));
    const drawn = this.groups.map((group, i) => ({ group, number: i + 1, size: size(group) }))
      .sort((a, b) => b.size - a.size).map(({ group, number }) => this.group(group, number));
    const named = this.active ? labels(this.groups, view, this.selected?.id,
      (...rect) => surface.inkIn(...rect)) : [];
    rebuild(this.root, [...named, ...drawn, ...this.guideLines()], "handle");
  }

  /** @param {Group} group @param {number} number */
  group(group, number) {
    const { id, boxes, mirror, locked, ends } = group;
    const chosen = this.selected?.id === id;
    const { view } = this.board;
    const twins = mirror ? boxes.map((box) => shapeOf(group).draw(view, mirrored(box), "twin")) : [];
    const line = isRow(group) && ends && boxes.length > 1 ? this.placket(group, ends) : null;
    return svg("g.part", { class: [locked && "locked", chosen && "chosen"].filter(Boolean).join(" "), data: { id } },
      twins, line?.drawn ?? [], boxes.map((box, index) => this.handle(group, box, index, number)),
      line && this.active && !locked && (chosen || !TOUCH) ? line.ends() : []);
  }

  /** @param {Group} group @param {Box} box @param {number} index @param {number} number */
  handle(group, box, index, number) {
    const { id } = group;
    const picked = this.selected?.id === id && this.selected.index === index;
    const { view } = this.board;
    const shape = shapeOf(group);
    const corners = picked && this.active && !group.locked ? shape.corners(view, box) : [];
    return svg(picked ? "g.handle.picked" : "g.handle", {
      role: "button", tabindex: "0", "aria-label": spoken(group, index), "aria-pressed": picked,
      data: { handle: `${id}/${index}` },
      onpointerdown: (event) => this.grab(event, id, index, "move"),
      onkeydown: (event) => this.press(event, id, index),
      onfocus: () => {
        if (!this.active) this.board.choose("parts");
        if (this.selected?.id !== id || this.selected.index !== index) this.select(id, index);
        this.say(id, index);
      },
    }, shape.handle(view, box, number), corners.map(([name, x, y]) => svg(`g.corner.${name}`, {
      onpointerdown: (event) => this.grab(event, id, index, name),
    }, hit(x, y, 12), svg("rect", { x: x - 4, y: y - 4, width: 8, height: 8 }))));
  }

  /** The line of an even row, which moves all of it, and its two ends, which respace it.
   *  @param {Group} group @param {Ends} ends */
  placket(group, ends) {
    const { id } = group;
    const [[ax, ay], [bx, by]] = ends.map(([x, y]) => this.board.view.px(x, y));
    const far = Math.hypot(bx - ax, by - ay) || 1;
    const [dx, dy] = [((bx - ax) / far) * 26, ((by - ay) / far) * 26];
    const spots = [[ax - dx, ay - dy], [bx + dx, by + dy]];
    const [[x1, y1], [x2, y2]] = spots;
    return {
      drawn: [
        svg("line.placket", { x1, y1, x2, y2 }),
        svg("line.placket-hit", {
          x1: ax, y1: ay, x2: bx, y2: by, onpointerdown: (event) => this.grab(event, id, 0, "row"),
        }),
      ],
      ends: () => spots.map(([x, y], end) => svg("g.end", {
        role: "button", tabindex: "0", data: { handle: `${id}/end${end}` },
        "aria-label": `${end ? "Last" : "First"} end of the ${counted(group)}, ${where(ends[end])}`,
        onpointerdown: (event) => this.grab(event, id, end, "end"),
        onfocus: () => this.selected?.id !== id && this.select(id, 0),
        onkeydown: (event) => this.press(event, id, end, "end"),
      }, hit(x, y), svg("path", { d: `M${x} ${y - 6}l6 6-6 6-6-6z` }))),
    };
  }

  guideLines() {
    const { view } = this.board;
    const [x, y] = view.px(this.guides.x ?? 0, this.guides.y ?? 0);
    return [
      this.guides.x !== null && svg("line.guide", { x1: x, y1: 0, x2: x, y2: view.side }),
      this.guides.y !== null && svg("line.guide", { x1: 0, y1: y, x2: view.side, y2: y }),
    ];
  }

  // Dragging

  /** @param {PointerEvent} event */
  place(event) {
    return this.board.view.toBoard(event.clientX, event.clientY, this.root.getBoundingClientRect());
  }

  /** @param {PointerEvent} event @param {string} id @param {number} index @param {string} how */
  grab(event, id, index, how) {
    mayDraw(event);
    if (event.button !== 0 || !this.active || (this.drag && !takesOver(event, this.drag))) return;
    this.drop();
    const group = this.find(id);
    event.preventDefault();
    event.stopPropagation();
    this.select(id, how === "end" || how === "row" ? this.selected?.index ?? 0 : index);
    if (!group || this.isLocked(group)) return;
    this.drag = {
      pointer: event.pointerId, type: event.pointerType, how, index, from: group, copy: event.altKey, moved: false,
      at: this.place(event),
    };
    this.root.setPointerCapture(event.pointerId);
    this.root.classList.add("dragging");
    // The pointer is held by the whole drawing; keys still go to the handle.
    withData(this.root, "handle", `${id}/${how === "end" ? "end" : ""}${index}`)
      ?.focus({ preventScroll: true });
  }

  /** @param {PointerEvent} event */
  move(event) {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.pointer) return;
    const [x, y] = this.place(event);
    const reach = event.ctrlKey || event.metaKey ? -1 : REACH / (this.board.view.pixels * SIDE);
    const { group, guides, target } = dragged(drag,
      [(x - drag.at[0]) / SIDE, (y - drag.at[1]) / SIDE], this.groups, reach);
    this.guides = guides;
    const copies = drag.copy && drag.how === "move";
    if (copies) this.draw();
    else this.board.drawing.put(group, !drag.moved && !drag.copy);
    Object.assign(drag, { moved: true, target });
  }

  /** Let go, and put back what was dragged; whether something was. */
  drop() {
    const { drag } = this;
    if (!drag) return false;
    this.loose();
    if (drag.moved && !(drag.copy && drag.how === "move")) this.board.drawing.retract();
    this.draw();
    return true;
  }

  loose() {
    this.drag = null;
    this.guides = { x: null, y: null };
    this.root.classList.remove("dragging");
  }

  /** @param {PointerEvent} event */
  release(event) {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.pointer) return;
    this.loose();
    if (drag.copy && drag.target) {
      const [x, y] = drag.target.map((v) => clamp(v, 0, 1));
      this.ask("copy", { id: drag.from.id, index: drag.index, x, y });
    } else if (drag.moved) this.board.commit();
    this.draw();
    this.say(drag.from.id, drag.index);
  }

  // Keys

  /** @param {KeyboardEvent} event @param {string} id @param {number} index */
  press(event, id, index, how = "move") {
    const group = this.find(id);
    const arrow = ARROWS[event.key];
    if (event.key === "Escape") {
      event.preventDefault();
      if (!this.drop()) this.select(null);
      return;
    }
    const removes = event.key === "Delete" || event.key === "Backspace";
    if (!group || !(removes || arrow)) return;
    event.preventDefault();
    if (removes) this.ask("remove", how === "end" ? { id } : { id, index });
    else if (!this.isLocked(group)) this.nudge(group, index, how, arrow, event.shiftKey ? 10 : 1);
  }

  /** @param {Group} group @param {number} index @param {string} how @param {Point} arrow @param {number} far */
  nudge(group, index, how, [ax, ay], far) {
    const { ends, id } = group;
    const at = how === "end" && ends ? ends[index] : centre(group.boxes[index]);
    const [x, y] = [at[0] + (ax * far) / SIDE, at[1] + (ay * far) / SIDE];
    const next = how === "end" && ends
      ? withEnds(group, /** @type {Ends} */ (ends.with(index, [x, y])))
      : withCentre(group, index, x, y);
    const now = performance.now();
    const what = `${id}/${how}/${index}`;
    this.board.drawing.put(next, this.lastKey.what !== what || now - this.lastKey.at > BURST);
    this.lastKey = { at: now, what };
    this.board.commit();
    this.say(id, Math.min(index, next.boxes.length - 1));
  }
}
