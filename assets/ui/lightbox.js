// One picture, large, with everything that made it and everything that was found in it.

import { duration, makings, verbs } from "./card.js";
import { boxesOver, checkLine, inkOver } from "./checks.js";
import { dialog, el, iconButton, rebuild, slider, thumb, url } from "./dom.js";
import { capital } from "./numbers.js";

const STAYS = ["star", "note", "look", "compare"];

/** "Magic Clothing, sG 2.5": how the garment's photo was heard.
 *  @param {Picture["settings"]} settings */
function garment({ method, sg }) {
  const name = capital(method);
  return sg === null ? name : `${name}, sG ${sg}`;
}

export class Lightbox {
  /** @param {Act} act */
  constructor(act) {
    this.send = act;
    /** @type {Act} */
    this.act = (verb, item, extra) => {
      if (!STAYS.includes(verb)) this.dialog.close();
      act(verb, item, extra);
    };
    /** @type {Picture[]} */
    this.items = [];
    this.at = 0;
    this.last = "";
    this.over = { ink: 0, asked: false, seen: false }; // kept from picture to picture
    this.figure = el("div.lightbox-figure");
    this.note = el("textarea.note", {
      rows: 2, maxlength: 2000, "aria-label": "Note",
      placeholder: "A note for yourself or your tutor",
      onchange: () => this.keepNote(),
      onkeydown: (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.stopPropagation();
        this.keepNote();
      },
    });
    this.checked = el("div");
    this.family = el("div.family");
    this.verbs = el("div.lightbox-verbs");
    this.more = el("div.lightbox-make");
    this.dialog = dialog("lightbox", {
      "aria-label": "Picture", tabindex: "-1",
      onclose: () => this.keepNote(),
      onkeydown: (event) => {
        if (/** @type {Element} */ (event.target).matches("textarea, input[type=range]")) return;
        if (event.key === "ArrowLeft") this.go(-1);
        if (event.key === "ArrowRight") this.go(1);
      },
    });
  }

  get item() { return this.items[this.at]; }

  /** Show a picture of a list; `part` "note" begins with its note.
   *  @param {Picture[]} items @param {Picture} item */
  open(items, item, part = "") {
    this.items = [...items];
    this.at = Math.max(items.findIndex(({ id }) => id === item.id), 0);
    if (this.item?.id !== item.id) this.items.splice(this.at, 0, item);
    this.show();
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.focus(); // not a slider, which would take the arrow keys
    if (part === "note") this.note.focus();
  }

  /** A picture has changed: show it as it is now.
   *  @param {Picture} item */
  changed(item) {
    this.items = this.items.map((old) => (old.id === item.id ? { ...old, ...item } : old));
    if (this.dialog.open && this.item?.id === item.id) this.fill(this.item);
  }

  /** @param {number} step */
  go(step) {
    if (!this.items[this.at + step]) return;
    this.leave();
    this.at += step;
    this.show();
  }

  /** Show a relative, wherever it is.
   *  @param {Picture} other */
  jump(other) {
    this.leave();
    const found = this.items.findIndex(({ id }) => id === other.id);
    if (found >= 0) this.at = found;
    else this.items.splice(++this.at, 0, other);
    this.show();
  }

  leave() {
    this.keepNote();
    this.last = this.item.id;
  }

  /** What is written about the picture is kept when it is left. */
  keepNote() {
    const text = this.note.value.trim();
    if (!this.item || text === (this.item.note ?? "").trim()) return;
    this.items[this.at] = { ...this.item, note: text }; // the page's own is not touched
    this.send("note", this.item, { text: this.note.value });
  }

  show() {
    const { item } = this;
    this.figure.replaceChildren(el("img", {
      src: url(`toile/picture/${item.id}`), alt: item.prompt || "A picture made from a drawing",
    }));
    this.note.value = item.note ?? "";
    this.dialog.replaceChildren(
      el("div.lightbox-picture", this.figure, this.layers(item)),
      el("div.lightbox-side",
        el("div.lightbox-head",
          iconButton("previous", "Previous picture (←)", () => this.go(-1), { disabled: this.at === 0 }),
          iconButton("next", "Next picture (→)", () => this.go(1),
            { disabled: this.at === this.items.length - 1 }),
          el("span.grow"),
          iconButton("close", "Close (Esc)", () => this.dialog.close())),
        el("p.lightbox-prompt", item.prompt || "Drawn, without words."),
        this.checked, this.facts(item), this.family, this.note, this.verbs, this.more));
    this.fill(item);
    if (!item.trashed) this.send("look", item, { against: this.last });
  }

  /** All that can change while the picture is shown; the note only where nobody is writing.
   *  @param {Picture} item */
  fill(item) {
    this.checked.replaceChildren(checkLine(item, this.figure) ?? "");
    rebuild(this.verbs, verbs(item, this.act, true));
    rebuild(this.more, item.trashed ? [] : [
      el("h4", "Make more from this"),
      ...makings(item, this.act).map(({ text, run, why = "" }) => el("button.quiet", {
        title: why || null, disabled: Boolean(why), onclick: run, data: { key: text },
      }, text)),
    ]);
    if (document.activeElement !== this.note) this.note.value = item.note ?? "";
    this.draw(item);
    this.relatives(item);
  }

  /** @param {Picture} item */
  facts({ seed, seconds, settings, usual, created, together }) {
    const facts = [
      ["Seed", seed],
      ["Time", duration(seconds)],
      ...(together > 1
        ? [["Batch", `one of ${together} at once: made again alone, it can differ by a trace of colour`]] : []),
      ["Text", settings.st],
      ...(settings.method ? [["Garment", garment(settings)]] : []),
      [usual ? "Usual shape" : "Sketch", settings.sketch ?? "none"],
      ["Steps", settings.steps],
      ["Sampler", settings.sampler],
      ["Made", new Date(created).toLocaleString()],
    ];
    return el("dl.facts", facts.flatMap(([name, value]) => [el("dt", name), el("dd", value)]));
  }

  /** What can be laid over the picture: its drawing, the places asked for and those seen.
   *  @param {Picture} item */
  layers(item) {
    const name = item.usual ? "Usual shape" : "Sketch";
    const drawn = (item.ink || item.usual) && el("label.lay-over", el("span", name), slider(
      `Opacity of the ${name.toLowerCase()} over the picture`, { min: 0, max: 100, value: this.over.ink },
      (ink) => { this.over.ink = ink; this.draw(item); }));
    /** @param {"asked" | "seen"} what @param {string} text @param {string} title */
    const box = (what, text, title) => {
      const field = el("input", {
        type: "checkbox", checked: this.over[what],
        onchange: () => { this.over[what] = field.checked; this.draw(item); },
      });
      return el("label.lay-over", { title }, field, el("span", text));
    };
    const layers = [
      drawn,
      item.placed?.length > 0 && box("asked", "Asked for", "Where components were placed"),
      item.checks.some((check) => check.boxes?.length)
        && box("seen", "Seen", "Where the perception network sees them"),
    ];
    return el("div.layers", { hidden: !layers.some(Boolean) }, layers);
  }

  /** @param {Picture} item */
  draw(item) {
    for (const over of this.figure.querySelectorAll(".over")) over.remove();
    const { ink, asked, seen } = this.over;
    if ((item.ink || item.usual) && ink) this.figure.append(inkOver(item, ink / 100));
    if (asked || seen) this.figure.append(boxesOver(item, () => true, { asked, seen }));
  }

  /** Which picture came from which, what has changed on the way, and what differs from the
   *  picture that was looked at before.
   *  @param {Picture} item */
  relatives({ id, parent, parentSeed, changes, look }) {
    const rows = [];
    if (parentSeed !== null && parentSeed !== undefined) rows.push(told(`Since seed ${parentSeed}`, changes));
    if (look?.against && look.against.id !== parent) {
      rows.push(el("p", el("span.muted", `Against seed ${look.against.seed}: `),
        el("span", look.against.short || "the same settings")));
    }
    if (look && look.before.length + look.after.length) {
      /** @param {Picture} other */
      const relative = (other) => el("button.relative", {
        title: other.short || other.prompt,
        "aria-label": `Show seed ${other.seed}${other.trashed ? ", in the trash" : ""}`,
        onclick: () => this.jump(other),
      }, thumb(other.id));
      const arrow = () => el("span.arrow", { "aria-hidden": true }, "→");
      rows.push(el("div.lineage", { role: "group", "aria-label": "Which came from which" },
        look.before.flatMap((other) => [relative(other), arrow()]),
        el("span.relative.this", { title: "This picture" }, thumb(id, { alt: "This picture", loading: null })),
        look.after.length > 0 && arrow(), look.after.map(relative)));
    }
    this.family.replaceChildren(...rows);
    this.family.hidden = rows.length === 0;
  }
}

/** @param {string} title @param {Change[]} changes */
function told(title, changes) {
  const rows = changes.map(({ what, from, to }) => el("li", el("span", `${what} `), el("s", from),
    el("span", { "aria-label": " to " }, " → "), el("b", to)));
  return el("div.changes",
    el("p.muted", rows.length ? `${title}:` : `${title}: Nothing but chance differs.`),
    rows.length > 0 && el("ul", rows));
}
