// What the details of the references are made of: one choice of a few, a strength, a place to drop.

import { el, icon, url } from "../dom.js";

/** One choice of a few: `options` are [value, text]. */
export function segments(label, options, chosen, choose, key) {
  return el("div", { class: "ref-field" },
    el("span", { class: "ref-label", text: label }),
    el("div", { class: "segments", role: "group", "aria-label": label },
      ...options.map(([value, text]) => el("button", {
        type: "button", text, "aria-pressed": String(value === chosen),
        data: { key: `${key}/${value}` }, on: { click: () => choose(value) },
      }))));
}

/** How strongly: a word, and the number that stands behind it. */
export function strength({ label, info, words, most, value, choose, key, step = 0.1 }) {
  const set = (number) => {
    if (Number.isFinite(number) && number >= 0 && number <= most) choose(number);
    else field.value = String(value);
  };
  const field = el("input", {
    type: "number", class: "ref-number", min: "0", max: String(most), step: String(step),
    value: String(value), "aria-label": `${label}, a number from 0 to ${most}`,
    data: { key: `${key}/number` }, on: { change: () => set(field.valueAsNumber) },
  });
  return el("div", { class: "ref-field" },
    el("span", { class: "ref-label", text: label, title: info }),
    el("div", { class: "ref-strength" },
      el("div", { class: "segments", role: "group", "aria-label": label },
        ...Object.entries(words).map(([word, stop]) => el("button", {
          type: "button", text: word, "aria-pressed": String(stop === value),
          data: { key: `${key}/${word}` }, on: { click: () => set(stop) },
        }))),
      field),
    el("p", { class: "ref-info", text: info }));
}

/** Where a photo is dropped, and those that were used before.
 *  @param {{ text: string, choose: () => void, recent?: string[], again?: (sha: string) => void }} options */
export function dropPlace({ text, choose, recent = [], again }) {
  const parts = [el("button", {
    type: "button", class: "ref-drop", data: { key: "drop" }, on: { click: choose },
  }, icon("upload"), el("span", { text }))];
  if (recent.length) parts.push(recents(recent, again));
  return el("div", { class: "ref-field" }, ...parts);
}

/** Photos that this project has used before. */
export function recents(recent, again) {
  return el("div", { class: "ref-recent", role: "group", "aria-label": "Used before" },
    el("span", { class: "ref-info", text: "Used before" }),
    ...recent.map((sha, index) => el("button", {
      type: "button", class: "ref-thumb", "aria-label": `Photo ${index + 1} used before`,
      title: "Take this photo again", data: { key: `recent/${sha}` },
      on: { click: () => again(sha) },
    }, el("img", { src: address(sha), alt: "", loading: "lazy", decoding: "async" }))));
}

/** A kept picture's address. */
export function address(sha) {
  return url(`toile/ink/${sha}`);
}

/** Small actions in a row: [[text, run, {…}]]. */
export function actions(...list) {
  return el("div", { class: "ref-actions" }, ...list.filter(Boolean).map(([text, run, props = {}]) => (
    el("button", {
      type: "button", class: "quiet", text, ...props, data: { key: `act/${text}` },
      on: { click: run },
    }))));
}
