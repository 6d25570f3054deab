// Painting a mask: add and erase over the photo, with pointer or keys, or give one as a file.

import { el, icon, iconButton, pixelsOf } from "../dom.js";
import { load } from "./photo.js";
import { address } from "./pieces.js";

const PAINT = "#2f46b8";
const STEPS = 10; // of undo; each is a whole picture
const SIZES = [2, 24]; // of the brush, in hundredths of the longer side
const NUDGE = 2;

/** Ask for a mask. `use(blob)` is called with a PNG, `find()` for the automatic one.
 *  `words` says what the tinted part means. */
export async function paintMask({ title, words, picture, mask, use, find, file }) {
  let base;
  try {
    base = await load(address(picture));
  } catch {
    return;
  }
  const { naturalWidth: width, naturalHeight: height } = base;
  const unit = Math.max(width, height) / 100;
  const canvas = el("canvas", {
    class: "mask-paint", tabindex: "0", width, height, role: "img",
    "aria-label": "Mask. Paint with the pointer; or move the brush with the arrow keys and press "
      + "Space to paint, E to erase, P to add.",
  });
  const context = pixelsOf(canvas);
  const past = [];
  /** @type {{ erase: boolean, size: number, at: Point, from: Point | null }} */
  const state = { erase: false, size: 8, at: [width / 2, height / 2], from: null };
  const ring = el("i", { class: "mask-ring", "aria-hidden": "true", hidden: true });

  if (mask) {
    try {
      tinted(await load(address(mask)));
    } catch (error) {
      console.warn(error);
    }
  }

  /** Draw a white-on-black mask in the paint's colour. */
  function tinted(image) {
    context.drawImage(image, 0, 0, width, height);
    const pixels = context.getImageData(0, 0, width, height);
    for (let i = 0; i < pixels.data.length; i += 4) {
      pixels.data[i + 3] = pixels.data[i] > 127 ? 255 : 0;
    }
    context.putImageData(pixels, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = PAINT;
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = "source-over";
  }

  // Painting

  function keep() {
    past.push(context.getImageData(0, 0, width, height));
    if (past.length > STEPS) past.shift();
    show();
  }

  /** @param {Point} from @param {Point} to */
  function line(from, to) {
    context.globalCompositeOperation = state.erase ? "destination-out" : "source-over";
    context.strokeStyle = PAINT;
    context.lineWidth = state.size * unit;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(to[0] + 0.01, to[1]);
    context.stroke();
    context.globalCompositeOperation = "source-over";
  }

  /** @returns {Point} */
  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * width,
      ((event.clientY - box.top) / box.height) * height,
    ];
  }

  function follow(at) {
    state.at = at;
    const scale = canvas.clientWidth / width;
    const across = state.size * unit * scale;
    Object.assign(ring.style, {
      width: `${across}px`, height: `${across}px`,
      left: `${at[0] * scale - across / 2}px`, top: `${at[1] * scale - across / 2}px`,
    });
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    keep();
    state.from = place(event);
    line(state.from, state.from);
  });
  canvas.addEventListener("pointermove", (event) => {
    const at = place(event);
    ring.hidden = false;
    follow(at);
    if (!state.from) return;
    line(state.from, at);
    state.from = at;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => { state.from = null; show(); });
  }
  canvas.addEventListener("pointerleave", () => { ring.hidden = true; });
  canvas.addEventListener("keydown", (event) => {
    const far = (event.shiftKey ? 4 : 1) * NUDGE * unit;
    const moves = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] };
    const move = moves[event.key];
    if (move) {
      follow([
        Math.min(Math.max(state.at[0] + move[0], 0), width),
        Math.min(Math.max(state.at[1] + move[1], 0), height),
      ]);
      ring.hidden = false;
    } else if (event.key === " ") { keep(); line(state.at, state.at); show(); }
    else if (event.key.toLowerCase() === "e") choose(true);
    else if (event.key.toLowerCase() === "p") choose(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function choose(erase) { state.erase = erase; show(); }

  function undo() {
    const last = past.pop();
    if (last) context.putImageData(last, 0, 0);
    show();
  }

  // The dialog

  const modes = [[false, "Add"], [true, "Erase"]].map(([erase, text]) => el("button", {
    type: "button", text, data: { erase: String(erase) }, on: { click: () => choose(erase) },
  }));
  const size = el("input", {
    type: "range", min: String(SIZES[0]), max: String(SIZES[1]), value: String(state.size),
    "aria-label": "Size of the brush",
    on: { input: () => { state.size = size.valueAsNumber; follow(state.at); } },
  });
  const back = iconButton("undo", "Undo", undo);
  const given = el("input", {
    type: "file", accept: "image/*", hidden: true,
    on: { change: () => { if (given.files[0]) { dialog.close(); file(given.files[0]); } } },
  });
  const go = el("button", {
    type: "button", class: "primary", text: "Use this mask",
    on: { click: () => exported().toBlob((blob) => { dialog.close(); use(blob); }, "image/png") },
  });
  const dialog = el("dialog", {
    class: "small-dialog mask-dialog", "aria-label": title,
    on: {
      click: (event) => { if (event.target === dialog) dialog.close(); },
      close: () => dialog.remove(),
      keydown: (event) => {
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
          event.preventDefault();
          event.stopPropagation();
          undo();
        }
      },
    },
  },
  el("div", { class: "small-dialog-head" }, el("h3", { text: title }), el("span", { class: "grow" }),
    iconButton("close", "Close (Esc)", () => dialog.close())),
  el("p", { class: "muted", text: words }),
  el("div", { class: "mask-tools" },
    el("div", { class: "segments", role: "group", "aria-label": "Brush" }, ...modes),
    el("label", { class: "mask-size" }, el("span", { text: "Brush" }), size), back),
  el("div", { class: "mask-stage", style: `--ratio:${width}/${height};--wide:${width / height}` },
    el("img", { src: base.src, alt: "", draggable: "false" }), canvas, ring),
  el("div", { class: "mask-foot" },
    el("button", {
      type: "button", class: "quiet", text: "Find it again",
      on: { click: () => { dialog.close(); find(); } },
    }),
    el("button", { type: "button", class: "quiet", on: { click: () => given.click() } },
      icon("upload"), el("span", { text: "Mask from a file" })),
    given, el("span", { class: "grow" }), go));

  /** White on black, as the server reads it. */
  function exported() {
    const sheet = el("canvas", { width, height });
    const out = pixelsOf(sheet);
    out.drawImage(canvas, 0, 0);
    out.globalCompositeOperation = "source-in";
    out.fillStyle = "#fff";
    out.fillRect(0, 0, width, height);
    out.globalCompositeOperation = "destination-over";
    out.fillStyle = "#000";
    out.fillRect(0, 0, width, height);
    return sheet;
  }

  function painted() {
    const { data } = context.getImageData(0, 0, width, height);
    for (let i = 3; i < data.length; i += 4 * 7) if (data[i] > 127) return true;
    return false;
  }

  function show() {
    for (const button of modes) {
      button.setAttribute("aria-pressed", String(button.dataset.erase === String(state.erase)));
    }
    back.disabled = !past.length;
    const any = painted();
    go.disabled = !any;
    go.title = any ? "" : "Paint something first";
  }

  show();
  (document.querySelector(".gradio-container") ?? document.body).append(dialog);
  dialog.showModal();
  canvas.focus({ preventScroll: true });
}
