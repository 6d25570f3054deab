// On a phone the studio is one long page: buttons at its foot lead to its parts and the rooms.

import { el, roomTab } from "./dom.js";

/** @type {[string, string, string, string | null][]} */
const PLACES = [
  ["sketch", "Sketch", "Studio", "#board"],
  ["parts", "Parts", "Studio", "#components"],
  ["results", "Results", "Studio", "#choose"],
  ["compare", "Compare", "Compare", null],
  ["projects", "Projects", "Projects", null],
];

/** @param {Mounted} part */
export function mount({ root }) {
  const buttons = new Map(PLACES.map(([name, label, room, target]) => [name, el("button", {
    data: { place: name }, onclick: () => go(room, target),
  }, label)]));
  root.replaceChildren(el("nav.phone-bar", { "aria-label": "Parts of the studio" }, [...buttons.values()]));

  /** @param {string} room @param {string | null} target */
  function go(room, target) {
    const wanted = roomTab(room);
    if (wanted?.getAttribute("aria-selected") !== "true") wanted?.click();
    requestAnimationFrame(() => {
      if (target) document.querySelector(target)?.scrollIntoView({ block: "start" });
      else window.scrollTo(0, 0);
      mark();
    });
  }

  /** The last part whose head has passed the upper third of the screen is where one is. */
  function mark() {
    /** @param {string} room */
    const open = (room) => roomTab(room)?.getAttribute("aria-selected") === "true";
    let here = PLACES.find(([, , room, target]) => !target && open(room))?.[0] ?? "sketch";
    if (here === "sketch") {
      for (const [name, , , target] of PLACES) {
        const part = target && document.querySelector(target);
        if (part && part.getBoundingClientRect().top < window.innerHeight / 3) here = name;
      }
    }
    for (const [name, button] of buttons) {
      button.setAttribute("aria-current", String(name === here));
    }
  }

  let waiting = false;
  document.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); });
  }, { passive: true, capture: true });
  document.querySelector("#rooms")?.addEventListener("click", () => setTimeout(mark, 50));
  // The parts grow as they are filled, and move each other.
  new ResizeObserver(mark).observe(document.body);
  mark();
}
