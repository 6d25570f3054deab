// The tools of the board.

import { el, icon, iconButton } from "../dom.js";

export const WIDTHS = [4, 7, 14];
const NAMES = ["fine", "medium", "bold"];
const PARTS = "Components: place and move (C)";

/** `act`: {choose(tool), width(index), mirror(), travel(direction), clear(), photo(file)}. */
export function toolbar(act) {
  const file = el("input", {
    type: "file", accept: "image/*", hidden: true, "aria-label": "Picture of a sketch",
    on: { change: () => { act.photo(file.files[0]); file.value = ""; } },
  });
  const toggle = (name, label, onClick) => iconButton(name, label, onClick, {
    "aria-pressed": "false",
  });
  const tools = {
    pen: toggle("pen", "Pen (B)", () => act.choose("pen")),
    eraser: toggle("eraser", "Eraser (E)", () => act.choose("eraser")),
    parts: toggle("parts", PARTS, () => act.choose("parts")),
    hand: toggle("hand", "Hand: move the view (H)", () => act.choose("hand")),
  };
  const widths = WIDTHS.map((_, index) => el("button", {
    type: "button", class: "tool width", title: `Line ${NAMES[index]}`,
    "aria-label": `Line ${NAMES[index]}`,
    on: { click: () => act.width(index) },
  }, el("i", { style: `--dot:${4 + index * 4}px` })));
  const mirror = toggle("mirror", "Symmetry about the centre front (M)", act.mirror);
  const undo = iconButton("undo", "Undo (Ctrl+Z)", () => act.travel("undo"));
  const redo = iconButton("redo", "Redo (Ctrl+Shift+Z)", () => act.travel("redo"));
  const clear = iconButton("clear", "Clear the board", act.clear);
  const photo = el(
    "button",
    { type: "button", class: "tool wide", title: "Use a photo or scan of a sketch",
      on: { click: () => file.click() } },
    icon("photo"), el("span", { text: "Photo of a sketch" }),
  );
  const group = (...children) => el("div", { class: "tool-group" }, ...children);
  const root = el(
    "div",
    { class: "board-tools", role: "toolbar", "aria-label": "Drawing tools" },
    group(...Object.values(tools)), group(...widths), group(mirror), group(undo, redo, clear),
    group(photo),
  );

  /** Show which tool is chosen and what can be done. */
  function show({ tool, width, symmetric, drawing, placing }) {
    for (const [name, button] of Object.entries(tools)) {
      button.setAttribute("aria-pressed", String(name === tool));
    }
    for (const [i, button] of widths.entries()) button.setAttribute("aria-pressed", String(i === width));
    tools.parts.disabled = !placing;
    tools.parts.title = placing ? PARTS : "Tick “Place components exactly” to move components";
    mirror.setAttribute("aria-pressed", String(symmetric));
    undo.disabled = !drawing.past.length;
    redo.disabled = !drawing.future.length;
    clear.disabled = !drawing.now.strokes.length && !drawing.now.photo;
  }

  return { root, file, show };
}
