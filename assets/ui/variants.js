// The project's newest pictures, and those that are being made.

import { card, known, put } from "./card.js";
import { score } from "./checks.js";
import { setPalette } from "./colourways.js";
import { el, isTyping, url } from "./dom.js";
import { latestJob } from "./latest.js";
import { Lightbox } from "./lightbox.js";
import { Sheet, columns, isRow, strip } from "./sheet.js";

const LOOK_AFTER = 150; // ms: holding an arrow key down looks only at where it stops

const KINDS = {
  vary: "Variations",
  retry: "Until it passes",
  fix: "One part anew",
  sheet: "Text strengths",
  colourways: "Colourways",
};

export function mount({ element, trigger, props, watch }) {
  const act = (verb, item, extra = {}) => trigger("act", { verb, id: item.id, ...extra });
  const lightbox = new Lightbox(act);
  const sheet = new Sheet(act, (item) => open(item));
  const nodes = new Map();
  /** What was told of a picture when it was looked at; a new list of pictures says nothing of it. */
  const looks = new Map();
  const latest = latestJob();
  const view = { sort: "newest", passing: false, selected: "", before: "" };
  let lookTimer = 0;

  const making = el("div", { class: "grid making", "aria-live": "off" });
  const groups = el("div", { class: "groups" });
  const told = el("p", { class: "told muted", role: "status", hidden: true });
  const sorts = [["newest", "Newest"], ["match", "Best match"]].map(([name, text]) => el("button", {
    type: "button", text, data: { sort: name }, on: { click: () => { view.sort = name; draw(); } },
  }));
  const passing = el("button", {
    type: "button", class: "quiet", text: "Only passing", id: "only-passing",
    on: { click: () => { view.passing = !view.passing; draw(); } },
  });
  const tools = el("div", { class: "variants-tools", hidden: true },
    el("div", { class: "segments", role: "group", "aria-label": "Order" }, ...sorts), passing);
  const none = el("div", { class: "nothing" });
  const root = element.querySelector(".variants-root");
  root.replaceChildren(
    el("div", { class: "variants-head" }, el("h2", { text: "Variants" }), tools),
    told, making, groups, none, lightbox.dialog, sheet.dialog,
  );

  function items() {
    return props.value?.items ?? [];
  }

  function shown() {
    const list = view.passing ? items().filter((item) => item.passed && item.checks.length) : items();
    return view.sort === "match" ? [...list].sort((a, b) => score(b) - score(a)) : list;
  }

  function open(item, part) {
    select(item, false);
    lightbox.last = view.before;
    lightbox.open(shown(), item, part);
  }

  function draw() {
    const list = shown();
    const checked = items().some((item) => item.checks.length);
    tools.hidden = !checked && !view.passing;
    for (const button of sorts) {
      button.setAttribute("aria-pressed", String(button.dataset.sort === view.sort));
    }
    passing.setAttribute("aria-pressed", String(view.passing));
    const batches = view.sort === "match" ? [{ job: "", kind: "", items: list }] : together(list);
    put(groups, batches.map(section));
    const ids = new Set(list.map(({ id }) => id));
    for (const id of nodes.keys()) if (!ids.has(id) && !id.startsWith("batch ")) nodes.delete(id);
    mark();
    empty();
  }

  /** Pictures that were made together, newest first. */
  function together(list) {
    const batches = [];
    for (const item of list) {
      const last = batches.at(-1);
      if (last && item.job && last.job === item.job) last.items.push(item);
      else if (last && !item.job && !last.job) last.items.push(item);
      else batches.push({ job: item.job, kind: item.kind, items: [item] });
    }
    return batches;
  }

  function section({ job, kind, items: batch }) {
    const title = job ? heading(kind, batch) : "";
    const row = isRow(kind) && batch.length > 1;
    const inside = row
      ? known(nodes, { id: `batch ${job}`, batch }, () => strip(batch, (item) => sheet.open(title, batch, item)))
      : el("div", { class: "grid" }, ...batch.map((item) => known(nodes, item, (it) => card(it, act, open))));
    return el("section", { class: "batch", data: { job: job ?? "", kind: kind ?? "" } },
      title ? el("h3", { text: title, title: batch[0].prompt }) : null, inside);
  }

  /** "14:32 · Text strengths · navy wool coat…" */
  function heading(kind, batch) {
    const at = new Date(batch[0].created).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
    const parts = [at];
    if (KINDS[kind]) parts.push(columns(batch) ? "Text × garment" : KINDS[kind]);
    if (kind === "retry") parts.push(tries(batch));
    if (["vary", "fix", "sheet", "colourways"].includes(kind) && batch[0].parentSeed !== null) {
      parts.push(`from seed ${batch[0].parentSeed}`);
    } else parts.push(batch[0].prompt.replace(/^(an?|the)\s+/i, "") || "a drawing");
    return parts.join(" · ");
  }

  function tries(batch) {
    const done = batch.filter((item) => item.checks.length);
    const count = done.length === 1 ? "1 try" : `${done.length} tries`;
    return done.some((item) => item.passed) ? `passed after ${count}` : `${count}, none passed`;
  }

  function empty() {
    const pending = making.children.length > 0;
    none.hidden = shown().length > 0 || pending;
    if (none.hidden) return;
    none.replaceChildren(...(items().length ? [
      el("p", { class: "nothing-title", text: "None of these passes all its checks." }),
      el("p", { text: "“Regenerate until it passes” tries new seeds for you." }),
    ] : [
      el("p", { class: "nothing-title", text: "Your variants appear here." }),
      el("p", { text: "Each is kept in the project with its seed and its settings, before you see it." }),
    ]));
  }

  // Selecting

  function select(item, scroll = true) {
    if (view.selected !== item.id) {
      view.before = items().some(({ id }) => id === view.selected) ? view.selected : "";
      view.selected = item.id;
      clearTimeout(lookTimer);
      if (scroll) lookTimer = setTimeout(() => act("look", item, { against: view.before }), LOOK_AFTER);
    }
    mark();
    if (scroll) find(item.id)?.scrollIntoView({ block: "nearest" });
  }

  function find(id) {
    return groups.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  function mark() {
    for (const node of groups.querySelectorAll(".selected")) {
      node.classList.remove("selected");
      node.removeAttribute("aria-current");
    }
    const node = find(view.selected);
    node?.classList.add("selected");
    node?.setAttribute("aria-current", "true");
    const item = items().find(({ id }) => id === view.selected);
    const against = looks.get(view.selected)?.against;
    const tells = item && against && against.id === view.before;
    told.hidden = !tells;
    told.textContent = tells
      ? `Seed ${against.seed} → ${item.seed}: ${against.short || "the same settings"}` : "";
  }

  function move(step) {
    const order = [...groups.querySelectorAll("[data-id]")].map((node) => node.dataset.id);
    if (!order.length) return;
    const at = order.indexOf(view.selected);
    const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), order.length - 1);
    const item = items().find(({ id }) => id === order[next]);
    if (item) select(item);
  }

  const KEYS = {
    ArrowLeft: () => move(-1),
    ArrowRight: () => move(1),
    s: (item) => act("star", item, { on: !item.starred }),
    a: (item) => act("use", item),
    r: (item) => act("remix", item),
  };

  document.addEventListener("keydown", (event) => {
    const { target } = event;
    const elsewhere = target instanceof Element && target !== document.body
      && !root.contains(target) && target.closest("[role=slider], [role=tablist], .board-root, [role=menu]");
    if (event.defaultPrevented || isTyping(event) || elsewhere || !root.offsetParent) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const run = Object.hasOwn(KEYS, key) ? KEYS[key] : null;
    if (!run) return;
    const item = items().find(({ id }) => id === view.selected);
    if (key.length === 1 && !item) return;
    event.preventDefault();
    run(item);
  });

  // Pictures in the making

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
    if (item.look) looks.set(item.id, item.look);
    const list = items().map((old) => (old.id === item.id ? { ...old, ...item, small: old.small } : old))
      .filter((i) => !i.trashed);
    if (JSON.stringify(list) !== JSON.stringify(items())) {
      props.value = { ...props.value, items: list };
      draw();
    }
    lightbox.changed(item);
    sheet.changed(item);
  }

  watch("value", draw);
  watch("job", progress);
  watch("changed", changed);
  setPalette(props.colours);
  draw();
  progress();
  root.dataset.ready = "1";
}
