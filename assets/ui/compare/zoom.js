// One zoom for several pictures: what is done to one of them happens to all.

import { clamp } from "../numbers.js";

const STEP = 1.25;
const CLOSEST = 24; // screen pixels for one of the picture's
const CRISP = 2; // from this magnification on, and only when zoomed in, pixels stay squares

export class Zoom {
  /** `changed` is told after each move; `dragged(dx, dy, event)` gets drags that do not pan.
   *  @param {{ changed: (zoom: Zoom) => void, dragged: (at: Point, pane: HTMLElement) => void }} options */
  constructor({ changed, dragged }) {
    this.changed = changed;
    this.dragged = dragged;
    /** @type {HTMLElement[]} */
    this.planes = [];
    this.scale = 1;
    this.x = 0;
    this.y = 0;
  }

  /** Take over these planes; each lies in a pane of its own size, with its picture in it.
   *  @param {HTMLElement[]} planes */
  show(planes) {
    this.planes = planes;
    this.apply();
  }

  /** Screen pixels for one of the picture's pixels at scale 1. */
  get base() {
    const image = this.planes[0]?.querySelector("img");
    if (!image?.naturalWidth || !image.clientWidth) return 1;
    return image.clientWidth / image.naturalWidth;
  }

  get percent() {
    return Math.round(this.base * this.scale * 100);
  }

  get moved() {
    return this.scale !== 1;
  }

  fit() {
    Object.assign(this, { scale: 1, x: 0, y: 0 });
    this.apply();
  }

  /** One pixel of the picture for one of the screen, around a point of the pane (0..1). */
  actual(at = /** @type {Point} */ ([0.5, 0.5])) {
    this.to(1 / this.base, at);
  }

  /** @param {number} steps @param {Point} [at] */
  by(steps, at) {
    this.to(this.scale * STEP ** steps, at);
  }

  /** @param {number} scale @param {Point} [at] */
  to(scale, [fx, fy] = [0.5, 0.5]) {
    const least = Math.min(1, 1 / this.base);
    const wanted = clamp(scale, least, Math.max(CLOSEST / this.base, 2));
    const near = Math.abs(wanted - 1) < 0.01 ? 1 : wanted;
    const ratio = near / this.scale;
    this.x = fx - (fx - this.x) * ratio;
    this.y = fy - (fy - this.y) * ratio;
    this.scale = near;
    this.apply();
  }

  /** Move by parts of a pane.
   *  @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.apply();
  }

  apply() {
    this.x = held(this.x, this.scale);
    this.y = held(this.y, this.scale);
    const transform = `translate(${tidy(this.x)}%, ${tidy(this.y)}%) scale(${+this.scale.toFixed(4)})`;
    const crisp = this.scale > 1 && this.base * this.scale >= CRISP;
    for (const plane of this.planes) {
      plane.style.transform = transform;
      plane.classList.toggle("crisp", crisp);
      plane.parentElement?.closest(".pane")?.classList.toggle("zoomed", this.scale > 1);
    }
    this.changed(this);
  }

  /** Listen to mouse, touch, pen and wheel on a pane.
   *  @param {HTMLElement} pane */
  attach(pane) {
    /** @type {Map<number, Point>} */
    const fingers = new Map();
    /** @param {MouseEvent} event @returns {Point} */
    const at = (event) => {
      const box = pane.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    pane.addEventListener("wheel", (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 32 : 1;
      this.by(clamp((-event.deltaY * lines) / 100, -3, 3), at(event));
    }, { passive: false });
    pane.addEventListener("dblclick", (event) => {
      if (Math.abs(this.percent - 100) <= 1) this.fit();
      else this.actual(at(event));
    });
    pane.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      pane.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, at(event));
    });
    pane.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const now = at(event);
      if (fingers.size === 2) this.pinch(fingers, event.pointerId, now);
      else if (this.scale > 1) this.pan(now[0] - before[0], now[1] - before[1]);
      else this.dragged(now, pane);
      fingers.set(event.pointerId, now);
    });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      pane.addEventListener(end, (event) => fingers.delete(event.pointerId));
    }
  }

  /** Two fingers: their distance zooms, their middle stays where it is in the picture.
   *  @param {Map<number, Point>} fingers @param {number} moving @param {Point} now */
  pinch(fingers, moving, now) {
    const [other] = [...fingers].filter(([id]) => id !== moving).map(([, point]) => point);
    const before = fingers.get(moving) ?? now;
    /** @param {Point} a @param {Point} b */
    const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
    /** @param {Point} a @param {Point} b @returns {Point} */
    const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const [was, is] = [middle(before, other), middle(now, other)];
    this.pan(is[0] - was[0], is[1] - was[1]);
    const grown = apart(now, other) / Math.max(apart(before, other), 0.01);
    this.to(this.scale * clamp(grown, 0.5, 2), is);
  }
}

/** A picture larger than its pane covers it; a smaller one stays in its middle.
 *  @param {number} offset @param {number} scale */
function held(offset, scale) {
  return scale <= 1 ? (1 - scale) / 2 : clamp(offset, 1 - scale, 0);
}

/** @param {number} part */
function tidy(part) {
  return +(part * 100).toFixed(3);
}
