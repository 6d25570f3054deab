// The tools of the board: each is a state of it, which says what the pointer does.

import { SteadyLine } from "../ink.js";
import { clamp } from "../numbers.js";

export const WIDTHS = [4, 7, 14];
const ERASER = 8; // an eraser is this many times as wide as the pen

/** Draws, or takes ink away.
 *  @implements {Tool} */
class Pen {
  /** @param {import("../board.js").Board} board @param {"pen" | "eraser"} kind */
  constructor(board, kind) {
    this.board = board;
    this.kind = kind;
  }

  width(kind = this.kind) { return WIDTHS[this.board.tools.width] * (kind === "eraser" ? ERASER : 1); }

  /** A ring as wide as the line, so that one sees what the eraser will take. */
  get cursor() {
    const r = clamp((this.width() * this.board.view.pixels) / 2, 2, 60);
    const size = Math.ceil(r * 2 + 4);
    /** @param {string} ink */
    const circle = (ink) => `<circle cx='${size / 2}' cy='${size / 2}' r='${r}' fill='none' ${ink}/>`;
    const ring = `<svg xmlns='http://www.w3.org/2000/svg' width='${size}' height='${size}'>`
      + `${circle("stroke='white' stroke-width='2.4'")}${circle("stroke='black'")}</svg>`;
    return `url("data:image/svg+xml,${encodeURIComponent(ring)}") ${size / 2} ${size / 2}, crosshair`;
  }

  /** @param {PointerEvent} event */
  down(event) {
    const t = event.button === 5 ? "eraser" : this.kind; // the other end of the pen
    return new Line(this.board, event, { t, p: [], w: this.width(t), m: this.board.tools.symmetric ? 1 : 0 });
  }
}

/** A stroke from the pointer's press to its release.
 *  @implements {Gesture} */
class Line {
  /** @param {import("../board.js").Board} board @param {PointerEvent} event @param {Stroke} stroke */
  constructor(board, event, stroke) {
    this.board = board;
    this.stroke = stroke;
    this.line = new SteadyLine(stroke, ...this.place(event));
    this.waiting = 0;
    board.draws(stroke);
  }

  /** @param {PointerEvent} event @returns {[number, number, number]} */
  place(event) {
    const force = event.pointerType === "mouse" ? 1 : event.pressure || 0.5;
    const [x, y] = this.board.place(event);
    return [x, y, force];
  }

  /** @param {PointerEvent} event */
  move(event) {
    const parts = event.getCoalescedEvents?.() ?? [];
    for (const part of parts.length ? parts : [event]) this.line.add(...this.place(part));
    this.waiting ||= requestAnimationFrame(() => {
      this.waiting = 0;
      if (this.board.live === this.stroke) this.board.surface.follow(this.stroke);
    });
  }

  /** @param {PointerEvent} event */
  end(event) {
    const [x, y] = this.place(event);
    this.line.add(x, y, this.line.at[2]);
    this.line.finish();
    this.board.live = null;
    this.board.drawing.add(this.stroke);
    this.board.commit();
  }

  drop() { this.board.draws(null); }
}

/** Moves what is seen.
 *  @implements {Tool} */
class Hand {
  /** @param {import("../board.js").Board} board */
  constructor(board) {
    this.board = board;
    this.cursor = "grab";
  }

  /** @param {PointerEvent} event @returns {Gesture} */
  down(event) {
    let [x, y] = [event.clientX, event.clientY];
    return {
      move: (next) => {
        this.board.view.pan(next.clientX - x, next.clientY - y);
        [x, y] = [next.clientX, next.clientY];
      },
      end() {},
      drop() {},
    };
  }
}

/** Places components; their handles take the pointer themselves, beside them nothing is chosen.
 *  @implements {Tool} */
class Place {
  /** @param {import("../board.js").Board} board */
  constructor(board) {
    this.board = board;
    this.cursor = "default";
  }

  down() {
    this.board.handles.select(null);
    return null;
  }
}

/** Which tool is chosen and how it draws. */
export class Tools {
  /** @param {import("../board.js").Board} board */
  constructor(board) {
    this.all = {
      pen: new Pen(board, "pen"), eraser: new Pen(board, "eraser"),
      parts: new Place(board), hand: new Hand(board),
    };
    /** @type {ToolName} */
    this.name = "pen";
    this.held = false; // the space bar holds the hand for as long as it is down
    this.width = 1;
    this.symmetric = true;
  }

  /** @returns {Tool} */
  get current() { return this.held ? this.all.hand : this.all[this.name]; }

  get placing() { return this.name === "parts"; }

  /** @param {number} step */
  widen(step) { this.width = clamp(this.width + step, 0, WIDTHS.length - 1); }
}
