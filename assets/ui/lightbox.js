// One picture, large, with everything that made it and everything that was found in it.

import { duration, makings, verbs } from "./card.js";
import { boxesOver, checkLine, inkOver } from "./checks.js";
import { el, iconButton, url } from "./dom.js";

const STAYS = ["star", "note", "look", "compare"];

/** "Magic Clothing, sG 2.5": how the garment's photo was heard. */
function garment({ method, sg }) {
  const name = method[0].toUpperCase() + method.slice(1);
  return sg === null ? name : `${name}, sG ${sg}`;
}

export class Lightbox {
  constructor(act) {
    this.send = act;
    this.act = (verb, item, extra) => {
      if (!STAYS.includes(verb)) this.dialog.close();
      act(verb, item, extra);
    };
    this.items = [];
    this.at = 0;
    this.last = "";
    this.over = { ink: 0, asked: false, seen: false }; // kept from picture to picture
    this.dialog = el("dialog", {
      class: "lightbox", "aria-label": "Picture",
      on: {
        click: (event) => { if (event.target === this.dialog) this.dialog.close(); },
        close: () => this.keepNote(),
        keydown: (event) => {
          if (event.target.matches("textarea, input[type=range]")) return;
          if (event.key === "ArrowLeft") this.go(-1);
          if (event.key === "ArrowRight") this.go(1);
        },
      },
    });
  }

  /** Show a picture of a list; `part` "note" begins with its note. */
  open(items, item, part = "") {
    this.items = [...items];
    this.at = Math.max(items.findIndex(({ id }) => id === item.id), 0);
    if (items[this.at]?.id !== item.id) this.items.splice(this.at, 0, item);
    this.show();
    if (!this.dialog.open) this.dialog.showModal();
    if (part === "note") this.note?.focus();
  }

  /** A picture has changed: show it as it is now. */
  changed(item) {
    this.items = this.items.map((old) => (old.id === item.id ? { ...old, ...item } : old));
    const shown = this.items[this.at];
    if (this.dialog.open && shown?.id === item.id) this.fill(shown);
  }

  go(step) {
    const next = this.at + step;
    if (next < 0 || next >= this.items.length) return;
    this.keepNote();
    this.last = this.items[this.at].id;
    this.at = next;
    this.show();
  }

  /** What is written about the picture is kept when it is left. */
  keepNote() {
    const item = this.items[this.at];
    if (!item || !this.note || this.note.value.trim() === (item.note ?? "").trim()) return;
    this.items[this.at] = { ...item, note: this.note.value.trim() }; // the page's own is not touched
    this.send("note", item, { text: this.note.value });
  }

  show() {
    const item = this.items[this.at];
    this.figure = el("div", { class: "lightbox-figure" }, el("img", {
      src: url(`toile/picture/${item.id}`), alt: item.prompt || "A picture made from a drawing",
    }));
    this.note = el("textarea", {
      class: "note", rows: "2", maxlength: "2000", "aria-label": "Note",
      placeholder: "A note for yourself or your tutor",
      on: {
        change: () => this.keepNote(),
        keydown: (event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.stopPropagation();
            this.keepNote();
          }
        },
      },
    });
    this.note.value = item.note ?? "";
    this.checked = el("div", {});
    this.family = el("div", { class: "family" });
    this.verbs = el("div", { class: "lightbox-verbs" });
    this.more = el("div", { class: "lightbox-make" });
    this.dialog.replaceChildren(
      el("div", { class: "lightbox-picture" }, this.figure, this.layers(item)),
      el("div", { class: "lightbox-side" },
        el("div", { class: "lightbox-head" },
          iconButton("previous", "Previous picture (←)", () => this.go(-1),
            { disabled: this.at === 0 }),
          iconButton("next", "Next picture (→)", () => this.go(1),
            { disabled: this.at === this.items.length - 1 }),
          el("span", { class: "grow" }),
          iconButton("close", "Close (Esc)", () => this.dialog.close())),
        el("p", { class: "lightbox-prompt", text: item.prompt || "Drawn, without words." }),
        this.checked, this.facts(item), this.family, this.note, this.verbs, this.more),
    );
    this.fill(item);
    if (!item.trashed) this.send("look", item, { against: this.last });
  }

  /** All that can change while the picture is shown; the note only where nobody is writing. */
  fill(item) {
    this.checked.replaceChildren(...[checkLine(item, this.figure)].filter(Boolean));
    this.verbs.replaceChildren(...verbs(item, this.act, true));
    this.more.replaceChildren(...(item.trashed ? [] : [
      el("h4", { text: "Make more from this" }),
      ...makings(item, this.act).map(({ text, run, why = "" }) => el("button", {
        type: "button", class: "quiet", text, title: why || null, disabled: Boolean(why),
        on: { click: run },
      })),
    ]));
    if (document.activeElement !== this.note) this.note.value = item.note ?? "";
    this.draw(item);
    this.relatives(item);
  }

  facts(item) {
    const facts = [
      ["Seed", item.seed],
      ["Time", duration(item.seconds)],
      ["Text", item.settings.st],
      ...(item.settings.method ? [["Garment", garment(item.settings)]] : []),
      [item.usual ? "Usual shape" : "Sketch", item.settings.sketch ?? "none"],
      ["Steps", item.settings.steps],
      ["Sampler", item.settings.sampler],
      ["Made", new Date(item.created).toLocaleString()],
    ];
    return el("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [
      el("dt", { text: name }), el("dd", { text: String(value) }),
    ]));
  }

  /** What can be laid over the picture: its drawing, the places asked for and those seen. */
  layers(item) {
    const looked = item.checks.some((check) => check.boxes?.length);
    const parts = [];
    if (item.ink || item.usual) {
      const name = item.usual ? "Usual shape" : "Sketch";
      parts.push(el("label", { class: "lay-over" }, el("span", { text: name }), el("input", {
        type: "range", min: "0", max: "100", value: String(this.over.ink),
        "aria-label": `Opacity of the ${name.toLowerCase()} over the picture`,
        on: { input: (event) => { this.over.ink = Number(event.target.value); this.draw(item); } },
      })));
    }
    const box = (name, text, title) => el("label", { class: "lay-over", title }, el("input", {
      type: "checkbox", checked: this.over[name],
      on: { change: (event) => { this.over[name] = event.target.checked; this.draw(item); } },
    }), el("span", { text }));
    if (item.placed?.length) parts.push(box("asked", "Asked for", "Where components were placed"));
    if (looked) parts.push(box("seen", "Seen", "Where the perception network sees them"));
    return el("div", { class: "layers", hidden: parts.length === 0 }, ...parts);
  }

  draw(item) {
    for (const over of this.figure.querySelectorAll(".over")) over.remove();
    if ((item.ink || item.usual) && this.over.ink) this.figure.append(inkOver(item, this.over.ink / 100));
    const { asked, seen } = this.over;
    if (asked || seen) this.figure.append(boxesOver(item, () => true, { asked, seen }));
  }

  /** Which picture came from which, what has changed on the way, and what differs from the
   *  picture that was looked at before. */
  relatives(item) {
    const { look } = item;
    const rows = [];
    if (item.parentSeed !== null && item.parentSeed !== undefined) {
      rows.push(this.told(`Since seed ${item.parentSeed}`, item.changes, "Nothing but chance differs."));
    }
    if (look?.against && look.against.id !== item.parent) {
      rows.push(el("p", {}, el("span", { class: "muted", text: `Against seed ${look.against.seed}: ` }),
        el("span", { text: look.against.short || "the same settings" })));
    }
    if (look && look.before.length + look.after.length) {
      const thumb = (other) => el("button", {
        type: "button", class: "relative", title: other.short || other.prompt,
        "aria-label": `Show seed ${other.seed}${other.trashed ? ", in the trash" : ""}`,
        on: { click: () => this.jump(other) },
      }, el("img", { src: url(`toile/thumb/${other.id}`), alt: "", loading: "lazy" }));
      const arrow = () => el("span", { class: "arrow", text: "→", "aria-hidden": "true" });
      rows.push(el("div", { class: "lineage", role: "group", "aria-label": "Which came from which" },
        ...look.before.flatMap((other) => [thumb(other), arrow()]),
        el("span", { class: "relative this", title: "This picture" },
          el("img", { src: url(`toile/thumb/${item.id}`), alt: "This picture" })),
        ...(look.after.length ? [arrow(), ...look.after.map(thumb)] : [])));
    }
    this.family.replaceChildren(...rows);
    this.family.hidden = rows.length === 0;
  }

  told(title, changes, none) {
    return el("div", { class: "changes" }, el("p", { class: "muted", text: changes.length ? `${title}:` : `${title}: ${none}` }),
      ...(changes.length ? [el("ul", {}, ...changes.map((change) => el("li", {},
        el("span", { text: `${change.what} ` }), el("s", { text: change.from }),
        el("span", { text: " → ", "aria-label": " to " }), el("b", { text: change.to }))))] : []));
  }

  /** Show a relative, wherever it is. */
  jump(other) {
    this.keepNote();
    this.last = this.items[this.at].id;
    const found = this.items.findIndex(({ id }) => id === other.id);
    if (found >= 0) this.at = found;
    else this.items.splice(++this.at, 0, other);
    this.show();
  }
}
