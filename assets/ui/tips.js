// Three short tips for the first visit: what to press, what to drag, what to look at.

import { el, iconButton } from "./dom.js";

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
    text: "The dots and boxes on the drawing are its components: drag one to where you want it.",
  },
  {
    at: "#generate",
    title: "Generate again.",
    text: "With the seed locked, only what you moved will change.",
  },
  {
    at: "#variants",
    title: "Choose.",
    text: "Under each picture stands what was kept. Star it, vary it, or compare it with another.",
  },
];

/** Browsers may refuse to keep anything; then the tips are shown anew, which harms nobody. */
function remembered() {
  try {
    return window.localStorage.getItem(KEY);
  } catch (error) {
    console.info("tips are not remembered", error);
    return null;
  }
}

function remember(value) {
  try {
    window.localStorage.setItem(KEY, value);
  } catch (error) {
    console.info("tips are not remembered", error);
  }
}

export function mount({ element, props, watch }) {
  const root = element.querySelector(".tips-root");
  let at = 0;
  /** @type {Element | null} */
  let lit = null;
  let timer = 0;

  function show() {
    clear();
    const tip = TIPS[at];
    lit = document.querySelector(tip.at);
    lit?.classList.add("tip-lit");
    const last = at === TIPS.length - 1;
    root.append(el("aside", { class: "tip", role: "note", "aria-label": "Tip" },
      el("p", { class: "tip-title", text: tip.title }),
      el("p", { text: tip.text }),
      el("div", { class: "tip-foot" },
        el("span", { class: "muted", text: `${at + 1} of ${TIPS.length}` }),
        el("span", { class: "grow" }),
        el("button", {
          type: "button", class: "quiet", text: last ? "Done" : "Next",
          on: { click: () => go(at + 1) },
        })),
      iconButton("close", "No more tips", () => go(TIPS.length))));
    if (tip.passed) timer = setInterval(() => { if (tip.passed()) go(at + 1); }, 1000);
  }

  function clear() {
    clearInterval(timer);
    lit?.classList.remove("tip-lit");
    lit = null;
    root.replaceChildren();
  }

  function go(next) {
    at = next;
    remember(at < TIPS.length ? String(at) : DONE);
    if (at < TIPS.length) show();
    else clear();
  }

  function begin() {
    if (!props.value?.offer) {
      if (at === 0) clear(); // the first one speaks of the sample, which is not open any more
      return;
    }
    const before = remembered();
    if (before === DONE) return;
    at = Math.min(Number(before) || 0, TIPS.length - 1);
    show();
  }

  document.addEventListener("toile:tips", () => go(0));
  watch("value", begin);
  begin();
  root.dataset.ready = "1";
}
