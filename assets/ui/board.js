// The board: an artboard to draw on with pen, mouse or finger, and to place components on.

import { el, isTyping, svg } from "./dom.js";
import { Drawing, parse } from "./drawing.js";
import { SIDE } from "./ink.js";
import { openShortcuts } from "./shortcuts.js";
import { hand } from "./board/hand.js";
import { handles } from "./board/handles.js";
import { keeping } from "./board/keeping.js";
import { boardKeys } from "./board/keys.js";
import { readParts, setKinds } from "./board/parts.js";
import { Surface } from "./board/surface.js";
import { WIDTHS, toolbar } from "./board/toolbar.js";
import { underlay } from "./board/underlay.js";
import { View } from "./board/view.js";
import { viewbar } from "./board/viewbar.js";

const ERASER = 8; // an eraser is this many times as wide as the pen
const TEMPLATES = [
  ["t-shirt", "T-shirt"], ["shirt", "Shirt"], ["coat", "Coat"],
  ["dress", "Dress"], ["skirt", "Skirt"], ["trousers", "Trousers"],
];

export function mount({ element, trigger, props, watch, upload }) {
  setKinds(props.kinds);
  const drawing = new Drawing();
  const view = new View();
  const state = { tool: "pen", width: 1, symmetric: true, drawing, spaced: false };
  let live = null;

  // The page's parts

  const canvas = el("canvas", {
    class: "board-ink", tabindex: "0", role: "img",
    "aria-label": "Drawing board. B pen, E eraser, C components, M symmetry, question mark for "
      + "all shortcuts.",
  });
  const surface = new Surface(canvas, view);
  const centreLine = svg("line", { class: "board-centre" });
  const centreFront = svg("svg", { class: "board-lines", "aria-hidden": "true" }, centreLine);
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
  const status = el("span", { class: "board-status", role: "status", "aria-live": "polite" });
  const root = element.querySelector(".board-root");
  const keep = keeping({ drawing, props, trigger, status, root });
  const tools = toolbar({
    choose, width: (index) => { state.width = index; show(); }, mirror: flip, travel,
    clear: () => { drawing.clear(); commit(); }, photo: send,
  });
  const parts = handles({
    view, drawing, shown: placing, active: () => state.tool === "parts",
    activate: () => choose("parts"), commit, inkIn: (...rect) => surface.inkIn(...rect),
    ask: (verb, details) => trigger("part", { verb, ...details }),
  });
  /** @type {ReturnType<typeof viewbar> | null} */
  let bar = null;
  const under = underlay({
    view, upload, trigger, say: keep.say, changed: (now) => bar?.show(now),
  });
  bar = viewbar({
    view, under: () => under, ink: canvas,
    act: {
      zoom: (factor) => view.zoom(factor), whole: () => view.whole(), fit,
      trace: (side) => trigger("trace", { view: side }), shortcuts: openShortcuts,
      project: () => drawing.project,
    },
  });
  const sheet = el("div", { class: "board-sheet" },
    under.image, centreFront, canvas, parts.root, empty);
  const artboard = el("div", { class: "artboard", id: "artboard" }, sheet);
  root.replaceChildren(
    tools.root, artboard, bar.root,
    el("div", { class: "board-foot" }, status, parts.spoken), tools.file,
  );

  // Tools

  /** Whether components are asked for at their places: only then there is anything to handle. */
  function placing() { return props.exact !== false; }

  function choose(tool) {
    if (tool === "parts" && !placing()) return;
    state.tool = tool;
    if (tool !== "parts") {
      // A handle that has the focus would call its own tool back.
      if (parts.root.contains(document.activeElement)) canvas.focus({ preventScroll: true });
      if (parts.selected()) parts.select(null);
    }
    show();
    parts.draw();
  }

  function flip() { state.symmetric = !state.symmetric; show(); }

  function show() {
    tools.show({ ...state, placing: placing() });
    const blank = !drawing.now.strokes.length && !drawing.now.photo;
    empty.hidden = !blank || live !== null || state.tool === "parts" || view.scale > 1;
    // Where components lie on the sheet already, the hint makes room for them.
    empty.classList.toggle("aside", placing() && Boolean(drawing.now.parts?.length));
    centreLine.style.display = state.symmetric ? "" : "none";
    artboard.dataset.tool = state.tool;
    canvas.style.cursor = cursor();
  }

  /** A ring as wide as the line, so that one sees what the eraser will take. */
  function cursor() {
    if (state.spaced || state.tool === "hand") return "grab";
    if (state.tool === "parts") return "default";
    const width = WIDTHS[state.width] * (state.tool === "eraser" ? ERASER : 1) * view.pixels;
    const r = Math.max(Math.min(width / 2, 60), 2);
    const size = Math.ceil(r * 2 + 4);
    const ring = `<svg xmlns='http://www.w3.org/2000/svg' width='${size}' height='${size}'>`
      + `<circle cx='${size / 2}' cy='${size / 2}' r='${r}' fill='none' stroke='white' stroke-width='2.4'/>`
      + `<circle cx='${size / 2}' cy='${size / 2}' r='${r}' fill='none' stroke='black'/></svg>`;
    return `url("data:image/svg+xml,${encodeURIComponent(ring)}") ${size / 2} ${size / 2}, crosshair`;
  }

  function fit() {
    const boxes = placing() ? (drawing.now.parts ?? []).flatMap((group) => group.boxes) : [];
    const all = [surface.bounds(drawing.now), ...boxes.map((box) => box.map((v) => v * SIDE))]
      .filter((box) => box !== null);
    if (!all.length) { view.whole(); return; }
    const most = (i, pick) => pick(...all.map((box) => box[i]));
    view.fit([most(0, Math.min), most(1, Math.min), most(2, Math.max), most(3, Math.max)]);
  }

  view.onChange(() => {
    const [x] = view.toFrame(SIDE / 2, 0);
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", 0], ["y2", view.side]]) {
      centreLine.setAttribute(name, String(value));
    }
    surface.settle(drawing.now);
    if (live) surface.follow(live);
    show();
  });

  // Drawing

  hand({
    canvas, view,
    panning: () => state.spaced || state.tool === "hand",
    stroke: (event) => {
      if (state.tool === "parts") { parts.select(null); return null; }
      const eraser = state.tool === "eraser" || event.button === 5;
      return {
        t: eraser ? "eraser" : "pen",
        w: WIDTHS[state.width] * (eraser ? ERASER : 1),
        m: state.symmetric ? 1 : 0,
      };
    },
    begin: (stroke) => { live = stroke; surface.painted = 0; surface.follow(stroke); show(); },
    grow: (stroke) => surface.follow(stroke),
    end: (stroke) => { live = null; drawing.add(stroke); commit(); },
    drop: () => { live = null; surface.settle(drawing.now); show(); },
  });

  async function redraw() {
    try {
      await surface.fetch(drawing.now.photo);
    } catch {
      keep.say("The sketch's picture could not be shown: reload the page.", true);
    }
    surface.settle(drawing.now);
    if (live) surface.follow(live);
    parts.draw();
    show();
  }

  function commit() {
    keep.commit();
    redraw();
  }

  function travel(direction) {
    if (drawing[direction]()) commit();
  }

  // A picture of a sketch, from a file, a drop or the clipboard

  async function send(picture) {
    if (!picture) return;
    keep.say("Reading the picture…");
    try {
      const { path } = await upload(picture);
      trigger("photo", { path });
    } catch (error) {
      keep.say("The picture could not be sent: it may be larger than 20 MB.", true);
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

  /** The server laid a picture on the board, or has another component document for it. */
  function fromServer() {
    const { change } = props;
    if (change?.refused === "picture") keep.say("");
    if (!change || change.refused) return;
    const next = {};
    if (change.parts !== undefined) next.parts = readParts(change.parts);
    if (change.doc !== undefined) Object.assign(next, parse(change));
    else if (change.photo !== undefined) next.photo = change.photo;
    if (change.step === false) {
      // An answer to an older state: what is here now goes to the server instead.
      if (change.on !== undefined && change.on !== drawing.edition) { commit(); return; }
      drawing.replace(next);
    } else drawing.change(next);
    if (next.photo !== undefined || next.strokes !== undefined) { commit(); return; }
    keep.show(); // the server has kept this document already
    redraw();
  }

  boardKeys({
    shown: () => Boolean(artboard.offsetParent), state, view, act: { choose, flip, travel, fit, show },
  });

  function load() {
    const { value } = props;
    drawing.load(value);
    keep.loaded(value);
    if (value?.project) under.open(value.project);
    parts.select(null);
    redraw();
  }

  function placed() {
    if (!placing() && state.tool === "parts") choose("pen");
    show();
    parts.draw();
  }

  watch("value", load);
  watch("exact", placed);
  watch("saved", keep.acknowledged);
  watch("change", fromServer);
  watch("flat", () => under.garment(props.flat));
  watch("under", () => props.under && under.arrived(props.under.photo));
  new ResizeObserver(() => view.resize(artboard.clientWidth)).observe(artboard);
  load();
  under.garment(props.flat);
  root.dataset.ready = "1";
}
