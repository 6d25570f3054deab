// Styles: small files that change how a model draws, several at once, each with its scale.

import { choice, el, filePicker, icon, iconButton } from "../dom.js";
import { number } from "./pieces.js";

/** How the files of styles end. */
const ENDINGS = [".safetensors", ".pt", ".pth", ".bin", ".ckpt"];

/** Whether a file is a style's by its name; what it is, the server looks at.
 *  @param {string} name */
export const isStyle = (name) => ENDINGS.some((ending) => name.toLowerCase().endsWith(ending));

/** Options: `styles` in use, `shelf` (names in the data folder), `most`, and what is done:
 *  `add(file)`, `give(File)`, `scale(sha, number | null)`.
 *  @param {{ styles: Style[], shelf: string[], most: Record<string, number>, add: (file: string) => void,
 *    give: (file: File) => void, scale: (sha: string, scale: number | null) => void }} options */
export function styleList({ styles, shelf, most, add, give, scale }) {
  const rows = styles.map(({ sha256: sha, name, strength: value }) => el("li.ref-style",
    el("span.ref-style-name", { title: name }, name),
    number({
      label: `Scale of ${name}, from 0 to ${most.strength}`, most: most.strength, value,
      key: `scale/${sha}`, choose: (wanted) => scale(sha, wanted),
    }),
    iconButton("close", `Remove the style ${name}`, () => scale(sha, null), { "data-key": `remove/${sha}` })));
  const full = styles.length >= most.styles;
  const file = filePicker("Style", ENDINGS.join(), ([one]) => give(one));
  const left = shelf.filter((name) => !styles.some((s) => s.name === name.replace(/\.[^.]+$/, "")));
  const options = [["", "Add from the folder…"], ...left.map((name) => [name, name.replace(/\.safetensors$/, "")])];
  const select = choice("ref-select", "Add a style from the folder", options, "",
    (name) => { if (name) add(name); }, { disabled: full, data: { key: "shelf" } });
  return el("div.ref-field",
    rows.length ? el("ul.ref-styles", rows) : null,
    left.length ? select : null,
    el("button.ref-drop", {
      disabled: full, data: { key: "drop" }, onclick: () => file.click(),
      title: full ? `${most.styles} styles are in use: remove one first` : null,
    }, icon("upload"), el("span", "Drop a LoRA (.safetensors, .pt or .bin), or choose a file")),
    file,
    el("p.ref-info", "Scale 1 is as it was trained, 0 leaves it out. Files in the data folder's “styles” "
      + "are offered here."));
}
