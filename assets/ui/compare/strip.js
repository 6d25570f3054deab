// The project's pictures, to choose from.

import { el, press, rebuild, thumb } from "../dom.js";

export class Strip {
  /** `toggle(id)` takes a picture in or out; `more(before)` asks for older ones.
   *  @param {{ toggle: (id: string) => void, more: (before: number | null) => void }} options */
  constructor({ toggle, more }) {
    this.toggle = toggle;
    /** @type {Picture[]} */
    this.items = [];
    /** @type {string[]} */
    this.chosen = [];
    /** @type {string[]} */
    this.letters = [];
    /** @type {number | null} */
    this.next = null;
    this.row = el("div.strip-row", { role: "group", "aria-label": "Pictures to choose from" });
    this.older = el("button.quiet", { onclick: () => more(this.next) }, "Older");
    this.count = el("span.muted", { role: "status" });
    this.head = el("div.section-head", el("h2", "Choose from this project"), this.count);
    this.root = el("section.picture-strip", this.head, this.row);
  }

  /** @param {{ items: Picture[], before: number | null, next: number | null } | null} page */
  arrived(page) {
    if (!page) return;
    const known = new Set(this.items.map(({ id }) => id));
    this.items = page.before === null ? page.items
      : [...this.items, ...page.items.filter(({ id }) => !known.has(id))];
    this.next = page.next;
    this.draw();
  }

  /** @param {string[]} chosen @param {string[]} letters */
  mark(chosen, letters) {
    this.chosen = chosen;
    this.letters = letters;
    this.count.textContent = chosen.length ? `${chosen.length} of 12 chosen` : "";
    /** @type {NodeListOf<HTMLElement>} */
    const buttons = this.row.querySelectorAll("button[data-id]");
    for (const button of buttons) this.state(button);
  }

  /** @param {HTMLElement} button */
  state(button) {
    const at = this.chosen.indexOf(button.dataset.id ?? "");
    press(button, at >= 0);
    /** @type {Element} */ (button.querySelector(".letter")).textContent = at < 0 ? "" : this.letters[at] ?? "";
  }

  draw() {
    rebuild(this.row, this.items.map(({ id, seed, prompt }) => el("button", {
      data: { id }, title: `Seed ${seed}: ${prompt || "drawn"}`,
      "aria-label": `Seed ${seed}: ${prompt || "a drawing without words"}`, onclick: () => this.toggle(id),
    }, thumb(id, { width: 64, height: 64 }), el("b.letter"))), "id");
    if ((this.next ?? null) !== null) this.row.append(this.older);
    if (!this.items.length) this.row.append(el("p.muted", "No pictures yet: make some in the studio."));
    this.mark(this.chosen, this.letters);
  }
}
