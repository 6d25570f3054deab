// References: a garment, a person, a pose, a face and styles, each in a tile that unfolds.

import { el, focusedIn, iconButton, svg } from "./dom.js";
import { canRefer, setAble } from "./references/able.js";
import { paintMask } from "./references/mask.js";
import { photo } from "./references/photo.js";
import { actions, address, dropPlace, recents, segments, strength } from "./references/pieces.js";
import { mirrored, poseEditor, sketchOf } from "./references/pose.js";
import { styleList } from "./references/styles.js";

const ROLES = [
  ["garment", "Garment"], ["person", "Person"], ["pose", "Pose"], ["face", "Face"], ["styles", "Styles"],
];
const DRAWN = { // on a 24 x 24 grid
  garment: "M8.5 4.5L4 7l1.8 4L8 10v9.5h8V10l2.2 1L20 7l-4.5-2.5a3.6 3.6 0 0 1-7 0z",
  person: "M12 11.5a3.8 3.8 0 1 0 0-7.6 3.8 3.8 0 0 0 0 7.6zM4.8 20.2c.5-3.9 3.4-6.2 7.2-6.2s6.7 2.3 7.2 6.2",
  pose: "M12 7.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12 8v7M12 10L6.5 7.5M12 10l5.5 3M12 15l-3.5 5.5M12 15l4 5.5",
  face: "M12 20c-3.6 0-6-3.5-6-8s2.4-7.5 6-7.5 6 3 6 7.5-2.4 8-6 8zM9.7 11.5h.01M14.3 11.5h.01M10 15.5c1.2.9 2.8.9 4 0",
  styles: "M12 3.5c-4.7 0-8.5 3.6-8.5 8.2 0 4.7 3.6 8.8 7.7 8.8 2.3 0 1.7-2 1.3-3-.5-1.3.3-2.5 1.8-2.5h2.5c2.3 0 3.7-1.5 3.7-3.7 0-4.5-3.8-7.8-8.5-7.8zM8 12.5h.01M9.5 8.5h.01M14 7.5h.01M17 10.5h.01",
};
const DROP = {
  garment: "Drop a photo of a garment, paste it, or choose a file",
  person: "Drop a photo of a person, paste it, or choose a file",
  pose: "Read the pose from a photo",
  face: "Drop a photo of a face, paste it, or choose a file",
};
const ABOUT = {
  garment: "A picture of the garment to be worn; the words say by whom and where.",
  person: "Somebody who tries the garment on. Outside the blue region the person is kept, to the pixel.",
  pose: "How the wearer stands. Choose a pose, then drag its joints.",
  face: "Whose face the wearer has.",
  styles: "Small files (LoRA) that change how the model draws.",
};
const READS = ["put", "again", "mask", "find", "style"];
const SLOW = 250; // ms until a wait is shown

export function mount({ element, trigger, props, watch, upload }) {
  const root = element.querySelector(".references-root");
  const known = props.known;
  let open = "";
  let asked = 0; // the number of the last wish
  let waiting = ""; // the role whose wish is on its way
  let reading = false; // whether a photo is read for it, which takes a while
  let overlay = true;
  let local = ""; // a sentence of this page's own

  const tiles = el("div", { class: "ref-tiles", role: "group", "aria-label": "References" });
  const detail = el("div", { class: "ref-detail", id: "ref-detail", hidden: true });
  const warning = el("p", { class: "ref-warning", role: "status", hidden: true });
  const file = el("input", {
    type: "file", accept: "image/*", hidden: true, "aria-label": "Photo",
    on: { change: () => { give(open, [...file.files]); file.value = ""; } },
  });
  root.replaceChildren(
    el("div", { class: "ref-head" }, el("h2", { text: "References" })),
    tiles, warning, detail, file,
  );

  const now = (role) => props.value?.[role] ?? null;
  const able = () => ROLES.filter(([role]) => canRefer(role));
  const filled = (role) => (role === "styles" ? Boolean(now(role)?.length) : Boolean(now(role)));

  // Asking the server

  function ask(verb, role, extra = {}) {
    asked += 1;
    waiting = role;
    local = "";
    reading = READS.includes(verb) || extra.what === "part";
    root.dataset.waiting = role;
    const mine = asked;
    setTimeout(() => { if (waiting && asked === mine) draw(); }, SLOW);
    trigger("reference", { verb, role, n: asked, ...extra });
  }

  /** Photos that were dropped, pasted or chosen. */
  async function give(role, files) {
    if (!files.length || !canRefer(role)) return;
    unfold(role);
    if (files.length > 1) {
      say(`${files.length} files came at once: give one at a time, nothing was changed.`);
      return;
    }
    const [one] = files;
    const style = role === "styles";
    if (style !== /\.safetensors$/i.test(one.name)) {
      say(style ? "A style is a .safetensors file of a LoRA: choose one."
        : "This is no picture: give a PNG, JPEG or WebP.");
      return;
    }
    waiting = role;
    reading = true;
    local = "";
    draw();
    try {
      const { path } = await upload(one);
      if (style) ask("style", role, { path, name: one.name });
      else ask("put", role, { path });
    } catch (error) {
      waiting = "";
      say("The file could not be sent: it may be too large.");
      console.warn(error);
    }
  }

  async function sendMask(role, blob) {
    waiting = role;
    reading = true;
    draw();
    try {
      const { path } = await upload(blob instanceof File ? blob : new File([blob], "mask.png", { type: "image/png" }));
      ask("mask", role, { path });
    } catch (error) {
      waiting = "";
      say("The mask could not be sent: try again.");
      console.warn(error);
    }
  }

  function say(text) {
    local = text;
    draw();
  }

  function unfold(role) {
    open = role;
    local = "";
    draw();
  }

  const choose = () => file.click();
  /** One setting; it is shown at once and confirmed by the answer. */
  function set(role, what, value) {
    ask("set", role, { what, value });
    props.value = { ...props.value, [role]: { ...now(role), [what]: value } };
    draw();
  }

  // Tiles

  function tile(role, name) {
    const value = now(role);
    const wrong = value?.problem;
    const button = el("button", {
      type: "button", class: "ref-tile", data: { role, filled: String(filled(role)) },
      "aria-expanded": String(open === role), "aria-controls": "ref-detail",
      title: value?.said || ABOUT[role],
      "aria-label": `${name}: ${wrong || (filled(role) ? value.said ?? "in use" : "nothing yet")}`,
      on: {
        click: () => {
          const fresh = open !== role;
          unfold(fresh ? role : "");
          if (fresh && !filled(role) && ["garment", "person", "face"].includes(role)) choose();
        },
      },
    },
    el("span", { class: "ref-tile-face" }, face(role, value),
      waiting === role ? el("i", { class: "ref-busy" }) : null,
      wrong ? el("i", { class: "ref-bad" }) : null),
    el("span", { class: "ref-tile-name", text: name }));
    droppable(button, role);
    return button;
  }

  function face(role, value) {
    if (role === "pose" && value) return sketchOf(value.joints, known.figure);
    if (role === "styles" && value?.length) return el("b", { class: "ref-count", text: String(value.length) });
    if (value?.picture) return el("img", { src: address(value.picture), alt: "", decoding: "async" });
    return svg("svg", { class: "ref-drawn", viewBox: "0 0 24 24", "aria-hidden": "true" },
      svg("path", { d: DRAWN[role] }));
  }

  function droppable(node, role) {
    node.addEventListener("dragover", (event) => {
      event.preventDefault();
      node.classList.add("dropping");
    });
    node.addEventListener("dragleave", () => node.classList.remove("dropping"));
    node.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      node.classList.remove("dropping");
      give(role, [...event.dataTransfer.files]);
    });
  }

  // What unfolds below them

  function details(role, name) {
    const value = now(role);
    const said = local || value?.problem || (waiting === role && reading ? "Reading…" : value?.said) || ABOUT[role];
    const bad = Boolean(local || value?.problem);
    return [
      el("div", { class: "ref-detail-head" },
        el("h3", { text: name }),
        el("span", { class: "grow" }),
        filled(role) ? iconButton("clear", `Clear: ${name}`, () => ask("clear", role), { "data-key": "clear" }) : null,
        iconButton("close", "Fold up", () => fold(role), { "data-key": "fold" })),
      el("p", { class: bad ? "ref-said bad" : "ref-said", role: "status", text: capital(said) }),
      ...DETAILS[role](value),
    ];
  }

  function fold(role) {
    unfold("");
    tiles.querySelector(`[data-role="${role}"]`)?.focus();
  }

  const DETAILS = {
    garment: (value) => (value ? [
      ...masked("garment", value, "Mask of the garment",
        "Blue is the garment. Add what is missing, erase what does not belong to it."),
      segments("Which garment", known.parts.map(([part, title]) => [part, PART[part] ?? title]),
        value.part, (part) => set("garment", "part", part), "part"),
      ...how(value),
      ...(props.can?.notices ?? []).map((text) => el("p", { class: "ref-info", text })),
    ] : [empty("garment")]),
    person: (value) => (value
      ? masked("person", value, "What is painted anew",
        "Blue is painted anew; everything else is kept to the pixel.")
      : [empty("person")]),
    pose: (value) => [
      presets(value),
      ...(value ? [
        poseEditor({
          joints: value.joints, figure: known.figure,
          changed: (joints) => ask("joints", "pose", { joints, name: "" }),
        }).root,
        grade("pose", "Pose strength", "Higher keeps closer to the figure.", value.strength),
      ] : []),
      props.can?.pose ? dropPlace({ text: DROP.pose, choose }) : null,
    ],
    face: (value) => (value ? [
      photo({ picture: value.picture, mask: null, alt: "Photo of the face", shown: false }),
      actions(["Another photo", choose]),
      grade("face", "Face strength", "Higher looks more like the photo.", value.strength),
    ] : [empty("face")]),
    styles: (value) => [styleList({
      styles: value ?? [], shelf: props.value?.shelf ?? [], most: known.most,
      add: (name) => ask("style", "styles", { file: name }),
      give: (one) => give("styles", [one]),
      scale: (sha, scale) => ask("style_scale", "styles", { sha, scale }),
    })],
  };

  function empty(role) {
    return dropPlace({
      text: DROP[role], choose, recent: props.value?.recent?.[role] ?? [],
      again: (sha) => ask("again", role, { sha }),
    });
  }

  /** A photo with its mask over it, and what can be done with that. */
  function masked(role, value, title, words) {
    const others = (props.value?.recent?.[role] ?? []).filter((sha) => sha !== value.picture);
    const paint = () => paintMask({
      title, words, picture: value.picture, mask: value.mask,
      use: (blob) => sendMask(role, blob), file: (one) => sendMask(role, one),
      find: () => ask("find", role),
    });
    return [
      photo({
        picture: value.picture, mask: value.mask, shown: overlay,
        alt: role === "garment" ? "Photo of the garment" : "Photo of the person",
      }),
      actions(
        value.mask && ["Mask", () => { overlay = !overlay; draw(); },
          { "aria-pressed": String(overlay), title: overlay ? "Hide the mask" : "Show the mask" }],
        [value.mask ? "Edit mask" : "Paint mask", paint],
        ["Another photo", choose],
      ),
      ...(others.length ? [recents(others, (sha) => ask("again", role, { sha }))] : []),
    ];
  }

  /** How the garment is heard: which method, and how strongly. */
  function how(value) {
    const methods = [...(props.can?.methods ?? [])];
    if (!methods.some(([name]) => name === value.method)) methods.push([value.method, value.methodTitle]);
    const parts = [];
    if (methods.length > 1) {
      parts.push(segments("Method", methods.map(([name, title]) => [name, capital(title)]),
        value.method, (method) => set("garment", "method", method), "method"));
    }
    if (["magic_clothing", "combined"].includes(value.method)) {
      parts.push(strength({
        label: "Garment strength sG", words: props.value.sgWords, most: known.most.sg, value: value.sg,
        info: "Higher keeps closer to the photo and listens less to the words.",
        choose: (number) => set("garment", "sg", number), key: "sg", step: 0.5,
      }));
    }
    if (["imagdressing", "combined"].includes(value.method)) {
      parts.push(strength({
        label: "Garment weight λ", words: known.words.dressing, most: known.most.dressing,
        value: value.dressing, info: "IMAGDressing: 0 leaves the garment out, 1 is as trained.",
        choose: (number) => set("garment", "dressing", number), key: "lambda",
      }));
    }
    return parts;
  }

  function grade(role, label, info, value) {
    return strength({
      label, info, words: known.words.strength, most: known.most.strength, value,
      choose: (number) => set(role, "strength", number), key: `${role}-strength`,
    });
  }

  function presets(value) {
    const size = props.framing ?? "full";
    return el("div", { class: "ref-field" },
      el("div", { class: "ref-presets", role: "group", "aria-label": "Poses to start from" },
        ...Object.entries(known.presets).map(([name, sizes]) => el("button", {
          type: "button", class: "ref-preset", title: capital(name), "aria-label": capital(name),
          "aria-pressed": String(value?.name === name), data: { key: `preset/${name}` },
          on: { click: () => ask("joints", "pose", { joints: sizes[size], name }) },
        }, sketchOf(sizes[size], known.figure)))),
      value ? actions(["Mirror", () => ask("joints", "pose", {
        joints: mirrored(value.joints), name: turned(value.name),
      })]) : null);
  }

  // Showing

  function draw() {
    const shown = able();
    element.hidden = !shown.length;
    root.hidden = !shown.length;
    if (!shown.some(([role]) => role === open)) open = "";
    const held = focusedIn(root);
    tiles.replaceChildren(...shown.map(([each, name]) => tile(each, name)));
    const chosen = shown.find(([each]) => each === open);
    detail.hidden = !chosen;
    detail.dataset.role = open;
    detail.replaceChildren(...(chosen ? details(...chosen).filter(Boolean) : []));
    root.dataset.open = open;
    root.dataset.waiting = waiting;
    root.dataset.ready = "1";
    warn();
    const { key, role } = held?.dataset ?? {};
    if (key) detail.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
    else if (role) tiles.querySelector(`[data-role="${role}"]`)?.focus({ preventScroll: true });
  }

  function warn() {
    const text = able().length ? props.warning ?? "" : "";
    warning.textContent = text;
    warning.hidden = !text;
  }

  /** An answer: one to an older wish is not shown over what is asked for now. */
  function arrived() {
    const { value } = props;
    if (value?.n && value.n < asked) return;
    waiting = "";
    // Joints that are being moved stay under the hand.
    if (root.querySelector(".pose-edit:active")) return;
    draw();
  }

  function refused() {
    const { refused: no } = props;
    if (!no || (no.n && no.n < asked)) return;
    waiting = "";
    local = no.text;
    draw();
  }

  droppable(detail, "");
  detail.addEventListener("drop", (event) => give(open, [...event.dataTransfer.files]));
  // Before the board, which takes any picture that is pasted elsewhere.
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const held = focusedIn(root);
    const role = held?.dataset.role || open;
    if (!files.length || !role || !held) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    give(role, files);
  }, true);

  watch("value", arrived);
  watch("can", () => { setAble(props.can); draw(); });
  watch("warning", warn);
  watch("framing", () => { if (open === "pose") draw(); });
  watch("refused", refused);
  watch("open", () => {
    if (!props.open) return;
    unfold(props.open.role);
    root.scrollIntoView({ block: "nearest" });
  });
  setAble(props.can);
  draw();
}

const PART = { auto: "Auto", upper: "Upper", lower: "Lower", dress: "Dress" };

function capital(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : "";
}

function turned(name) {
  const end = ", mirrored";
  if (!name) return "";
  return name.endsWith(end) ? name.slice(0, -end.length) : `${name}${end}`;
}
