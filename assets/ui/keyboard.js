// The keyboard: whom a key press is for, and what it is called.

/** @type {Record<string, Point>} */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A key as shortcuts name it: letters in lower case.
 *  @param {{ key: string }} event */
export const keyName = ({ key }) => (key.length === 1 ? key.toLowerCase() : key);

/** @param {{ ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean }} event */
export const withModifier = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;

/** Whether a key press belongs to a field in which the user is writing.
 *  @param {{ target: EventTarget | null }} event */
export function isTyping({ target }) {
  return target instanceof HTMLElement
    && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

/** Whether a key press is left for the page: nobody has taken it, nobody is writing, no dialog is
 *  open.
 *  @param {KeyboardEvent} event */
export function isFree(event) {
  return !event.defaultPrevented && !isTyping(event) && !document.querySelector("dialog[open]");
}
