// One picture, large, with everything that made it.

import { checkChips, duration, verbs } from "./card.js";
import { el, iconButton, url } from "./dom.js";

export class Lightbox {
  constructor(act) {
    this.act = (verb, item, extra) => {
      if (verb !== "star") this.dialog.close();
      act(verb, item, extra);
    };
    this.items = [];
    this.at = 0;
    this.dialog = el("dialog", {
      class: "lightbox", "aria-label": "Picture",
      on: {
        click: (event) => { if (event.target === this.dialog) this.dialog.close(); },
        keydown: (event) => {
          if (event.key === "ArrowLeft") this.go(-1);
          if (event.key === "ArrowRight") this.go(1);
        },
      },
    });
  }

  open(items, item) {
    this.items = items;
    this.at = Math.max(items.findIndex(({ id }) => id === item.id), 0);
    this.show();
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** A picture has changed: show it as it is now. */
  changed(item) {
    this.items = this.items.map((old) => (old.id === item.id ? item : old));
    if (this.dialog.open && this.items[this.at]?.id === item.id) this.show();
  }

  go(step) {
    const next = this.at + step;
    if (next < 0 || next >= this.items.length) return;
    this.at = next;
    this.show();
  }

  show() {
    const item = this.items[this.at];
    const facts = [
      ["Seed", item.seed],
      ["Time", duration(item.seconds)],
      ["Text", item.settings.st],
      ["Sketch", item.settings.sketch ?? "none"],
      ["Steps", item.settings.steps],
      ["Sampler", item.settings.sampler],
      ["Made", new Date(item.created).toLocaleString()],
    ];
    if (item.parentSeed !== null) facts.push(["Varied from", `seed ${item.parentSeed}`]);
    this.dialog.replaceChildren(
      el("div", { class: "lightbox-picture" }, el("img", {
        src: url(`toile/picture/${item.id}`), alt: item.prompt || "A picture made from a drawing",
      })),
      el("div", { class: "lightbox-side" },
        el("div", { class: "lightbox-head" },
          iconButton("previous", "Previous picture", () => this.go(-1),
            { disabled: this.at === 0 }),
          iconButton("next", "Next picture", () => this.go(1),
            { disabled: this.at === this.items.length - 1 }),
          el("span", { class: "grow" }),
          iconButton("close", "Close (Esc)", () => this.dialog.close())),
        el("p", { class: "lightbox-prompt", text: item.prompt || "Drawn, without words." }),
        checkChips(item.checks),
        el("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [
          el("dt", { text: name }), el("dd", { text: String(value) }),
        ])),
        el("div", { class: "lightbox-verbs" }, ...verbs(item, this.act, true))),
    );
  }
}
