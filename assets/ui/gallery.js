// The Projects room: all projects, and the open one's pictures, found, kept, thrown away, exported.

import { card, fillGrid } from "./card.js";
import { el, icon, iconButton } from "./dom.js";
import { ask } from "./ask.js";
import { exportDialog } from "./exports.js";
import { Lightbox } from "./lightbox.js";
import { menuButton } from "./menu.js";
import { FamilyTree } from "./lineage.js";
import { shelf } from "./shelf.js";
import { untick } from "./ticks.js";

const FILTERS = [["all", "All"], ["starred", "Starred"], ["passing", "Passing"], ["trash", "Trash"]];
const NOTHING = {
  all: "No pictures yet: make some in the studio.",
  starred: "No picture has a star yet.",
  passing: "No picture has passed all its checks yet.",
  trash: "The trash is empty.",
};
const DAY = 86400;

export function mount({ element, trigger, props, watch }) {
  const act = (verb, item, extra = {}) => trigger("act", { verb, id: item.id, ...extra });
  const lightbox = new Lightbox(act);
  const look = (list, item, part) => lightbox.open(list, item, part);
  const tree = new FamilyTree((node, nodes) => look(nodes.map((one) => one.card), node.card));
  const nodes = new Map();
  const asked = { filter: "all", search: "", seed: "", since: null, until: null };
  let items = [];
  let next = null;
  let loading = false;
  let timer = 0;

  const projects = shelf(trigger);
  const title = el("h2", { class: "room-title" });
  const filters = FILTERS.map(([name, text]) => el("button", {
    type: "button", text, data: { filter: name },
    on: { click: () => { asked.filter = name; query(); } },
  }));
  const later = (change) => {
    clearTimeout(timer);
    timer = setTimeout(() => { change(); query(); }, 250);
  };
  const search = el("input", {
    type: "search", placeholder: "Words, notes, components", maxlength: "200",
    "aria-label": "Search words, notes and components",
    on: { input: () => later(() => { asked.search = search.value; }) },
  });
  const seed = el("input", {
    type: "text", inputmode: "numeric", placeholder: "Seed", maxlength: "16",
    "aria-label": "Only this seed", class: "seed-field",
    on: { input: () => later(() => { asked.seed = seed.value.trim(); }) },
  });
  const day = (label, name, plus) => {
    const field = el("input", {
      type: "date", "aria-label": `Made ${label} this day`,
      on: { change: () => {
        const [y, m, d] = field.value.split("-").map(Number);
        asked[name] = field.value ? new Date(y, m - 1, d).getTime() / 1000 + plus : null;
        query();
      } },
    });
    return field;
  };
  const since = day("from", "since", 0);
  const until = day("until", "until", DAY);
  const clear = el("button", {
    type: "button", class: "quiet", text: "Clear", hidden: true,
    on: { click: () => {
      Object.assign(asked, { search: "", seed: "", since: null, until: null });
      for (const field of [search, seed, since, until]) field.value = "";
      query();
    } },
  });
  const count = el("span", { class: "muted room-count", role: "status" });
  const rename = iconButton("edit", "Rename the project", () => renameDialog());
  const make = el("button", {
    type: "button", class: "quiet", on: { click: () => openExport({}) },
  }, icon("download"), el("span", { text: "Export" }));
  const more = menuButton("more", "More about this project", "", () => [
    { text: "Rename", run: () => renameDialog() },
    { text: "Delete the project…", run: () => deleteDialog(), quiet: true },
  ]);
  const empty = el("button", {
    type: "button", class: "quiet danger", text: "Empty the trash", hidden: true,
    on: { click: () => emptyDialog() },
  });
  const grid = el("div", { class: "grid wide" });
  const none = el("p", { class: "nothing" });
  const onward = el("button", {
    type: "button", class: "more", text: "Show more",
    on: { click: () => {
      if (!loading) { loading = true; trigger("query", { ...asked, before: next }); }
    } },
  });
  const root = element.querySelector(".gallery-root");
  root.replaceChildren(
    projects.node,
    el("section", { class: "room", "aria-label": "Pictures of the open project" },
      el("div", { class: "room-head" }, title, rename, el("span", { class: "grow" }), make, more),
      el("div", { class: "gallery-head" },
        el("div", { class: "segments", role: "group", "aria-label": "Which pictures" }, ...filters),
        search, seed,
        el("span", { class: "days" }, since, el("span", { class: "muted", text: "to" }), until),
        clear, el("span", { class: "grow" }), count, empty),
      grid, none, onward),
    lightbox.dialog, tree.dialog,
  );

  const open = () => props.projects?.items?.find(({ id }) => id === props.projects.open);

  function openExport(preset) {
    const project = open();
    if (!project) return;
    exportDialog(project, { shown: asked.filter === "trash" ? [] : items, ...preset });
  }

  function renameDialog() {
    const project = open();
    if (!project) return;
    ask({
      title: "Rename the project", label: "Name", value: project.name, go: "Rename",
      done: (name) => trigger("rename_project", { id: project.id, name }),
    });
  }

  function deleteDialog() {
    const project = open();
    if (!project) return;
    const what = project.pictures === 1 ? "its picture" : `its ${project.pictures} pictures`;
    ask({
      title: "Delete the project", danger: true, go: "Delete for good",
      text: `“${project.name}” goes with ${what}, its drawings and its trash. This cannot be undone; `
        + "export the project file first if you may want it back.",
      label: `Type the name to delete it: ${project.name}`, must: project.name,
      done: (name) => trigger("delete_project", { id: project.id, name }),
    });
  }

  function emptyDialog() {
    const total = props.page?.total ?? 0;
    ask({
      title: "Empty the trash", danger: true,
      go: total === 1 ? "Remove 1 picture" : `Remove ${total} pictures`,
      text: `${total === 1 ? "1 picture is" : `${total} pictures are`} removed for good. This cannot be undone.`,
      done: () => trigger("empty_trash", {}),
    });
  }

  function query() {
    trigger("query", { ...asked, before: null });
    mark();
  }

  const narrowed = () => Boolean(asked.search || asked.seed || asked.since || asked.until);

  function mark() {
    for (const button of filters) {
      button.setAttribute("aria-pressed", String(button.dataset.filter === asked.filter));
    }
    clear.hidden = !narrowed();
  }

  const extras = (item) => [
    { text: "Family tree", run: () => trigger("family", { id: item.id }) },
    { text: "Technical sheet…", run: () => openExport({ what: "technical", item }) },
    { text: "Portfolio page…", run: () => openExport({ what: "portfolio", item }) },
  ];

  function draw() {
    fillGrid(grid, nodes, items,
      (item) => card(item, act, (it, part) => look(items, it, part), extras(item)));
    none.hidden = items.length > 0 || !props.page;
    none.textContent = narrowed()
      ? "No picture is like that: change the words, or clear the search."
      : NOTHING[asked.filter];
    onward.hidden = next === null;
    const total = props.page?.total ?? 0;
    const some = narrowed() || ["starred", "passing"].includes(asked.filter);
    const shown = some ? items.length : total;
    count.textContent = !props.page ? "Loading…" : `${shown}${some && next !== null ? "+" : ""} ${shown === 1 ? "picture" : "pictures"}`;
    empty.hidden = asked.filter !== "trash" || total === 0;
    root.dataset.count = String(items.length);
  }

  function arrived() {
    const { page } = props;
    loading = false;
    if (!page || (props.projects && page.project !== props.projects.open)) return;
    const same = Object.keys(asked).every((key) => (page.asked?.[key] ?? "") === (asked[key] ?? ""));
    if (!same) return;
    const have = new Set(items.map(({ id }) => id));
    items = page.before === null
      ? page.items
      : [...items, ...page.items.filter(({ id }) => !have.has(id))];
    next = page.next;
    draw();
  }

  function changed() {
    const item = props.changed;
    if (!item) return;
    const belongs = (asked.filter === "trash") === item.trashed
      && (asked.filter !== "starred" || item.starred);
    items = items.map((old) => (old.id === item.id ? { ...item, small: true } : old))
      .filter((old) => old.id !== item.id || belongs);
    if (item.trashed) untick(item.id);
    lightbox.changed(item);
    draw();
  }

  function listed() {
    projects.show(props.projects ?? { open: "", items: [] });
    title.textContent = open()?.name ?? "";
    for (const part of [rename, make]) part.hidden = !open();
  }

  watch("page", arrived);
  watch("projects", listed);
  watch("changed", changed);
  watch("family", () => { if (props.family) tree.show(props.family); });
  watch("refresh", query);
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && !onward.hidden) onward.click();
  }, { rootMargin: "400px" }).observe(onward);
  mark();
  listed();
  arrived();
  draw();
  if (props.refresh) query(); // asked for while the room was not yet on the page
  root.dataset.ready = "1";
}
