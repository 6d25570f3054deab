// All pictures of a project, newest first, a page at a time.

import { card, fillGrid } from "./card.js";
import { el } from "./dom.js";
import { Lightbox } from "./lightbox.js";

const FILTERS = [["all", "All"], ["starred", "Starred"], ["trash", "Trash"]];
const NOTHING = {
  all: "No pictures yet: make some in the studio.",
  starred: "No picture has a star yet.",
  trash: "The trash is empty.",
};

export function mount({ element, trigger, props, watch }) {
  const act = (verb, item, extra = {}) => trigger("act", { verb, id: item.id, ...extra });
  const lightbox = new Lightbox(act);
  const nodes = new Map();
  const asked = { filter: "all", search: "" };
  let items = [];
  let next = null;
  let loading = false;
  let searchTimer = 0;

  const filters = FILTERS.map(([name, text]) => el("button", {
    type: "button", text, data: { filter: name },
    on: { click: () => { asked.filter = name; ask(); } },
  }));
  const search = el("input", {
    type: "search", placeholder: "Search the descriptions", "aria-label": "Search the descriptions",
    maxlength: "200",
    on: { input: () => {
      clearTimeout(searchTimer);
      searchTimer = setTimeout(() => { asked.search = search.value; ask(); }, 250);
    } },
  });
  const count = el("span", { class: "muted", role: "status" });
  const grid = el("div", { class: "grid wide" });
  const none = el("p", { class: "nothing" });
  const more = el("button", {
    type: "button", class: "more", text: "Show more",
    on: { click: () => { if (!loading) { loading = true; trigger("query", { ...asked, before: next }); } } },
  });
  const root = element.querySelector(".gallery-root");
  root.replaceChildren(
    el("div", { class: "gallery-head" }, el("div", { class: "segments" }, ...filters),
      search, count),
    grid, none, more, lightbox.dialog,
  );

  function ask() {
    trigger("query", { ...asked, before: null });
    mark();
  }

  function mark() {
    for (const button of filters) {
      button.setAttribute("aria-pressed", String(button.dataset.filter === asked.filter));
    }
  }

  function draw() {
    fillGrid(grid, nodes, items, (item) => card(item, act, (it) => lightbox.open(items, it)));
    none.hidden = items.length > 0;
    none.textContent = asked.search ? "No description has these words." : NOTHING[asked.filter];
    more.hidden = next === null;
    const total = props.page?.total ?? 0;
    count.textContent = total === 1 ? "1 picture" : `${total} pictures`;
    root.dataset.count = String(items.length);
  }

  function arrived() {
    const { page } = props;
    loading = false;
    if (!page || page.filter !== asked.filter || page.search !== asked.search) return;
    const known = new Set(items.map(({ id }) => id));
    items = page.before === null
      ? page.items
      : [...items, ...page.items.filter(({ id }) => !known.has(id))];
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
    lightbox.changed(item);
    draw();
  }

  watch("page", arrived);
  watch("changed", changed);
  watch("refresh", ask);
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && !more.hidden) more.click();
  }, { rootMargin: "400px" }).observe(more);
  mark();
  arrived();
  draw();
  if (props.refresh) ask(); // asked for while the gallery was not yet on the page
  root.dataset.ready = "1";
}
