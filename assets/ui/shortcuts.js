// The list of shortcuts, opened by "?" or by the button under the board.

import { dialog, el, iconButton } from "./dom.js";
import { isTyping } from "./keyboard.js";

/** @type {[string, string[][]][]} */
const LISTS = [
  ["Draw", [
    ["B", "Pen"], ["E", "Eraser"], ["[  ]", "Finer, bolder line"],
    ["M", "Symmetry about the centre front"], ["Z", "Undo"], ["Shift Z", "Redo"],
  ]],
  ["Components", [
    ["C", "Place and move components"], ["Tab", "To the next handle"],
    ["Arrows", "Move by 1, with Shift by 10"], ["Del", "Remove"],
    ["Alt drag", "Duplicate"], ["Ctrl drag", "Move without snapping"],
  ]],
  ["View", [
    ["H", "Hand: move the view"], ["Space drag", "Move the view with any tool"],
    ["Ctrl wheel", "Zoom"], ["+  −", "Larger, smaller"], ["0", "The whole artboard"],
    ["F", "Fit the drawing"],
  ]],
  ["Pictures", [
    ["Ctrl Enter", "Generate"], ["←  →", "Select the one before, after"], ["S", "Star"],
    ["A", "Use all its settings"], ["R", "Remix: all but the seed"],
    ["X", "Compare with the one before"], ["Esc Esc", "Cancel what is being made"], ["?", "This list"],
  ]],
  ["Compare", [
    ["M", "Slider, flick, side by side"], ["C", "Swap the two"], ["O", "The drawing over them"],
    ["Arrows", "Move the line"], ["+  −", "Larger, smaller"], ["0", "Fit"], ["1", "100 %"],
    ["Esc", "Back to the studio"],
  ]],
];

/** @type {HTMLDialogElement | null} */
let list = null;

function build() {
  const made = dialog("shortcuts", { "aria-labelledby": "shortcuts-title" },
    el("div.shortcuts-head", el("h2", { id: "shortcuts-title" }, "Shortcuts"),
      iconButton("close", "Close", () => made.close())),
    el("div.shortcuts-lists", LISTS.map(([title, keys]) => el("section", el("h3", title),
      el("dl", keys.map(([key, does]) => el("div",
        el("dt", key.split(" ").filter(Boolean).map((k) => el("kbd", k))), el("dd", does))))))));
  document.body.append(made);
  return made;
}

export function openShortcuts() {
  list ??= build();
  if (!document.querySelector("dialog[open]")) list?.showModal();
}

document.addEventListener("keydown", (event) => {
  if (!"?؟？".includes(event.key) || isTyping(event) || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  openShortcuts();
});
