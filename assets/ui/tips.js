// Three short tips for the first visit: what to press, what to drag, what to look at.

import { el, iconButton } from "./dom.js";
import { live } from "./part.js";
import { lasting, memory } from "./storage.js";

const KEY = "toile-tips";
const DONE = "done";
const TIPS = [
  {
    at: "#generate",
    title: "This coat is ready.",
    text: "Press Generate: the pictures follow the drawing and the words.",
    passed: () => document.querySelector("#variants .card:not(.pending)") !== null,
  },
  {
    at: "#artboard",
    title: "Move a button or a pocket.",
    text: "The dots and boxes on the drawing are its components, and their tool (C) is chosen now: "
      + "drag one to where you want it.",
    begin: () => press('[aria-label^="Components"]'),
  },
  {
    at: "#generate",
    title: "Generate again.",
    text: "The seed is locked now, so that hardly more than what you moved will change. Unlock it "
      + "to see others.",
    begin: () => press("#locked input:not(:checked)"),
  },
  {
    at: "#variants",
    title: "Choose.",
    text: "Under each picture stands what was kept. Star it, vary it, or compare it with another.",
  },
];

/** Press something for the visitor, where it is there and can be pressed.
 *  @param {string} what */
function press(what) {
  /** @type {HTMLElement | null} */
  const button = document.querySelector(`:is(.board-root, #describe) ${what}`);
  button?.click();
}

/** @param {Mounted} part */
export function mount({ root, props, watch }) {
  let at = 0;
  /** @type {Element | null} */
  let lit = null;
  let timer = 0;

  function show() {
    clear();
    const tip = TIPS[at];
    lit = document.querySelector(tip.at);
    lit?.classList.add("tip-lit");
    root.append(el("aside.tip", { role: "note", "aria-label": "Tip" },
      el("p.tip-title", tip.title), el("p", tip.text),
      el("div.tip-foot",
        el("span.muted", `${at + 1} of ${TIPS.length}`), el("span.grow"),
        el("button.quiet", { onclick: () => go(at + 1) }, at === TIPS.length - 1 ? "Done" : "Next")),
      iconButton("close", "No more tips", () => go(TIPS.length))));
    tip.begin?.();
    if (tip.passed) timer = setInterval(() => { if (tip.passed()) go(at + 1); }, 1000);
  }

  function clear() {
    clearInterval(timer);
    lit?.classList.remove("tip-lit");
    lit = null;
    root.replaceChildren();
  }

  /** @param {number} next */
  function go(next) {
    at = next;
    memory(lasting, (storage) => storage.setItem(KEY, at < TIPS.length ? String(at) : DONE));
    if (at < TIPS.length) show();
    else clear();
  }

  function begin() {
    if (!props.value?.offer) {
      if (at < TIPS.length - 1) clear(); // they speak of the sample, which is not open any more
      return;
    }
    const before = memory(lasting, (storage) => storage.getItem(KEY));
    if (before === DONE) return;
    at = Math.min(Number(before) || 0, TIPS.length - 1);
    show();
  }

  document.addEventListener("toile:tips", () => go(0));
  live(watch, { value: begin });
}
