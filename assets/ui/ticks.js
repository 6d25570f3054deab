// Pictures ticked one by one for what is exported; the page remembers them while it is open.

import { el, thumb } from "./dom.js";

/** @type {Map<string, Map<string, Picture>>} */
const kept = new Map(); // a project's id -> its ticked pictures by their ids

/** A picture that went to the trash is exported no more.
 *  @param {string} id */
export function untick(id) {
  for (const pictures of kept.values()) pictures.delete(id);
}

/** The pictures of a project to tick: those ticked before, and those that the room shows. Ticks
 *  survive another search, so that pictures can be gathered from several.
 *  @param {string} project @param {Picture[]} shown @param {() => void} changed */
export function ticks(project, shown, changed) {
  const ticked = kept.get(project) ?? new Map();
  kept.set(project, ticked);
  /** @type {Map<string, Picture>} */
  const all = new Map(ticked);
  for (const item of shown) all.set(item.id, item);
  /** @type {Map<string, HTMLInputElement>} */
  const boxes = new Map();

  /** @param {Picture} item @param {boolean} on */
  function tick(item, on) {
    const box = boxes.get(item.id);
    if (box) box.checked = on;
    if (on) ticked.set(item.id, item);
    else ticked.delete(item.id);
  }

  const nodes = [...all.values()].map((item) => {
    const box = el("input", {
      type: "checkbox", "aria-label": `Seed ${item.seed}${item.starred ? ", starred" : ""}`,
      checked: ticked.has(item.id), onchange: () => { tick(item, box.checked); changed(); },
    });
    boxes.set(item.id, box);
    return el("label.tick", { title: item.prompt || "Drawing without words" }, box, thumb(item.id),
      el("span", `${item.starred ? "★ " : ""}${item.seed}`));
  });
  /** @param {string} text @param {boolean} on */
  const every = (text, on) => el("button.quiet", {
    onclick: () => {
      for (const item of all.values()) tick(item, on);
      changed();
    },
  }, text);
  const node = el("fieldset.ticks", el("legend.sr", "Pictures to export"),
    el("div.ticks-head",
      el("span.muted", all.size ? "Search in the room to find others; ticks stay."
        : "The room shows no picture to tick: clear its search, or leave its trash."),
      el("span.grow"), all.size > 0 && [every("Tick all", true), every("None", false)]),
    all.size > 0 && el("div.ticks-grid", nodes));
  return { node, ids: () => [...ticked.keys()] };
}
