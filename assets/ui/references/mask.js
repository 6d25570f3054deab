// Painting a mask: add and erase over the photo, with pointer or keys, or give one as a file.

import { el, filePicker, icon, iconButton, openDialog, segments, slider } from "../dom.js";
import { ARROWS, keyName } from "../keyboard.js";
import { clamp } from "../numbers.js";
import { mayDraw, takesOver } from "../pen.js";
import { load, pixelsOf, repaint } from "../pixels.js";
import { tinted } from "./photo.js";
import { address } from "./pieces.js";

const PAINT = "#2f46b8";
const STEPS = 10; // of undo; each is a whole picture
const SIZES = [2, 24]; // of the brush, in hundredths of the longer side
const NUDGE = 2;

/** The mask that is painted, on a canvas as large as the photo. */
class Painting {
  /** @param {HTMLImageElement} base @param {() => void} changed */
  constructor(base, changed) {
    this.changed = changed;
    this.width = base.naturalWidth;
    this.height = base.naturalHeight;
    this.unit = Math.max(this.width, this.height) / 100;
    this.erase = false;
    this.size = 8;
    /** @type {Point} */
    this.at = [this.width / 2, this.height / 2];
    /** @type {Point | null} */
    this.from = null; // where the line on its way has come to
    /** @type {{ id: number, type: string } | null} */
    this.hand = null; // the pointer that paints
    /** @type {ImageData[]} */
    this.past = [];
    this.ring = el("i.mask-ring", { "aria-hidden": true, hidden: true });
    this.canvas = el("canvas.mask-paint", {
      tabindex: "0", width: this.width, height: this.height, role: "img",
      "aria-label": "Mask. Paint with the pointer; or move the brush with the arrow keys and press "
        + "Space to paint, E to erase, P to add.",
      onpointerdown: (event) => this.down(event),
      onpointermove: (event) => this.move(event),
      onpointerup: (event) => this.lift(event),
      onpointercancel: (event) => this.lift(event),
      onpointerleave: () => { this.ring.hidden = true; },
      onkeydown: (event) => this.press(event),
    });
    this.context = pixelsOf(this.canvas);
  }

  get pixels() { return this.context.getImageData(0, 0, this.width, this.height); }

  /** Whether there is any paint. */
  get any() {
    const { data } = this.pixels;
    for (let i = 3; i < data.length; i += 4 * 7) if (data[i] > 127) return true;
    return false;
  }

  /** Begin with a white-on-black mask.
   *  @param {HTMLImageElement} image */
  begin(image) { repaint(this.canvas, image, (light) => tinted(light > 127 ? 255 : 0)); }

  /** White on black, as the server reads it; `use(file)` gets it as a PNG.
   *  @param {(file: File) => void} use */
  export(use) {
    const sheet = el("canvas", { width: this.width, height: this.height });
    const out = pixelsOf(sheet);
    out.drawImage(this.canvas, 0, 0);
    for (const [operation, colour] of /** @type {const} */ ([["source-in", "#fff"], ["destination-over", "#000"]])) {
      out.globalCompositeOperation = operation;
      out.fillStyle = colour;
      out.fillRect(0, 0, this.width, this.height);
    }
    sheet.toBlob((blob) => blob && use(new File([blob], "mask.png", { type: "image/png" })), "image/png");
  }

  keep() {
    this.past.push(this.pixels);
    if (this.past.length > STEPS) this.past.shift();
    this.changed();
  }

  undo() {
    const last = this.past.pop();
    if (last) this.context.putImageData(last, 0, 0);
    this.changed();
  }

  /** @param {Point} from @param {Point} to */
  line(from, to) {
    const { context } = this;
    context.globalCompositeOperation = this.erase ? "destination-out" : "source-over";
    context.strokeStyle = PAINT;
    context.lineWidth = this.size * this.unit;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(to[0] + 0.01, to[1]);
    context.stroke();
    context.globalCompositeOperation = "source-over";
  }

  /** @returns {Point} @param {PointerEvent} event */
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * this.width,
      ((event.clientY - box.top) / box.height) * this.height,
    ];
  }

  /** Let the ring lie at a place.
   *  @param {Point} at */
  follow(at) {
    this.at = at;
    const scale = this.canvas.clientWidth / this.width;
    const across = this.size * this.unit * scale;
    Object.assign(this.ring.style, {
      width: `${across}px`, height: `${across}px`,
      left: `${at[0] * scale - across / 2}px`, top: `${at[1] * scale - across / 2}px`,
    });
  }

  /** @param {PointerEvent} event */
  down(event) {
    const paints = mayDraw(event);
    if (event.button !== 0) return;
    event.preventDefault();
    if (this.hand && !takesOver(event, this.hand)) return;
    if (this.hand) this.undo();
    else if (!paints) return;
    this.hand = { id: event.pointerId, type: event.pointerType };
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.keep();
    this.from = this.place(event);
    this.line(this.from, this.from);
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (this.hand && this.hand.id !== event.pointerId) return;
    const at = this.place(event);
    this.ring.hidden = false;
    this.follow(at);
    if (!this.from) return;
    this.line(this.from, at);
    this.from = at;
  }

  /** @param {PointerEvent} event */
  lift(event) {
    if (this.hand?.id !== event.pointerId) return;
    this.hand = null;
    this.from = null;
    this.changed();
  }

  /** @param {boolean} erase */
  choose(erase) {
    this.erase = erase;
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const arrow = ARROWS[event.key];
    const key = keyName(event);
    if (arrow) {
      const far = (event.shiftKey ? 4 : 1) * NUDGE * this.unit;
      this.follow([
        clamp(this.at[0] + arrow[0] * far, 0, this.width), clamp(this.at[1] + arrow[1] * far, 0, this.height),
      ]);
      this.ring.hidden = false;
    } else if (key === " ") {
      this.keep();
      this.line(this.at, this.at);
      this.changed();
    } else if (key === "e" || key === "p") this.choose(key === "e");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Ask for a mask. `use(file)` is called with one, `find()` for the automatic one. `words` says
 *  what the tinted part means.
 *  @param {{ title: string, words: string, picture: string, mask: string | null, use: (file: File) => void, find: () => void }} options */
export async function paintMask({ title, words, picture, mask, use, find }) {
  let base;
  try {
    base = await load(address(picture));
  } catch {
    return;
  }
  const painting = new Painting(base, show);
  try {
    if (mask) painting.begin(await load(address(mask)));
  } catch (error) {
    console.warn(error);
  }
  const { width, height, canvas } = painting;
  /** @template {any[]} T @param {(...what: T) => void} run @returns {(...what: T) => void} */
  const closed = (run) => (...what) => {
    dialog.close();
    run(...what);
  };
  const modes = segments("Brush", [[false, "Add"], [true, "Erase"]], (erase) => painting.choose(erase));
  const size = slider("Size of the brush", { min: SIZES[0], max: SIZES[1], value: painting.size }, (wide) => {
    painting.size = wide;
    painting.follow(painting.at);
  });
  const back = iconButton("undo", "Undo", () => painting.undo());
  const given = filePicker("Mask", "image/*", closed(([file]) => use(file)));
  const go = el("button.primary", { onclick: () => painting.export(closed(use)) }, "Use this mask");

  function show() {
    modes.mark(painting.erase);
    back.disabled = !painting.past.length;
    go.disabled = !painting.any;
    go.title = go.disabled ? "Paint something first" : "";
  }

  show();
  const dialog = openDialog("small-dialog.mask-dialog", title, {
    onkeydown: (event) => {
      if (!(event.ctrlKey || event.metaKey) || keyName(event) !== "z") return;
      event.preventDefault();
      event.stopPropagation();
      painting.undo();
    },
  },
  el("p.muted", words),
  el("div.mask-tools", modes.node, el("label.mask-size", el("span", "Brush"), size), back),
  el("div.mask-stage", { style: `--ratio:${width}/${height};--wide:${width / height}` },
    el("img", { src: base.src, alt: "", draggable: "false" }), canvas, painting.ring),
  el("div.mask-foot",
    el("button.quiet", { onclick: closed(find) }, "Find it again"),
    el("button.quiet", { onclick: () => given.click() }, icon("upload"), el("span", "Mask from a file")),
    given, el("span.grow"), go));
  canvas.focus({ preventScroll: true });
}
