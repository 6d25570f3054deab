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

  function draw() {
    const { text = "", tone = "info", undo = null } = props.value ?? {};
    close();
    if (!text) return;
    root.append(el(`div.notice.${tone}`, { role: tone === "error" ? "alert" : "status" },
      el("p", text),
      undo && el("button.quiet", { onclick: () => { close(); trigger("act", undo); } }, "Undo"),
      iconButton("close", "Dismiss", close)));
    if (tone !== "error") timer = setTimeout(close, STAYS);
  }

  live(watch, { value: draw });
}
