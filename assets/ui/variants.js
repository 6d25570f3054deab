// The project's newest pictures, and those that are being made.

import { card, forget, known, put, shownBy } from "./card.js";
import { score } from "./checks.js";
import { setPalette } from "./colourways.js";
import { el, fetched, keepFocus, press, segments, url, withData } from "./dom.js";
import { isFree, keyName, withModifier } from "./keyboard.js";
import { latestJob } from "./latest.js";
import { Lightbox } from "./lightbox.js";
import { amount, clamp } from "./numbers.js";
import { live, Part } from "./part.js";
import { glanced } from "./pulse.js";
import { columns, isRow, Sheet, strip } from "./sheet.js";

const LOOK_AFTER = 150; // ms: holding an arrow key down looks only at where it stops
const THEIRS = "[role=slider], [role=tablist], .board-root, [role=menu]"; // parts with keys of their own

/** Pictures that were made together.
 *  @typedef {{ job: string | null, kind: string, items: Picture[] }} Batch */

/** @type {Record<string, string>} */
const KINDS = {
  vary: "Variations",
  retry: "Until it passes",
  fix: "One part anew",
  sheet: "Text strengths",
  colourways: "Colourways",
};

/** @param {Mounted} part */
export function mount(part) {
  const { props, watch } = part;
  setPalette(props.colours);
  const variants = new Variants(part);
  const making = new Making(variants);
  document.addEventListener("keydown", (event) => variants.press(event));
  live(watch, {
    value: () => variants.arrived(() => making.draw()),
    job: () => making.show(props.job ?? null),
    changed: () => { if (props.changed) variants.changed(props.changed); },
  });
  glanced(({ job }) => making.show(job));
}

class Variants extends Part {
  /** @param {Mounted} part */
  constructor(part) {
    super(part);
    this.lightbox = new Lightbox(this.act);
    this.sheet = new Sheet(this.act, (item) => this.open(item));
    this.nodes = new Map();
    /** The project and ids of the pictures that were on the page; how many draws wait for new ones. */
    this.project = undefined;
    this.had = new Set();
    this.waits = 0;
    /** What was told of a picture when it was looked at, as long as it is in the list: a new list
     *  of pictures says nothing of it. */
    this.looks = new Map();
    this.order = "newest";
    this.onlyPassing = false;
    this.selected = ""; // the ids of the picture that is selected, and of the one before
    this.before = "";
    this.timer = 0;
    this.making = el("div.grid.making", { "aria-live": "off" });
    this.groups = el("div.groups");
    this.told = el("p.told.muted", { role: "status", hidden: true });
    this.sorts = segments("Order", [["newest", "Newest"], ["match", "Best match"]], (order) => {
      this.order = order;
      this.draw();
    });
    this.passing = el("button.quiet", {
      id: "only-passing", onclick: () => { this.onlyPassing = !this.onlyPassing; this.draw(); },
    }, "Only passing");
    this.tools = el("div.variants-tools", { hidden: true }, this.sorts.node, this.passing);
    this.none = el("div.nothing");
    this.root.replaceChildren(el("div.variants-head", el("h2", "Variants"), this.tools),
      this.told, this.making, this.groups, this.none, this.lightbox.dialog, this.sheet.dialog);
  }

  /** @returns {Picture[]} */
  get items() { return this.props.value?.items ?? []; }

  get shown() {
    const list = this.onlyPassing
      ? this.items.filter((item) => item.passed && item.checks.length) : this.items;
    return this.order === "match" ? [...list].sort((a, b) => score(b) - score(a)) : list;
  }

  /** @returns {Batch[]} */
  get batches() {
    const { shown } = this;
    return this.order === "match" ? [{ job: "", kind: "", items: shown }] : together(shown);
  }

  /** @param {string | undefined} id */
  item(id) { return this.items.find((item) => item.id === id); }

  /** @param {Picture} item @param {string} [part] */
  open(item, part) {
    this.select(item, false);
    this.lightbox.last = this.before;
    this.lightbox.open(this.shown, item, part);
  }

  /** Pictures have arrived: each takes the place of what was seen of it in the making, whole.
   *  @param {() => void} after */
  async arrived(after) {
    const { project } = this.props.value ?? {};
    // A project that is opened is shown at once.
    const fresh = project === this.project ? this.items.filter(({ id }) => !this.had.has(id)) : [];
    this.project = project;
    if (fresh.length) {
      this.waits += 1;
      // With its second picture a row becomes one, and shows the first in another size.
      await fetched(this.batches.filter(({ items }) => items.some((item) => fresh.includes(item)))
        .flatMap(({ kind, items }) => (isRow(kind) && items.length > 1
          ? items.map(({ id }) => url(`toile/thumb/${id}`)) : items.map(shownBy))));
      this.waits -= 1;
    }
    this.draw();
    after();
  }

  draw() {
    const { shown, items } = this;
    this.had = new Set(items.map(({ id }) => id));
    forget(this.looks, items);
    this.tools.hidden = !this.onlyPassing && !items.some((item) => item.checks.length);
    this.sorts.mark(this.order);
    press(this.passing, this.onlyPassing);
    const { batches } = this;
    keepFocus(this.groups, () => put(this.groups, batches.map((batch) => this.section(batch))));
    forget(this.nodes, [...shown, ...batches.map(({ job }) => ({ id: `batch ${job}` }))]);
    this.mark();
    this.empty();
  }

  /** @param {Batch} batch */
  section({ job, kind, items: batch }) {
    const title = job ? heading(kind, batch) : "";
    const inside = isRow(kind) && batch.length > 1
      ? known(this.nodes, { id: `batch ${job}`, batch },
        () => strip(batch, (item) => this.sheet.open(title, batch, item)))
      : el("div.grid", batch.map((item) => known(this.nodes, item,
        () => card(item, this.act, (it, part) => this.open(it, part)))));
    return el("section.batch", { data: { job: job ?? "", kind: kind ?? "" } },
      title && el("h3", { title: batch[0].prompt }, title), inside);
  }

  empty() {
    this.none.hidden = this.shown.length > 0 || this.making.children.length > 0;
    if (this.none.hidden) return;
    const [title, words] = this.items.length ? [
      "None of these passes all its checks.", "“Regenerate until it passes” tries new seeds for you.",
    ] : [
      "Your variants appear here.",
      "Each is kept in the project with its seed and its settings, before you see it.",
    ];
    this.none.replaceChildren(el("p.nothing-title", title), el("p", words));
  }

  // Selecting

  /** @param {Picture} item */
  select(item, scroll = true) {
    if (this.selected !== item.id) {
      this.before = this.item(this.selected) ? this.selected : "";
      this.selected = item.id;
      clearTimeout(this.timer);
      if (scroll) this.timer = setTimeout(() => this.act("look", item, { against: this.before }), LOOK_AFTER);
    }
    this.mark();
    if (scroll) withData(this.groups, "id", item.id)?.scrollIntoView({ block: "nearest" });
  }

  mark() {
    for (const node of this.groups.querySelectorAll(".selected")) {
      node.classList.remove("selected");
      node.removeAttribute("aria-current");
    }
    const node = withData(this.groups, "id", this.selected);
    node?.classList.add("selected");
    node?.setAttribute("aria-current", "true");
    const item = this.item(this.selected);
    const against = this.looks.get(this.selected)?.against;
    const tells = item && against?.id === this.before;
    this.told.hidden = !tells;
    this.told.textContent = tells
      ? `Seed ${against.seed} → ${item.seed}: ${against.short || "the same settings"}` : "";
  }

  /** @param {number} step */
  move(step) {
    const order = [.../** @type {NodeListOf<HTMLElement>} */ (this.groups.querySelectorAll("[data-id]"))]
      .map((node) => node.dataset.id);
    const at = order.indexOf(this.selected);
    const item = this.item(order[at < 0 ? 0 : clamp(at + step, 0, order.length - 1)]);
    if (item) this.select(item);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { target } = event;
    const elsewhere = target instanceof Element && target !== document.body
      && !this.root.contains(target) && target.closest(THEIRS);
    if (!isFree(event) || elsewhere || !this.root.offsetParent || withModifier(event) || event.shiftKey) return;
    const key = keyName(event);
    const item = this.item(this.selected);
    /** @type {Record<string, () => void>} */
    const run = {
      ArrowLeft: () => this.move(-1),
      ArrowRight: () => this.move(1),
      ...(item && {
        s: () => this.act("star", item, { on: !item.starred }),
        a: () => this.act("use", item),
        r: () => this.act("remix", item),
      }),
    };
    if (!Object.hasOwn(run, key)) return;
    event.preventDefault();
    run[key]();
  }

  /** A picture is another one, or was looked at.
   *  @param {Picture} item */
  changed(item) {
    if (item.look) this.looks.set(item.id, item.look);
    const list = this.items.map((old) => (old.id === item.id ? { ...old, ...item, small: old.small } : old))
      .filter((i) => !i.trashed);
    if (JSON.stringify(list) !== JSON.stringify(this.items)) {
      this.props.value = { ...this.props.value, items: list };
      this.draw();
    }
    this.lightbox.changed(item);
    this.sheet.changed(item);
  }
}

/** Pictures that were made together, newest first.
 *  @param {Picture[]} list */
function together(list) {
  /** @type {Batch[]} */
  const batches = [];
  for (const item of list) {
    const last = batches.at(-1);
    if (last && (last.job || "") === (item.job || "")) last.items.push(item);
    else batches.push({ job: item.job, kind: item.kind, items: [item] });
  }
  return batches;
}

/** "14:32 · Text strengths · navy wool coat…"
 *  @param {string} kind @param {Picture[]} batch */
function heading(kind, batch) {
  const [{ created, parentSeed, prompt }] = batch;
  const parts = [new Date(created).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false })];
  if (KINDS[kind]) parts.push(columns(batch) ? "Text × garment" : KINDS[kind]);
  if (kind === "retry") parts.push(tries(batch));
  const derived = ["vary", "fix", "sheet", "colourways"].includes(kind) && parentSeed !== null;
  parts.push(derived ? `from seed ${parentSeed}` : prompt.replace(/^(an?|the)\s+/i, "") || "a drawing");
  return parts.join(" · ");
}

/** @param {Picture[]} batch */
function tries(batch) {
  const done = batch.filter((item) => item.checks.length);
  const count = amount(done.length, "try", "tries");
  return done.some((item) => item.passed) ? `passed after ${count}` : `${count}, none passed`;
}

/** Pictures in the making: as many tiles, with what can be seen of each already. */
class Making {
  /** @param {Variants} variants */
  constructor(variants) {
    this.variants = variants;
    this.latest = latestJob();
    /** @type {Job | null} */
    this.job = null;
  }

  /** @param {Job | null} arrived */
  show(arrived) {
    this.job = this.latest(arrived);
    // The pictures that have come with it are told in the same breath.
    queueMicrotask(() => this.draw());
  }

  draw() {
    if (this.variants.waits) return; // what is seen of a picture stays until the picture is there
    const { job, variants: { making } } = this;
    const count = job && ["waiting", "running"].includes(job.state) ? job.count : 0;
    while (making.children.length > count) making.lastElementChild?.remove();
    while (making.children.length < count) {
      making.append(el("div.card.pending", el("div.card-picture", el("img", { alt: "", hidden: true }))));
    }
    for (const [index, image] of making.querySelectorAll("img").entries()) {
      if (job && index < job.previews) preview(image, url(`toile/preview/${job.id}/${index}?v=${job.version}`));
    }
    this.variants.empty();
  }
}

/** Load a preview before showing it, so that nothing flickers; one at a time is enough.
 *  @param {HTMLImageElement} image @param {string} src */
function preview(image, src) {
  if (image.dataset.loading) return;
  image.dataset.loading = "1";
  el("img", {
    src,
    onload: () => {
      image.src = src;
      image.hidden = false;
      delete image.dataset.loading;
    },
    onerror: () => { delete image.dataset.loading; },
  });
}
