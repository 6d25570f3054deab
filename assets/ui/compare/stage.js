// The pictures themselves: two behind a slider, one after the other, or side by side.

import { checkText } from "../card.js";
import { el, iconButton, url } from "../dom.js";

const GAP = 8;
const CAPTION = 40;
const BEAT = 700; // ms: slow enough to look, far from what could harm

export class Stage {
  /** `zoom` is shared by all pictures; `remove(item)` takes one out of the comparison. */
  constructor({ zoom, remove }) {
    this.zoom = zoom;
    this.remove = remove;
    this.root = el("div", { class: "stage" });
    this.items = [];
    this.mode = "slider";
    this.pair = [0, 1];
    this.split = 50;
    this.ink = 0;
    this.at = 0;
    this.beat = 0;
    new ResizeObserver(() => this.measure()).observe(this.root);
  }

  /** Show pictures in a mode; with fewer than two there is only side by side. */
  show(items, mode, pair) {
    const drawn = JSON.stringify([items, mode, pair]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    Object.assign(this, { items, pair, mode: items.length < 2 ? "grid" : mode });
    this.play(false);
    this.at = 0;
    this.root.dataset.mode = this.mode;
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

  plane(item, crop = {}) {
    return el("div", { class: "layer", ...crop }, el("div", { class: "plane" },
      el("img", {
        src: url(`toile/picture/${item.id}`), draggable: "false", width: item.width,
        height: item.height, alt: `${item.letter}: ${item.prompt || "a drawing without words"}`,
      }),
      item.ink ? el("div", { class: "overlay", style: inkMask(item.ink) }) : null));
  }

  caption(item, more = {}) {
    const kept = item.checks.filter((check) => check.passed).length;
    const missed = item.checks.filter((check) => !check.passed);
    return el("figcaption", more,
      el("b", { class: "letter", text: item.letter }),
      el("span", { class: "seed" }, el("span", { class: "word", text: "seed " }), String(item.seed)),
      kept ? el("span", { class: "kept", text: `✓ ${kept}`, title: `${kept} kept as asked`,
        "aria-label": `${kept} checks kept` }) : null,
      missed.length ? el("span", { class: "missed", text: `✗ ${missed.length}`,
        title: missed.map(checkText).join(", "), "aria-label": `${missed.length} checks missed` })
        : null,
      el("span", { class: "grow" }),
      iconButton("close", `Take ${item.letter} out of the comparison`, () => this.remove(item)));
  }

  two() {
    return this.pair.map((index) => this.items[index]);
  }

  grid() {
    return el("div", { class: "panes" }, ...this.items.map((item) => el(
      "figure", { class: "shown", data: { id: item.id } },
      el("div", { class: "pane" }, this.plane(item)), this.caption(item),
    )));
  }

  slider() {
    const [left, right] = this.two();
    this.handle = el("div", {
      class: "handle", role: "slider", tabindex: "0", "aria-orientation": "horizontal",
      "aria-label": `How much of ${left.letter} is shown before ${right.letter}`,
      "aria-valuemin": 0, "aria-valuemax": 100,
      on: {
        keydown: (event) => this.slideKey(event),
        pointerdown: (event) => {
          event.stopPropagation();
          this.handle.setPointerCapture(event.pointerId);
        },
        pointermove: (event) => {
          if (!this.handle.hasPointerCapture(event.pointerId)) return;
          const box = this.pane.getBoundingClientRect();
          this.setSplit(((event.clientX - box.left) / box.width) * 100);
        },
      },
    }, el("i", { "aria-hidden": "true" }));
    this.upper = this.plane(left, { class: "layer upper" });
    this.pane = el("div", { class: "pane" }, this.plane(right), this.upper, this.handle,
      el("b", { class: "tag left", text: left.letter, "aria-hidden": "true" }),
      el("b", { class: "tag right", text: right.letter, "aria-hidden": "true" }));
    const figure = el("figure", { class: "shown alone" }, this.pane,
      el("div", { class: "captions" }, this.caption(left), this.caption(right)));
    this.setSplit(this.split);
    return figure;
  }

  /** One at a time: the next one while the mouse is over it; more than two follow the mouse. */
  flick() {
    this.pane = el("div", {
      class: "pane", tabindex: "0", role: "button",
      "aria-label": "Show the next picture (space bar)",
      on: {
        pointermove: (event) => {
          if (event.pointerType !== "mouse" || event.buttons || this.beat) return;
          const box = this.pane.getBoundingClientRect();
          const across = (event.clientX - box.left) / box.width;
          this.turn(this.items.length === 2 ? 1 : Math.floor(across * this.items.length));
        },
        pointerleave: (event) => { if (event.pointerType === "mouse" && !this.beat) this.turn(0); },
        click: (event) => { if (event.pointerType !== "mouse") this.step(1); },
      },
    }, ...this.items.map((item) => this.plane(item)),
    el("b", { class: "tag left", "aria-live": "polite" }));
    this.captions = el("div", { class: "captions" }, ...this.items.map((item) => this.caption(item)));
    const figure = el("figure", { class: "shown alone" }, this.pane, this.captions);
    this.turn(0);
    return figure;
  }

  // Moving

  slideKey(event) {
    const far = event.shiftKey ? 10 : 1;
    const moves = { ArrowLeft: -far, ArrowDown: -far, ArrowRight: far, ArrowUp: far,
      PageUp: 10, PageDown: -10, Home: -100, End: 100 };
    if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    this.setSplit(this.split + moves[event.key]);
  }

  setSplit(percent) {
    this.split = Math.min(Math.max(percent, 0), 100);
    this.upper.style.clipPath = `inset(0 ${100 - this.split}% 0 0)`;
    this.handle.style.left = `${this.split}%`;
    this.handle.setAttribute("aria-valuenow", String(Math.round(this.split)));
  }

  step(by) {
    this.turn((this.at + by + this.items.length) % this.items.length);
  }

  turn(index) {
    this.at = Math.min(Math.max(index, 0), this.items.length - 1);
    [...this.pane.querySelectorAll(".layer")].forEach((layer, i) => {
      layer.classList.toggle("off", i !== this.at);
    });
    [...this.captions.children].forEach((caption, i) => { caption.hidden = i !== this.at; });
    this.pane.querySelector(".tag").textContent = this.items[this.at].letter;
  }

  /** Turn the pictures over by themselves. */
  play(on) {
    clearInterval(this.beat);
    this.beat = on && this.mode === "flick" ? setInterval(() => this.step(1), BEAT) : 0;
    return this.beat !== 0;
  }

  setInk(part) {
    this.ink = part;
    for (const overlay of this.root.querySelectorAll(".overlay")) overlay.style.opacity = String(part);
  }

  /** As large as the room allows: columns and width of the panes. */
  measure() {
    const count = this.mode === "grid" ? this.items.length : 1;
    const { clientWidth: wide, clientHeight: tall } = this.root;
    if (!count || !wide) return;
    const first = this.items[0];
    const aspect = first.width / first.height;
    const phone = matchMedia("(max-width: 960px)").matches;
    let best = { columns: 1, width: 0 };
    if (phone) {
      const columns = count > 1 ? 2 : 1;
      best = { columns, width: (wide - GAP * (columns - 1)) / columns };
    } else {
      for (let columns = 1; columns <= count; columns += 1) {
        const rows = Math.ceil(count / columns);
        const width = Math.min((wide - GAP * (columns - 1)) / columns,
          ((tall - GAP * (rows - 1)) / rows - CAPTION) * aspect);
        if (width > best.width) best = { columns, width };
      }
    }
    this.root.style.setProperty("--columns", String(best.columns));
    this.root.style.setProperty("--pane", `${Math.max(Math.floor(best.width), 80)}px`);
    this.root.style.setProperty("--aspect", String(aspect));
    this.zoom.apply();
  }
}

/** Ink is stored white on black: the white lets the accent through. */
function inkMask(sha) {
  const image = `url("${url(`toile/ink/${sha}`)}")`;
  return `mask-image: ${image}; -webkit-mask-image: ${image}`;
}
