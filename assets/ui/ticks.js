// Pictures ticked one by one for what is exported; the page remembers them while it is open.

import { el, url } from "./dom.js";

const kept = new Map(); // a project's id -> its ticked pictures by their ids

/** A picture that went to the trash is exported no more. */
export function untick(id) {
  for (const pictures of kept.values()) pictures.delete(id);
}

/** The pictures of a project to tick: those ticked before, and those that the room shows. Ticks
 *  survive another search, so that pictures can be gathered from several. */
export function ticks(project, shown, changed) {
  if (!kept.has(project)) kept.set(project, new Map());
  const ticked = kept.get(project);
  const all = new Map([...ticked, ...shown.map((item) => [item.id, item])]);
  const boxes = [...all.values()].map((item) => {
    const box = el("input", {
      type: "checkbox", "aria-label": `Seed ${item.seed}${item.starred ? ", starred" : ""}`,
      checked: ticked.has(item.id), on: { change: () => { tick(item, box.checked); changed(); } },
    });
    const node = el("label", { class: "tick", title: item.prompt || "Drawing without words" }, box,
      el("img", { src: url(`toile/thumb/${item.id}`), alt: "", loading: "lazy", draggable: "false" }),
      el("span", { text: `${item.starred ? "★ " : ""}${item.seed}` }));
    return { item, box, node };
  });

  function tick(item, on) {
    if (on) ticked.set(item.id, item);
    else ticked.delete(item.id);
  }

  const every = (text, on) => el("button", {
    type: "button", class: "quiet", text,
    on: { click: () => {
      for (const { item, box } of boxes) { box.checked = on; tick(item, on); }
      changed();
    } },
  });
  const node = el("fieldset", { class: "ticks" },
    el("legend", { class: "sr", text: "Pictures to export" }),
    el("div", { class: "ticks-head" },
      el("span", { class: "muted", text: boxes.length ? "Search in the room to find others; ticks stay."
        : "The room shows no picture to tick: clear its search, or leave its trash." }),
      el("span", { class: "grow" }),
      boxes.length ? every("Tick all", true) : null, boxes.length ? every("None", false) : null),
    boxes.length ? el("div", { class: "ticks-grid" }, ...boxes.map((one) => one.node)) : null);
  return { node, ids: () => [...ticked.keys()] };
}
