// The name of the house, the open project, and how the model is.

import { el, icon, iconButton } from "./dom.js";

const LONGEST = 80;

export function mount({ element, trigger, props, watch }) {
  const name = el("span", { class: "project-name" });
  const button = el("button", {
    type: "button", class: "project-button", id: "project-button", "aria-expanded": "false",
    "aria-haspopup": "true", title: "Projects", on: { click: () => (panel.hidden ? open() : close()) },
  }, name, icon("down"));
  const list = el("div", { class: "project-list" });
  const rename = form("Rename", "rename_project", () => ({ id: props.value.project.id }));
  const create = form("New project", "new_project", () => ({}));
  const panel = el("div", { class: "project-panel", hidden: true },
    el("p", { class: "panel-title", text: "Projects" }), list, create.node, rename.node);
  const holder = el("div", { class: "project" }, button, panel);
  const model = el("span", { class: "model", role: "status" });
  const shared = el("div", { class: "shared", hidden: true });
  const root = element.querySelector(".masthead-root");
  root.replaceChildren(
    el("h1", { class: "wordmark", text: "Toile" }), holder, el("span", { class: "grow" }),
    shared, model,
  );

  function form(label, event, more) {
    const input = el("input", {
      type: "text", maxlength: String(LONGEST), placeholder: "Name", "aria-label": `${label}: name`,
    });
    const node = el("form", {
      class: "project-form",
      on: { submit: (submitted) => {
        submitted.preventDefault();
        if (!input.value.trim()) { input.focus(); return; }
        trigger(event, { ...more(), name: input.value });
        close();
      } },
    }, input, el("button", { type: "submit", class: "quiet", text: label }));
    return { node, input };
  }

  function open() {
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    create.input.value = "";
    rename.input.value = props.value.project.name;
    document.addEventListener("pointerdown", outside);
    (list.querySelector("[aria-current]") ?? create.input).focus();
  }

  function close() {
    panel.hidden = true;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
  }

  function outside(event) {
    if (!holder.contains(event.target)) close();
  }

  holder.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) {
      event.stopPropagation();
      close();
      button.focus();
    }
  });

  function draw() {
    const { project, projects = [] } = props.value ?? {};
    name.textContent = project?.name ?? "";
    button.hidden = !project;
    list.replaceChildren(...projects.map((one) => el("button", {
      type: "button", "aria-current": one.id === project?.id ? "true" : null,
      on: { click: () => {
        close();
        if (one.id !== project?.id) trigger("open_project", { id: one.id });
      } },
    }, el("span", { text: one.name }), one.id === project?.id ? icon("check") : null)));
    root.dataset.project = project?.id ?? "";
  }

  function status() {
    const { state = "loading", text = "" } = props.model ?? {};
    model.dataset.state = state;
    model.textContent = text;
    const address = props.shared ?? "";
    shared.hidden = !address;
    shared.replaceChildren(
      el("span", { text: "Shared at " }), el("code", { text: address }),
      iconButton("close", "Stop sharing", () => trigger("stop_sharing")),
    );
  }

  watch("value", draw);
  watch(["model", "shared"], status);
  draw();
  status();
  root.dataset.ready = "1";
}
