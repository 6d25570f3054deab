// One picture: what it shows, what was checked in it, what can be done with it.

import { checkLine, missedKinds } from "./checks.js";
import { askColours, swatch } from "./colourways.js";
import { showCompared } from "./compare/chosen.js";
import { el, icon, keepFocus, keepPictures, picture, url } from "./dom.js";
import { menuButton } from "./menu.js";
import { amount } from "./numbers.js";
import { canRefer } from "./references/able.js";

/** Nodes by their items, with what each item was when it was made.
 *  @typedef {Map<string, { node: HTMLElement, state: string }>} Kept */

const UNCHECKED = "this picture was not checked";

/** Seconds as a person says them.
 *  @param {number} seconds */
export function duration(seconds) {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** What can be made out of a picture: [{text, run, why}].
 *  @param {Picture} item @param {Act} act */
export function makings(item, act) {
  const why = item.checks.length ? "" : UNCHECKED;
  /** @type {HTMLInputElement | null} */
  const asked = document.querySelector("#count input:checked");
  const many = amount(Number(asked?.value ?? 1), "picture");
  return [
    { text: `Vary a little: ${many}`, run: () => act("vary", item, { strength: "subtle" }) },
    { text: `Vary strongly: ${many}`, run: () => act("vary", item, { strength: "strong" }) },
    { text: "Regenerate until it passes", run: () => act("retry", item), why },
    ...missedKinds(item.checks).map(({ component, noun, placed }) => ({
      text: `Fix only the ${noun}: ${many}`, run: () => act("fix", item, { component }),
      why: placed ? "" : `place the ${noun} on the board and generate first`,
    })),
    { text: item.guided ? "Sheet of text × garment" : "Row of text strengths", run: () => act("sheet", item) },
    {
      text: "Colourways…", why: item.settings.method ? "the colour comes from the garment photo" : "",
      run: () => askColours(item, (colours) => act("colours", item, { colours })),
    },
    ...(canRefer("garment") ? [{ text: "Use as garment", run: () => act("garment", item) }] : []),
  ];
}

/** A star that can be set and taken away.
 *  @param {Picture} item @param {Act} act */
export function starButton(item, act, name = "") {
  const label = item.starred ? "Remove the star" : "Star";
  return verb("star", label, name, () => act("star", item, { on: !item.starred }), {
    class: item.starred && "starred", "aria-pressed": item.starred, data: { key: `star ${item.id}` },
  });
}

/** Takes a picture's settings and drawing over.
 *  @param {Picture} item @param {Act} act */
export function reuseButton(item, act, name = "") {
  return verb("reuse", "Use these settings and this drawing", name, () => act("use", item), { data: { key: `use ${item.id}` } });
}

/** A button with an icon, and with its name beside that where there is one.
 *  @param {string} drawn @param {string} label @param {string | false} name @param {() => void} onclick */
function verb(drawn, label, name, onclick, props = {}) {
  return el(name ? "button.tool.wide" : "button.tool", { title: label, "aria-label": label, onclick, ...props },
    icon(drawn), name && el("span", name));
}

/** The verbs of a picture as buttons; `wide` writes their names beside the icons and leaves the
 *  making of more to `makings`. `more` are further entries of the card's list.
 *  @param {Picture} item @param {Act} act @param {boolean} wide @param {import("./menu.js").MenuEntry[]} more */
export function verbs(item, act, wide = false, more = []) {
  /** @param {string} drawn @param {string} label @param {string} name @param {string} what */
  const make = (drawn, label, name, what) => verb(drawn, label, wide && name, () => act(what, item),
    { data: { key: `${what} ${item.id}` } });
  if (item.trashed) return [make("restore", "Take out of the trash", "Restore", "restore")];
  const compare = make("compare", "Compare", "Compare", "compare");
  compare.dataset.compare = item.id;
  const first = [
    starButton(item, act, wide ? "Star" : ""), showCompared(compare),
    reuseButton(item, act, wide ? "Use settings" : ""),
  ];
  const file = { href: url(`toile/picture/${item.id}?download=1`), download: item.file };
  if (wide) {
    return [...first,
      make("vary", "Everything but the seed", "Remix", "remix"),
      el("a.tool.wide", {
        title: "Download the PNG with its settings inside", "aria-label": "Download PNG", ...file,
      }, icon("download"), el("span", "Download")),
      make("clear", "Move to the trash", "Delete", "trash"),
    ];
  }
  return [...first,
    menuButton("branch", "Make more from this", () => makings(item, act), `branch ${item.id}`),
    menuButton("more", "More", () => [
      { text: "Remix: all but the seed", run: () => act("remix", item) },
      ...more,
      { text: "Download PNG", ...file },
      { text: "Move to the trash", run: () => act("trash", item), quiet: true },
    ], `more ${item.id}`),
  ];
}

/** "from seed 4821 · Text strength 4 → 7": what has changed since the picture it was made from.
 *  @param {Picture} item */
function changes({ parentSeed, short }) {
  const what = short || "the same settings";
  return (parentSeed ?? null) !== null && el("p.card-changes", { title: `Made from seed ${parentSeed}: ${what}` },
    el("span.muted", `from ${parentSeed} · `), el("span", what));
}

/** The address of what a card shows.
 *  @param {Picture} item */
export function shownBy({ id, small }) {
  return url(`toile/${small ? "thumb" : "picture"}/${id}`);
}

/** A card; `open` shows the picture large, `open(item, "note")` where its note is written.
 *  `more` are further entries of its list.
 *  @param {Picture} item @param {Act} act @param {(item: Picture, part?: string) => void} open @param {import("./menu.js").MenuEntry[]} more */
export function card(item, act, open, more = []) {
  const { prompt, seed, note } = item;
  const look = el("button.card-picture", {
    title: prompt || "Drawing without words",
    "aria-label": `Look closer: ${prompt || "a drawing without words"}, seed ${seed}`,
    onclick: () => open(item), data: { key: `look ${item.id}` },
  }, picture(item, { loading: "lazy", src: shownBy(item) }));
  const write = { text: note ? "Change the note" : "Write a note", run: () => open(item, "note") };
  return el("article.card", { data: { id: item.id } },
    look,
    el("p.card-facts",
      item.swatch && el("span.strip-label", swatch(item.swatch), el("span", item.swatch.name)),
      el("span", item.label || `seed ${seed}`), el("span", duration(item.seconds))),
    checkLine(item, look), changes(item),
    note && el("p.card-note", { title: note }, note),
    el("div.card-verbs", verbs(item, act, false, [write, ...more])));
}

/** Show cards in a grid, keeping those that did not change.
 *  @param {Element} grid @param {Kept} nodes @param {Picture[]} items @param {(item: Picture) => HTMLElement} make */
export function fillGrid(grid, nodes, items, make) {
  keepFocus(grid, () => put(grid, items.map((item) => known(nodes, item, make))));
  forget(nodes, items);
}

/** Let go of the nodes of items that are no longer there.
 *  @param {Kept} nodes @param {{ id: string }[]} items */
export function forget(nodes, items) {
  const ids = new Set(items.map(({ id }) => id));
  for (const id of nodes.keys()) if (!ids.has(id)) nodes.delete(id);
}

/** The node of an item, made anew only where the item has changed; what was told of it when it was
 *  looked at is not on its card.
 *  @template {{ id: string }} T @param {Kept} nodes @param {T} item @param {(item: T) => HTMLElement} make */
export function known(nodes, item, make) {
  const state = JSON.stringify({ ...item, look: undefined, n: undefined });
  const before = nodes.get(item.id);
  if (before?.state === state) return before.node;
  const node = make(item);
  keepPictures([node], before?.node);
  nodes.set(item.id, { node, state });
  return node;
}

/** Let an element have exactly these children, touching nothing where it has them.
 *  @param {Element} parent @param {Element[]} wanted */
export function put(parent, wanted) {
  const same = wanted.length === parent.children.length
    && wanted.every((node, i) => node === parent.children[i]);
  if (!same) parent.replaceChildren(...wanted);
}
