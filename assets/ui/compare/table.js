// What differs: a row for each setting, component or check; alike rows are folded away.

import { el, url } from "../dom.js";
import { copyText } from "./copy.js";

const GROUPS = [
  ["words", "In words"], ["board", "On the board"], ["settings", "Settings"],
  ["checks", "Seen in the picture"],
];
const WHOLE = 3; // columns that have room for whole descriptions
const MARKS = { good: "✓ ", bad: "✗ " };

export class DifferenceTable {
  constructor() {
    this.all = false;
    this.toggle = el("button", {
      type: "button", class: "quiet", on: { click: () => { this.all = !this.all; this.draw(); } },
    });
    this.copy = el("button", { type: "button", class: "quiet", text: "Copy as text",
      on: { click: () => copyText(this.scene.text, this.copy) } });
    this.body = el("div", { class: "table-room", tabindex: "0", role: "region",
      "aria-label": "What differs" });
    this.root = el("section", { class: "differences" },
      el("div", { class: "section-head" }, el("h2", { text: "What differs" }), this.copy, this.toggle),
      this.body);
  }

  show(scene) {
    this.scene = scene;
    this.draw();
  }

  draw() {
    const { items = [], rows = [] } = this.scene ?? {};
    this.root.hidden = items.length < 2;
    if (this.root.hidden) return;
    const differing = rows.filter((row) => row.differs);
    const shown = this.all ? rows : differing;
    const alike = rows.length - differing.length;
    this.toggle.hidden = alike === 0;
    this.toggle.textContent = this.all ? "Only what differs" : `Show all (${alike} alike)`;
    this.toggle.setAttribute("aria-pressed", String(this.all));
    this.copy.hidden = differing.length === 0;
    this.root.dataset.rows = String(shown.length);
    if (!shown.length) {
      this.body.replaceChildren(el("p", { class: "muted",
        text: "Nothing that Toile knows of: they were asked for in the same way." }));
      return;
    }
    this.body.replaceChildren(el("table", { style: `--count: ${items.length}` },
      el("thead", {}, el("tr", {}, el("td"), ...items.map((item) => el("th", { scope: "col" },
        el("img", { src: url(`toile/thumb/${item.id}`), alt: "", width: 40, height: 40 }),
        el("b", { class: "letter", text: item.letter }))))),
      ...GROUPS.map(([group, title]) => this.group(title, shown.filter((r) => r.group === group),
        items.length))));
  }

  group(title, rows, count) {
    if (!rows.length) return null;
    return el("tbody", {},
      el("tr", { class: "group" }, el("th", { colspan: count + 1, scope: "rowgroup", text: title })),
      ...rows.map((row) => {
        const common = row.group === "words" ? sharedWords(row.cells) : null;
        return el("tr", { class: row.differs ? "differs" : "alike", data: { what: row.what } },
          el("th", { scope: "row", text: row.what }),
          ...row.cells.map((text, i) => cell(text, row.tones[i], row.differs ? common : null, count > WHOLE)));
      }));
  }
}

function cell(text, tone, common, short) {
  const td = el("td", { class: tone || null });
  if (MARKS[tone]) {
    td.append(el("b", { text: MARKS[tone], "aria-hidden": "true" }),
      el("span", { class: "sr", text: tone === "good" ? "kept: " : "missed: " }));
  }
  if (!common || !text.includes(" ")) {
    td.append(text);
    return td;
  }
  let left = false; // whether the last words are left out already
  for (const part of text.split(/(\s+)/)) {
    const shared = !part.trim() || common.has(plain(part));
    if (!shared) td.append(el("mark", { text: part }));
    else if (!short) td.append(part);
    else if (part.trim() && !left) td.append(" … ");
    if (part.trim()) left = shared;
  }
  return td;
}

/** Words that stand in every description: only the others are marked. */
function sharedWords(cells) {
  const [first, ...others] = cells.map((text) => new Set(text.split(/\s+/).map(plain)));
  return new Set([...first].filter((word) => others.every((set) => set.has(word))));
}

function plain(word) {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}
