// What differs: a row for each setting, component or check; alike rows are folded away.

import { el, press, thumb } from "../dom.js";
import { copyText } from "./copy.js";

const GROUPS = [
  ["words", "In words"], ["board", "On the board"], ["settings", "Settings"],
  ["checks", "Seen in the picture"],
];
const WHOLE = 3; // columns that have room for whole descriptions
/** @type {Record<string, string>} */
const MARKS = { good: "✓ ", bad: "✗ " };

export class DifferenceTable {
  constructor() {
    this.all = false;
    /** @type {Partial<Scene>} */
    this.scene = {};
    this.toggle = el("button.quiet", { onclick: () => { this.all = !this.all; this.draw(); } });
    this.copy = el("button.quiet", { onclick: () => { copyText(this.scene.text ?? "", this.copy); } }, "Copy as text");
    this.body = el("div.table-room", { tabindex: "0", role: "region", "aria-label": "What differs" });
    this.root = el("section.differences",
      el("div.section-head", el("h2", "What differs"), this.copy, this.toggle), this.body);
  }

  /** @param {Scene} scene */
  show(scene) {
    this.scene = scene;
    this.draw();
  }

  draw() {
    const { items = [], rows = [] } = this.scene;
    this.root.hidden = items.length < 2;
    if (this.root.hidden) return;
    const differing = rows.filter((row) => row.differs);
    const shown = this.all ? rows : differing;
    const alike = rows.length - differing.length;
    this.toggle.hidden = alike === 0;
    this.toggle.textContent = this.all ? "Only what differs" : `Show all (${alike} alike)`;
    press(this.toggle, this.all);
    this.copy.hidden = differing.length === 0;
    this.body.replaceChildren(shown.length ? this.table(items, shown)
      : el("p.muted", "Nothing that Toile knows of: they were asked for in the same way."));
  }

  /** @param {ComparedPicture[]} items @param {Row[]} rows */
  table(items, rows) {
    const head = items.map(({ id, letter }) => el("th", { scope: "col" },
      thumb(id, { width: 40, height: 40 }), el("b.letter", letter)));
    return el("table", { style: `--count: ${items.length}` }, el("thead", el("tr", el("td"), head)),
      GROUPS.map(([group, title]) => this.group(title, rows.filter((r) => r.group === group), items.length)));
  }

  /** @param {string} title @param {Row[]} rows @param {number} count */
  group(title, rows, count) {
    if (!rows.length) return null;
    return el("tbody",
      el("tr.group", el("th", { colspan: count + 1, scope: "rowgroup" }, title)),
      rows.map(({ what, group, differs, cells, tones }) => {
        const common = group === "words" && differs ? sharedWords(cells) : null;
        return el("tr", { class: differs ? "differs" : "alike", data: { what } },
          el("th", { scope: "row" }, what),
          cells.map((text, i) => cell(text, tones[i], common, count > WHOLE)));
      }));
  }
}

/** @param {string} text @param {string} tone @param {Set<string> | null} common @param {boolean} short */
function cell(text, tone, common, short) {
  return el("td", { class: tone },
    MARKS[tone] && [
      el("b", { "aria-hidden": true }, MARKS[tone]),
      el("span.sr", tone === "good" ? "kept: " : "missed: "),
    ],
    common && text.includes(" ") ? parted(text, common, short) : text);
}

/** A description with the words marked that are its own; `short` leaves the common ones out.
 *  @param {string} text @param {Set<string>} common @param {boolean} short */
function parted(text, common, short) {
  const parts = [];
  let left = false; // whether the last words are left out already
  for (const part of text.split(/(\s+)/)) {
    const shared = !part.trim() || common.has(plain(part));
    if (!shared) parts.push(el("mark", part));
    else if (!short) parts.push(part);
    else if (part.trim() && !left) parts.push(" … ");
    if (part.trim()) left = shared;
  }
  return parts;
}

/** Words that stand in every description: only the others are marked.
 *  @param {string[]} cells */
function sharedWords(cells) {
  const [first, ...others] = cells.map((text) => new Set(text.split(/\s+/).map(plain)));
  return new Set([...first].filter((word) => others.every((set) => set.has(word))));
}

/** @param {string} word */
function plain(word) {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}
