// The tools of the board.

import { el, filePicker, icon, iconButton, press } from "../dom.js";
import { WIDTHS } from "./tools.js";

const NAMES = ["fine", "medium", "bold"];
const PARTS = "Components: place and move (C)";

/** @param {import("../board.js").Board} board */
export function toolbar(board) {
  const file = filePicker("Picture of a sketch", "image/*", ([picture]) => board.send(picture));
  /** @param {ToolName} name @param {string} label */
  const tool = (name, label) => iconButton(name, label, () => board.choose(name));
  const tools = {
    pen: tool("pen", "Pen (B)"), eraser: tool("eraser", "Eraser (E)"), parts: tool("parts", PARTS),
    hand: tool("hand", "Hand: move the view (H)"),
  };
  const widths = WIDTHS.map((_, index) => el("button.tool.width", {
    title: `Line ${NAMES[index]}`, "aria-label": `Line ${NAMES[index]}`,
    onclick: () => board.widen(index - board.tools.width),
  }, el("i", { style: `--dot:${4 + index * 4}px` })));
  const mirror = iconButton("mirror", "Symmetry about the centre front (M)", () => board.flip());
  const undo = iconButton("undo", "Undo (Ctrl+Z)", () => board.travel("undo"));
  const redo = iconButton("redo", "Redo (Ctrl+Shift+Z)", () => board.travel("redo"));
  const clear = iconButton("clear", "Clear the board", () => board.clear());
  const photo = el("button.tool.wide", { title: "Use a photo or scan of a sketch", onclick: () => file.click() },
    icon("photo"), el("span", "Photo of a sketch"));
  const groups = [Object.values(tools), widths, [mirror], [undo, redo, clear], [photo]];
  const root = el("div.board-tools", { role: "toolbar", "aria-label": "Drawing tools" },
    groups.map((group) => el("div.tool-group", group)));

  /** Show which tool is chosen and what can be done. */
  function show() {
    const { tools: { name: chosen, width, symmetric }, drawing, placing } = board;
    for (const [name, button] of Object.entries(tools)) press(button, name === chosen);
    for (const [i, button] of widths.entries()) press(button, i === width);
    press(mirror, symmetric);
    tools.parts.disabled = !placing;
    tools.parts.title = placing ? PARTS : "Tick “Place components exactly” to move components";
    undo.disabled = !drawing.past.length;
    redo.disabled = !drawing.future.length;
    clear.disabled = drawing.blank;
  }

  return { root, file, show };
}
