// One quiet sentence at the foot of the page, with a way back where there is one.

import { el, iconButton } from "./dom.js";
import { live } from "./part.js";

const STAYS = 10000;

/** @param {Mounted} part */
export function mount({ root, trigger, props, watch }) {
  let timer = 0;

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
    const { text = "", tone = "info", undo = null } = props.value ?? {};
    close();
    if (!text) return;
    root.append(el(`div.notice.${tone}`, { role: tone === "error" ? "alert" : "status" },
      el("p", text),
      undo && el("button.quiet", { onclick: () => { close(); takeBack(undo); } }, "Undo"),
      iconButton("close", "Dismiss", close)));
    if (tone !== "error") timer = setTimeout(close, STAYS);
  }

  live(watch, { value: draw });
}
