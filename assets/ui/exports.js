// What leaves the studio: which sheet, of which pictures, in which format; and its download.

import { el, iconButton, url } from "./dom.js";
import { ticks } from "./ticks.js";

const SHEETS = [
  ["contact", "Contact sheet", "A4 pages with seeds, words and checks"],
  ["portfolio", "Portfolio page", "A3: sketch, variants, the chosen one"],
  ["technical", "Technical sheet", "A3: front and back, numbered components, measures"],
  ["project", "Project file", "Everything, to open in another studio"],
];

/** Fetch a file and hand it to the browser. Returns a sentence where it could not be made. */
export async function download(asked) {
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

function choice(name, legend, options, chosen, changed) {
  return el("fieldset", { class: "choice" }, el("legend", { text: legend }),
    el("div", { class: "segments" }, ...options.map(([value, text]) => el("label", {
      class: "segment",
    }, el("input", {
      type: "radio", name, value, checked: value === chosen, on: { change: () => changed(value) },
    }), el("span", { text })))));
}

/** Ask what to export of a project. `item` is the picture of a portfolio page or technical sheet;
 *  `shown` are the pictures that the room shows.
 *  @param {{ id: string }} project
 *  @param {{ what?: string, item?: any, shown?: any[] }} preset */
export function exportDialog(project, { what = "contact", item = null, shown = [] }) {
  const asked = { what, format: "pdf", which: "starred", landscape: false };
  let way = "family";
  const said = el("p", { class: "shelf-said", role: "status", hidden: true });
  const tell = (text, bad) => {
    said.textContent = text;
    said.hidden = !text;
    said.classList.toggle("bad", Boolean(bad));
  };
  const sheets = el("fieldset", { class: "sheets" }, el("legend", { class: "sr", text: "What to export" }),
    ...SHEETS.map(([value, name, about]) => el("label", { class: "sheet-choice" }, el("input", {
      type: "radio", name: "export-what", value, checked: value === what,
      on: { change: () => { asked.what = value; draw(); } },
    }), el("span", {}, el("b", { text: name }), el("span", { class: "muted", text: about })))));
  const format = choice("export-format", "Format", [["pdf", "PDF"], ["svg", "SVG"], ["png", "PNG"]],
    "pdf", (value) => { asked.format = value; });
  const which = choice("export-which", "Pictures",
    [["starred", "Starred"], ["all", "All"],
      ...(shown.length ? [["shown", `Shown (${shown.length})`]] : []), ["ticked", "Ticked"]],
    "starred", (value) => { asked.which = value; draw(); });
  const variants = choice("export-way", "Variants", [["family", "On the way to it"], ["ticked", "Ticked"]],
    way, (value) => { way = value; draw(); });
  const picked = ticks(project.id, shown, () => draw());
  const turned = choice("export-turn", "Page", [["upright", "Upright"], ["across", "Across"]],
    "upright", (value) => { asked.landscape = value === "across"; });
  const notes = el("textarea", {
    class: "note", rows: "4", maxlength: "1200", "aria-label": "Process notes",
    placeholder: "How you got there, in a few sentences",
  });
  notes.value = item?.note ?? "";
  const story = el("label", { class: "field" }, el("span", { text: "Process notes" }), notes);
  const about = el("p", { class: "muted" });
  const go = el("button", { type: "submit", class: "primary", text: "Export" });
  const form = el("form", {
    on: { submit: async (event) => {
      event.preventDefault();
      go.disabled = true;
      tell("Making it…");
      /** @type {Record<string, any>} */
      const body = { project: project.id, ...asked, notes: notes.value };
      if (item) body.id = item.id;
      if (ticking()) body.ids = picked.ids();
      else if (asked.what === "contact" && asked.which === "shown") body.ids = shown.map(({ id }) => id);
      const problem = await download(body);
      go.disabled = false;
      tell(problem || "It is among your downloads.", problem);
    } },
  }, sheets, about, which, variants, picked.node, story, el("div", { class: "choices" }, format, turned), said, go);
  const dialog = el("dialog", {
    class: "small-dialog export-dialog", "aria-label": "Export",
    on: {
      click: (event) => { if (event.target === dialog) dialog.close(); },
      close: () => dialog.remove(),
    },
  },
  el("div", { class: "small-dialog-head" }, el("h3", { text: "Export" }), el("span", { class: "grow" }),
    iconButton("close", "Close (Esc)", () => dialog.close())), form);

  /** Whether the pictures of this sheet are those that are ticked. */
  function ticking() {
    return (asked.what === "contact" && asked.which === "ticked")
      || (asked.what === "portfolio" && way === "ticked");
  }

  function draw() {
    const count = picked.ids().length;
    for (const box of form.querySelectorAll('input[value="ticked"]')) {
      box.nextElementSibling.textContent = count ? `Ticked (${count})` : "Ticked";
    }
    variants.hidden = asked.what !== "portfolio";
    picked.node.hidden = !ticking();
    which.hidden = turned.hidden = asked.what !== "contact";
    story.hidden = asked.what !== "portfolio";
    format.hidden = asked.what === "project";
    const one = asked.what === "portfolio" || asked.what === "technical";
    about.hidden = !one;
    const among = ticking() ? " among the ticked" : "";
    about.textContent = item
      ? `Of the picture with seed ${item.seed}.`
      : `Of the newest starred picture${among}, or of the newest one; choose another from its card.`;
    tell("");
  }

  draw();
  (document.querySelector(".gradio-container") ?? document.body).append(dialog);
  dialog.showModal();
}
