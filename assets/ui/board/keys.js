// The board's keys, while nobody is writing and no dialog is open.

import { isTyping } from "../dom.js";
import { WIDTHS } from "./toolbar.js";

const TOOLS = { b: "pen", e: "eraser", c: "parts", h: "hand" };

/** Options: shown() -> bool, state, view, act: {choose, flip, travel, fit, show}. */
export function boardKeys({ shown, state, view, act }) {
  const deaf = (event) => isTyping(event) || !shown() || document.querySelector("dialog[open]");

  document.addEventListener("keydown", (event) => {
    if (deaf(event)) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") act.travel(event.shiftKey ? "redo" : "undo");
      else if (key === "y") act.travel("redo");
      else return;
      event.preventDefault();
      return;
    }
    if (event.altKey) return;
    if (key === " ") {
      const at = document.activeElement;
      if (at && at !== document.body && at.tagName !== "CANVAS") return;
      event.preventDefault();
      if (!state.spaced) { state.spaced = true; act.show(); }
    } else if (TOOLS[key]) act.choose(TOOLS[key]);
    else if (key === "m") act.flip();
    else if (key === "z") act.travel(event.shiftKey ? "redo" : "undo");
    else if (key === "f") act.fit();
    else if (key === "0") view.whole();
    else if (key === "+" || key === "=") view.zoom(1.25);
    else if (key === "-") view.zoom(1 / 1.25);
    else if (key === "[") { state.width = Math.max(state.width - 1, 0); act.show(); }
    else if (key === "]") {
      state.width = Math.min(state.width + 1, WIDTHS.length - 1);
      act.show();
    }
  });

  document.addEventListener("keyup", (event) => {
    if (event.key === " " && state.spaced) { state.spaced = false; act.show(); }
  });
  window.addEventListener("blur", () => { state.spaced = false; act.show(); });
}
