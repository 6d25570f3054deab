// One picture: what it shows, what was checked in it, what can be done with it.

import { showCompared } from "./compare/chosen.js";
import { el, iconButton, url } from "./dom.js";

/** Seconds as a person says them. */
export function duration(seconds) {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** "5/5 buttons" or "coat": one check in few words. */
export function checkText({ what, asked, seen, passed }) {
  if (typeof asked === "number") return `${seen}/${asked} ${what}`;
  return passed ? asked : `${seen}, not ${asked}`;
}

export function checkChips(checks) {
  if (!checks.length) return null;
  return el("ul", { class: "checks", "aria-label": "Checked in the picture" },
    ...checks.map((check) => el("li", {
      class: check.passed ? "passed" : "missed",
      title: check.passed ? "As asked" : `Asked for ${check.asked}, seen ${check.seen}`,
    }, el("b", { text: check.passed ? "✓" : "✗", "aria-hidden": "true" }),
    el("span", { class: "sr", text: check.passed ? "kept: " : "missed: " }),
    el("span", { text: checkText(check) }))));
}

/** The verbs of a picture as buttons; `wide` writes their names beside the icons. */
export function verbs(item, act, wide = false) {
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
  const download = el("a", {
    class: wide ? "tool wide" : "tool", title: "Download the PNG with its settings inside",
    "aria-label": "Download PNG", href: url(`toile/picture/${item.id}?download=1`),
    download: item.file,
  }, iconButton("download", "", null).firstChild, wide ? el("span", { text: "Download" }) : null);
  const compare = make("compare", "Compare", "Compare", "compare");
  compare.dataset.compare = item.id;
  return [
    star,
    showCompared(compare),
    make("reuse", "Use these settings and this drawing", "Use settings", "use"),
    varyMenu(item, act, wide),
    download,
    make("clear", "Move to the trash", "Delete", "trash"),
  ];
}

function varyMenu(item, act, wide) {
  const menu = el("div", { class: "menu", hidden: true },
    ...[["subtle", "Vary a little"], ["strong", "Vary strongly"]].map(([strength, text]) => el(
      "button",
      { type: "button", text, on: { click: () => { close(); act("vary", item, { strength }); } } },
    )));
  const button = iconButton("vary", "Vary", () => (menu.hidden ? open() : close()),
    { "aria-expanded": "false", "aria-haspopup": "true" });
  if (wide) {
    button.classList.add("wide");
    button.append(el("span", { text: "Vary" }));
  }
  const holder = el("div", { class: "menu-holder" }, button, menu);
  const outside = (event) => { if (!holder.contains(event.target)) close(); };
  function open() {
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", outside);
    menu.firstChild.focus();
  }
  function close() {
    menu.hidden = true;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
  }
  holder.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !menu.hidden) {
      event.stopPropagation();
      close();
      button.focus();
    }
  });
  return holder;
}

/** A card; `open` shows the picture large. */
export function card(item, act, open) {
  return el(
    "article",
    { class: "card", data: { id: item.id } },
    el("button", {
      type: "button", class: "card-picture", title: item.prompt || "Drawing without words",
      "aria-label": `Look closer: ${item.prompt || "a drawing without words"}, seed ${item.seed}`,
      on: { click: () => open(item) },
    }, el("img", {
      src: url(`toile/${item.small ? "thumb" : "picture"}/${item.id}`),
      alt: item.prompt || "A picture made from a drawing", width: item.width,
      height: item.height, loading: "lazy", decoding: "async", draggable: "false",
    })),
    el("p", { class: "card-facts" },
      el("span", { text: `seed ${item.seed}` }), el("span", { text: duration(item.seconds) })),
    checkChips(item.checks),
    el("div", { class: "card-verbs" }, ...verbs(item, act)),
  );
}

/** Show cards in a grid, keeping those that did not change. */
export function fillGrid(grid, nodes, items, make) {
  const wanted = items.map((item) => {
    const known = nodes.get(item.id);
    const state = JSON.stringify(item);
    if (known?.state === state) return known.node;
    const node = make(item);
    nodes.set(item.id, { node, state });
    return node;
  });
  const ids = new Set(items.map((item) => item.id));
  for (const id of nodes.keys()) if (!ids.has(id)) nodes.delete(id);
  const same = wanted.length === grid.children.length
    && wanted.every((node, i) => node === grid.children[i]);
  if (!same) grid.replaceChildren(...wanted);
}
