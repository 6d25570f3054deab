// What the details of the references are made of: one choice of a few, a strength, a place to drop.

import { el, icon, segments, url } from "../dom.js";

/** A kept picture's address.
 *  @param {string} sha */
export const address = (sha) => url(`toile/ink/${sha}`);

/** One choice of a few: `options` are [value, text].
 *  @param {string} label @param {any[][]} options @param {unknown} chosen @param {(value: any) => void} choose @param {string} key */
export function choice(label, options, chosen, choose, key) {
  return el("div.ref-field", el("span.ref-label", label), segments(label, options, choose, chosen, key).node);
}

/** A number between 0 and `most`, shown again where what was written is none.
 *  @param {{ label: string, most: number, value: number, step?: number, key: string, choose: (value: number) => void }} options */
export function number({ label, most, value, step = 0.1, key, choose }) {
  const field = el("input.ref-number", {
    type: "number", min: 0, max: most, step, value, "aria-label": label, data: { key },
    onchange: () => {
      const written = field.valueAsNumber;
      if (written >= 0 && written <= most) choose(written);
      else field.value = String(value);
    },
  });
  return field;
}

/** How strongly: a word, and the number that stands behind it.
 *  @param {{ label: string, info: string, words: Record<string, number>, most: number, value: number,
 *    choose: (value: number) => void, key: string, step?: number }} options */
export function strength({ label, info, words, most, value, choose, key, step = 0.1 }) {
  const stops = Object.entries(words).map(([word, stop]) => el("button", {
    "aria-pressed": stop === value, data: { key: `${key}/${word}` }, onclick: () => choose(stop),
  }, word));
  return el("div.ref-field",
    el("span.ref-label", { title: info }, label),
    el("div.ref-strength",
      el("div.segments", { role: "group", "aria-label": label }, stops),
      number({ label: `${label}, a number from 0 to ${most}`, most, value, step, key: `${key}/number`, choose })),
    el("p.ref-info", info));
}

/** Where a photo is dropped, and those that were used before.
 *  @param {string} text @param {() => void} choose @param {...Child} more */
export function dropPlace(text, choose, ...more) {
  return el("div.ref-field", el("button.ref-drop", { data: { key: "drop" }, onclick: choose },
    icon("upload"), el("span", text)), more);
}

/** Photos that this project has used before; nothing where there are none.
 *  @param {string[]} shas @param {(sha: string) => void} again */
export function recents(shas, again) {
  if (!shas.length) return null;
  return el("div.ref-recent", { role: "group", "aria-label": "Used before" },
    el("span.ref-info", "Used before"),
    shas.map((sha, index) => el("button.ref-thumb", {
      "aria-label": `Photo ${index + 1} used before`, title: "Take this photo again",
      data: { key: `recent/${sha}` }, onclick: () => again(sha),
    }, el("img", { src: address(sha), alt: "", loading: "lazy", decoding: "async" }))));
}

/** Small actions in a row: [text, run, properties].
 *  @param {...([string, () => void, Props?] | null | false | undefined)} list */
export function actions(...list) {
  return el("div.ref-actions", list.map((one) => one && el("button.quiet", {
    ...one[2], data: { key: `act/${one[0]}` }, onclick: one[1],
  }, one[0])));
}
