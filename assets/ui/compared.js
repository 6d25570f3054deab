// What is compared, known on every page: on the cards, on the tab, and for the X key.

import { compareThese } from "./compare/chosen.js";
import { isTyping, roomTab } from "./dom.js";

export function mount({ element, trigger, props, watch }) {
  const root = element.querySelector(".compared-root");

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
    const cards = [...all]
      .filter((card) => card.offsetParent !== null && !card.closest("dialog"));
    /** @type {HTMLDialogElement | null} */
    const dialog = document.querySelector("dialog[open]");
    /** @type {HTMLElement | null | undefined} */
    const button = dialog?.querySelector("[data-compare]");
    const large = button?.dataset.compare;
    const at = Math.max([
      (card) => card.dataset.id === large,
      (card) => card.classList.contains("selected"),
      (card) => card.contains(document.activeElement),
      (card) => card.matches(":hover"),
    ].map((test) => cards.findIndex(test)).find((found) => found >= 0) ?? 0, 0);
    const other = cards[at + 1] ?? cards[at - 1];
    if (!other) return;
    dialog?.close();
    const pair = cards[at + 1] ? [other, cards[at]] : [cards[at], other];
    trigger("choose", { ids: pair.map((card) => card.dataset.id), mode: "slider" });
    roomTab("Compare")?.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "x" || isTyping(event)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    withPrevious();
  });
  watch("value", draw);
  draw();
  root.dataset.ready = "1";
}
