// Building the page without markup: text only ever becomes text.

import { ICONS } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: `el("p.muted", { title: "…" }, "text", child, [children])`.
 *
 *  Of the properties, which may be left out, "on…" are listeners, "data" is the data set; others
 *  are attributes, where null, undefined and false leave one out. A child that is null, undefined
 *  or false is left out as well.
 *  @template {string} S
 *  @param {S} tag a name and classes @param {...(Props | Child | Child[])} rest
 *  @returns {Made<S>} */
export function el(tag, ...rest) {
  const [name, ...classes] = tag.split(".");
  return /** @type {Made<S>} */ (fill(document.createElement(name), classes, rest));
}

/** The same for SVG.
 *  @param {string} tag @param {...(Props | Child | Child[])} rest
 *  @returns {SVGElement} */
export function svg(tag, ...rest) {
  const [name, ...classes] = tag.split(".");
  return fill(document.createElementNS(SVG, name), classes, rest);
}

/** @param {any} node @param {string[]} classes @param {any[]} rest */
function fill(node, classes, [first, ...others]) {
  const plain = Object.getPrototypeOf(first ?? "") === Object.prototype;
  const { value, class: more, ...props } = plain ? first : {};
  if (node.tagName === "BUTTON") node.type = "button";
  const named = [...classes, more].filter(Boolean).join(" ");
  if (named) node.setAttribute("class", named);
  for (const [name, what] of Object.entries(props)) {
    if (name === "data") Object.assign(node.dataset, what);
    else if (typeof what === "function") node.addEventListener(name.slice(2), what);
    else if (typeof what === "boolean" && name.startsWith("aria-")) node.setAttribute(name, what);
    else if (given(what)) node.setAttribute(name, what === true ? "" : String(what));
  }
  node.append(...(plain ? others : [first, ...others]).flat().filter((child) => given(child) && child !== ""));
  if (value !== undefined) node.value = value;
  return node;
}

/** @param {unknown} what */
const given = (what) => what !== null && what !== undefined && what !== false;

/** An address of this server, wherever the page is mounted.
 *  @param {string} path */
export function url(path) {
  return new URL(path, document.baseURI).href;
}

/** A kept picture, small.
 *  @param {string} id */
export function thumb(id, props = {}) {
  return el("img", { src: url(`toile/thumb/${id}`), alt: "", loading: "lazy", draggable: "false", ...props });
}

/** A kept picture as it is.
 *  @param {Record<string, any>} item */
export function picture({ id, prompt, width, height }, props = {}) {
  return el("img", {
    src: url(`toile/picture/${id}`), alt: prompt || "A picture made from a drawing", width, height,
    decoding: "async", draggable: "false", ...props,
  });
}

/** The descendant whose data set has this value.
 *  @param {Element} root @param {string} name @param {string} value
 *  @returns {HTMLElement | SVGElement | null} */
export function withData(root, name, value) {
  return root.querySelector(`[data-${name}="${CSS.escape(value)}"]`);
}

/** What has the focus, where it lies inside an element.
 *  @param {Element} root
 *  @returns {HTMLElement | SVGElement | null} */
export function focusedIn(root) {
  const at = /** @type {HTMLElement | SVGElement | null} */ (document.activeElement);
  return at && root.contains(at) ? at : null;
}

/** Build what an element holds anew; what had the focus has it again: itself where it is still
 *  there, else what has its name in the data set, else what stands in its place. An entry of a
 *  list, which names the list's button by `list`, finds the list open again.
 *  @param {Element} root @param {() => void} build @param {string} name */
export function keepFocus(root, build, name = "key") {
  const at = focusedIn(root);
  const item = at?.closest("[data-id]");
  const beside = item?.nextElementSibling ?? item?.previousElementSibling;
  build();
  const { [name]: key, list } = at?.dataset ?? {};
  if (at && !at.isConnected && list) withData(root, name, list)?.dispatchEvent(new MouseEvent("click"));
  const again = at?.isConnected ? at : key && withData(root, name, key);
  if (again) again.focus({ preventScroll: true });
  else if (at && root instanceof HTMLElement) {
    /** @type {HTMLElement | null} */
    const next = (beside?.isConnected ? beside : root).querySelector("button:not([hidden], [disabled])");
    next?.focus({ preventScroll: true });
  }
}

const PATIENCE = 3000; // ms for which a new picture is waited for before its card comes without it

/** Pictures that are there in full and not yet on the page, by their address. Those that nothing
 *  shows are let go: they may not be among what is looked at, or have come too late.
 *  @type {Map<string, HTMLImageElement>} */
const there = new Map();

/** Load and decode pictures before what shows them is put on the page: until then it would be blank.
 *  @param {string[]} sources */
export async function fetched(sources) {
  const shown = new Set([...document.images].map((image) => image.src));
  const loaded = sources.filter((src) => !shown.has(src)).map(async (src) => {
    const image = el("img", { src, draggable: "false" });
    await image.decode();
    there.set(image.src, image);
    setTimeout(() => { if (there.get(image.src) === image) there.delete(image.src); }, 2 * PATIENCE);
  });
  // What does not come is asked for once more by the card itself.
  const all = Promise.allSettled(loaded);
  await Promise.race([all, new Promise((done) => { setTimeout(done, PATIENCE); })]);
}

/** Let new nodes show the very pictures that are on the page, or are there: one that is loaded anew
 *  is blank until it is decoded.
 *  @param {(Node | null | undefined | false)[]} nodes @param {Element} [before] what they stand in for */
export function keepPictures(nodes, before) {
  const old = new Map([...before?.querySelectorAll("img") ?? []].map((image) => [image.src, image]));
  for (const node of nodes) {
    if (!(node instanceof Element)) continue;
    for (const image of node.querySelectorAll("img")) {
      const same = old.get(image.src) ?? there.get(image.src);
      old.delete(image.src);
      there.delete(image.src);
      if (!same?.complete) continue;
      for (const { name, value } of image.attributes) if (name !== "src") same.setAttribute(name, value);
      same.decoding = "sync"; // it moves with what holds it
      same.loading = "eager";
      image.replaceWith(same);
    }
  }
}

/** Let an element have these children, and keep the focus and the pictures.
 *  @param {Element} root @param {(Node | null | undefined | false)[]} children @param {string} [name] */
export function rebuild(root, children, name) {
  keepPictures(children, root);
  keepFocus(root, () => root.replaceChildren(.../** @type {Node[]} */ (children.filter(Boolean))), name);
}

/** The tab that leads to a room of the page.
 *  @param {string} name @returns {HTMLElement | undefined} */
export function roomTab(name) {
  const tabs = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#rooms [role=tab]"));
  return [...tabs].find((tab) => tab.textContent?.trim() === name);
}

// Controls

/** @param {string} name */
export function icon(name) {
  return svg("svg.icon", { viewBox: "0 0 20 20", "aria-hidden": true, focusable: "false" },
    svg("path", { d: ICONS[name] }));
}

/** A button with an icon; its label is its tooltip and what a screen reader says.
 *  @param {string} name @param {string} label @param {() => void} onclick */
export function iconButton(name, label, onclick, props = {}) {
  return el("button.tool", { title: label, "aria-label": label, onclick, ...props }, icon(name));
}

/** Let a button show whether it is on.
 *  @param {Element} button @param {boolean} on */
export function press(button, on) {
  button.setAttribute("aria-pressed", String(on));
}

/** One choice of a few: `options` are [value, text, title].
 *  @param {string} label @param {any[][]} options @param {(value: any) => void} choose
 *  @param {any} [chosen] @param {string} [key] of the data set, with which each button is found */
export function segments(label, options, choose, chosen, key = "") {
  const buttons = options.map(([value, text, title]) => el("button", {
    title, "aria-pressed": value === chosen, data: { value, ...(key && { key: `${key}/${value}` }) },
    onclick: () => choose(value),
  }, text));
  return {
    node: el("div.segments", { role: "group", "aria-label": label }, buttons),
    buttons,
    /** @param {any} now */
    mark(now) { for (const [i, [value]] of options.entries()) press(buttons[i], value === now); },
  };
}

/** A number that is drawn out.
 *  @param {string} label @param {Props} range min, max, step and value @param {(value: number) => void} changed */
export function slider(label, range, changed) {
  const field = el("input", {
    type: "range", "aria-label": label, ...range, oninput: () => { changed(field.valueAsNumber); },
  });
  return field;
}

/** One choice of many: `options` are [value, text].
 *  @param {string} spec @param {string} label @param {any[][]} options @param {any} chosen
 *  @param {(value: string) => void} changed @param {Props} [props] */
export function choice(spec, label, options, chosen, changed, props = {}) {
  const field = el(spec ? `select.${spec}` : "select", {
    "aria-label": label, onchange: () => { changed(field.value); }, ...props,
  }, options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
  return /** @type {HTMLSelectElement} */ (field);
}

/** A hidden field for files: `click()` it.
 *  @param {string} label @param {string} accept @param {(files: File[]) => void} given */
export function filePicker(label, accept, given) {
  const field = el("input", {
    type: "file", accept, hidden: true, "aria-label": label,
    onchange: () => {
      const files = [...field.files ?? []];
      field.value = "";
      if (files.length) given(files);
    },
  });
  return field;
}

/** Let files be dropped on an element.
 *  @param {HTMLElement} node @param {(files: File[]) => void} given */
export function dropZone(node, given) {
  node.addEventListener("dragover", (event) => {
    event.preventDefault();
    node.classList.add("dropping");
  });
  node.addEventListener("dragleave", () => node.classList.remove("dropping"));
  node.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    node.classList.remove("dropping");
    given([...event.dataTransfer?.files ?? []]);
  });
}

// Dialogs

/** A dialog that a click beside it closes.
 *  @param {string} classes @param {Props} props @param {...(Child | Child[])} children
 *  @returns {HTMLDialogElement} */
export function dialog(classes, props, ...children) {
  const node = el(`dialog.${classes}`, {
    onclick: (/** @type {Event} */ event) => { if (event.target === node) node.close(); }, ...props,
  }, ...children);
  return node;
}

/** A dialog's title, and the button that closes it.
 *  @param {HTMLDialogElement} node @param {string} classes @param {string} title @param {...Child} more */
export function dialogHead(node, classes, title, ...more) {
  return el(`div.${classes}`, el("h3", title), more, el("span.grow"),
    iconButton("close", "Close (Esc)", () => node.close()));
}

/** Open a small dialog with a title; when it is closed, it is gone.
 *  @param {string} classes @param {string} title @param {Props} props @param {...(Child | Child[])} children */
export function openDialog(classes, title, props, ...children) {
  const node = dialog(classes, { "aria-label": title, ...props });
  node.append(dialogHead(node, "small-dialog-head", title),
    .../** @type {Node[]} */ (children.flat().filter(Boolean)));
  node.addEventListener("close", () => node.remove());
  (document.querySelector(".gradio-container") ?? document.body).append(node);
  node.showModal();
  return node;
}
