// What was checked in a picture: few words, a quiet bar, and the places drawn over the picture.

import { el, press, svg, url } from "./dom.js";

const SIDE = 1000;
const LEAST = 26; // so that a button's place can still be seen on a small card

/** "5/5 buttons" or "coat": one check in few words.
 *  @param {Check} check */
export function checkText({ kind, what, asked, seen, passed, sure }) {
  if (kind === "sketch") return `sketch ${seen}`;
  if (kind === "photo" && what === "pattern") return passed ? "pattern of the photo" : "pattern fainter than in the photo";
  if (kind === "photo") return `${what} ${passed ? "of" : "unlike"} the photo`;
  if (sure === false) return `perhaps ${asked === 0 ? `${seen} ${what}, none asked` : `${seen}/${asked} ${what}`}`;
  if (typeof asked === "number") return asked === 0 ? `${seen} ${what}, none asked` : `${seen}/${asked} ${what}`;
  return passed ? word(what, asked) : `${word(what, seen)}, not ${word(what, asked)}`;
}

/** @param {string} what @param {string | number} value */
function word(what, value) {
  if (what !== "sleeves") return String(value);
  return value === "none" ? "sleeveless" : `${value} sleeves`;
}

/** The checks as a person counts them: count and places of one kind are one line, the words that
 *  were kept are one line.
 *  @param {Check[]} checks */
export function lines(checks) {
  const list = [];
  const kept = [];
  for (const check of checks) {
    if (check.kind === "place") continue;
    if (check.kind === "word" && check.passed) { kept.push(check); continue; }
    const place = checks.find((c) => c.kind === "place" && c.component === check.component);
    const shown = check.passed && place && !place.passed ? place : check;
    list.push({
      text: checkText({ ...shown, sure: check.sure }), passed: check.passed && (place?.passed ?? true),
      sure: check.sure !== false,
      component: check.component ?? null, kind: check.kind ?? "",
      title: told(check, place),
    });
  }
  if (kept.length) {
    list.push({
      text: kept.map(checkText).join(", "), passed: true, sure: true, component: null, kind: "word",
      title: "Seen in the picture as asked",
    });
  }
  return list.sort((a, b) => Number(a.passed) - Number(b.passed));
}

/** @param {Check} check @param {Check | undefined} place */
function told(check, place) {
  if (check.kind === "sketch") {
    return `The garment covers the drawn outline by ${check.seen} of 100; ${check.asked} and more is a match`;
  }
  if (check.kind === "photo" && check.difference !== undefined) {
    return `The cloth is ${check.seen}, in the photo ${check.asked}: CIEDE2000 ${check.difference}, up to 10 is the same`;
  }
  if (check.kind === "photo") {
    return `The cloth's contrasts are ${check.seen}, in the photo ${check.asked}: CIE76 to the colours around, half is enough`;
  }
  if (check.kind === "word") return `Asked for ${check.asked}, seen ${check.seen}`;
  const where = place ? `; ${place.seen} of ${place.asked} where they were placed` : "";
  const doubt = check.sure === false ? "; it is hard to see, so look yourself" : "";
  return `Asked for ${check.asked}, seen ${check.seen}${where}${doubt}`;
}

/** How much of what was asked is there: share of the lines that passed, then the sketch match.
 *  @param {Picture} item */
export function score(item) {
  if (!item.checks.length) return -1;
  const passed = item.checks.filter((check) => check.passed).length / item.checks.length;
  const sketch = item.checks.find((check) => check.kind === "sketch")?.seen ?? 0;
  return passed * 1000 + Number(sketch);
}

/** The kinds of component that were missed, and whether it is known where they belong.
 *  @param {Check[]} checks */
export function missedKinds(checks) {
  const kinds = new Map();
  for (const check of checks) {
    if (!check.component || check.passed) continue;
    const placed = checks.some((c) => c.component === check.component
      && (c.kind === "place" || c.asked === 0));
    kinds.set(check.component, { noun: check.what.replace(" in place", ""), placed });
  }
  return [...kinds].map(([component, about]) => ({ component, ...about }));
}

/** A thin bar and the lines. A line of components or of the drawing is a button that shows its
 *  places on `figure`, the element that holds the picture. Nothing where nobody looked.
 *  @param {Picture} item @param {HTMLElement} figure */
export function checkLine(item, figure) {
  const shown = lines(item.checks);
  if (!shown.length) return null;
  const share = shown.filter(({ passed }) => passed).length / shown.length;
  /** @type {HTMLElement[]} */
  const buttons = [];
  const rows = shown.map(({ passed, sure, text, title, kind, component }) => {
    const mark = passed ? "✓" : "✗";
    const words = [
      el("b", { "aria-hidden": true }, sure ? mark : "?"),
      el("span.sr", passed ? "kept: " : "missed: "),
      el("span", text),
    ];
    const row = passed || !sure ? "li.passed" : "li.missed";
    const what = kind === "sketch" ? "sketch" : component;
    if (!what || (what === "sketch" && !item.ink)) return el(row, { title }, words);
    const button = el("button.check", {
      title, "aria-pressed": false,
      onclick: () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        for (const other of buttons) press(other, on && other === button);
        showOver(figure, item, on ? what : null);
      },
    }, words);
    buttons.push(button);
    return el(row, button);
  });
  return el("div.checked",
    el("div.bar", { class: share === 1 && "whole", "aria-hidden": true }, el("i", { style: `width:${100 * share}%` })),
    el("ul.checks", { "aria-label": "Checked in the picture" }, rows));
}

/** Draw over a picture where something was asked for and where it is seen. `what`: a kind of
 *  component, "sketch", or null to take it away.
 *  @param {HTMLElement} figure @param {Picture} item @param {string | null} what */
function showOver(figure, item, what) {
  figure.querySelector(".over")?.remove();
  if (what) figure.append(what === "sketch" ? inkOver(item) : boxesOver(item, (kind) => kind === what));
}

/** The drawing, or the usual shape that stood in for one, over the picture: its lines turn what lies
 *  under them to the opposite.
 *  @param {Picture} item */
export function inkOver(item, opacity = 1) {
  return el("img.over.ink", {
    alt: "", src: url(`toile/ink/${item.ink ?? item.usual}`), draggable: "false",
    style: `opacity:${opacity};scale:${inSquare(item).board}`,
  });
}

/** Boxes over the picture; asked for: dashed, missed: red. Seen: thin and plain.
 *  @param {Picture} item @param {(kind: string) => boolean} wanted */
export function boxesOver(item, wanted = () => true, { asked = true, seen = true } = {}) {
  const spots = item.checks.filter((c) => c.kind === "place")
    .flatMap((c) => (c.spots ?? []).map((spot) => ({ ...spot, component: c.component })));
  const places = spots.length ? spots
    : (item.placed ?? []).map(({ kind, box }) => ({ box, component: kind, kept: true }));
  const found = item.checks.filter((c) => c.kind === "count")
    .flatMap((c) => (c.boxes ?? []).map((box) => ({ box, component: c.component })));
  /** @param {{ box: Box, component?: string, kept?: boolean }[]} boxes @param {string} state @param {number} margin */
  const drawn = (boxes, state, margin) => boxes.filter(({ component = "" }) => wanted(component))
    .map(({ box, kept = true }) => rectangle(box, kept ? state : `${state}.missed`, margin));
  return svg("svg.over.boxes", {
    viewBox: inSquare(item).box.map((n) => n * SIDE).join(" "), preserveAspectRatio: "none", "aria-hidden": true,
  }, seen ? drawn(found, "seen", 0) : [], asked ? drawn(places, "asked", 12) : []);
}

/** A picture of any shape lies whole in the middle of its square frame.
 *  `box`: the frame in parts of the picture (left, top, width, height); `board`: how much of the
 *  frame's side the square board takes, which lies whole in the picture's middle.
 *  @param {{ width?: number, height?: number }} item */
export function inSquare({ width = 1, height = 1 }) {
  const side = Math.max(width, height);
  const [wide, high] = [side / width, side / height];
  return { box: [(1 - wide) / 2, (1 - high) / 2, wide, high], board: Math.min(width, height) / side };
}

/** @param {Box} box @param {string} state @param {number} margin */
function rectangle([left, top, right, bottom], state, margin) {
  const width = Math.max((right - left) * SIDE, LEAST) + 2 * margin;
  const height = Math.max((bottom - top) * SIDE, LEAST) + 2 * margin;
  return svg(`rect.${state}`, {
    x: ((left + right) / 2) * SIDE - width / 2, y: ((top + bottom) / 2) * SIDE - height / 2, width, height, rx: 4,
  });
}
