// Building the page without markup: text only ever becomes text.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element. `props`: "class", "text", "on" {event: handler}, "data" {}, else attributes;
 *  null, undefined and false leave an attribute out. */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** A canvas to read pixels from.
 *  @param {HTMLCanvasElement} canvas @returns {CanvasRenderingContext2D} */
export function pixelsOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "on") {
      for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    } else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An address of this server, wherever the page is mounted. */
export function url(path) {
  return new URL(path, document.baseURI).href;
}

/** What has the focus, where it lies inside an element.
 *  @param {Element} root
 *  @returns {HTMLElement | SVGElement | null} */
export function focusedIn(root) {
  const at = /** @type {HTMLElement | SVGElement | null} */ (document.activeElement);
  return at && root.contains(at) ? at : null;
}

/** The tab that leads to a room of the page.
 *  @param {string} name @returns {HTMLElement | undefined} */
export function roomTab(name) {
  const tabs = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#rooms [role=tab]"));
  return [...tabs].find((tab) => tab.textContent?.trim() === name);
}

/** Whether a key press belongs to a field in which the user is writing. */
export function isTyping(event) {
  const at = event.target;
  return at instanceof HTMLElement
    && (at.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(at.tagName));
}

/** Line icons on a 20 x 20 grid. */
const ICONS = {
  pen: "M3.5 16.5l.8-3.6L13.6 3.6a1.4 1.4 0 0 1 2 0l.8.8a1.4 1.4 0 0 1 0 2L7.1 15.7zM12 5.2l2.8 2.8",
  eraser: "M7.5 16.5h9M4.2 12.6l7.7-7.7a1.3 1.3 0 0 1 1.8 0l2.4 2.4a1.3 1.3 0 0 1 0 1.8l-7.4 7.4H6.6l-2.4-2.1a1.3 1.3 0 0 1 0-1.8zM8 8.8l4.2 4.2",
  mirror: "M10 2.5v15M7.5 5.5L3 14.5h4.5zM12.5 5.5L17 14.5h-4.5z",
  undo: "M4 8h8.5a4 4 0 0 1 0 8H8M4 8l3.2-3.2M4 8l3.2 3.2",
  redo: "M16 8H7.5a4 4 0 0 0 0 8H12M16 8l-3.2-3.2M16 8l-3.2 3.2",
  photo: "M3 5.5h3l1.3-2h5.4l1.3 2h3v11H3zM10 13.5a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z",
  clear: "M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.8 11h7.4l.8-11M8.5 8.5v5M11.5 8.5v5",
  compare: "M10 2.5v15M3 5h4.5v10H3zM12.5 5H17v10h-4.5z",
  star: "M10 2.8l2.2 4.7 5 .6-3.7 3.5 1 5.1-4.5-2.6-4.5 2.6 1-5.1L2.8 8.1l5-.6z",
  upload: "M10 12.5V3M6 6.5l4-4 4 4M3.5 16.5h13",
  download: "M10 3v9.5M6 9l4 4 4-4M3.5 16.5h13",
  reuse: "M3 7h10.5a3.5 3.5 0 0 1 0 7H7M3 7l3-3M3 7l3 3",
  vary: "M4 16.5v-4a3 3 0 0 1 3-3h6a3 3 0 0 0 3-3v-3M4 16.5v-13M1.8 5.7L4 3.5l2.2 2.2M13.8 5.7L16 3.5l2.2 2.2",
  close: "M4.5 4.5l11 11M15.5 4.5l-11 11",
  down: "M5 7.5l5 5 5-5",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  more: "M4.5 9.3a.7.7 0 1 0 .01 0zM10 9.3a.7.7 0 1 0 .01 0zM15.5 9.3a.7.7 0 1 0 .01 0z",
  branch: "M5.5 17V3M5.5 11h4a5 5 0 0 0 5-5V3M12 5.5L14.5 3 17 5.5M3 5.5L5.5 3 8 5.5",
  check: "M4 10.5l4 4 8-9",
  edit: "M4 16l.7-3L13 4.7l2.3 2.3L7 15.3zM11.5 6.2l2.3 2.3",
  previous: "M12.5 4.5L7 10l5.5 5.5",
  next: "M7.5 4.5L13 10l-5.5 5.5",
  parts: "M6.8 6.2a2.3 2.3 0 1 1-4.6 0 2.3 2.3 0 0 1 4.6 0zM6.8 13.8a2.3 2.3 0 1 1-4.6 0 2.3 2.3 0 0 1 4.6 0zM10.5 4.5h7v11h-7zM10.5 8h7",
  hand: "M6.5 11V5.6a1.2 1.2 0 0 1 2.4 0V9m0-4.9a1.2 1.2 0 0 1 2.4 0V9m0-3.8a1.2 1.2 0 0 1 2.4 0V10m0-2.6a1.2 1.2 0 0 1 2.3 0v4.4c0 3-1.9 5-4.8 5-2.2 0-3.5-.9-4.6-2.7L4 11.6c-.7-1.1.7-2.2 1.7-1.3z",
  fit: "M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13M7.5 7.5h5v5h-5z",
  keys: "M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.5h7",
  lock: "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  unlock: "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 5.8-1",
  even: "M10 2.5v15M7.5 4.5h5M7.5 10h5M7.5 15.5h5",
  restore: "M4.5 10a5.5 5.5 0 1 0 1.6-3.9M4.5 3v3.5H8",
};

export function icon(name) {
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: ICONS[name] }),
  );
}

/** A button with an icon; its label is its tooltip and what a screen reader says. */
export function iconButton(name, label, onClick, props = {}) {
  return el(
    "button",
    { type: "button", class: "tool", title: label, "aria-label": label, on: { click: onClick },
      ...props },
    icon(name),
  );
}
