// All projects: cover, name, number of pictures, last change; a new one, one out of a file.

import { ask } from "./ask.js";
import { el, icon, url } from "./dom.js";

const LARGEST = 500 * 2 ** 20;

/** "just now", "4 minutes ago", "yesterday", else the date. */
export function ago(moment, now = Date.now()) {
  const seconds = (now - moment) / 1000;
  const say = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (seconds < 60) return "just now";
  if (seconds < 3600) return say.format(-Math.round(seconds / 60), "minute");
  if (seconds < 86400) return say.format(-Math.round(seconds / 3600), "hour");
  if (seconds < 7 * 86400) return say.format(-Math.round(seconds / 86400), "day");
  return new Date(moment).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

export function shelf(trigger) {
  const list = el("div", { class: "shelf-list" });
  const said = el("p", { class: "shelf-said", role: "status", hidden: true });
  const file = el("input", {
    type: "file", accept: ".toile", hidden: true, "aria-label": "Project file",
    on: { change: () => { if (file.files[0]) bring(file.files[0]); file.value = ""; } },
  });
  const bringing = el("button", {
    type: "button", class: "quiet", on: { click: () => file.click() },
    title: "Open a project file (.toile), or drop one here",
  }, icon("upload"), el("span", { text: "Import" }));
  const node = el("section", {
    class: "shelf", "aria-label": "All projects",
    on: {
      dragover: (event) => {
        if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
        event.preventDefault();
        node.classList.add("dropping");
      },
      dragleave: (event) => { if (!node.contains(event.relatedTarget)) node.classList.remove("dropping"); },
      drop: (event) => {
        event.preventDefault();
        node.classList.remove("dropping");
        const [dropped] = event.dataTransfer?.files ?? [];
        if (dropped) bring(dropped);
      },
    },
  },
  el("div", { class: "shelf-head" },
    el("h2", { text: "Projects" }), el("span", { class: "grow" }),
    el("button", {
      type: "button", class: "quiet", text: "New",
      on: { click: () => ask({
        title: "New project", label: "Name of the new project", go: "Make it",
        done: (name) => trigger("new_project", { name }),
      }) },
    }), bringing, file),
  said, list);

  function tell(text, bad = false) {
    said.textContent = text;
    said.hidden = !text;
    said.classList.toggle("bad", bad);
  }

  /** Send a project file; the server checks it whole before it keeps anything. */
  async function bring(chosen) {
    if (chosen.size > LARGEST) {
      tell("The file is larger than 500 MB: export the project again with less in it.", true);
      return;
    }
    bringing.disabled = true;
    tell(`Reading ${chosen.name}…`);
    try {
      const answer = await fetch(url("toile/import"), {
        method: "POST", body: chosen, headers: { "x-toile": "1" },
      });
      const { problem, project, name } = await answer.json();
      if (problem) { tell(problem, true); return; }
      tell(`“${name}” is here.`);
      trigger("open_project", { id: project });
    } catch {
      tell("The file did not arrive: check that Toile is still running, then try again.", true);
    } finally {
      bringing.disabled = false;
    }
  }

  function entry(project, current) {
    return el("button", {
      type: "button", class: "shelf-project", "aria-current": current ? "true" : null,
      data: { project: project.id },
      on: { click: () => { if (!current) { tell(""); trigger("open_project", { id: project.id }); } } },
    },
    project.cover
      ? el("img", { src: url(`toile/thumb/${project.cover}`), alt: "", loading: "lazy", width: "56", height: "56" })
      : el("span", { class: "no-cover", "aria-hidden": "true" }),
    el("span", { class: "shelf-words" },
      el("b", { text: project.name }),
      el("span", { class: "muted", text: `${project.pictures === 1 ? "1 picture" : `${project.pictures} pictures`}, ${ago(project.updated)}` })));
  }

  function show({ open, items }) {
    list.replaceChildren(...items.map((project) => entry(project, project.id === open)));
    node.dataset.count = String(items.length);
  }

  return { node, show };
}
