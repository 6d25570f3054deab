// Which picture came from which, as a tree from left to right; every picture in it can be opened.

import { el, iconButton, svg, url } from "./dom.js";

const SIDE = 72;
const ACROSS = 168;
const DOWN = 112;
const NAMED = 32;

/** Places of the nodes: a parent stands level with the middle of its children. */
export function layout(nodes) {
  const children = new Map(nodes.map(({ id }) => [id, []]));
  for (const node of nodes) children.get(node.parent)?.push(node);
  const placed = new Map();
  let row = 0;
  const place = (node, column) => {
    const below = children.get(node.id);
    const rows = below.map((child) => place(child, column + 1));
    const y = rows.length ? (rows[0] + rows.at(-1)) / 2 : row++;
    placed.set(node.id, { column, y });
    return y;
  };
  for (const node of nodes) if (!children.has(node.parent)) place(node, 0);
  return { placed, rows: row, columns: 1 + Math.max(0, ...[...placed.values()].map(({ column }) => column)) };
}

export class FamilyTree {
  /** `open(node, nodes)` shows a picture. */
  constructor(open) {
    this.open = open;
    this.dialog = el("dialog", {
      class: "sheet family-tree", "aria-label": "Family tree",
      on: { click: (event) => { if (event.target === this.dialog) this.dialog.close(); } },
    });
  }

  show({ id, nodes }) {
    const { placed, rows, columns } = layout(nodes);
    const at = (node) => {
      const { column, y } = placed.get(node.id);
      return { x: column * ACROSS, y: y * DOWN };
    };
    const width = (columns - 1) * ACROSS + SIDE + 72;
    const height = Math.max(rows, 1) * DOWN;
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const lines = nodes.filter((node) => byId.has(node.parent)).map((node) => {
      const from = at(byId.get(node.parent));
      const to = at(node);
      const x0 = from.x + SIDE;
      const middle = (x0 + to.x) / 2;
      const [y0, y1] = [from.y + SIDE / 2, to.y + SIDE / 2];
      return svg("path", { d: `M${x0} ${y0} C${middle} ${y0} ${middle} ${y1} ${to.x} ${y1}` });
    });
    const buttons = nodes.map((node) => {
      const { x, y } = at(node);
      return el("button", {
        type: "button", data: { id: node.id },
        class: `tree-node${node.id === id ? " this" : ""}${node.trashed ? " gone" : ""}`,
        style: `left:${x}px;top:${y}px`, title: node.what || "",
        "aria-label": [
          `Seed ${node.seed}`, node.what, node.starred ? "starred" : "",
          node.trashed ? "in the trash" : "", node.id === id ? "this picture" : "",
        ].filter(Boolean).join(", "),
        "aria-current": node.id === id ? "true" : null,
        on: {
          click: () => { this.dialog.close(); this.open(node, nodes); },
          keydown: (event) => this.walk(event, node, nodes, placed),
        },
      },
      el("img", { src: url(`toile/thumb/${node.id}`), alt: "", loading: "lazy" }),
      el("span", { class: "tree-name", text: `${node.starred ? "★ " : ""}${node.seed}` }));
    });
    const count = nodes.length === 1 ? "1 picture" : `${nodes.length} pictures`;
    this.dialog.replaceChildren(
      el("div", { class: "sheet-head" }, el("h3", { text: "Family tree" }),
        el("span", { class: "muted tree-count", text: nodes.length === 1 ? "Nothing was made from this picture yet." : `${count}; oldest on the left` }),
        el("span", { class: "grow" }), iconButton("close", "Close (Esc)", () => this.dialog.close())),
      el("div", { class: "tree-scroll" },
        el("div", { class: "tree", style: `width:${width}px;height:${height + NAMED - 24}px` },
          svg("svg", { width, height, "aria-hidden": "true" }, ...lines), ...buttons)),
    );
    this.dialog.dataset.count = String(nodes.length);
    if (!this.dialog.open) this.dialog.showModal();
    const here = this.dialog.querySelector(".this");
    here?.focus();
    here?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  /** Arrow keys go along the tree. */
  walk(event, node, nodes, placed) {
    const children = nodes.filter(({ parent }) => parent === node.id);
    const { column, y } = placed.get(node.id);
    const level = nodes.filter((one) => placed.get(one.id).column === column)
      .sort((a, b) => placed.get(a.id).y - placed.get(b.id).y);
    const to = {
      ArrowLeft: nodes.find(({ id }) => id === node.parent),
      ArrowRight: children[0],
      ArrowUp: level.findLast((one) => placed.get(one.id).y < y),
      ArrowDown: level.find((one) => placed.get(one.id).y > y),
    }[event.key];
    if (!to) return;
    event.preventDefault();
    this.dialog.querySelector(`[data-id="${to.id}"]`).focus();
  }
}
