// What is compared, known on every page: on the cards, on the tab, and for the X key.

import { compareThese } from "./compare/chosen.js";
import { focusedIn, roomTab } from "./dom.js";
import { isTyping, keyName, withModifier } from "./keyboard.js";
import { live } from "./part.js";

/** @param {Mounted} part */
export function mount({ root, trigger, props, watch }) {
  function draw() {
    const ids = props.value?.ids ?? [];
    compareThese(ids);
    /** @type {HTMLElement | null} */
    const place = document.querySelector('.phone-bar [data-place="compare"]');
    for (const way of [roomTab("Compare"), place]) {
      if (way) way.dataset.count = ids.length ? String(ids.length) : "";
    }
    root.dataset.count = String(ids.length);
  }

  /** The picture looked at with the one before it: behind one slider. */
  function withPrevious() {
    /** @type {NodeListOf<HTMLElement>} */
    const all = document.querySelectorAll(":is(#variants, #gallery) [data-id]");
    const cards = [...all].filter((card) => card.offsetParent !== null && !card.closest("dialog"));
    /** @type {HTMLDialogElement | null} */
    const dialog = document.querySelector("dialog[open]");
    /** @type {HTMLElement | null | undefined} */
    const large = dialog?.querySelector("[data-compare]");
    /** @type {((card: HTMLElement) => boolean)[]} */
    const tests = [
      (card) => card.dataset.id === large?.dataset.compare,
      (card) => card.classList.contains("selected"),
      (card) => focusedIn(card) !== null,
      (card) => card.matches(":hover"),
    ];
    const at = Math.max(tests.map((test) => cards.findIndex(test)).find((found) => found >= 0) ?? 0, 0);
    const pair = cards[at + 1] ? [cards[at + 1], cards[at]] : [cards[at], cards[at - 1]];
    if (!pair[1]) return;
    if (dialog && !large) return; // another question is open
    dialog?.close();
    trigger("choose", { ids: pair.map((card) => card.dataset.id), mode: "slider" });
    roomTab("Compare")?.click();
  }

  document.addEventListener("keydown", (event) => {
    if (keyName(event) === "x" && !isTyping(event) && !withModifier(event)) withPrevious();
  });
  live(watch, { value: draw });
}
