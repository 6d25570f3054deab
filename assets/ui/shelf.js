// All projects: cover, name, number of pictures, last change; a new one, one out of a file.

import { ask } from "./ask.js";
import { dropZone, el, filePicker, icon, rebuild, thumb, url } from "./dom.js";
import { amount } from "./numbers.js";

const LARGEST = 500 * 2 ** 20;

/** "just now", "4 minutes ago", "yesterday", else the date.
 *  @param {number} moment */
export function ago(moment, now = Date.now()) {
  const seconds = (now - moment) / 1000;
  const say = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (seconds < 60) return "just now";
  if (seconds < 3600) return say.format(-Math.round(seconds / 60), "minute");
  if (seconds < 86400) return say.format(-Math.round(seconds / 3600), "hour");
  if (seconds < 7 * 86400) return say.format(-Math.round(seconds / 86400), "day");
  return new Date(moment).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** A line that says what came of something. */
export function sayer() {
  const node = el("p.shelf-said", { role: "status", hidden: true });
  return {
    node,
    /** @param {string} text */
    tell(text, bad = false) {
      node.textContent = text;
      node.hidden = !text;
      node.classList.toggle("bad", bad);
    },
  };
}

/** @param {Mounted["trigger"]} trigger */
export function shelf(trigger) {
  const list = el("div.shelf-list");
  const bin = el("div.shelf-bin");
  const binTitle = el("summary");
  const thrownOut = el("details.shelf-trash", { hidden: true }, binTitle, bin);
  const said = sayer();
  const file = filePicker("Project file", ".toile", ([chosen]) => bring(chosen));
  const bringing = el("button.quiet", {
    onclick: () => file.click(), title: "Open a project file (.toile), or drop one here",
  }, icon("upload"), el("span", "Import"));
  const create = () => ask({
    title: "New project", label: "Name of the new project", go: "Make it",
    done: (name) => trigger("new_project", { name }),
  });
  const node = el("section.shelf", { "aria-label": "All projects" },
    el("div.shelf-head", el("h2", "Projects"), el("span.grow"),
      el("button.quiet", { onclick: create }, "New"), bringing, file),
    said.node, list, thrownOut);
  dropZone(node, ([chosen]) => { if (chosen) bring(chosen); });

  /** Send a project file; the server checks it whole before it keeps anything.
   *  @param {File} chosen */
  async function bring(chosen) {
    if (chosen.size > LARGEST) {
      said.tell("The file is larger than 500 MB: export the project again with less in it.", true);
      return;
    }
    bringing.disabled = true;
    said.tell(`Reading ${chosen.name}…`);
    try {
      const answer = await fetch(url("toile/import"), {
        method: "POST", body: chosen, headers: { "x-toile": "1" },
      });
      const { problem, project, name } = await answer.json();
      said.tell(problem || `“${name}” is here.`, Boolean(problem));
      if (!problem) trigger("open_project", { id: project });
    } catch {
      said.tell("The file did not arrive: check that Toile is still running, then try again.", true);
    } finally {
      bringing.disabled = false;
    }
  }

  /** @param {Project} project @param {boolean} current */
  function entry({ id, name, cover, pictures, updated }, current) {
    return el("button.shelf-project", {
      "aria-current": current ? "true" : null, data: { project: id },
      onclick: () => {
        if (current) return;
        said.tell("");
        trigger("open_project", { id });
      },
    },
    cover ? thumb(cover, { width: 56, height: 56 }) : el("span.no-cover", { "aria-hidden": true }),
    el("span.shelf-words", el("b", name),
      el("span.muted", `${amount(pictures, "picture")}, ${ago(updated)}`)));
  }

  /** @param {Thrown} project */
  function thrown({ id, name, deleted }) {
    return el("div.shelf-thrown", { data: { project: id } },
      el("span.shelf-words", el("b", name), el("span.muted", `deleted ${ago(deleted)}`)),
      el("button.quiet", { onclick: () => trigger("restore_project", { id }) }, "Take back"),
      el("button.quiet", { onclick: () => ask({
        title: "Delete for good", danger: true, go: "Delete for good",
        text: `“${name}” goes with its pictures, its drawings and its own trash. This cannot be undone.`,
        label: `Type the name to delete it: ${name}`, must: name,
        done: (typed) => trigger("remove_project", { id, name: typed }),
      }) }, "Delete for good…"));
  }

  /** @param {{ open: string, items: Project[], trash: Thrown[] }} projects */
  function show({ open, items, trash }) {
    rebuild(bin, trash.map(thrown), "project");
    binTitle.textContent = `Trash (${trash.length})`;
    thrownOut.hidden = !trash.length;
    rebuild(list, items.map((project) => entry(project, project.id === open)), "project");
    node.dataset.count = String(items.length);
  }

  return { node, show };
}
