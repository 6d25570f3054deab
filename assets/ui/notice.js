// One quiet sentence at the foot of the page, with a way back where there is one.

import { el, iconButton } from "./dom.js";
import { live } from "./part.js";

const STAYS = 10000;
const READ = 4000; // ms after which what went wrong goes when the user goes on

/** @param {Mounted} part */
export function mount({ root, trigger, props, watch }) {
  let timer = 0;
  let since = 0;
  let latest = 0; // answers may overtake each other

  function close() {
    clearTimeout(timer);
    root.replaceChildren();
  }

  /** A picture's verb, the board's steps back, or a project out of the trash.
   *  @param {any} undo */
  function takeBack(undo) {
    if (undo.project) document.dispatchEvent(new CustomEvent("toile-project-back", { detail: { id: undo.project } }));
    else if (!undo.step) trigger("act", undo);
    else document.dispatchEvent(new CustomEvent("toile-undo", { detail: { mark: undo.step } }));
  }

  function draw() {
    const { text = "", tone = "info", undo = null, n = latest } = props.value ?? {};
    if (n < latest) return;
    latest = n;
    close();
    if (!text) return;
    since = performance.now();
    root.append(el(`div.notice.${tone}`, { role: tone === "error" ? "alert" : "status" },
      el("p", text),
      undo && el("button.quiet", { onclick: () => { close(); takeBack(undo); } }, "Undo"),
      iconButton("close", "Dismiss", close)));
    if (tone !== "error") timer = setTimeout(close, STAYS);
  }

  for (const goes of ["pointerdown", "keydown", "drop"]) {
    document.addEventListener(goes, (event) => {
      const inside = root.contains(/** @type {Node} */ (event.target));
      if (!inside && root.querySelector(".error") && performance.now() - since > READ) close();
    }, true);
  }
  live(watch, { value: draw });
}
