// What unfolds below the tile of a reference. `panel` is the panel of references.

import { el } from "../dom.js";
import { capital } from "../numbers.js";
import { paintMask } from "./mask.js";
import { photo } from "./photo.js";
import { actions, choice, dropPlace, recents, strength } from "./pieces.js";
import { mirrored, poseEditor, sketchOf } from "./pose.js";
import { styleList } from "./styles.js";

/** @typedef {import("../references.js").References} Panel */

/** @type {Record<string, string>} */
const DROP = {
  garment: "Drop a photo of a garment, paste it, or choose a file",
  person: "Drop a photo of a person, paste it, or choose a file",
  pose: "Read the pose from a photo",
  face: "Drop a photo of a face, paste it, or choose a file",
};
/** @type {Record<string, string>} */
const PART = { auto: "Auto", upper: "Upper", lower: "Lower", dress: "Dress" };

/** The name of a pose seen in a mirror.
 *  @param {string | null | undefined} name */
export function turned(name) {
  const end = ", mirrored";
  if (!name) return "";
  return name.endsWith(end) ? name.slice(0, -end.length) : `${name}${end}`;
}

/** @param {Panel} panel @param {Role} role */
function empty(panel, role) {
  return [dropPlace(DROP[role], panel.choose,
    recents(panel.recent(role), (sha) => panel.ask("again", role, { sha })))];
}

/** A photo with its mask over it, and what can be done with that.
 *  @param {Panel} panel @param {Role} role @param {{ picture: string, mask: string | null }} value
 *  @param {string} alt @param {string} title @param {string} words */
function masked(panel, role, { picture, mask }, alt, title, words) {
  const { overlay } = panel;
  /** @param {File} file */
  const use = (file) => panel.send(role, "mask", file, {}, "The mask could not be sent: try again.");
  const paint = () => paintMask({ title, words, picture, mask, use, find: () => panel.ask("find", role) });
  /** @param {string} sha */
  const again = (sha) => panel.ask("again", role, { sha });
  return [
    photo(picture, overlay && mask, alt),
    actions(
      Boolean(mask) && ["Mask", () => panel.lay(!overlay),
        { "aria-pressed": overlay, title: overlay ? "Hide the mask" : "Show the mask" }],
      [mask ? "Edit mask" : "Paint mask", paint],
      ["Another photo", panel.choose],
    ),
    recents(panel.recent(role).filter((sha) => sha !== picture), again),
  ];
}

/** @param {Panel} panel @param {Role} role @param {string} label @param {string} info @param {number} value */
function grade(panel, role, label, info, value) {
  return strength({
    label, info, words: panel.known.words.strength, most: panel.known.most.strength, value,
    choose: (number) => panel.set(role, "strength", number), key: `${role}-strength`,
  });
}

/** How the garment is heard: which method, and how strongly.
 *  @param {Panel} panel @param {Record<string, any>} value */
function how(panel, { method, methodTitle, sg, dressing }) {
  const { known, props } = panel;
  const methods = [...(props.can?.methods ?? [])];
  if (!methods.some(([name]) => name === method)) methods.push([method, methodTitle]);
  return [
    methods.length > 1 && choice("Method", methods.map(([name, title]) => [name, capital(title)]),
      method, (name) => panel.set("garment", "method", name), "method"),
    ["magic_clothing", "combined"].includes(method) && strength({
      label: "Garment strength sG", words: props.value.sgWords, most: known.most.sg, value: sg,
      info: "Higher keeps closer to the photo and listens less to the words.",
      choose: (number) => panel.set("garment", "sg", number), key: "sg", step: 0.5,
    }),
    ["imagdressing", "combined"].includes(method) && strength({
      label: "Garment weight λ", words: known.words.dressing, most: known.most.dressing,
      value: dressing, info: "IMAGDressing: 0 leaves the garment out, 1 is as trained.",
      choose: (number) => panel.set("garment", "dressing", number), key: "lambda",
    }),
  ];
}

/** @param {Panel} panel @param {any} value */
function presets(panel, value) {
  const size = panel.props.framing ?? "full";
  /** @param {Joint[]} joints @param {string} name */
  const pose = (joints, name) => panel.ask("joints", "pose", { joints, name });
  return el("div.ref-field",
    el("div.ref-presets", { role: "group", "aria-label": "Poses to start from" },
      Object.entries(panel.known.presets).map(([name, sizes]) => el("button.ref-preset", {
        title: capital(name), "aria-label": capital(name), "aria-pressed": value?.name === name,
        data: { key: `preset/${name}` }, onclick: () => pose(sizes[size], name),
      }, sketchOf(sizes[size], panel.known.figure)))),
    value && actions(["Mirror", () => pose(mirrored(value.joints), turned(value.name))]));
}

/** The details of each role: `(panel, what is known of it or null)`.
 *  @type {Record<Role, (panel: Panel, value: any) => (Node | null | undefined | false)[]>} */
export const DETAILS = {
  garment: (panel, value) => (value ? [
    ...masked(panel, "garment", value, "Photo of the garment", "Mask of the garment",
      "Blue is the garment. Add what is missing, erase what does not belong to it."),
    choice("Which garment", panel.known.parts.map((/** @type {[string, string]} */ [part, title]) => [part, PART[part] ?? title]),
      value.part, (part) => panel.set("garment", "part", part), "part"),
    ...how(panel, value),
    ...(panel.props.can?.notices ?? []).map((/** @type {string} */ text) => el("p.ref-info", text)),
  ] : empty(panel, "garment")),
  person: (panel, value) => (value
    ? masked(panel, "person", value, "Photo of the person", "What is painted anew",
      "Blue is painted anew; everything else is kept to the pixel.")
    : empty(panel, "person")),
  pose: (panel, value) => [
    presets(panel, value),
    value && poseEditor({
      joints: value.joints, figure: panel.known.figure,
      changed: (joints) => panel.ask("joints", "pose", { joints, name: "" }),
    }),
    value && grade(panel, "pose", "Pose strength", "Higher keeps closer to the figure.", value.strength),
    panel.props.can?.pose && dropPlace(DROP.pose, panel.choose),
  ],
  face: (panel, value) => (value ? [
    photo(value.picture, null, "Photo of the face"),
    actions(["Another photo", panel.choose]),
    grade(panel, "face", "Face strength", "Higher looks more like the photo.", value.strength),
  ] : empty(panel, "face")),
  styles: (panel, value) => [styleList({
    styles: value ?? [], shelf: panel.props.value?.shelf ?? [], most: panel.known.most,
    add: (file) => panel.ask("style", "styles", { file }),
    give: (one) => panel.give("styles", [one]),
    scale: (sha, scale) => panel.ask("style_scale", "styles", { sha, scale }),
  })],
};
