// The project's newest pictures, and those that are being made.

import { card, fillGrid } from "./card.js";
import { el, url } from "./dom.js";
import { latestJob } from "./latest.js";
import { Lightbox } from "./lightbox.js";

export function mount({ element, trigger, props, watch }) {
  const act = (verb, item, extra = {}) => trigger("act", { verb, id: item.id, ...extra });
  const lightbox = new Lightbox(act);
  const nodes = new Map();
  const latest = latestJob();
  const making = el("div", { class: "grid making", "aria-live": "off" });
  const grid = el("div", { class: "grid" });
  const none = el("div", { class: "nothing" },
    el("p", { class: "nothing-title", text: "Your variants appear here." }),
    el("p", { text: "Each is kept in the project with its seed and its settings, before you see it." }));
  const root = element.querySelector(".variants-root");
  root.replaceChildren(el("h2", { text: "Variants" }), making, grid, none, lightbox.dialog);

  function items() {
    return props.value?.items ?? [];
  }

  function draw() {
    fillGrid(grid, nodes, items(), (item) => card(item, act, (it) => lightbox.open(items(), it)));
    empty();
  }

  function empty() {
    none.hidden = items().length > 0 || making.children.length > 0;
  }

  function progress() {
    const job = latest(props.job ?? null);
    const active = job && (job.state === "waiting" || job.state === "running");
    const count = active ? job.count : 0;
    while (making.children.length > count) making.lastChild.remove();
    while (making.children.length < count) {
      making.append(el("div", { class: "card pending" }, el("div", { class: "card-picture" },
        el("img", { alt: "", hidden: true }))));
    }
    [...making.children].forEach((tile, index) => {
      if (index < (job?.previews ?? 0)) preview(tile.querySelector("img"), job, index);
    });
    empty();
  }

  /** Load a preview before showing it, so that nothing flickers; one at a time is enough. */
  function preview(image, job, index) {
    if (image.dataset.loading) return;
    image.dataset.loading = "1";
    const next = new Image();
    next.onload = () => {
      image.src = next.src;
      image.hidden = false;
      delete image.dataset.loading;
    };
    next.onerror = () => { delete image.dataset.loading; };
    next.src = url(`toile/preview/${job.id}/${index}?v=${job.version}`);
  }

  function changed() {
    const item = props.changed;
    if (!item) return;
    const list = items().map((old) => (old.id === item.id ? item : old)).filter((i) => !i.trashed);
    if (JSON.stringify(list) !== JSON.stringify(items())) {
      props.value = { ...props.value, items: list };
      draw();
    }
    lightbox.changed(item);
  }

  watch("value", draw);
  watch("job", progress);
  watch("changed", changed);
  draw();
  progress();
  root.dataset.ready = "1";
}
