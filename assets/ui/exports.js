// What leaves the studio: which sheet, of which pictures, in which format; and its download.

import { el, openDialog, url } from "./dom.js";
import { sayer } from "./shelf.js";
import { ticks } from "./ticks.js";

const SHEETS = [
  ["contact", "Contact sheet", "A4 pages with seeds, words and checks"],
  ["portfolio", "Portfolio page", "A3: sketch, variants, the chosen one"],
  ["technical", "Technical sheet", "A3: front and back, numbered components, measures"],
  ["project", "Project file", "Everything, to open in another studio"],
];

/** Fetch a file and hand it to the browser. Returns a sentence where it could not be made.
 *  @param {object} asked */
async function download(asked) {
  let answer;
  try {
    answer = await fetch(url("toile/export"), {
      method: "POST", body: JSON.stringify(asked),
      headers: { "x-toile": "1", "content-type": "application/json" },
    });
  } catch {
    return "The file did not arrive: check that Toile is still running, then try again.";
  }
  if (answer.headers.get("content-type")?.includes("application/json")) return (await answer.json()).problem;
  if (!answer.ok) return "The file could not be made: reload the page, then try again.";
  const name = /filename="([a-z0-9.-]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "toile";
  const address = URL.createObjectURL(await answer.blob());
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
  return "";
}

/** Ask what to export of a project. `item` is the picture of a portfolio page or technical sheet;
 *  `shown` are the pictures that the room shows.
 *  @param {{ id: string }} project
 *  @param {{ what?: string, item?: any, shown?: any[] }} preset */
export function exportDialog(project, { what = "contact", item = null, shown = [] }) {
  const asked = { what, format: "pdf", which: "starred", landscape: false };
  let way = "family";
  const said = sayer();
  /** @param {string} name @param {string} value @param {boolean} checked @param {() => void} changed */
  const field = (name, value, checked, changed) => el("input", { type: "radio", name, value, checked, onchange: changed });
  /** @param {string} name @param {string} legend @param {string[][]} options @param {(value: string) => void} changed */
  const choice = (name, legend, options, changed) => el("fieldset.choice", el("legend", legend),
    el("div.segments", options.map(([value, text], i) => el("label.segment",
      field(`export-${name}`, value, i === 0, () => { changed(value); draw(); }), el("span", text)))));
  const sheets = el("fieldset.sheets", el("legend.sr", "What to export"),
    SHEETS.map(([value, name, about]) => el("label.sheet-choice",
      field("export-what", value, value === what, () => { asked.what = value; draw(); }),
      el("span", el("b", name), el("span.muted", about)))));
  const format = choice("format", "Format", [["pdf", "PDF"], ["svg", "SVG"], ["png", "PNG"]],
    (value) => { asked.format = value; });
  const which = choice("which", "Pictures",
    [["starred", "Starred"], ["all", "All"],
      ...(shown.length ? [["shown", `Shown (${shown.length})`]] : []), ["ticked", "Ticked"]],
    (value) => { asked.which = value; });
  const variants = choice("way", "Variants", [["family", "On the way to it"], ["ticked", "Ticked"]],
    (value) => { way = value; });
  const turned = choice("turn", "Page", [["upright", "Upright"], ["across", "Across"]],
    (value) => { asked.landscape = value === "across"; });
  const picked = ticks(project.id, shown, draw);
  const notes = el("textarea.note", {
    rows: 4, maxlength: 1200, "aria-label": "Process notes",
    placeholder: "How you got there, in a few sentences", value: item?.note ?? "",
  });
  const story = el("label.field", el("span", "Process notes"), notes);
  const about = el("p.muted");
  const go = el("button.primary", { type: "submit" }, "Export");
  const form = el("form", { onsubmit: send },
    sheets, about, which, variants, picked.node, story, el("div.choices", format, turned), said.node, go);

  /** Whether the pictures of this sheet are those that are ticked. */
  function ticking() {
    return (asked.what === "contact" && asked.which === "ticked")
      || (asked.what === "portfolio" && way === "ticked");
  }

  /** @param {Event} event */
  async function send(event) {
    event.preventDefault();
    go.disabled = true;
    said.tell("Making it…");
    const ids = ticking() ? picked.ids()
      : asked.what === "contact" && asked.which === "shown" ? shown.map(({ id }) => id) : undefined;
    const problem = await download({ project: project.id, ...asked, notes: notes.value, id: item?.id, ids });
    go.disabled = false;
    said.tell(problem || "It is among your downloads.", Boolean(problem));
  }

  function draw() {
    const count = picked.ids().length;
    for (const label of form.querySelectorAll('input[value="ticked"] + span')) {
      label.textContent = count ? `Ticked (${count})` : "Ticked";
    }
    variants.hidden = story.hidden = asked.what !== "portfolio";
    picked.node.hidden = !ticking();
    which.hidden = turned.hidden = asked.what !== "contact";
    format.hidden = asked.what === "project";
    about.hidden = !["portfolio", "technical"].includes(asked.what);
    const among = ticking() ? " among the ticked" : "";
    about.textContent = item
      ? `Of the picture with seed ${item.seed}.`
      : `Of the newest starred picture${among}, or of the newest one; choose another from its card.`;
    said.tell("");
  }

  draw();
  openDialog("small-dialog.export-dialog", "Export", {}, form);
}
