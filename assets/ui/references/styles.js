// Styles: small files that change how a model draws, several at once, each with its scale.

import { el, icon, iconButton } from "../dom.js";

/** Options: `styles` in use, `shelf` (names in the data folder), `most`, and what is done:
 *  `add(file)`, `give(File)`, `scale(sha, number | null)`. */
export function styleList({ styles, shelf, most, add, give, scale }) {
  const rows = styles.map((style) => {
    const field = el("input", {
      type: "number", class: "ref-number", min: "0", max: String(most.scale), step: "0.1",
      value: String(style.scale), "aria-label": `Scale of ${style.name}, from 0 to ${most.scale}`,
      data: { key: `scale/${style.sha}` },
      on: {
        change: () => {
          const value = field.valueAsNumber;
          if (value >= 0 && value <= most.scale) scale(style.sha, value);
          else field.value = String(style.scale);
        },
      },
    });
    return el("li", { class: "ref-style" },
      el("span", { class: "ref-style-name", text: style.name, title: style.name }), field,
      iconButton("close", `Remove the style ${style.name}`, () => scale(style.sha, null),
        { "data-key": `remove/${style.sha}` }));
  });
  const full = styles.length >= most.styles;
  const file = el("input", {
    type: "file", accept: ".safetensors", hidden: true,
    on: { change: () => { if (file.files[0]) give(file.files[0]); file.value = ""; } },
  });
  const left = shelf.filter((name) => !styles.some((s) => `${s.name}.safetensors` === name));
  const select = left.length ? el("select", {
    class: "ref-select", "aria-label": "Add a style from the folder", disabled: full,
    data: { key: "shelf" }, on: { change: () => { if (select.value) add(select.value); } },
  }, el("option", { value: "", text: "Add from the folder…" }),
  ...left.map((name) => el("option", { value: name, text: name.replace(/\.safetensors$/, "") }))) : null;
  return el("div", { class: "ref-field" },
    rows.length ? el("ul", { class: "ref-styles" }, ...rows) : null,
    select,
    el("button", {
      type: "button", class: "ref-drop", disabled: full, data: { key: "drop" },
      title: full ? `${most.styles} styles are in use: remove one first` : null,
      on: { click: () => file.click() },
    }, icon("upload"), el("span", { text: "Drop a LoRA (.safetensors), or choose a file" })),
    file,
    el("p", {
      class: "ref-info",
      text: "Scale 1 is as it was trained, 0 leaves it out. Files in the data folder's “styles” "
        + "are offered here.",
    }));
}
