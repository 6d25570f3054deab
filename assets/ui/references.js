// References: what a picture shall refer to beside words and drawing, each in a tile that unfolds.
// Which there are, and what they are called, comes from Python in `known.tiles`.

import { dropZone, el, filePicker, focusedIn, iconButton, rebuild, svg, withData } from "./dom.js";
import { turns } from "./latest.js";
import { capital } from "./numbers.js";
import { live, Part } from "./part.js";
import { canRefer, setAble } from "./references/able.js";
import { DETAILS, given } from "./references/details.js";
import { actions, address } from "./references/pieces.js";
import { sketchOf } from "./references/pose.js";
import { isStyle } from "./references/styles.js";

const READS = ["put", "again", "mask", "find", "style"];
const GIVES = ["put", "again", "clear", "joints"]; // what was there before is gone
const OF_IT = [...GIVES, "mask", "find", "mark"]; // wishes that belong to what is given
const SLOW = 250; // ms until a wait is shown

/** @param {Mounted} part */
export function mount(part) {
  const { root, props, watch } = part;
  const panel = new References(part);
  // Before the board, which takes any picture that is pasted elsewhere.
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const held = focusedIn(root);
    const role = /** @type {Role | ""} */ (held?.dataset.role || panel.open);
    if (!files.length || !role || !held) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    panel.give(role, files);
  }, true);
  live(watch, {
    value: () => panel.arrived(),
    can: () => panel.draw(),
    warning: () => panel.warn(),
    question: () => panel.warn(),
    said: () => panel.retold(),
    framing: () => { if (panel.open === "pose") panel.draw(); },
    refused: () => panel.refused(),
    open: () => {
      if (!props.open) return;
      panel.unfold(props.open.role);
      root.scrollIntoView({ block: "nearest" });
    },
  });
}

export class References extends Part {
  /** @param {Mounted} part */
  constructor(part) {
    super(part);
    this.known = part.props.known;
    /** @type {Tile[]} */
    this.kinds = this.known.tiles;
    /** @type {Role | ""} */
    this.open = "";
    this.asked = 0; // the number of the last wish
    this.given = turns(); // counts what is given in each role
    this.latest = part.props.value; // the last look at what is given
    this.waiting = ""; // the role whose wish is on its way
    this.reading = false; // whether a photo is read for it, which takes a while
    this.overlay = true;
    this.local = ""; // a sentence of this page's own
    this.toldOf = ""; // what is said of what is given, as it is shown
    this.tiles = el("div.ref-tiles", { role: "group", "aria-label": "References" });
    this.detail = el("div.ref-detail", { id: "ref-detail", hidden: true });
    this.warning = el("p.ref-warning", { role: "status", hidden: true });
    this.question = el("div.ref-question", { hidden: true });
    const file = filePicker("Photo", "image/*", (files) => this.give(this.open, files));
    this.choose = () => file.click();
    dropZone(this.detail, (files) => this.give(this.open, files));
    this.root.replaceChildren(el("div.ref-head", el("h2", "References")),
      this.tiles, this.question, this.warning, this.detail, file);
  }

  /** @param {Role} role */
  now(role) { return this.props.value?.[role] ?? null; }

  /** @param {Role} role @returns {string[]} */
  recent(role) { return this.props.value?.recent?.[role] ?? []; }

  /** @param {Role} role */
  filled(role) { return Boolean(this.now(role)); }

  /** What is said of what is given: it may change with the words. @param {Role} role @returns {string} */
  told(role) { return this.props.said?.[role] || this.now(role)?.said || ""; }

  /** The words have changed, and with them perhaps what is said. */
  retold() {
    const said = JSON.stringify(this.props.said);
    if (said === this.toldOf || this.root.querySelector(".pose-edit:active")) return;
    this.toldOf = said;
    this.draw();
  }

  // Asking the server

  /** @param {string} verb @param {Role} role @param {Record<string, any>} extra */
  ask(verb, role, extra = {}, turn = this.turn(verb, role, extra)) {
    this.asked += 1;
    this.waiting = role;
    this.local = "";
    this.reading = READS.includes(verb) || extra.what === "part";
    this.root.dataset.waiting = role;
    const mine = this.asked;
    setTimeout(() => { if (this.waiting && this.asked === mine) this.draw(); }, SLOW);
    this.trigger("reference", { verb, role, n: this.asked, ...(turn !== null && { turn }), ...extra });
  }

  /** Which of the things that are given in a role a wish is about; null where it is about any.
   *  @param {string} verb @param {Role} role @param {Record<string, any>} extra */
  turn(verb, role, extra) {
    if (GIVES.includes(verb)) return this.given.next(role);
    return OF_IT.includes(verb) || extra.what === "part" ? this.given.now(role) : null;
  }

  /** Photos that were dropped, pasted or chosen.
   *  @param {Role | ""} role @param {File[]} files */
  give(role, files) {
    if (!files.length || !role || !canRefer(role)) return;
    this.unfold(role);
    const [one] = files;
    const style = role === "style";
    if (files.length > 1) {
      this.say(`${files.length} files came at once: give one at a time, nothing was changed.`);
    } else if (style !== isStyle(one.name)) {
      this.say(style ? "A style is the file of a LoRA, .safetensors, .pt or .bin: choose one."
        : "This is no picture: give a PNG, JPEG or WebP.");
    } else {
      this.send(role, style ? "style" : "put", one, style ? { name: one.name } : {},
        "The file could not be sent: it may be too large.");
    }
  }

  /** Send a file, then ask; `problem` is said where it could not be sent.
   *  @param {Role} role @param {string} verb @param {File} file @param {object} extra @param {string} problem */
  async send(role, verb, file, extra, problem) {
    const turn = this.turn(verb, role, extra);
    const late = () => turn !== null && turn < this.given.now(role);
    Object.assign(this, { waiting: role, reading: true, local: "" });
    this.draw();
    try {
      const { path } = await this.upload(file);
      if (!late()) this.ask(verb, role, { path, ...extra }, turn);
    } catch (error) {
      if (late()) return;
      this.waiting = "";
      this.say(problem);
      console.warn(error);
    }
  }

  /** @param {string} text */
  say(text) {
    this.local = text;
    this.draw();
  }

  /** @param {Role | ""} role */
  unfold(role) {
    this.open = role;
    this.say("");
  }

  /** @param {boolean} over */
  lay(over) {
    this.overlay = over;
    this.draw();
  }

  /** One setting; it is shown at once and confirmed by the answer.
   *  @param {Role} role @param {string} what @param {unknown} value */
  set(role, what, value) {
    this.ask("set", role, { what, value });
    this.latest = this.props.value = { ...this.props.value, [role]: { ...this.now(role), [what]: value } };
    this.draw();
  }

  // Tiles

  /** @param {Tile} one */
  tile(one) {
    const { role, title, about, photo } = one;
    const value = this.now(role);
    const wrong = value?.problem;
    const filled = this.filled(role);
    const button = el("button.ref-tile", {
      data: { role, filled }, "aria-expanded": this.open === role, "aria-controls": "ref-detail",
      title: this.told(role) || about,
      "aria-label": `${title}: ${wrong || (filled ? this.told(role) || "in use" : "nothing yet")}`,
      onclick: () => {
        const fresh = this.open !== role;
        this.unfold(fresh ? role : "");
        if (fresh && !filled && photo) this.choose();
      },
    },
    el("span.ref-tile-face", this.face(one, value), this.waiting === role && el("i.ref-busy"),
      wrong && el("i.ref-bad")),
    el("span.ref-tile-name", title));
    dropZone(button, (files) => this.give(role, files));
    return button;
  }

  /** @param {Tile} tile @param {any} value */
  face({ drawn }, value) {
    if (value?.pose) return sketchOf(value.pose.joints, this.known.figure);
    if (value?.length) return el("b.ref-count", value.length);
    if (value?.picture) return el("img", { src: address(value.picture), alt: "", decoding: "async" });
    return svg("svg.ref-drawn", { viewBox: "0 0 24 24", "aria-hidden": true }, svg("path", { d: drawn }));
  }

  // Showing

  /** @param {Tile} tile @returns {(Node | null | undefined | false)[]} */
  details(tile) {
    const { role, title, about } = tile;
    const value = this.now(role);
    const bad = this.local || value?.problem;
    const said = bad || (this.waiting === role && this.reading ? "Reading…" : this.told(role)) || about;
    return [
      el("div.ref-detail-head", el("h3", title), el("span.grow"),
        this.filled(role) && iconButton("clear", `Clear: ${title}`, () => this.ask("clear", role), { "data-key": "clear" }),
        iconButton("close", "Fold up", () => {
          this.unfold("");
          withData(this.tiles, "role", role)?.focus();
        }, { "data-key": "fold" })),
      el("p.ref-said", { class: bad && "bad", role: "status" }, capital(said)),
      ...(DETAILS[role] ?? given)(this, value, tile),
    ];
  }

  draw() {
    const { root, detail, props } = this;
    setAble(props.can);
    const shown = this.kinds.filter(({ role }) => canRefer(role));
    this.element.hidden = root.hidden = !shown.length;
    const chosen = shown.find(({ role }) => role === this.open);
    if (!chosen) this.open = "";
    rebuild(this.tiles, shown.map((tile) => this.tile(tile)), "role");
    detail.hidden = !chosen;
    detail.dataset.role = this.open;
    rebuild(detail, chosen ? this.details(chosen) : []);
    root.dataset.waiting = this.waiting;
    this.warn();
  }

  warn() {
    this.warning.textContent = this.root.hidden ? "" : this.props.warning ?? "";
    this.warning.hidden = !this.warning.textContent;
    /** @type {{ text: string, answers: [string, string][] } | null} */
    const asked = this.root.hidden ? null : this.props.question ?? null;
    this.question.hidden = !asked;
    rebuild(this.question, asked ? [el("p", { role: "status" }, asked.text),
      actions(...asked.answers.map(([part, words]) =>
        /** @type {[string, () => void]} */ ([words, () => this.set("garment", "part", part)])))] : []);
  }

  /** An answer: one to an older wish is not shown over what is asked for now. */
  arrived() {
    const { value } = this.props;
    if (value && this.latest && value.at < this.latest.at) { // answers may overtake each other
      this.props.value = this.latest;
      return;
    }
    this.latest = value;
    if (value?.n && value.n < this.asked && this.waiting) return;
    this.waiting = "";
    // Joints that are being moved stay under the hand.
    if (!this.root.querySelector(".pose-edit:active")) this.draw();
  }

  refused() {
    const { refused } = this.props;
    if (!refused || (refused.n && refused.n < this.asked)) return;
    if (refused.turn != null && refused.turn < this.given.now(refused.role)) return;
    this.waiting = "";
    this.say(refused.text);
  }
}
