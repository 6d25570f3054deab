// The pictures themselves: two behind a slider, one after the other, or side by side.

import { checkText } from "../checks.js";
import { el, iconButton, picture, url } from "../dom.js";
import { clamp } from "../numbers.js";

const GAP = 8;
const CAPTION = 40;
const BEAT = 700; // ms: slow enough to look, far from what could harm

export class Stage {
  /** `zoom` is shared by all pictures; `remove(item)` takes one out of the comparison.
   *  @param {{ zoom: any, remove: (item: ComparedPicture) => void }} options */
  constructor({ zoom, remove }) {
    this.zoom = zoom;
    this.remove = remove;
    this.root = el("div.stage");
    /** @type {ComparedPicture[]} */
    this.items = [];
    this.mode = "slider";
    this.pair = [0, 1];
    this.split = 50;
    this.ink = 0;
    this.at = 0;
    this.beat = 0;
    this.drawn = "";
    // What is moved later: the frame, what lies over it, and what says which picture it is.
    this.pane = this.upper = this.handle = this.captions = el("div");
    this.tag = el("b");
    new ResizeObserver(() => this.measure()).observe(this.root);
  }

  /** Show pictures in a mode; with fewer than two there is only side by side.
   *  @param {ComparedPicture[]} items @param {string} mode @param {number[]} pair */
  show(items, mode, pair) {
    const drawn = JSON.stringify([items, mode, pair]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    Object.assign(this, { items, pair, mode: items.length < 2 ? "grid" : mode, at: 0 });
    this.play(false);
    this.root.dataset.mode = this.mode;
    /** @type {Record<string, () => HTMLElement>} */
    const build = { slider: () => this.slider(), flick: () => this.flick(), grid: () => this.grid() };
    this.root.replaceChildren(build[this.mode]());
    for (const pane of this.root.querySelectorAll(".pane")) this.zoom.attach(pane);
    this.measure();
    this.zoom.show([...this.root.querySelectorAll(".plane")]);
    this.setInk(this.ink);
    for (const image of this.root.querySelectorAll("img")) {
      image.addEventListener("load", () => this.zoom.apply(), { once: true });
    }
  }

  // Parts

  /** @param {ComparedPicture} item */
  plane(item, classes = "layer") {
    return el(`div.${classes}`, el("div.plane",
      picture(item, { alt: `${item.letter}: ${item.prompt || "a drawing without words"}` }),
      item.ink && el("div.overlay", { style: inkMask(item.ink) })));
  }

  /** @param {ComparedPicture} item */
  caption(item) {
    const missed = item.checks.filter((check) => !check.passed);
    const kept = item.checks.length - missed.length;
    return el("figcaption",
      el("b.letter", item.letter),
      el("span.seed", el("span.word", "seed "), item.seed),
      kept > 0 && el("span.kept", { title: `${kept} kept as asked`, "aria-label": `${kept} checks kept` }, `✓ ${kept}`),
      missed.length > 0 && el("span.missed", {
        title: missed.map(checkText).join(", "), "aria-label": `${missed.length} checks missed`,
      }, `✗ ${missed.length}`),
      el("span.grow"),
      iconButton("close", `Take ${item.letter} out of the comparison`, () => this.remove(item)));
  }

  grid() {
    return el("div.panes", this.items.map((item) => el("figure.shown", { data: { id: item.id } },
      el("div.pane", this.plane(item)), this.caption(item))));
  }

  /** How far across the pane a pointer is, 0 to 1.
   *  @param {PointerEvent} event */
  across(event) {
    const box = this.pane.getBoundingClientRect();
    return (event.clientX - box.left) / box.width;
  }

  slider() {
    const [left, right] = this.pair.map((index) => this.items[index]);
    this.handle = el("div.handle", {
      role: "slider", tabindex: "0", "aria-orientation": "horizontal",
      "aria-label": `How much of ${left.letter} is shown before ${right.letter}`,
      "aria-valuemin": 0, "aria-valuemax": 100,
      onkeydown: (event) => this.slideKey(event),
      onpointerdown: (event) => {
        event.stopPropagation();
        this.handle.setPointerCapture(event.pointerId);
      },
      onpointermove: (event) => {
        if (this.handle.hasPointerCapture(event.pointerId)) this.setSplit(this.across(event) * 100);
      },
    }, el("i", { "aria-hidden": true }));
    this.upper = this.plane(left, "layer.upper");
    this.pane = el("div.pane", this.plane(right), this.upper, this.handle,
      el("b.tag.left", { "aria-hidden": true }, left.letter),
      el("b.tag.right", { "aria-hidden": true }, right.letter));
    this.setSplit(this.split);
    return el("figure.shown.alone", this.pane, el("div.captions", this.caption(left), this.caption(right)));
  }

  /** One at a time: the next one while the mouse is over it; more than two follow the mouse. */
  flick() {
    const { length } = this.items;
    this.tag = el("b.tag.left", { "aria-live": "polite" });
    this.pane = el("div.pane", {
      tabindex: "0", role: "button", "aria-label": "Show the next picture (space bar)",
      onpointermove: (event) => {
        if (event.pointerType !== "mouse" || event.buttons || this.beat) return;
        this.turn(length === 2 ? 1 : Math.floor(this.across(event) * length));
      },
      onpointerleave: (event) => { if (event.pointerType === "mouse" && !this.beat) this.turn(0); },
      onclick: (event) => { if (event.pointerType !== "mouse") this.step(1); },
    }, this.items.map((item) => this.plane(item)), this.tag);
    this.captions = el("div.captions", this.items.map((item) => this.caption(item)));
    this.turn(0);
    return el("figure.shown.alone", this.pane, this.captions);
  }

  // Moving

  /** @param {KeyboardEvent} event */
  slideKey(event) {
    const far = event.shiftKey ? 10 : 1;
    /** @type {number | undefined} */
    const by = /** @type {Record<string, number>} */ ({ ArrowLeft: -far, ArrowDown: -far, ArrowRight: far, ArrowUp: far,
      PageUp: 10, PageDown: -10, Home: -100, End: 100 })[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.setSplit(this.split + by);
  }

  /** @param {number} percent */
  setSplit(percent) {
    this.split = clamp(percent, 0, 100);
    this.upper.style.clipPath = `inset(0 ${100 - this.split}% 0 0)`;
    this.handle.style.left = `${this.split}%`;
    this.handle.setAttribute("aria-valuenow", String(Math.round(this.split)));
  }

  /** @param {number} by */
  step(by) {
    this.turn((this.at + by + this.items.length) % this.items.length);
  }

  /** @param {number} index */
  turn(index) {
    this.at = clamp(index, 0, this.items.length - 1);
    for (const [i, layer] of this.pane.querySelectorAll(".layer").entries()) {
      layer.classList.toggle("off", i !== this.at);
    }
    for (const [i, caption] of [...this.captions.children].entries()) {
      caption.toggleAttribute("hidden", i !== this.at);
    }
    this.tag.textContent = this.items[this.at].letter;
  }

  /** Turn the pictures over by themselves.
   *  @param {boolean} on */
  play(on) {
    clearInterval(this.beat);
    this.beat = on && this.mode === "flick" ? setInterval(() => this.step(1), BEAT) : 0;
    return this.beat !== 0;
  }

  /** @param {number} part */
  setInk(part) {
    this.ink = part;
    /** @type {NodeListOf<HTMLElement>} */
    const overlays = this.root.querySelectorAll(".overlay");
    for (const overlay of overlays) overlay.style.opacity = String(part);
  }

  /** As large as the room allows: columns and width of the panes. */
  measure() {
    const count = this.mode === "grid" ? this.items.length : 1;
    const { clientWidth: wide, clientHeight: tall } = this.root;
    if (!count || !wide) return;
    const first = this.items[0];
    const aspect = first.width / first.height;
    const phone = matchMedia("(max-width: 960px)").matches;
    /** @param {number} side @param {number} n */
    const room = (side, n) => (side - GAP * (n - 1)) / n;
    /** @param {number} columns */
    const width = (columns) => (phone ? room(wide, columns)
      : Math.min(room(wide, columns), (room(tall, Math.ceil(count / columns)) - CAPTION) * aspect));
    const columns = phone ? Math.min(count, 2)
      : this.items.slice(0, count).reduce((best, _, i) => (width(i + 1) > width(best) ? i + 1 : best), 1);
    this.root.style.setProperty("--columns", String(columns));
    this.root.style.setProperty("--pane", `${Math.max(Math.floor(width(columns)), 80)}px`);
    this.root.style.setProperty("--aspect", String(aspect));
    this.zoom.apply();
  }
}

/** Ink is stored white on black: the white lets the accent through.
 *  @param {string} sha */
function inkMask(sha) {
  const image = `url("${url(`toile/ink/${sha}`)}")`;
  return `mask-image: ${image}; -webkit-mask-image: ${image}`;
}
