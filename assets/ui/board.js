// The board: an artboard to draw on with pen, mouse or finger.

import { el, icon, iconButton, isTyping, svg, url } from "./dom.js";
import { Drawing, parse } from "./drawing.js";
import { SIDE, SteadyLine, inkCanvas, paintStroke } from "./ink.js";

const WIDTHS = [4, 7, 14];
const ERASER = 8; // an eraser is this many times as wide as the pen
const SAVE_AFTER = 400; // ms after pen-up; the server needs some of the 1.5 s itself
const PATIENCE = 4000; // ms without an answer until the page says so and tries again
const TEMPLATES = [
  ["t-shirt", "T-shirt"], ["shirt", "Shirt"], ["coat", "Coat"],
  ["dress", "Dress"], ["skirt", "Skirt"], ["trousers", "Trousers"],
];

export function mount({ element, trigger, props, watch, upload }) {
  const drawing = new Drawing();
  const tool = { eraser: false, width: 1, mirror: true };
  const photos = new Map();
  let number = 0;
  let saveTimer = 0;
  let patience = 0;
  let live = null;
  let penSeen = false;

  // The page's parts

  const canvas = el("canvas", {
    class: "board-ink", tabindex: "0", role: "img",
    "aria-label": "Drawing board. B pen, E eraser, M symmetry, brackets change the width.",
  });
  const context = canvas.getContext("2d");
  const settled = document.createElement("canvas");
  const marks = svg("svg", {
    class: "board-marks", viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true",
  });
  const centre = el("div", { class: "board-centre", "aria-hidden": "true" });
  const file = el("input", {
    type: "file", accept: "image/*", hidden: true, "aria-label": "Picture of a sketch",
    on: { change: () => { send(file.files[0]); file.value = ""; } },
  });
  const empty = el(
    "div",
    { class: "board-empty" },
    el("p", { class: "board-empty-title", text: "Draw one half, the other follows." }),
    el("p", { text: "Or drop a photo of a sketch, or start from a flat:" }),
    el("div", { class: "board-templates" },
      ...TEMPLATES.map(([name, label]) => el("button", {
        type: "button", text: label,
        on: { click: () => trigger("template", { garment: name }) },
      }))),
  );
  const artboard = el("div", { class: "artboard", id: "artboard" }, centre, canvas, marks, empty);
  const status = el("span", { class: "board-status", role: "status", "aria-live": "polite" });
  const legend = el("span", { class: "board-legend", hidden: true },
    el("i", { "aria-hidden": "true" }), "dashed: where components will be placed");

  const penButton = toggle("pen", "Pen (B)", () => choose(false));
  const eraserButton = toggle("eraser", "Eraser (E)", () => choose(true));
  const mirrorButton = toggle("mirror", "Symmetry about the centre front (M)", flip);
  const widthButtons = WIDTHS.map((width, index) => el("button", {
    type: "button", class: "tool width", title: `Line ${["fine", "medium", "bold"][index]}`,
    "aria-label": `Line ${["fine", "medium", "bold"][index]}`,
    on: { click: () => { tool.width = index; show(); } },
  }, el("i", { style: `--dot:${4 + index * 4}px` })));
  const undoButton = iconButton("undo", "Undo (Ctrl+Z)", () => travel("undo"));
  const redoButton = iconButton("redo", "Redo (Ctrl+Shift+Z)", () => travel("redo"));
  const photoButton = el(
    "button",
    { type: "button", class: "tool wide", title: "Use a photo or scan of a sketch",
      on: { click: () => file.click() } },
    icon("photo"), el("span", { text: "Photo of a sketch" }),
  );
  const clearButton = iconButton("clear", "Clear the board", () => { drawing.clear(); commit(); });

  const tools = el(
    "div",
    { class: "board-tools", role: "toolbar", "aria-label": "Drawing tools" },
    group(penButton, eraserButton), group(...widthButtons), group(mirrorButton),
    group(undoButton, redoButton, clearButton), group(photoButton),
  );
  const root = element.querySelector(".board-root");
  root.replaceChildren(
    tools, artboard, el("div", { class: "board-foot" }, status, legend), file,
  );

  function group(...children) {
    return el("div", { class: "tool-group" }, ...children);
  }

  function toggle(name, label, onClick) {
    return iconButton(name, label, onClick, { "aria-pressed": "false" });
  }

  // Tools

  function choose(eraser) { tool.eraser = eraser; show(); }
  function flip() { tool.mirror = !tool.mirror; show(); }

  function show() {
    penButton.setAttribute("aria-pressed", String(!tool.eraser));
    eraserButton.setAttribute("aria-pressed", String(tool.eraser));
    mirrorButton.setAttribute("aria-pressed", String(tool.mirror));
    widthButtons.forEach((b, i) => b.setAttribute("aria-pressed", String(i === tool.width)));
    undoButton.disabled = !drawing.past.length;
    redoButton.disabled = !drawing.future.length;
    const blank = !drawing.now.strokes.length && !drawing.now.photo;
    clearButton.disabled = blank;
    empty.hidden = !blank || live !== null;
    centre.hidden = !tool.mirror;
    canvas.style.cursor = cursor();
  }

  /** A ring as wide as the line, so that one sees what the eraser will take. */
  function cursor() {
    const scale = artboard.clientWidth / SIDE || 0.5;
    const width = WIDTHS[tool.width] * (tool.eraser ? ERASER : 1) * scale;
    const r = Math.max(Math.min(width / 2, 60), 2);
    const size = Math.ceil(r * 2 + 4);
    const ring = `<svg xmlns='http://www.w3.org/2000/svg' width='${size}' height='${size}'>`
      + `<circle cx='${size / 2}' cy='${size / 2}' r='${r}' fill='none' stroke='white' stroke-width='2.4'/>`
      + `<circle cx='${size / 2}' cy='${size / 2}' r='${r}' fill='none' stroke='black'/></svg>`;
    return `url("data:image/svg+xml,${encodeURIComponent(ring)}") ${size / 2} ${size / 2}, crosshair`;
  }

  // Painting

  function settle() {
    const side = Math.round(artboard.clientWidth * (window.devicePixelRatio || 1));
    if (!side) return;
    settled.width = settled.height = side;
    const ink = settled.getContext("2d");
    const photo = drawing.now.photo && photos.get(drawing.now.photo);
    if (photo) {
      ink.imageSmoothingQuality = "high";
      ink.drawImage(photo, 0, 0, side, side);
    }
    ink.scale(side / SIDE, side / SIDE);
    for (const stroke of drawing.now.strokes) paintStroke(ink, stroke);
    paint();
  }

  function paint() {
    if (canvas.width !== settled.width) canvas.width = canvas.height = settled.width;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(settled, 0, 0);
    if (live) {
      context.scale(canvas.width / SIDE, canvas.width / SIDE);
      paintStroke(context, live.stroke);
    }
  }

  async function redraw() {
    const sha = drawing.now.photo;
    if (sha && !photos.has(sha)) {
      try {
        photos.set(sha, await inkCanvas(url(`toile/ink/${sha}`)));
      } catch {
        say("The sketch's picture could not be shown: reload the page.", true);
      }
    }
    settle();
    show();
  }

  // The hand

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const force = event.pointerType === "mouse" ? 1 : event.pressure || 0.5;
    return [
      ((event.clientX - box.left) / box.width) * SIDE,
      ((event.clientY - box.top) / box.height) * SIDE,
      force,
    ];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 && event.button !== 5) return;
    if (event.pointerType === "pen") penSeen = true;
    if (event.pointerType === "touch" && penSeen) return; // the palm beside the pen
    if (live) { // a second finger: this was no stroke
      live = null;
      paint();
      return;
    }
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    const eraser = tool.eraser || event.button === 5;
    const stroke = {
      t: eraser ? "eraser" : "pen",
      w: WIDTHS[tool.width] * (eraser ? ERASER : 1),
      m: tool.mirror ? 1 : 0,
    };
    live = { id: event.pointerId, stroke, line: new SteadyLine(stroke, ...place(event)) };
    show();
    paint();
  });

  canvas.addEventListener("pointermove", (event) => {
    if (!live || event.pointerId !== live.id) return;
    const parts = event.getCoalescedEvents?.() ?? [];
    for (const part of parts.length ? parts : [event]) live.line.add(...place(part));
    requestAnimationFrame(paint);
  });

  canvas.addEventListener("pointerup", (event) => {
    if (!live || event.pointerId !== live.id) return;
    live.line.add(...place(event).slice(0, 2), live.line.at[2]);
    live.line.finish();
    const { stroke } = live;
    live = null;
    drawing.add(stroke);
    commit();
  });

  canvas.addEventListener("pointercancel", () => { live = null; settle(); show(); });

  // Keeping

  function commit() {
    number += 1;
    props.value = drawing.value(number);
    say("Saving…");
    clearTimeout(saveTimer);
    saveTimer = setTimeout(save, SAVE_AFTER);
    redraw();
  }

  function save() {
    saveTimer = 0;
    trigger("ink_changed", { n: number });
    clearTimeout(patience);
    patience = setTimeout(() => {
      say("Not saved yet, trying again. The drawing is safe on this page.", true);
      save();
    }, PATIENCE);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden && saveTimer) {
      clearTimeout(saveTimer);
      save();
    }
  });

  function acknowledged() {
    const answer = props.saved;
    if (!answer || answer.n !== number) return;
    clearTimeout(patience);
    say(answer.ok ? "Saved" : "Not saved", !answer.ok);
    root.dataset.saved = answer.ok ? String(number) : "";
  }

  function say(text, warn = false) {
    status.textContent = text;
    status.classList.toggle("warn", warn);
  }

  function travel(direction) {
    if (drawing[direction]()) commit();
  }

  // A picture of a sketch, from a file, a drop or the clipboard

  async function send(picture) {
    if (!picture) return;
    say("Reading the picture…");
    try {
      const { path } = await upload(picture);
      trigger("photo", { path });
    } catch (error) {
      say("The picture could not be sent: it may be larger than 20 MB.", true);
      console.warn(error);
    }
  }

  artboard.addEventListener("dragover", (event) => {
    event.preventDefault();
    artboard.classList.add("dropping");
  });
  artboard.addEventListener("dragleave", () => artboard.classList.remove("dropping"));
  artboard.addEventListener("drop", (event) => {
    event.preventDefault();
    artboard.classList.remove("dropping");
    send(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => {
    if (!isTyping(event)) send(event.clipboardData?.files[0]);
  });

  function fromServer() {
    const { change } = props;
    if (!change) return;
    drawing.change(change.doc === undefined ? { photo: change.photo } : parse(change));
    commit();
  }

  // Keys

  document.addEventListener("keydown", (event) => {
    if (isTyping(event) || !artboard.offsetParent || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") travel(event.shiftKey ? "redo" : "undo");
      else if (key === "y") travel("redo");
      else return;
      event.preventDefault();
      return;
    }
    if (event.altKey) return;
    if (key === "b") choose(false);
    else if (key === "e") choose(true);
    else if (key === "m") flip();
    else if (key === "[") { tool.width = Math.max(tool.width - 1, 0); show(); }
    else if (key === "]") { tool.width = Math.min(tool.width + 1, WIDTHS.length - 1); show(); }
  });

  // Where the components will go

  function mark() {
    const places = props.marks ?? [];
    marks.replaceChildren(...places.map(({ point, box: [left, top, right, bottom] }) => (point
      ? svg("circle", {
        cx: ((left + right) / 2) * SIDE, cy: ((top + bottom) / 2) * SIDE, r: 14,
      })
      : svg("rect", {
        x: left * SIDE, y: top * SIDE, rx: 4,
        width: (right - left) * SIDE, height: (bottom - top) * SIDE,
      }))));
    legend.hidden = !places.length;
  }

  function load() {
    const { value } = props;
    drawing.load(value);
    number = value?.n ?? 0;
    say("");
    redraw();
  }

  watch("value", load);
  watch("saved", acknowledged);
  watch("marks", mark);
  watch("change", fromServer);
  new ResizeObserver(() => { settle(); show(); }).observe(artboard);
  load();
  mark();
  root.dataset.ready = "1";
}
