// The name of the house, the open project, and how the model is.

import { el, focusedIn, icon, iconButton, rebuild } from "./dom.js";
import { live } from "./part.js";

const LONGEST = 80;

/** @param {Mounted} part */
export function mount({ root, trigger, props, watch }) {
  const name = el("span.project-name");
  const button = el("button.project-button", {
    id: "project-button", "aria-expanded": false, "aria-haspopup": "true", title: "Projects",
    onclick: () => show(panel.hidden === true),
  }, name, icon("down"));
  const list = el("div.project-list");
  const rename = form("Rename", "rename_project", () => ({ id: props.value.project.id }));
  const create = form("New project", "new_project", () => ({}));
  const panel = el("div.project-panel", { hidden: true },
    el("p.panel-title", "Projects"), list, create.node, rename.node);
  const holder = el("div.project", {
    onkeydown: (event) => {
      if (event.key !== "Escape" || panel.hidden) return;
      event.stopPropagation();
      show(false);
      button.focus();
    },
  }, button, panel);
  const model = el("span.model", { role: "status" });
  const files = el("div.model-files");
  const more = el("details.model-more", { hidden: true }, el("summary", "Weights"), files);
  const shared = el("div.shared", { hidden: true });
  root.replaceChildren(el("h1.wordmark", "Toile"), holder, el("span.grow"), shared, model, more);

  /** @param {string} label @param {string} event @param {() => object} more */
  function form(label, event, more) {
    const input = el("input", {
      type: "text", maxlength: LONGEST, placeholder: "Name", "aria-label": `${label}: name`,
    });
    const node = el("form.project-form", { onsubmit: (submitted) => {
      submitted.preventDefault();
      if (!input.value.trim()) { input.focus(); return; }
      trigger(event, { ...more(), name: input.value });
      show(false);
    } }, input, el("button.quiet", { type: "submit" }, label));
    return { node, input };
  }

  /** @param {boolean} open */
  function show(open) {
    if (!open && focusedIn(panel)) button.focus();
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    document[open ? "addEventListener" : "removeEventListener"]("pointerdown", outside);
    if (!open) return;
    create.input.value = "";
    rename.input.value = props.value.project.name;
    /** @type {HTMLElement} */ (list.querySelector("[aria-current]") ?? create.input).focus();
  }

  /** @param {Event} event */
  function outside(event) {
    if (!holder.contains(/** @type {Node} */ (event.target))) show(false);
  }

  function draw() {
    /** @type {{ project?: Project, projects?: Project[] }} */
    const { project, projects = [] } = props.value ?? {};
    name.textContent = project?.name ?? "";
    button.hidden = !project;
    rebuild(list, projects.map((one) => {
      const current = one.id === project?.id;
      return el("button", {
        "aria-current": current ? "true" : null, data: { project: one.id },
        onclick: () => {
          show(false);
          if (!current) trigger("open_project", { id: one.id });
        },
      }, el("span", one.name), current && icon("check"));
    }), "project");
    root.dataset.project = project?.id ?? "";
  }

  function status() {
    const { state = "loading", text = "", more: said = [] } = props.model ?? {};
    model.dataset.state = state;
    model.textContent = text;
    more.hidden = !said.length;
    files.replaceChildren(...said.map((/** @type {string} */ line) => el("p", line)));
    const address = props.shared ?? "";
    shared.hidden = !address;
    shared.replaceChildren("Shared at ", el("code", address),
      iconButton("close", "Stop sharing", () => trigger("stop_sharing")));
  }

  live(watch, { value: draw, model: status, shared: status });
}
