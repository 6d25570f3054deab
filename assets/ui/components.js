// The table of components: the same document as the board's handles, as rows.

import { el, focusedIn, icon, iconButton } from "./dom.js";

export function mount({ element, trigger, props, watch }) {
  const root = element.querySelector(".components-root");
  /** @type {string | null} */
  let chosen = null; // the id of the group that is selected on the board
  let adding = { kind: "", place: "" };

  const ask = (verb, details = {}) => trigger("part", { verb, ...details });

  function tell(id) {
    chosen = id;
    document.dispatchEvent(new CustomEvent("toile-part", { detail: { id, from: "table" } }));
    mark();
  }

  function mark() {
    for (const row of root.querySelectorAll(".component-row")) {
      row.classList.toggle("chosen", row.dataset.id === chosen);
    }
  }

  function draw() {
    const { groups = [], add = [], words = "", agrees = true } = props.value ?? {};
    const at = focusedIn(root)?.dataset.key;
    root.replaceChildren(head(groups, words, agrees), table(groups), adder(add));
    root.dataset.count = String(groups.length);
    root.dataset.ready = "1";
    mark();
    if (at) root.querySelector(`[data-key="${at}"]`)?.focus({ preventScroll: true });
  }

  function head(groups, words, agrees) {
    const said = words ? `In your words: ${words}` : "Your words name no components";
    return el("div", { class: "components-head" },
      el("h2", { text: "Components" }),
      el("p", { class: agrees ? "agrees" : "differs" },
        agrees && groups.length ? icon("check") : null,
        el("span", { text: agrees && groups.length ? "As in your words" : said })),
      ...(agrees ? [] : [
        el("button", {
          type: "button", class: "quiet", text: "Use the words", data: { key: "reset" },
          title: "Place what the words say anew; locked components stay",
          on: { click: () => ask("reset") },
        }),
        el("button", {
          type: "button", class: "quiet", text: "Write into the words", data: { key: "write" },
          on: { click: () => ask("write") },
        }),
      ]));
  }

  function table(groups) {
    if (!groups.length) {
      return el("p", {
        class: "components-none",
        text: "None yet. Write “5 buttons” in the description, or add one here.",
      });
    }
    return el("div", { class: "components-table", role: "table", "aria-label": "Components" },
      ...groups.map((group, index) => row(group, index + 1)));
  }

  function row(group, number) {
    const { id } = group;
    const cell = (name, ...children) => el("div", { class: name, role: "cell" }, ...children);
    return el("div", {
      class: `component-row${group.locked ? " locked" : ""}`, role: "row", data: { id },
    },
    cell("component-name", el("button", {
      type: "button", class: "component-show", data: { key: `${id}/show` },
      title: "Show on the board", on: { click: () => tell(id) },
    }, el("i", { class: group.point ? "badge point" : "badge", text: String(number) }),
    el("span", { text: group.noun }))),
    cell("component-count", stepper(group)),
    cell("component-place", places(group)),
    cell("component-acts",
      !group.canMirror ? null : toggle("mirror", id, group.mirror,
        group.mirror ? "Mirrored: make it one side" : "Mirror to the other side",
        () => ask("mirror", { id, on: !group.mirror }), group.locked),
      group.even ? null : iconButton("even", "Space evenly", () => ask("even", { id }),
        { "data-key": `${id}/even`, disabled: group.locked }),
      toggle(group.locked ? "lock" : "unlock", id, group.locked,
        group.locked ? `Unlock the ${group.noun}` : `Lock the ${group.noun}`,
        () => ask("lock", { id, on: !group.locked }), false, "lock"),
      iconButton("close", `Remove the ${group.noun}`, () => ask("remove", { id }),
        { "data-key": `${id}/remove`, disabled: group.locked })));
  }

  function toggle(name, id, on, label, act, disabled = false, key = name) {
    return iconButton(name, label, act, {
      "aria-pressed": String(on), "data-key": `${id}/${key}`, disabled,
    });
  }

  function stepper(group) {
    const { id, count, most, step, locked, noun } = group;
    const set = (value) => ask("count", { id, count: value });
    const field = el("input", {
      type: "number", min: "0", max: String(most), step: String(step), value: String(count),
      "aria-label": `Number of ${noun}`, disabled: locked, data: { key: `${id}/count` },
      on: {
        change: () => {
          const value = Number(field.value);
          if (Number.isInteger(value) && value >= 0 && value < 100) set(value);
          else field.value = String(count);
        },
      },
    });
    return el("div", { class: "stepper" },
      iconButton("minus", `Fewer ${noun}`, () => set(Math.max(count - step, 0)),
        { "data-key": `${id}/fewer`, disabled: locked || count === 0 }),
      field,
      iconButton("plus", `More ${noun}`, () => set(count + step),
        {
          "data-key": `${id}/more`, disabled: locked || count + step > most,
          ...(count + step > most && { title: `At most ${most} here` }),
        }));
  }

  const shown = (place, mirrored) => {
    if (!mirrored || !/^(left|right) /.test(place)) return place;
    const area = place.split(" ").pop();
    return area === "chest" ? "both sides of the chest" : `both ${area}s`;
  };

  function places(group) {
    if (group.places.length < 2) {
      return el("span", { class: "component-where", text: shown(group.place, group.mirror) });
    }
    const select = el("select", {
      "aria-label": `Place of the ${group.noun}`, disabled: group.locked,
      data: { key: `${group.id}/place` },
      on: { change: () => ask("place", { id: group.id, place: select.value }) },
    }, ...group.places.map((place) => el("option", {
      value: place, text: shown(place, group.mirror && place === group.place),
      selected: place === group.place,
    })));
    return select;
  }

  function adder(add) {
    const known = add.find(({ kind }) => kind === adding.kind);
    const kinds = el("select", {
      class: "add-kind", "aria-label": "Component to add", data: { key: "add-kind" },
      on: { change: () => { adding = { kind: kinds.value, place: "" }; draw(); } },
    }, el("option", { value: "", text: "Add a component…" }),
    ...add.map(({ kind }) => el("option", { value: kind, text: kind, selected: kind === adding.kind })));
    if (!known) return el("div", { class: "components-add" }, icon("plus"), kinds);
    const where = el("select", {
      class: "add-place", "aria-label": "Its place", data: { key: "add-place" },
    }, ...known.places.map(({ label }, i) => el("option", { value: String(i), text: label })));
    return el("div", { class: "components-add" }, icon("plus"), kinds, where, el("button", {
      type: "button", class: "quiet", text: "Add", data: { key: "add" },
      on: {
        click: () => {
          const { place, mirror } = known.places[Number(where.value)];
          ask("add", { kind: known.kind, place, mirror });
          adding = { kind: "", place: "" };
        },
      },
    }));
  }

  document.addEventListener("toile-part", (event) => {
    if (event.detail.from === "table") return;
    chosen = event.detail.id;
    mark();
  });

  watch("value", draw);
  draw();
}
