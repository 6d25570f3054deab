// The board: an artboard to draw on with pen, mouse or finger, and to place components on.

import { Drawing } from "./board/drawing.js";
import { Handles } from "./board/handles.js";
import { Keeping } from "./board/keeping.js";
import { command } from "./board/keys.js";
import { setKinds } from "./board/parts.js";
import { difference } from "./board/patch.js";
import { listen } from "./board/pointers.js";
import { Surface } from "./board/surface.js";
import { toolbar } from "./board/toolbar.js";
import { Tools } from "./board/tools.js";
import { underlay } from "./board/underlay.js";
import { View } from "./board/view.js";
import { viewbar } from "./board/viewbar.js";
import { dropZone, el, svg } from "./dom.js";
import { SIDE } from "./ink.js";
import { isFree } from "./keyboard.js";
import { turns } from "./latest.js";
import { live, Part } from "./part.js";

const TEMPLATES = [
  ["t-shirt", "T-shirt"], ["shirt", "Shirt"], ["coat", "Coat"],
  ["dress", "Dress"], ["skirt", "Skirt"], ["trousers", "Trousers"],
];

/** @param {Mounted} part */
export function mount(part) {
  const { props, watch } = part;
  setKinds(props.kinds);
  const board = new Board(part);
  listen(board);
  boardKeys(board);
  live(watch, {
    value: () => board.load(),
    exact: () => board.placed(),
    saved: () => board.keep.acknowledged(),
    change: () => board.fromServer(),
    there: () => board.keep.others(),
    flat: () => board.under.garment(props.flat),
    under: () => { if (props.under) board.under.arrived(props.under.photo); },
  });
  document.addEventListener("toile-undo", ({ detail }) => board.travelTo(detail.mark));
  new ResizeObserver(() => board.view.resize(board.artboard.clientWidth)).observe(board.artboard);
}

/** Everything that lies on the artboard, and which tool is at work on it. */
export class Board extends Part {
  /** @param {Mounted} part */
  constructor(part) {
    super(part);
    const { root, trigger, props } = part;
    this.drawing = new Drawing();
    this.view = new View();
    this.tools = new Tools(this);
    /** @type {Stroke | null} */
    this.live = null;
    this.handed = turns();
    this.canvas = el("canvas.board-ink", {
      tabindex: "0", role: "img",
      "aria-label": "Drawing board. B pen, E eraser, C components, M symmetry, question mark for "
        + "all shortcuts.",
    });
    this.surface = new Surface(this.canvas, this.view);
    this.centre = svg("line.board-centre");
    this.empty = el("div.board-empty",
      el("p.board-empty-title", "Draw one half, the other follows."),
      el("p", "Or drop a photo of a sketch, or start from a flat:"),
      el("div.board-templates", TEMPLATES.map(([garment, label]) => (
        el("button", { onclick: () => trigger("template", { garment }) }, label)))));
    const status = el("span.board-status", { role: "status", "aria-live": "polite" });
    this.keep = new Keeping({ drawing: this.drawing, props, trigger, status, root });
    this.bar = toolbar(this);
    this.handles = new Handles(this, (verb, details) => trigger("part", { verb, ...details }));
    this.under = underlay(this);
    this.viewbar = viewbar(this);
    this.artboard = el("div.artboard", { id: "artboard" }, el("div.board-sheet",
      this.under.image, svg("svg.board-lines", { "aria-hidden": true }, this.centre),
      this.canvas, this.handles.root, this.empty));
    dropZone(this.artboard, ([file]) => this.send(file));
    root.replaceChildren(this.bar.root, this.artboard, this.viewbar.root,
      el("div.board-foot", status, this.handles.spoken), this.bar.file);
    this.drawing.onChange(() => this.redraw());
    this.view.onChange(() => this.seen());
  }

  /** Whether components are asked for at their places: only then there is anything to handle. */
  get placing() { return this.props.exact !== false; }

  /** A pointer's place in units of the artboard.
   *  @param {{ clientX: number, clientY: number }} at */
  place({ clientX, clientY }) {
    return this.view.toBoard(clientX, clientY, this.canvas.getBoundingClientRect());
  }

  // Tools

  /** @param {ToolName} tool */
  choose(tool) {
    if (tool === "parts" && !this.placing) return;
    const { handles } = this;
    this.tools.name = tool;
    if (tool !== "parts") {
      // A handle that has the focus would call its own tool back.
      if (handles.root.contains(document.activeElement)) this.canvas.focus({ preventScroll: true });
      if (handles.selected) handles.select(null);
    }
    this.show();
    handles.draw();
  }

  flip() { this.tools.symmetric = !this.tools.symmetric; this.show(); }

  /** @param {number} step */
  widen(step) { this.tools.widen(step); this.show(); }

  /** @param {boolean} on */
  hold(on) {
    if (this.tools.held === on) return;
    this.tools.held = on;
    this.show();
  }

  whole() { this.view.whole(); }

  /** @param {number} factor */
  zoom(factor) { this.view.zoom(factor); }

  fit() {
    const boxes = this.placing ? (this.drawing.now.parts ?? []).flatMap((group) => group.boxes) : [];
    const all = [this.drawing.bounds, ...boxes.map((box) => box.map((v) => v * SIDE))]
      .filter((box) => box !== null);
    if (!all.length) { this.view.whole(); return; }
    /** @param {number} i @param {(...all: number[]) => number} pick */
    const most = (i, pick) => pick(...all.map((box) => box[i]));
    this.view.fit([most(0, Math.min), most(1, Math.min), most(2, Math.max), most(3, Math.max)]);
  }

  /** @param {"undo" | "redo"} direction */
  travel(direction) {
    const done = this.drawing[direction]();
    if (!done) return;
    if (done.form || done.refs) this.trigger("restore", { form: done.form ?? {}, refs: done.refs ?? null });
    this.commit();
  }

  /** Undo until the step of this name is undone.
   *  @param {string} mark */
  travelTo(mark) {
    while (this.drawing.past.some((step) => step.mark === mark)) this.travel("undo");
  }

  clear() { this.drawing.clear(); this.commit(); }

  // Showing

  show() {
    const { tools, drawing, placing } = this;
    this.bar.show();
    this.empty.hidden = !drawing.blank || this.live !== null || tools.placing || this.view.scale > 1;
    // Where components lie on the sheet already, the hint makes room for them.
    this.empty.classList.toggle("aside", placing && Boolean(drawing.now.parts?.length));
    this.centre.style.display = tools.symmetric ? "" : "none";
    this.artboard.dataset.tool = tools.name;
    this.canvas.style.cursor = tools.current.cursor;
  }

  /** Another part of the artboard is seen. */
  seen() {
    const [x] = this.view.toFrame(SIDE / 2, 0);
    for (const [name, value] of Object.entries({ x1: x, x2: x, y1: 0, y2: this.view.side })) {
      this.centre.setAttribute(name, String(value));
    }
    this.paint();
    this.show();
  }

  paint() {
    this.surface.settle(this.drawing.now);
    if (this.live) this.surface.follow(this.live);
  }

  /** A stroke is on its way, or is none after all.
   *  @param {Stroke | null} stroke */
  draws(stroke) {
    this.live = stroke;
    if (stroke) this.surface.follow(stroke);
    else this.paint();
    this.show();
  }

  /** The drawing is another one: what has changed of it is shown. */
  async redraw() {
    const { now } = this.drawing;
    if (!this.surface.shows(now)) {
      try {
        await this.surface.fetch(now.photo);
      } catch {
        this.keep.say("The sketch's picture could not be shown: reload the page.", true);
      }
      this.paint();
    }
    this.handles.draw();
    this.show();
  }

  commit() { this.keep.commit(); }

  // A picture of a sketch, from a file, a drop or the clipboard

  /** @param {File | undefined} file */
  send(file) { return this.hand(file, "photo"); }

  /** Hand a picture to the server.
   *  @param {File | undefined} file @param {string} event */
  async hand(file, event) {
    if (!file) return;
    this.keep.say("Reading the picture…");
    const turn = this.handed.next(event);
    try {
      const { path } = await this.upload(file);
      this.trigger(event, { path, turn, page: this.keep.page });
    } catch (error) {
      if (this.handed.now(event) !== turn) return;
      this.keep.say("The picture could not be sent: it may be larger than 20 MB.", true);
      console.warn(error);
    }
  }

  // The server

  /** It laid a picture on the board, has kept something, or something otherwise than it was sent. */
  fromServer() {
    const { change } = this.props;
    if (change?.refused === "picture") this.keep.say("");
    if (!change || change.refused) return;
    const { drawing } = this;
    const next = this.keep.received(change);
    const other = difference({ ...drawing.now, ...next }, drawing.now);
    const laid = change.on === undefined && (next.photo !== undefined || next.strokes !== undefined);
    if (other) drawing.answered(next, change);
    else drawing.now = { ...drawing.now, ...next };
    if (laid) this.commit();
    else this.keep.show(); // the server has kept this document already
    this.keep.settle();
    if (other) this.keep.laterSteps();
  }

  load() {
    const { value } = this.props;
    this.drawing.load(value);
    this.keep.loaded(value);
    if (value?.project) this.under.open(value.project);
    this.handles.select(null);
  }

  placed() {
    if (!this.placing && this.tools.placing) this.choose("pen");
    this.show();
    this.handles.draw();
  }
}

/** Keys, while nobody is writing and no dialog is open; and pictures that are pasted.
 *  @param {Board} board */
function boardKeys(board) {
  document.addEventListener("keydown", (event) => {
    const asked = isFree(event) && board.artboard.offsetParent ? command(event) : null;
    if (!asked) return;
    const [verb, ...what] = asked;
    const at = document.activeElement;
    if (verb === "hold" && at && at !== document.body && at.tagName !== "CANVAS") return;
    if (verb === "hold" || event.ctrlKey || event.metaKey) event.preventDefault();
    /** @type {any} */ (board)[verb](...what);
  });
  document.addEventListener("keyup", (event) => { if (event.key === " ") board.hold(false); });
  window.addEventListener("blur", () => board.hold(false));
  document.addEventListener("paste", (event) => {
    if (isFree(event) && board.artboard.offsetParent) board.send(event.clipboardData?.files[0]);
  });
}
