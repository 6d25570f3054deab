// The keyboard: whom a key press is for, and what it is called.

/** @type {Record<string, Point>} */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @type {Record<string, string>} */
const MARKS = { BracketLeft: "[", BracketRight: "]", Minus: "-", Equal: "=", Digit0: "0" };
const UNTOLD = ["Dead", "Process", "Unidentified"]; // an accent to come, or a key that an input method has

/** A key as shortcuts name it: letters in lower case. What is on the key counts (Dvorak, AZERTY),
 *  unless that is no letter of ours (Greek, Cyrillic, Arabic; an input method): then the letter
 *  that lies there on the keyboards that have one.
 *  @param {{ key: string, code?: string }} event */
export function keyName({ key, code = "" }) {
  if (key.length === 1 ? key >= " " && key <= "~" : !UNTOLD.includes(key)) {
    return key.length === 1 ? key.toLowerCase() : key;
  }
  return /^Key[A-Z]$/.test(code) ? code[3].toLowerCase() : MARKS[code] ?? key;
}

/** @param {{ ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean }} event */
export const withModifier = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;

/** Whether a key press belongs to a field in which the user is writing.
 *  @param {{ target: EventTarget | null }} event */
export function isTyping({ target }) {
  return target instanceof HTMLElement
    && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

/** Whether a key press, or what is pasted, is left for the page: nobody has taken it, nobody is writing, no dialog is
 *  open.
 *  @param {Event} event */
export function isFree(event) {
  return !event.defaultPrevented && !isTyping(event) && !document.querySelector("dialog[open]");
}
