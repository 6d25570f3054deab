// Which picture came from which, as a tree from left to right; every picture in it can be opened, and
// used like one of a card.

import { makings, reuseButton, starButton } from "./card.js";
import { dialog, dialogHead, el, keepFocus, svg, thumb, withData } from "./dom.js";
import { ARROWS } from "./keyboard.js";
import { menuButton } from "./menu.js";

const SIDE = 128;
const ACROSS = 200;
const DOWN = 200; // the picture, what changed in two lines, and room to the next

/** Places of the nodes: a parent stands level with the middle of its children.
 *  @param {Pick<FamilyNode, "id" | "parent">[]} nodes */
export function layout(nodes) {
  /** @type {Map<string | null, typeof nodes>} */
  const children = new Map(nodes.map(({ id }) => [id, []]));
  for (const node of nodes) children.get(node.parent)?.push(node);
  /** @type {Placed} */
  const placed = new Map();
  let row = 0;
  /** @param {Pick<FamilyNode, "id" | "parent">} node @param {number} column @returns {number} */
  const place = (node, column) => {
    const rows = (children.get(node.id) ?? []).map((child) => place(child, column + 1));
    const y = rows.length ? (rows[0] + rows[rows.length - 1]) / 2 : row++;
    placed.set(node.id, { column, y });
    return y;
  };
  for (const node of nodes) if (!children.has(node.parent)) place(node, 0);
  return { placed, rows: row, columns: 1 + Math.max(0, ...[...placed.values()].map(({ column }) => column)) };
}

/** Where a node stands.
 *  @param {Placed} placed @param {{ id: string }} node */
const spot = (placed, node) => placed.get(node.id) ?? { column: 0, y: 0 };

/** Where an arrow key leads from a node of the tree.
 *  @param {string} key @param {FamilyNode} node @param {FamilyNode[]} nodes @param {Placed} placed */
export function neighbour(key, node, nodes, placed) {
  const { column, y } = spot(placed, node);
  const level = nodes.filter((one) => spot(placed, one).column === column)
    .sort((a, b) => spot(placed, a).y - spot(placed, b).y);
  return {
    ArrowLeft: nodes.find(({ id }) => id === node.parent),
    ArrowRight: nodes.find(({ parent }) => parent === node.id),
    ArrowUp: level.findLast((one) => spot(placed, one).y < y),
    ArrowDown: level.find((one) => spot(placed, one).y > y),
  }[key];
}

export class FamilyTree {
  /** `open(node, nodes)` shows a picture.
   *  @param {(node: FamilyNode, nodes: FamilyNode[]) => void} open @param {Act} act */
  constructor(open, act) {
    this.open = open;
    this.act = act;
    /** @type {{ id: string, nodes: FamilyNode[] }} */
    this.family = { id: "", nodes: [] };
    this.dialog = dialog("sheet.family-tree", { "aria-label": "Family tree" });
  }

  /** @param {{ id: string, nodes: FamilyNode[] }} family */
  show(family) {
    this.family = family;
    this.draw();
    if (!this.dialog.open) this.dialog.showModal();
    /** @type {HTMLElement | null} */
    const here = this.dialog.querySelector(".this .tree-picture");
    here?.focus();
    here?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  /** A picture of the tree has changed: show it as it is now.
   *  @param {Picture} item */
  changed(item) {
    const { id, nodes } = this.family;
    if (!this.dialog.open || !nodes.some((node) => node.id === item.id)) return;
    this.family = { id, nodes: nodes.map((node) => (
      node.id === item.id ? { ...node, card: { ...node.card, ...item } } : node)) };
    keepFocus(this.dialog, () => this.draw());
  }

  draw() {
    const { id, nodes } = this.family;
    const { placed, rows, columns } = layout(nodes);
    /** @param {FamilyNode} node */
    const at = (node) => {
      const { column, y } = spot(placed, node);
      return { x: column * ACROSS, y: y * DOWN };
    };
    const width = (columns - 1) * ACROSS + SIDE;
    const height = Math.max(rows, 1) * DOWN;
    const lines = nodes.flatMap((node) => {
      const parent = nodes.find(({ id: one }) => one === node.parent);
      if (!parent) return [];
      const from = at(parent);
      const to = at(node);
      const x0 = from.x + SIDE;
      const middle = (x0 + to.x) / 2;
      const [y0, y1] = [from.y + SIDE / 2, to.y + SIDE / 2];
      return svg("path", { d: `M${x0} ${y0} C${middle} ${y0} ${middle} ${y1} ${to.x} ${y1}` });
    });
    const count = nodes.length === 1 ? "Nothing was made from this picture yet."
      : `${nodes.length} pictures; oldest on the left`;
    this.dialog.replaceChildren(
      dialogHead(this.dialog, "sheet-head", "Family tree", el("span.muted.tree-count", count)),
      el("div.tree-scroll", el("div.tree", { style: `width:${width}px;height:${height}px` },
        svg("svg", { width, height, "aria-hidden": true }, lines),
        nodes.map((node) => this.node(node, at(node), node.id === id, nodes, placed)))));
    this.dialog.dataset.count = String(nodes.length);
  }

  /** @param {FamilyNode} node @param {{ x: number, y: number }} at @param {boolean} current @param {FamilyNode[]} nodes @param {Placed} placed */
  node(node, { x, y }, current, nodes, placed) {
    const { id, what, card, card: { seed, starred, trashed } } = node;
    /** What leads away from the tree closes it.
     *  @type {Act} */
    const leave = (verb, item, more) => {
      this.dialog.close();
      this.act(verb, item, more);
    };
    const look = el("button.tree-picture", {
      data: { id, key: `look ${id}` }, title: what || "",
      "aria-label": [
        `Seed ${seed}`, what, starred && "starred", trashed && "in the trash", current && "this picture",
      ].filter(Boolean).join(", "),
      "aria-current": current ? "true" : null,
      onclick: () => { this.dialog.close(); this.open(node, nodes); },
      onkeydown: (event) => {
        const to = ARROWS[event.key] && neighbour(event.key, node, nodes, placed);
        if (!to) return;
        event.preventDefault();
        withData(this.dialog, "id", to.id)?.focus();
      },
    }, thumb(id));
    return el("div.tree-node", { class: `${current ? "this" : ""}${trashed ? " gone" : ""}`, style: `left:${x}px;top:${y}px` },
      look,
      !trashed && el("div.tree-verbs",
        starButton(card, this.act), reuseButton(card, leave),
        menuButton("branch", "Make more from this", () => makings(card, leave), `branch ${id}`)),
      el("p.tree-name", `${starred ? "★ " : ""}${seed}`),
      what && el("p.tree-what.muted", { title: what }, what));
  }
}
