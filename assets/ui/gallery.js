// The Projects room: all projects, and the open one's pictures, found, kept, thrown away, exported.

import { ask } from "./ask.js";
import { card, fillGrid } from "./card.js";
import { el, focusedIn, icon, iconButton, segments } from "./dom.js";
import { exportDialog } from "./exports.js";
import { Lightbox } from "./lightbox.js";
import { FamilyTree } from "./lineage.js";
import { menuButton } from "./menu.js";
import { amount } from "./numbers.js";
import { live, Part } from "./part.js";
import { shelf } from "./shelf.js";
import { untick } from "./ticks.js";

const FILTERS = [["all", "All"], ["starred", "Starred"], ["passing", "Passing"], ["trash", "Trash"]];
/** @type {Record<string, string>} */
const NOTHING = {
  all: "No pictures yet: make some in the studio.",
  starred: "No picture has a star yet.",
  passing: "No picture has passed all its checks yet.",
  trash: "The trash is empty.",
};
const PAUSE = 250; // ms after the last letter until pictures are looked for

/** @param {Mounted} part */
export function mount(part) {
  const { props, watch } = part;
  const gallery = new Gallery(part);
  document.addEventListener("toile-project-back", ({ detail }) => gallery.trigger("restore_project", detail));
  gallery.search.mark();
  gallery.draw();
  live(watch, {
    projects: () => gallery.listed(),
    page: () => gallery.arrived(),
    changed: () => { if (props.changed) gallery.changed(props.changed); },
    family: () => { if (props.family) gallery.tree.show(props.family); },
    refresh: () => { if (props.refresh) gallery.query(); }, // or asked for before the room was there
  });
}

/** What is looked for among the pictures, and the fields in which it is said. */
class Search {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {Record<string, any>} */
    this.asked = { filter: "all", search: "", seed: "", since: null, until: null };
    this.timer = 0;
    this.filters = segments("Which pictures", FILTERS, (filter) => this.set({ filter }));
    const words = el("input", {
      type: "search", placeholder: "Words, notes, components", maxlength: 200,
      "aria-label": "Search words, notes and components",
      oninput: () => { this.later(() => ({ search: words.value })); },
    });
    const seed = el("input.seed-field", {
      type: "text", inputmode: "numeric", placeholder: "Seed", maxlength: 16,
      "aria-label": "Only this seed", oninput: () => { this.later(() => ({ seed: seed.value.trim() })); },
    });
    const since = this.day("from", "since", 0);
    const until = this.day("until", "until", 1);
    this.clear = el("button.quiet", { hidden: true, onclick: () => {
      for (const field of [words, seed, since, until]) field.value = "";
      this.set({ search: "", seed: "", since: null, until: null });
    } }, "Clear");
    this.nodes = [this.filters.node, words, seed, el("span.days", since, el("span.muted", "to"), until), this.clear];
  }

  /** A field for a day of the user's own calendar, in which a day can have 23 or 25 hours.
   *  @param {string} label @param {string} name @param {number} after days from its beginning */
  day(label, name, after) {
    const field = el("input", {
      type: "date", "aria-label": `Made ${label} this day`,
      onchange: () => {
        const [y, m, d] = field.value.split("-").map(Number);
        this.set({ [name]: field.value ? new Date(y, m - 1, d + after).getTime() / 1000 : null });
      },
    });
    return field;
  }

  /** @param {() => object} change */
  later(change) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.set(change()), PAUSE);
  }

  /** @param {object} next */
  set(next) {
    Object.assign(this.asked, next);
    this.changed();
  }

  /** Whether more is asked for than a filter. */
  get narrowed() {
    const { search, seed, since, until } = this.asked;
    return Boolean(search || seed || since || until);
  }

  /** Whether an answer is to what is asked for now.
   *  @param {any} asked */
  answered(asked) {
    return Object.keys(this.asked).every((key) => (asked?.[key] ?? "") === (this.asked[key] ?? ""));
  }

  mark() {
    this.filters.mark(this.asked.filter);
    this.clear.hidden = !this.narrowed;
  }
}

class Gallery extends Part {
  /** @param {Mounted} part */
  constructor(part) {
    super(part);
    const { root, trigger } = part;
    this.lightbox = new Lightbox(this.act);
    this.tree = new FamilyTree((node, nodes) => this.lightbox.open(nodes.map((one) => one.card), node.card), this.act);
    this.nodes = new Map();
    /** @type {Picture[]} */
    this.items = [];
    this.next = null;
    this.total = 0; // pictures in the project, or in its trash, whether shown or not
    this.loading = false;
    this.projects = shelf(trigger);
    this.search = new Search(() => this.query());
    this.title = el("h2.room-title");
    this.count = el("span.muted.room-count", { role: "status" });
    this.rename = iconButton("edit", "Rename the project", () => this.askName());
    this.make = el("button.quiet", { onclick: () => this.export({}) }, icon("download"), el("span", "Export"));
    const more = menuButton("more", "More about this project", () => [
      { text: "Rename", run: () => this.askName() },
      { text: "Delete the project", run: () => this.delete(), quiet: true },
    ]);
    this.empty = el("button.quiet.danger", { hidden: true, onclick: () => this.askEmpty() }, "Empty the trash");
    this.grid = el("div.grid.wide");
    this.none = el("p.nothing");
    this.onward = el("button.more", { onclick: () => {
      if (!this.loading) trigger("query", { ...this.search.asked, before: this.next });
      this.loading = true;
    } }, "Show more");
    new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting) && !this.onward.hidden) this.onward.click();
    }, { rootMargin: "400px" }).observe(this.onward);
    root.replaceChildren(
      this.projects.node,
      el("section.room", { "aria-label": "Pictures of the open project" },
        el("div.room-head", this.title, this.rename, el("span.grow"), this.make, more),
        el("div.gallery-head", this.search.nodes, el("span.grow"), this.count, this.empty),
        this.grid, this.none, this.onward),
      this.lightbox.dialog, this.tree.dialog);
  }

  /** The open project.
   *  @returns {Project | undefined} */
  get open() { return this.props.projects?.items.find((/** @type {Project} */ { id }) => id === this.props.projects.open); }

  get trash() { return this.search.asked.filter === "trash"; }

  // Questions about the open project

  /** @param {object} preset */
  export(preset) {
    if (this.open) exportDialog(this.open, { shown: this.trash ? [] : this.items, ...preset });
  }

  askName() {
    const project = this.open;
    if (!project) return;
    ask({
      title: "Rename the project", label: "Name", value: project.name, go: "Rename",
      done: (name) => this.trigger("rename_project", { id: project.id, name }),
    });
  }

  /** The open project goes to the trash: nothing is asked, for it can be taken back. */
  delete() {
    if (this.open) this.trigger("delete_project", { id: this.open.id });
  }

  askEmpty() {
    const pictures = amount(this.total, "picture");
    ask({
      title: "Empty the trash", danger: true, go: `Remove ${pictures}`,
      text: `${pictures} ${this.total === 1 ? "is" : "are"} removed for good. This cannot be undone.`,
      done: () => this.trigger("empty_trash", {}),
    });
  }

  // Pictures

  query() {
    this.trigger("query", { ...this.search.asked, before: null });
    this.search.mark();
  }

  /** @param {Picture} item */
  extras(item) {
    return [
      { text: "Family tree", run: () => this.trigger("family", { id: item.id }) },
      { text: "Technical sheet…", run: () => this.export({ what: "technical", item }) },
      { text: "Portfolio page…", run: () => this.export({ what: "portfolio", item }) },
    ];
  }

  draw() {
    const { items, props, search, total } = this;
    fillGrid(this.grid, this.nodes, items, (item) => card(item, this.act,
      (it, part) => this.lightbox.open(this.items, it, part), this.extras(item)));
    this.none.hidden = items.length > 0 || !props.page;
    this.none.textContent = search.narrowed
      ? "No picture is like that: change the words, or clear the search."
      : NOTHING[search.asked.filter];
    this.onward.hidden = this.next === null;
    const some = search.narrowed || ["starred", "passing"].includes(search.asked.filter);
    const pictures = amount(some ? items.length : total, "picture");
    this.count.textContent = !props.page ? "Loading…"
      : some && this.next !== null ? pictures.replace(" ", "+ ") : pictures;
    const emptied = !this.trash || total === 0;
    if (emptied && focusedIn(this.empty)) this.search.filters.buttons[0].focus();
    this.empty.hidden = emptied;
    this.root.dataset.count = String(items.length);
  }

  arrived() {
    const { page, projects } = this.props;
    this.loading = false;
    if (!page || (projects && page.project !== projects.open) || !this.search.answered(page.asked)) return;
    const have = new Set(page.before === null ? [] : this.items.map(({ id }) => id));
    this.items = [...(page.before === null ? [] : this.items), ...page.items.filter((/** @type {Picture} */ { id }) => !have.has(id))];
    this.next = page.next;
    this.total = page.total;
    this.grid.inert = false;
    this.draw();
  }

  /** @param {Picture} item */
  changed(item) {
    const here = this.trash === item.trashed;
    const belongs = here && (this.search.asked.filter !== "starred" || item.starred);
    if (!here && this.items.some(({ id }) => id === item.id)) this.total -= 1;
    this.items = this.items.map((old) => (old.id === item.id ? { ...item, small: true } : old))
      .filter((old) => old.id !== item.id || belongs);
    if (item.trashed) untick(item.id);
    this.lightbox.changed(item);
    this.tree.changed(item);
    this.draw();
  }

  listed() {
    this.projects.show(this.props.projects ?? { open: "", items: [], trash: [] });
    // Until the open project's pictures are here, those of the one before are not to be pressed.
    this.grid.inert = Boolean(this.props.page) && this.props.page.project !== this.props.projects?.open;
    this.title.textContent = this.open?.name ?? "";
    this.rename.hidden = this.make.hidden = !this.open;
  }
}
