// The Compare room: pictures, how to look at them, what differs, and what others say.

import { Ballots } from "./compare/ballots.js";
import { Bar, MODES } from "./compare/bar.js";
import { Stage } from "./compare/stage.js";
import { Strip } from "./compare/strip.js";
import { DifferenceTable } from "./compare/table.js";
import { Zoom } from "./compare/zoom.js";
import { el, roomTab } from "./dom.js";
import { ARROWS, isFree, keyName, withModifier } from "./keyboard.js";
import { live, Part } from "./part.js";

const MOST = 12;
const PATIENCE = 5000; // ms until an answer of the server no longer counts as on its way
const LETTERS = "ABCDEFGHIJKL";

/** @param {Mounted} part */
export function mount(part) {
  const { root, trigger, props, watch } = part;
  const compare = new Compare(part);
  document.addEventListener("keydown", (event) => compare.press(event));
  compare.draw();
  live(watch, {
    value: () => compare.arrived(),
    strip: () => compare.strip.arrived(props.strip),
    ballots: () => compare.ballots.show(props.ballots),
  });
  watch("refresh", () => { if (root.offsetParent !== null) trigger("enter"); });
  if (!props.strip || props.strip.project !== compare.scene.project) trigger("enter");
}

class Compare extends Part {
  /** @param {Mounted} part */
  constructor(part) {
    super(part);
    const { root, trigger } = part;
    /** @type {Scene} */
    this.scene = { items: [], rows: [], mode: "slider", text: "", n: 0 };
    this.newest = this.scene; // of what has been told, shown or not
    /** @type {string[]} */
    this.wanted = []; // ids as they will be when all answers have come
    this.asked = 0;
    this.answered = 0;
    this.askedAt = 0;
    this.mode = "slider";
    this.pair = [0, 1];
    this.zoom = new Zoom({
      changed: (zoom) => this.bar.zoomed(zoom),
      dragged: ([across], pane) => {
        if (this.mode === "slider" && pane.querySelector(".handle")) this.stage.setSplit(across * 100);
      },
    });
    this.stage = new Stage({
      zoom: this.zoom, remove: (item) => this.choose(this.wanted.filter((id) => id !== item.id)),
    });
    this.table = new DifferenceTable();
    this.strip = new Strip({
      toggle: (id) => this.choose(this.wanted.includes(id)
        ? this.wanted.filter((w) => w !== id) : [...this.wanted, id]),
      more: (before) => trigger("older", { before }),
    });
    this.ballots = new Ballots({ vote: (event) => trigger("vote", event) });
    this.bar = new Bar(this);
    this.clear = el("button.quiet", { title: "Take all pictures out", onclick: () => this.choose([]) }, "Clear");
    this.strip.head.append(this.clear);
    this.zoom.fit();
    this.none = el("div.nothing",
      el("p.nothing-title", "Choose two pictures or more."),
      el("p", "From the row below, or with Compare on a picture's card in the studio."),
      el("p.with-keys", "X, in the studio, puts the selected picture beside the one before it."));
    root.replaceChildren(
      el("div.compare-look", this.bar.root, this.stage.root, this.none, this.strip.root),
      el("div.compare-say", this.table.root, this.ballots.root));
  }

  // What is compared

  /** Compare these from now on; the server keeps it and answers with the whole scene.
   *  @param {string[]} ids */
  choose(ids) {
    if (ids.length > MOST) {
      this.strip.count.textContent = "Twelve at a time: take one out first.";
      return;
    }
    if (ids.length > 2 && this.wanted.length <= 2 && this.mode === "slider") this.mode = "grid";
    this.wanted = ids;
    this.asked += 1;
    this.askedAt = performance.now();
    this.strip.mark(ids, [...LETTERS]);
    this.trigger("choose", { ids, asked: this.asked });
  }

  arrived() {
    const { value: told } = this.props;
    if (!told) return;
    // Answers may overtake each other. What comes while one is on its way counts when that has come.
    this.answered = Math.max(this.answered, told.asked ?? 0);
    if (told.n >= this.newest.n) this.newest = told;
    const value = this.newest;
    if (value.n < this.scene.n) return;
    const waiting = this.answered < this.asked && performance.now() - this.askedAt < PATIENCE;
    const other = value.project !== this.scene.project;
    if (waiting && !other) return;
    this.answered = this.asked;
    this.scene = value;
    if (other || (value.asked ?? null) === null) this.mode = value.mode;
    if (other) this.zoom.fit();
    this.wanted = this.scene.items.map(({ id }) => id);
    if (other || this.pair.some((at) => at >= value.items.length)) this.pair = [0, 1];
    this.draw();
  }

  swapPair() {
    const [a, b] = this.pair.map((at) => this.wanted[at]);
    if (this.scene.items.length < 2 || a === undefined || b === undefined) return;
    this.choose(this.wanted.with(this.pair[0], b).with(this.pair[1], a));
  }

  /** Another picture on one side; the one of the other side changes places with it.
   *  @param {number} which @param {number} at */
  setSide(which, at) {
    this.pair = at === this.pair[1 - which] ? this.pair.toReversed() : this.pair.with(which, at);
    this.draw();
  }

  /** @param {string} mode */
  setMode(mode) {
    if (this.scene.items.length < 2) return;
    this.mode = mode;
    this.trigger("look", { mode });
    this.draw();
  }

  draw() {
    const { items } = this.scene;
    const { root, mode, pair } = this;
    const shown = items.length < 2 ? "grid" : mode;
    root.dataset.count = String(items.length);
    root.dataset.mode = shown;
    root.classList.toggle("many", items.length > 3 || (items.length === 3 && shown === "grid"));
    this.clear.hidden = this.stage.root.hidden = items.length === 0;
    this.none.hidden = items.length > 0;
    this.bar.show(items, shown, pair);
    this.stage.show(items, mode, pair);
    this.table.show(this.scene);
    this.strip.mark(this.wanted, items.map(({ letter }) => letter));
    this.ballots.choose(items.length);
  }

  // Keys

  /** @param {Point} arrow @param {boolean} far */
  arrow([across, down], far) {
    const { stage } = this;
    if (stage.mode === "slider") stage.setSplit(stage.split + across * (far ? 10 : 1));
    else if (stage.mode === "flick") stage.step(across || down);
    else this.zoom.pan(-across / 10, -down / 10);
  }

  /** What a key does; nothing where it is none of the room's.
   *  @returns {(() => void) | undefined}
   *  @param {string} key @param {boolean} far */
  command(key, far) {
    if (ARROWS[key]) return () => this.arrow(ARROWS[key], far);
    return /** @type {Record<string, () => void>} */ ({
      m: () => this.setMode(MODES[(MODES.findIndex(([name]) => name === this.mode) + 1) % MODES.length][0]),
      c: () => this.swapPair(),
      o: () => this.bar.toggleInk(),
      "+": () => this.zoom.by(1),
      "=": () => this.zoom.by(1),
      "-": () => this.zoom.by(-1),
      0: () => this.zoom.fit(),
      1: () => this.zoom.actual(),
      " ": () => { if (this.stage.mode === "flick") this.stage.step(1); },
      Escape: () => roomTab("Studio")?.click(),
    })[key];
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const key = keyName(event);
    const run = this.command(key, event.shiftKey);
    if (!run || this.root.offsetParent === null || !isFree(event) || withModifier(event)) return;
    const aside = /** @type {Element} */ (event.target).closest?.("button, [role=tab], .table-room");
    if (aside && (key === " " || ARROWS[key])) return; // theirs
    if (key !== "Escape" && this.scene.items.length < 2) return;
    event.preventDefault();
    run();
  }
}
