// The project's pictures, to choose from.

import { el, press, thumb } from "../dom.js";

export class Strip {
  /** `toggle(id)` takes a picture in or out; `more(before)` asks for older ones. */
  constructor({ toggle, more }) {
    this.toggle = toggle;
    this.items = [];
    this.chosen = [];
    this.letters = [];
    this.next = null;
    this.row = el("div.strip-row", { role: "group", "aria-label": "Pictures to choose from" });
    this.older = el("button.quiet", { onclick: () => more(this.next) }, "Older");
    this.count = el("span.muted", { role: "status" });
    this.head = el("div.section-head", el("h2", "Choose from this project"), this.count);
    this.root = el("section.picture-strip", this.head, this.row);
  }

  arrived(page) {
    if (!page) return;
    const known = new Set(this.items.map(({ id }) => id));
    this.items = page.before === null ? page.items
      : [...this.items, ...page.items.filter(({ id }) => !known.has(id))];
    this.next = page.next;
    this.draw();
  }

  mark(chosen, letters) {
    this.chosen = chosen;
    this.letters = letters;
    this.count.textContent = chosen.length ? `${chosen.length} of 12 chosen` : "";
    for (const button of this.row.querySelectorAll("button[data-id]")) this.state(button);
  }

  state(button) {
    const at = this.chosen.indexOf(button.dataset.id);
    press(button, at >= 0);
    button.querySelector(".letter").textContent = at < 0 ? "" : this.letters[at] ?? "";
  }

  draw() {
    this.row.replaceChildren(...this.items.map(({ id, seed, prompt }) => el("button", {
      data: { id }, title: `Seed ${seed}: ${prompt || "drawn"}`,
      "aria-label": `Seed ${seed}: ${prompt || "a drawing without words"}`, onclick: () => this.toggle(id),
    }, thumb(id, { width: 64, height: 64 }), el("b.letter"))));
    if ((this.next ?? null) !== null) this.row.append(this.older);
    if (!this.items.length) this.row.append(el("p.muted", "No pictures yet: make some in the studio."));
    this.mark(this.chosen, this.letters);
  }
}
