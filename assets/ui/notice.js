// One quiet sentence at the foot of the page, with a way back where there is one.

import { el, iconButton } from "./dom.js";

const STAYS = 10000;

export function mount({ element, trigger, props, watch }) {
  const root = element.querySelector(".notice-root");
  let timer = 0;

  function close() {
    clearTimeout(timer);
    root.replaceChildren();
  }

  function draw() {
    const { text = "", tone = "info", undo = null } = props.value ?? {};
    close();
    if (!text) return;
    root.append(el("div", { class: `notice ${tone}`, role: tone === "error" ? "alert" : "status" },
      el("p", { text }),
      undo ? el("button", {
        type: "button", class: "quiet", text: "Undo",
        on: { click: () => { close(); trigger("act", undo); } },
      }) : null,
      iconButton("close", "Dismiss", close)));
    if (tone !== "error") timer = setTimeout(close, STAYS);
  }

  watch("value", draw);
  draw();
  root.dataset.ready = "1";
}
