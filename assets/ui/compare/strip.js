// The project's pictures, to choose from.

import { el, url } from "../dom.js";

export class Strip {
  /** `toggle(id)` takes a picture in or out; `more(before)` asks for older ones. */
  constructor({ toggle, more }) {
    this.toggle = toggle;
    this.items = [];
    this.chosen = [];
    this.row = el("div", { class: "strip-row", role: "group", "aria-label": "Pictures to choose from" });
    this.older = el("button", { type: "button", class: "quiet", text: "Older",
      on: { click: () => more(this.next) } });
    this.count = el("span", { class: "muted", role: "status" });
    this.head = el("div", { class: "section-head" },
      el("h2", { text: "Choose from this project" }), this.count);
    this.root = el("section", { class: "picture-strip" }, this.head, this.row);
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
    button.setAttribute("aria-pressed", String(at >= 0));
    button.querySelector(".letter").textContent = at < 0 ? "" : this.letters[at] ?? "";
  }

  draw() {
    this.row.replaceChildren(...this.items.map((item) => el("button", {
      type: "button", data: { id: item.id }, title: `Seed ${item.seed}: ${item.prompt || "drawn"}`,
      "aria-label": `Seed ${item.seed}: ${item.prompt || "a drawing without words"}`,
      on: { click: () => this.toggle(item.id) },
    }, el("img", { src: url(`toile/thumb/${item.id}`), alt: "", width: 64, height: 64,
      loading: "lazy", draggable: "false" }), el("b", { class: "letter" }))));
    if (this.next !== null && this.next !== undefined) this.row.append(this.older);
    if (!this.items.length) {
      this.row.append(el("p", { class: "muted", text: "No pictures yet: make some in the studio." }));
    }
    this.mark(this.chosen, this.letters ?? []);
  }
}
