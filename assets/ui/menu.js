// A button with a short list of things to do. The list floats above whatever scrolls around it.

import { el, iconButton } from "./dom.js";

const GAP = 4;
const EDGE = 8;

/** `entries`: functions or a list of {text, run} or {text, href, download}; `why` disables one and
 *  says why, `quiet` sets it apart. */
export function menuButton(name, label, words, entries) {
  const menu = el("div", { class: "menu floating", role: "menu", "aria-label": label, hidden: true });
  const button = iconButton(name, label, () => (menu.hidden ? open() : close()),
    { "aria-expanded": "false", "aria-haspopup": "menu" });
  if (words) {
    button.classList.add("wide");
    button.append(el("span", { text: words }));
  }
  const holder = el("div", { class: "menu-holder" }, button, menu);

  function open() {
    menu.replaceChildren(...(typeof entries === "function" ? entries() : entries).map(entry));
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    place();
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", close);
    window.addEventListener("scroll", away, true);
    (menu.querySelector("[role=menuitem]:not([aria-disabled])") ?? menu.firstChild).focus();
  }

  function close() {
    if (menu.hidden) return;
    menu.hidden = true;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    window.removeEventListener("resize", close);
    window.removeEventListener("scroll", away, true);
  }

  /** Above the button where there is room, else below; never beyond the window. */
  function place() {
    const at = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const above = at.top - GAP - height;
    const top = above >= EDGE ? above : Math.min(at.bottom + GAP, innerHeight - EDGE - height);
    const left = Math.min(Math.max((at.left + at.right - width) / 2, EDGE), innerWidth - EDGE - width);
    menu.style.top = `${Math.max(top, EDGE)}px`;
    menu.style.left = `${left}px`;
  }

  function outside(event) {
    if (!holder.contains(event.target)) close();
  }

  /** What lies around it scrolls: the list stays at its button as long as that can be seen. */
  function away(event) {
    if (menu.contains(event.target)) return;
    const at = button.getBoundingClientRect();
    if (at.bottom < 0 || at.top > innerHeight) close();
    else place();
  }

  function entry({ text, run, href, download, why = "", quiet = false }) {
    const props = {
      role: "menuitem", tabindex: "-1", class: quiet ? "apart" : null, title: why || null,
      "aria-disabled": why ? "true" : null,
    };
    const words = [el("span", { text }), why ? el("small", { text: why }) : null];
    if (href) return el("a", { ...props, href, download, on: { click: close } }, ...words);
    return el("button", {
      ...props, type: "button",
      on: { click: () => { if (!why) { close(); button.focus(); run(); } } },
    }, ...words);
  }

  holder.addEventListener("keydown", (event) => {
    if (menu.hidden) return;
    if (event.key === "Tab") { close(); return; }
    const all = [...menu.children];
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape") { close(); button.focus(); }
    else if (event.key === "ArrowDown") all[(at + 1) % all.length].focus();
    else if (event.key === "ArrowUp") all[(at - 1 + all.length) % all.length].focus();
    else if (event.key === "Home") all[0].focus();
    else if (event.key === "End") all.at(-1).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return holder;
}
