// The table of components: the same document as the board's handles, as rows.

import { choice, el, icon, iconButton, rebuild } from "./dom.js";
import { clamp } from "./numbers.js";
import { live, Part } from "./part.js";

const MOST = 99; // of one kind, whatever the place takes

/** @param {Mounted} part */
export function mount(part) {
  const table = new Components(part);
  document.addEventListener("toile-part", ({ detail }) => {
    if (detail.from !== "table") table.mark(detail.id);
  });
  live(part.watch, { value: () => table.draw() });
}

class Components extends Part {
  /** @param {Mounted} part */
  constructor(part) {
    super(part);
    /** @type {string | null} */
    this.chosen = null; // the id of the group that is selected on the board
    this.adding = "";
  }

  /** @param {string} verb */
  ask(verb, details = {}) { this.trigger("part", { verb, ...details }); }

  /** @param {string | null} id */
  mark(id) {
    this.chosen = id;
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll(".component-row"))) {
      row.classList.toggle("chosen", row.dataset.id === id);
    }
  }

  /** @param {string} id */
  tell(id) {
    document.dispatchEvent(new CustomEvent("toile-part", { detail: { id, from: "table" } }));
    this.mark(id);
  }

  draw() {
    /** @type {{ groups?: TableRow[], add?: Addable[], words?: string, agrees?: boolean }} */
    const { groups = [], add = [], words = "", agrees = true } = this.props.value ?? {};
    const table = groups.length
      ? el("div.components-table", { role: "table", "aria-label": "Components" },
        groups.map((group, index) => this.row(group, index + 1)))
      : el("p.components-none", "None yet. Write “5 buttons” in the description, or add one here.");
    rebuild(this.root, [this.head(groups, words, agrees), table, this.adder(add)]);
    this.root.dataset.count = String(groups.length);
    this.mark(this.chosen);
  }

  /** @param {TableRow[]} groups @param {string} words @param {boolean} agrees */
  head(groups, words, agrees) {
    const said = words ? `In your words: ${words}` : "Your words name no components";
    const same = agrees && groups.length > 0;
    return el("div.components-head", el("h2", "Components"),
      el(agrees ? "p.agrees" : "p.differs", same && icon("check"), el("span", same ? "As in your words" : said)),
      !agrees && [
        el("button.quiet", {
          data: { key: "reset" }, onclick: () => this.ask("reset"),
          title: "Place what the words say anew; locked components stay",
        }, "Use the words"),
        el("button.quiet", { data: { key: "write" }, onclick: () => this.ask("write") }, "Write into the words"),
      ]);
  }

  /** @param {TableRow} group @param {number} number */
  row(group, number) {
    const { id, noun, locked, mirror } = group;
    /** @param {string} name @param {...(Child | Child[])} children */
    const cell = (name, ...children) => el(`div.${name}`, { role: "cell" }, children);
    /** @param {string} verb @param {string} picture @param {string} label @param {boolean} on */
    const toggle = (verb, picture, label, on, disabled = false) => iconButton(picture, label,
      () => this.ask(verb, { id, on: !on }), { "aria-pressed": on, "data-key": `${id}/${verb}`, disabled });
    return el("div.component-row", { class: locked && "locked", role: "row", data: { id } },
      cell("component-name", el("button.component-show", {
        data: { key: `${id}/show` }, title: "Show on the board", onclick: () => this.tell(id),
      }, el(group.point ? "i.badge.point" : "i.badge", number), el("span", noun))),
      cell("component-count", this.stepper(group)),
      cell("component-place", this.places(group)),
      cell("component-acts",
        group.canMirror && toggle("mirror", "mirror",
          mirror ? "Mirrored: make it one side" : "Mirror to the other side", mirror, locked),
        !group.even && iconButton("even", "Space evenly", () => this.ask("even", { id }),
          { "data-key": `${id}/even`, disabled: locked }),
        toggle("lock", locked ? "lock" : "unlock", `${locked ? "Unlock" : "Lock"} the ${noun}`, locked),
        iconButton("close", `Remove the ${noun}`, () => this.ask("remove", { id }),
          { "data-key": `${id}/remove`, disabled: locked })));
  }

  /** @param {TableRow} group */
  stepper({ id, count, most, step, locked, noun }) {
    /** @param {number} value */
    const set = (value) => this.ask("count", { id, count: value });
    const field = el("input", {
      type: "number", min: 0, max: most, step, value: count, "aria-label": `Number of ${noun}`,
      disabled: locked, data: { key: `${id}/count` },
      onchange: () => {
        const value = field.valueAsNumber; // of an emptied field none
        if (Number.isInteger(value) && clamp(value, 0, MOST) === value) set(value);
        else field.value = String(count);
      },
    });
    const full = count + step > most;
    return el("div.stepper",
      iconButton("minus", `Fewer ${noun}`, () => set(Math.max(count - step, 0)),
        { "data-key": `${id}/fewer`, disabled: locked || count === 0 }),
      field,
      iconButton("plus", `More ${noun}`, () => set(count + step),
        { "data-key": `${id}/more`, disabled: locked || full, ...(full && { title: `At most ${most} here` }) }));
  }

  /** @param {TableRow} group */
  places({ id, noun, place, places, where, locked }) {
    if (places.length < 2) return el("span.component-where", where);
    return choice("", `Place of the ${noun}`, places.map((name) => [name, name === place ? where : name]), place,
      (wanted) => this.ask("place", { id, place: wanted }), { disabled: locked, data: { key: `${id}/place` } });
  }

  /** @param {Addable[]} add */
  adder(add) {
    const known = add.find(({ kind }) => kind === this.adding);
    const kinds = choice("add-kind", "Component to add",
      [["", "Add a component…"], ...add.map(({ kind }) => [kind, kind])], this.adding,
      (kind) => { this.adding = kind; this.draw(); }, { data: { key: "add-kind" } });
    const where = choice("add-place", "Its place", known?.places.map(({ label }, i) => [i, label]) ?? [], 0,
      () => {}, { data: { key: "add-place" } });
    const go = el("button.quiet", { data: { key: "add" }, onclick: () => {
      const { place, mirror } = known?.places[Number(where.value)] ?? {};
      this.ask("add", { kind: known?.kind, place, mirror });
      this.adding = "";
    } }, "Add");
    return el("div.components-add", icon("plus"), kinds, known && [where, go]);
  }
}
