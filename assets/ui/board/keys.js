// The board's keys: each is something that the board does, with what it is done with.

import { keyName } from "../keyboard.js";

/** @type {Record<string, [string, ...any[]]>} */
const COMMANDS = {
  b: ["choose", "pen"], e: ["choose", "eraser"], c: ["choose", "parts"], h: ["choose", "hand"],
  m: ["flip"], "[": ["widen", -1], "]": ["widen", 1],
  f: ["fit"], 0: ["whole"], "+": ["zoom", 1.25], "=": ["zoom", 1.25], "-": ["zoom", 1 / 1.25],
  " ": ["hold", true],
};

/** What a key press asks of the board, or null.
 *  @param {{ key: string, code?: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean }} event
 *  @returns {[string, ...any[]] | null} */
export function command(event) {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  const name = keyName(event);
  const control = ctrlKey || metaKey;
  // Many keyboards write brackets with Option or AltGr, which is Ctrl and Alt at once on some.
  if ((key === "[" || key === "]") && altKey) return COMMANDS[key];
  if (control && name === "y") return ["travel", "redo"];
  if (name === "z" && (control || !altKey)) return ["travel", shiftKey ? "redo" : "undo"];
  return control || altKey || !Object.hasOwn(COMMANDS, name) ? null : COMMANDS[name];
}
