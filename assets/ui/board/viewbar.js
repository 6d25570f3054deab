// Below the artboard: zoom, what lies under the ink, and the drawing as a file.

import { choice, el, filePicker, icon, iconButton, segments, slider, url } from "../dom.js";
import { openShortcuts } from "../shortcuts.js";

const KINDS = [
  ["none", "Nothing under"], ["croquis", "Croquis"], ["flat", "Garment flat"], ["photo", "A photo…"],
];

/** @param {string} label @param {number} value @param {(value: number) => void} changed */
const share = (label, value, changed) => (
  slider(label, { min: 0.05, max: 1, step: 0.05, value, title: label }, changed));
/** @param {string} label @param {Child} input */
const field = (label, input) => el("label.view-field", el("span", label), input);

/** @param {import("../board.js").Board} board */
export function viewbar(board) {
  const { under, view } = board;
  const percent = el("button.tool.percent", {
    title: "The whole artboard (0)", "aria-label": "Show the whole artboard", onclick: () => view.whole(),
  }, "100 %");
  const file = filePicker("Photo to draw over", "image/*", ([photo]) => under.photo(photo));
  const kinds = choice("under-kind", "Under the ink", KINDS, "", (kind) => {
    if (kind === "photo" && !under.now.photo) file.click();
    under.set({ kind });
  });
  const sides = segments("View", [["front", "Front"], ["back", "Back"]], (side) => under.set({ view: side }));
  sides.node.classList.add("sides");
  const another = el("button.tool.wide", { onclick: () => file.click() }, "Another photo");
  const strength = share("Strength of what lies under", 0.3, (opacity) => under.set({ opacity }));
  const strengthField = field("", strength);
  const ink = share("Strength of the ink", 1, (v) => { board.canvas.style.opacity = String(v); });
  const trace = el("button.tool.wide", {
    title: "Lay the flat's lines down as ink",
    onclick: () => board.trigger("trace", { view: under.now.view }),
  }, "Trace");
  const download = el("a.tool", {
    title: "Download drawing (SVG)", "aria-label": "Download drawing (SVG)", href: "#", download: "",
    onclick: () => { download.href = url(`toile/drawing/${board.drawing.project}`); },
  }, icon("download"));
  const root = el("div.board-view",
    el("div.tool-group",
      iconButton("minus", "Smaller (−)", () => view.zoom(1 / 1.25)), percent,
      iconButton("plus", "Larger (+)", () => view.zoom(1.25)),
      iconButton("fit", "Fit the drawing (F)", () => board.fit())),
    el("div.view-under", kinds, sides.node, another, strengthField, trace),
    field("Ink", ink),
    el("div.tool-group", download, iconButton("keys", "Shortcuts (?)", openShortcuts)));

  view.onChange(() => { percent.textContent = `${Math.round(view.scale * 100)} %`; });

  function show() {
    const { now } = under;
    kinds.value = now.kind;
    strength.value = String(now.opacity);
    strengthField.hidden = now.kind === "none";
    sides.node.hidden = now.kind === "none" || now.kind === "photo";
    sides.mark(now.view);
    trace.hidden = now.kind !== "flat";
    another.hidden = now.kind !== "photo";
  }

  return { root, show };
}
