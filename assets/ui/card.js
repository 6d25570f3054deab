// One picture: what it shows, what was checked in it, what can be done with it.

import { checkLine, checkText, missedKinds } from "./checks.js";
import { askColours, swatch } from "./colourways.js";
import { showCompared } from "./compare/chosen.js";
import { el, iconButton, url } from "./dom.js";
import { menuButton } from "./menu.js";
import { canRefer } from "./references/able.js";

export { checkText };

/** Seconds as a person says them. */
export function duration(seconds) {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

const UNCHECKED = "this picture was not checked";

/** What can be made out of a picture: [{text, run, why}]. */
export function makings(item, act) {
  const why = item.checks.length ? "" : UNCHECKED;
  return [
    { text: "Vary a little", run: () => act("vary", item, { strength: "subtle" }) },
    { text: "Vary strongly", run: () => act("vary", item, { strength: "strong" }) },
    { text: "Regenerate until it passes", run: () => act("retry", item), why },
    ...missedKinds(item.checks).map(({ component, noun, placed }) => ({
      text: `Fix only the ${noun}`, run: () => act("fix", item, { component }),
      why: placed ? "" : `place the ${noun} on the board and generate first`,
    })),
    {
      text: item.guided ? "Sheet of text × garment" : "Row of text strengths",
      run: () => act("sheet", item),
    },
    {
      text: "Colourways…", why: item.settings.method ? "the colour comes from the garment photo" : "",
      run: () => askColours(item, (colours) => act("colours", item, { colours })),
    },
    ...(canRefer("garment") ? [{ text: "Use as garment", run: () => act("garment", item) }] : []),
  ];
}

/** The verbs of a picture as buttons; `wide` writes their names beside the icons and leaves the
 *  making of more to `makings`. `more` are further entries of the card's list. */
export function verbs(item, act, wide = false, more = []) {
  const make = (name, label, words, verb, extra = {}) => {
    const button = iconButton(name, label, () => act(verb, item, extra));
    if (wide) {
      button.classList.add("wide");
      button.append(el("span", { text: words }));
    }
    return button;
  };
  if (item.trashed) return [make("restore", "Take out of the trash", "Restore", "restore")];
  const star = make("star", item.starred ? "Remove the star" : "Star", "Star", "star",
    { on: !item.starred });
  star.classList.toggle("starred", item.starred);
  star.setAttribute("aria-pressed", String(item.starred));
  const compare = make("compare", "Compare", "Compare", "compare");
  compare.dataset.compare = item.id;
  showCompared(compare);
  const use = make("reuse", "Use these settings and this drawing", "Use settings", "use");
  const file = { href: url(`toile/picture/${item.id}?download=1`), download: item.file };
  if (wide) {
    const download = el("a", {
      class: "tool wide", title: "Download the PNG with its settings inside",
      "aria-label": "Download PNG", ...file,
    }, iconButton("download", "", null).firstChild, el("span", { text: "Download" }));
    return [
      star, compare, use,
      make("vary", "Everything but the seed", "Remix", "remix"),
      download,
      make("clear", "Move to the trash", "Delete", "trash"),
    ];
  }
  return [
    star,
    compare,
    use,
    menuButton("branch", "Make more from this", "", () => makings(item, act)),
    menuButton("more", "More", "", () => [
      { text: "Remix: all but the seed", run: () => act("remix", item) },
      ...more,
      { text: "Download PNG", ...file },
      { text: "Move to the trash", run: () => act("trash", item), quiet: true },
    ]),
  ];
}

/** "from seed 4821 · Text strength 4 → 7": what has changed since the picture it was made from. */
function changes(item) {
  if (item.parentSeed === null || item.parentSeed === undefined) return null;
  const what = item.short || "the same settings";
  return el("p", { class: "card-changes", title: `Made from seed ${item.parentSeed}: ${what}` },
    el("span", { class: "muted", text: `from ${item.parentSeed} · ` }), el("span", { text: what }));
}

/** A card; `open` shows the picture large, `open(item, "note")` where its note is written.
 *  `more` are further entries of its list. */
export function card(item, act, open, more = []) {
  const picture = el("button", {
    type: "button", class: "card-picture", title: item.prompt || "Drawing without words",
    "aria-label": `Look closer: ${item.prompt || "a drawing without words"}, seed ${item.seed}`,
    on: { click: () => open(item) },
  }, el("img", {
    src: url(`toile/${item.small ? "thumb" : "picture"}/${item.id}`),
    alt: item.prompt || "A picture made from a drawing", width: item.width,
    height: item.height, loading: "lazy", decoding: "async", draggable: "false",
  }));
  const write = { text: item.note ? "Change the note" : "Write a note", run: () => open(item, "note") };
  return el(
    "article",
    { class: "card", data: { id: item.id } },
    picture,
    el("p", { class: "card-facts" },
      item.swatch ? el("span", { class: "strip-label" }, swatch(item.swatch), el("span", { text: item.swatch.name })) : null,
      el("span", { text: item.label || `seed ${item.seed}` }),
      el("span", { text: duration(item.seconds) })),
    checkLine(item, picture),
    changes(item),
    item.note ? el("p", { class: "card-note", text: item.note, title: item.note }) : null,
    el("div", { class: "card-verbs" }, ...verbs(item, act, false, [write, ...more])),
  );
}

/** Show cards in a grid, keeping those that did not change. */
export function fillGrid(grid, nodes, items, make) {
  const wanted = items.map((item) => known(nodes, item, make));
  const ids = new Set(items.map((item) => item.id));
  for (const id of nodes.keys()) if (!ids.has(id)) nodes.delete(id);
  put(grid, wanted);
}

/** The node of an item, made anew only where the item has changed; what was told of it when it was
 *  looked at is not on its card. */
export function known(nodes, item, make) {
  const state = JSON.stringify({ ...item, look: undefined, n: undefined });
  const before = nodes.get(item.id);
  if (before?.state === state) return before.node;
  const node = make(item);
  nodes.set(item.id, { node, state });
  return node;
}

/** Let an element have exactly these children, touching nothing where it has them. */
export function put(parent, wanted) {
  const same = wanted.length === parent.children.length
    && wanted.every((node, i) => node === parent.children[i]);
  if (!same) parent.replaceChildren(...wanted);
}
