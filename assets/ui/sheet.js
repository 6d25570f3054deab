// Pictures that were made together, to be read side by side: text strengths, colourways, and the
// sheet of text by garment, which has a row for each strength of the garment.

import { checkLine } from "./checks.js";
import { swatch } from "./colourways.js";
import { el, iconButton, url } from "./dom.js";

/** Whether a group of pictures is shown as one row. */
export function isRow(kind) {
  return kind === "sheet" || kind === "colourways";
}

/** The pictures of a row in the order in which they were asked for. */
export function inOrder(items) {
  return [...items].sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
}

/** How many pictures lie side by side where there are several rows; 0 for a single row. */
export function columns(items) {
  const rows = new Set(items.map(({ settings }) => settings.sg));
  const across = new Set(items.map(({ settings }) => settings.st));
  return items[0]?.kind === "sheet" && rows.size > 1 ? across.size : 0;
}

/** Set an element up as a grid where its pictures make one. */
function crossed(node, items) {
  const wide = columns(items);
  node.classList.toggle("crossed", wide > 0);
  if (wide) node.style.setProperty("--columns", String(wide));
  return node;
}

/** The value that this picture of the row has. */
export function label(item) {
  if (item.swatch) return [swatch(item.swatch), el("span", { text: item.swatch.name })];
  return [el("span", { text: item.label || `seed ${item.seed}` })];
}

/** A row of small pictures; `open(item)` shows it large. */
export function strip(items, open) {
  return crossed(el("div", { class: "strip", role: "group", "aria-label": `Row of ${items.length} pictures` },
    ...inOrder(items).map((item) => el("button", {
      type: "button", class: "strip-cell", data: { id: item.id }, title: item.prompt,
      "aria-label": `${text(item)}: look at the row`, on: { click: () => open(item) },
    },
    el("img", {
      src: url(`toile/thumb/${item.id}`), alt: "", width: item.width, height: item.height,
      loading: "lazy", decoding: "async", draggable: "false",
    }),
    el("span", { class: "strip-label" }, ...label(item),
      item.passed && item.checks.length ? el("b", { text: "✓", title: "All of its checks passed" }) : null)))), items);
}

function text(item) {
  return item.swatch?.name ?? (item.label || `seed ${item.seed}`);
}

/** The row, large: each picture with its value, its checks and "Use this one". */
export class Sheet {
  constructor(act, look) {
    this.act = act;
    this.look = look;
    this.title = "";
    /** @type {any[]} */
    this.items = [];
    this.dialog = el("dialog", {
      class: "sheet", "aria-label": "Row of pictures",
      on: { click: (event) => { if (event.target === this.dialog) this.dialog.close(); } },
    });
  }

  open(title, items, at) {
    this.title = title;
    this.items = inOrder(items);
    this.draw();
    this.dialog.showModal();
    this.dialog.querySelector(`[data-id="${CSS.escape(at.id)}"] button`)?.focus();
  }

  /** A picture of the row has changed: show it as it is now. */
  changed(item) {
    if (!this.dialog.open || !this.items.some(({ id }) => id === item.id)) return;
    this.items = this.items.map((old) => (old.id === item.id ? { ...old, ...item } : old));
    this.draw();
  }

  draw() {
    this.dialog.replaceChildren(
      el("div", { class: "sheet-head" },
        el("h3", { text: this.title }), el("span", { class: "grow" }),
        iconButton("close", "Close (Esc)", () => this.dialog.close())),
      crossed(el("div", { class: "sheet-row" }, ...this.items.map((item) => this.cell(item))), this.items),
    );
  }

  cell(item) {
    const picture = el("button", {
      type: "button", class: "card-picture", "aria-label": `Look closer: ${text(item)}`,
      on: { click: () => { this.dialog.close(); this.look(item); } },
    }, el("img", {
      src: url(`toile/picture/${item.id}`), alt: item.prompt, width: item.width,
      height: item.height, decoding: "async", draggable: "false",
    }));
    const star = iconButton("star", item.starred ? "Remove the star" : "Star",
      () => this.act("star", item, { on: !item.starred }),
      { "aria-pressed": String(item.starred) });
    star.classList.toggle("starred", item.starred);
    return el("figure", { data: { id: item.id } },
      picture,
      el("figcaption", {}, el("span", { class: "strip-label" }, ...label(item)),
        el("span", { class: "grow" }), star),
      checkLine(item, picture),
      el("button", {
        type: "button", class: "quiet", text: "Use this one",
        on: { click: () => { this.dialog.close(); this.act("use", item); } },
      }));
  }
}
