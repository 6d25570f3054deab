// A button with a short list of things to do. The list floats above whatever scrolls around it.

import { el, focusedIn, iconButton } from "./dom.js";
import { clamp } from "./numbers.js";

/** @typedef {{ text: string, run?: () => void, href?: string, download?: string, why?: string, quiet?: boolean }} MenuEntry */

const GAP = 4;
const EDGE = 8;

/** `entries()` gives a list of {text, run} or {text, href, download}; `why` disables one and says
 *  why, `quiet` sets it apart. `key` finds the button where it is built anew, see `keepFocus`.
 *  @param {string} name @param {string} label @param {() => MenuEntry[]} entries @param {string} key */
export function menuButton(name, label, entries, key = name) {
  const menu = el("div.menu.floating", { role: "menu", "aria-label": label, hidden: true });
  const button = iconButton(name, label, () => (menu.hidden ? open() : close()),
    { "aria-expanded": false, "aria-haspopup": "menu", data: { key } });
  const holder = el("div.menu-holder", { onkeydown: press }, button, menu);
  const all = () => /** @type {HTMLElement[]} */ ([...menu.children]);

  /** @param {boolean} on */
  function listen(on) {
    const change = on ? "addEventListener" : "removeEventListener";
    menu.hidden = !on;
    button.setAttribute("aria-expanded", String(on));
    document[change]("pointerdown", outside, true);
    window[change]("resize", close);
    window[change]("scroll", away, true);
  }

  function open() {
    menu.replaceChildren(...entries().map(entry));
    listen(true);
    place();
    (all().find((one) => !one.hasAttribute("aria-disabled")) ?? all()[0]).focus();
  }

  function close() {
    if (!menu.hidden) listen(false);
  }

  /** Above the button where there is room, else below; never beyond the window. */
  function place() {
    const at = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const above = at.top - GAP - height;
    const top = above >= EDGE ? above : Math.min(at.bottom + GAP, innerHeight - EDGE - height);
    menu.style.top = `${Math.max(top, EDGE)}px`;
    menu.style.left = `${clamp((at.left + at.right - width) / 2, EDGE, innerWidth - EDGE - width)}px`;
  }

  /** @param {Event} event */
  function outside(event) {
    if (!holder.contains(/** @type {Node} */ (event.target))) close();
  }

  /** What lies around it scrolls: the list stays at its button as long as that can be seen.
   *  @param {Event} event */
  function away(event) {
    if (menu.contains(/** @type {Node} */ (event.target))) return;
    const at = button.getBoundingClientRect();
    if (at.bottom < 0 || at.top > innerHeight) close();
    else place();
  }

  /** @param {MenuEntry} entry */
  function entry({ text, run, href, download, why = "", quiet = false }) {
    return el(href ? "a" : "button", {
      role: "menuitem", tabindex: "-1", class: quiet && "apart", title: why || null,
      "aria-disabled": why ? "true" : null, href, download, data: { key: `${key}/${text}`, list: key },
      onclick: () => {
        if (why) return;
        close();
        if (!href) button.focus();
        run?.();
      },
    }, el("span", text), why && el("small", why));
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    if (menu.hidden) return;
    if (event.key === "Tab") { close(); return; }
    const entered = all();
    const at = entered.indexOf(/** @type {HTMLElement} */ (focusedIn(menu)));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape") { close(); button.focus(); }
    else if (to !== undefined) entered.at(to % entered.length)?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return holder;
}
