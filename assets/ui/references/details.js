// What unfolds below the tile of a reference. `panel` is the panel of references.

import { el } from "../dom.js";
import { capital } from "../numbers.js";
import { faceMarker } from "./face.js";
import { paintMask } from "./mask.js";
import { photo } from "./photo.js";
import { actions, choice, dropPlace, recents, strength } from "./pieces.js";
import { mirrored, poseEditor, sketchOf } from "./pose.js";
import { styleList } from "./styles.js";

/** @typedef {import("../references.js").References} Panel */

/** The name of a pose seen in a mirror.
 *  @param {string | null | undefined} name */
export function turned(name) {
  const end = ", mirrored";
  if (!name) return "";
  return name.endsWith(end) ? name.slice(0, -end.length) : `${name}${end}`;
}

/** @param {Panel} panel @param {Tile} tile */
function empty(panel, { role, title }) {
  return [dropPlace(`Drop a photo of a ${title.toLowerCase()}, paste it, or choose a file`, panel.choose,
    recents(panel.recent(role), (sha) => panel.ask("again", role, { sha })))];
}

/** A photo with its mask over it, and what can be done with that.
 *  @param {Panel} panel @param {Tile} tile @param {{ picture: string, mask: string | null }} value
 *  @param {string} title @param {string} words */
function masked(panel, { role, title: name }, { picture, mask }, title, words) {
  const { overlay } = panel;
  /** @param {File} file */
  const use = (file) => panel.send(role, "mask", file, {}, "The mask could not be sent: try again.");
  const paint = () => paintMask({ title, words, picture, mask, use, find: () => panel.ask("find", role) });
  /** @param {string} sha */
  const again = (sha) => panel.ask("again", role, { sha });
  return [
    photo(picture, overlay && mask, `Photo of the ${name.toLowerCase()}`),
    actions(
      Boolean(mask) && ["Mask", () => panel.lay(!overlay),
        { "aria-pressed": overlay, title: overlay ? "Hide the mask" : "Show the mask" }],
      [mask ? "Edit mask" : "Paint mask", paint],
      ["Another photo", panel.choose],
    ),
    recents(panel.recent(role).filter((sha) => sha !== picture), again),
  ];
}

/** @param {Panel} panel @param {Tile} tile @param {number} value */
function grade(panel, { role, title, stronger, stops }, value) {
  return strength({
    label: `${title} strength`, info: stronger, words: stops, most: panel.known.most.strength, value,
    choose: (number) => panel.set(role, "strength", number), key: `${role}-strength`,
  });
}

/** What is given as a photo and has only a strength.
 *  @param {Panel} panel @param {any} value @param {Tile} tile */
export function given(panel, value, tile) {
  return value ? [
    photo(value.picture, null, `Photo of the ${tile.title.toLowerCase()}`),
    actions(["Another photo", panel.choose]),
    grade(panel, tile, value.strength),
  ] : empty(panel, tile);
}

/** How the garment is heard: which method, and how strongly.
 *  @param {Panel} panel @param {Record<string, any>} value */
function how(panel, { method, sg, weight }) {
  const { known, props } = panel;
  const methods = [...new Set([...(props.can?.methods ?? []), method])];
  return [
    methods.length > 1 && choice("Method", methods.map((name) => [name, capital(known.methods[name])]),
      method, (name) => panel.set("garment", "method", name), "method"),
    ["magic_clothing", "combined"].includes(method) && strength({
      label: "Garment strength sG", words: props.value.sgWords, most: known.most.sg, value: sg,
      info: "Higher keeps closer to the photo and listens less to the words.",
      choose: (number) => panel.set("garment", "sg", number), key: "sg", step: 0.5,
    }),
    ["imagdressing", "combined"].includes(method) && strength({
      label: "Garment weight λ", words: known.weights, most: known.most.weight,
      value: weight, info: "IMAGDressing: 0 leaves the garment out, 1 is as trained.",
      choose: (number) => panel.set("garment", "weight", number), key: "lambda",
    }),
  ];
}

/** @param {Panel} panel @param {any} value */
function presets(panel, value) {
  const size = panel.props.framing ?? "full";
  /** @param {Joint[]} joints @param {string} name */
  const pose = (joints, name) => panel.ask("joints", "pose", { joints, name });
  return el("div.ref-field",
    el("div.ref-presets", { role: "group", "aria-label": "Poses to start from", data: { framing: size } },
      Object.entries(panel.known.presets).map(([name, sizes]) => el("button.ref-preset", {
        title: capital(name), "aria-label": capital(name), "aria-pressed": value?.name === name,
        data: { key: `preset/${name}` }, onclick: () => pose(sizes[size], name),
      }, sketchOf(sizes[size], panel.known.figure)))),
    value && actions(["Mirror", () => pose(mirrored(value.pose.joints), turned(value.name))]));
}

/** The details of roles that are more than a photo: `(panel, what is known of it or null, tile)`.
 *  @type {Record<Role, (panel: Panel, value: any, tile: Tile) => (Node | null | undefined | false)[]>} */
export const DETAILS = {
  garment: (panel, value, tile) => (value ? [
    ...masked(panel, tile, value, "Mask of the garment",
      "Blue is the garment. Add what is missing, erase what does not belong to it."),
    choice("Which garment", panel.known.parts, value.part, (part) => panel.set("garment", "part", part), "part"),
    ...how(panel, value),
    ...(panel.props.can?.notices ?? []).map((/** @type {string} */ text) => el("p.ref-info", text)),
  ] : empty(panel, tile)),
  person: (panel, value, tile) => (value
    ? masked(panel, tile, value, "What is painted anew",
      "Blue is painted anew; everything else is kept to the pixel.")
    : empty(panel, tile)),
  face: (panel, value, tile) => (value ? [
    faceMarker({
      picture: value.picture, box: value.box ?? null, changed: (box) => panel.ask("mark", "face", { box }),
    }),
    actions(["Another photo", panel.choose]),
    recents(panel.recent("face").filter((sha) => sha !== value.picture),
      (sha) => panel.ask("again", "face", { sha })),
    grade(panel, tile, value.strength),
  ] : empty(panel, tile)),
  pose: (panel, value, tile) => [
    presets(panel, value),
    value && poseEditor({
      joints: value.pose.joints, figure: panel.known.figure,
      changed: (joints) => panel.ask("joints", "pose", { joints, name: "" }),
    }),
    value && grade(panel, tile, value.strength),
    panel.props.can?.pose && dropPlace("Read the pose from a photo", panel.choose),
  ],
  style: (panel, value) => [styleList({
    styles: value ?? [], shelf: panel.props.value?.shelf ?? [], most: panel.known.most,
    add: (file) => panel.ask("style", "style", { file }),
    give: (one) => panel.give("style", [one]),
    scale: (sha, scale) => panel.ask("style_scale", "style", { sha, scale }),
  })],
};
