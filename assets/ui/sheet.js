// Pictures that were made together, to be read side by side: text strengths, colourways, and the
// sheet of text by garment, which has a row for each strength of the garment.

import { starButton } from "./card.js";
import { checkLine } from "./checks.js";
import { swatch } from "./colourways.js";
import { dialog, dialogHead, el, keepFocus, picture, thumb, withData } from "./dom.js";

/** Whether a group of pictures is shown as one row.
 *  @param {string} kind */
export function isRow(kind) {
  return kind === "sheet" || kind === "colourways";
}

/** The pictures of a row in the order in which they were asked for.
 *  @param {Picture[]} items */
function inOrder(items) {
  return [...items].sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
}

/** How many pictures lie side by side where there are several rows; 0 for a single row.
 *  @param {Picture[]} items */
export function columns(items) {
  const rows = new Set(items.map(({ settings }) => settings.sg));
  const across = new Set(items.map(({ settings }) => settings.st));
  return items[0]?.kind === "sheet" && rows.size > 1 ? across.size : 0;
}

/** What makes an element a grid where its pictures are one.
 *  @param {Picture[]} items */
function crossed(items) {
  const wide = columns(items);
  return wide ? { class: "crossed", style: `--columns: ${wide}` } : {};
}

/** What a sheet of strengths varies from picture to picture, and from where to where. */
const ACROSS = ["Loose", "Text strength sT: how much the words decide", "Strict"];
const DOWN = ["Loose", "Garment strength sG: how much the photo decides", "Exact"];

/** The title of an axis between its ends.
 *  @param {string[]} axis @param {string} way */
const axis = (axis, way) => el(`p.sheet-axis.${way}`, axis.map((word) => el("span", word)));

/** The axes of a sheet of strengths: one, or two where its pictures are a grid.
 *  @param {Picture[]} items */
function axes(items) {
  if (items[0]?.kind !== "sheet") return [];
  return [axis(ACROSS, "across"), columns(items) > 0 && axis(DOWN, "down")];
}

/** @param {Picture} item */
function text(item) {
  return item.swatch?.name ?? (item.label || `seed ${item.seed}`);
}

/** The value that this picture of the row has.
 *  @param {Picture} item @param {...Child} more */
function label(item, ...more) {
  return el("span.strip-label", item.swatch && swatch(item.swatch), el("span", text(item)), more);
}

/** A row of small pictures; `open(item)` shows it large.
 *  @param {Picture[]} items @param {(item: Picture) => void} open */
export function strip(items, open) {
  return el("div.strip", { role: "group", "aria-label": `Row of ${items.length} pictures`, ...crossed(items) },
    inOrder(items).map((item) => el("button.strip-cell", {
      data: { id: item.id }, title: item.prompt, "aria-label": `${text(item)}: look at the row`,
      onclick: () => open(item),
    },
    thumb(item.id, { width: item.width, height: item.height, decoding: "async" }),
    label(item, item.passed && item.checks.length > 0 && el("b", { title: "All of its checks passed" }, "✓")))));
}

/** The row, large: each picture with its value, its checks and "Use this one". */
export class Sheet {
  /** @param {Act} act @param {(item: Picture) => void} look */
  constructor(act, look) {
    this.act = act;
    this.look = look;
    this.title = "";
    /** @type {Picture[]} */
    this.items = [];
    this.dialog = dialog("sheet", { "aria-label": "Row of pictures" });
  }

  /** @param {string} title @param {Picture[]} items @param {Picture} at */
  open(title, items, at) {
    this.title = title;
    this.items = inOrder(items);
    this.draw();
    this.dialog.showModal();
    withData(this.dialog, "id", at.id)?.querySelector("button")?.focus();
  }

  /** A picture of the row has changed: show it as it is now.
   *  @param {Picture} item */
  changed(item) {
    if (!this.dialog.open || !this.items.some(({ id }) => id === item.id)) return;
    this.items = this.items.map((old) => (old.id === item.id ? { ...old, ...item } : old));
    keepFocus(this.dialog, () => this.draw());
  }

  draw() {
    this.dialog.replaceChildren(dialogHead(this.dialog, "sheet-head", this.title),
      el("div.sheet-plane", axes(this.items),
        el("div.sheet-row", crossed(this.items), this.items.map((item) => this.cell(item)))));
  }

  /** @param {Picture} item */
  cell(item) {
    /** @param {() => void} run */
    const closed = (run) => () => {
      this.dialog.close();
      run();
    };
    const look = el("button.card-picture", {
      "aria-label": `Look closer: ${text(item)}`, onclick: closed(() => this.look(item)),
    }, picture(item));
    return el("figure", { data: { id: item.id } },
      look,
      el("figcaption", label(item), el("span.grow"), starButton(item, this.act)),
      checkLine(item, look),
      el("button.quiet", { onclick: closed(() => this.act("use", item)) }, "Use this one"));
  }
}
