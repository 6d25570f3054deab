// The Compare room: pictures, how to look at them, what differs, and what others say.

import { Ballots } from "./compare/ballots.js";
import { Stage } from "./compare/stage.js";
import { Strip } from "./compare/strip.js";
import { DifferenceTable } from "./compare/table.js";
import { Zoom } from "./compare/zoom.js";
import { el, iconButton, isTyping, roomTab } from "./dom.js";

const MODES = [
  ["slider", "Slider", "Two pictures behind a line that you drag"],
  ["flick", "Flick", "One picture at a time, the next under the mouse or with the space bar"],
  ["grid", "Side by side", "All pictures, zoomed together"],
];
const MOST = 12;
const PATIENCE = 5000; // ms until an answer of the server no longer counts as on its way
const LETTERS = "ABCDEFGHIJKL";

export function mount({ element, trigger, props, watch }) {
  const root = element.querySelector(".compare-root");
  /** @type {Record<string, any>} */
  let scene = { items: [], rows: [], mode: "slider", text: "", n: 0 };
  let wanted = []; // ids as they will be when all answers have come
  let asked = 0;
  let askedAt = 0;
  let mode = "slider";
  let pair = [0, 1];

  const percent = el("button", { type: "button", class: "quiet zoom-value",
    title: "100 %: a pixel of the picture for one of the screen (1)", on: { click: () => zoom.actual() } });
  const fit = el("button", { type: "button", class: "quiet", text: "Fit", title: "Fit (0)",
    on: { click: () => zoom.fit() } });
  const zoom = new Zoom({
    changed: (z) => {
      percent.textContent = `${z.percent} %`;
      fit.disabled = !z.moved;
    },
    dragged: ([across], pane) => {
      if (mode === "slider" && pane.querySelector(".handle")) stage.setSplit(across * 100);
    },
  });
  const stage = new Stage({ zoom, remove: (item) => choose(wanted.filter((id) => id !== item.id)) });
  const table = new DifferenceTable();
  const strip = new Strip({
    toggle: (id) => choose(wanted.includes(id) ? wanted.filter((w) => w !== id) : [...wanted, id]),
    more: (before) => trigger("older", { before }),
  });
  const ballots = new Ballots({ vote: (event) => trigger("vote", event) });

  // The bar over the pictures

  const modes = MODES.map(([name, text, title]) => el("button", {
    type: "button", text, title, data: { mode: name }, on: { click: () => setMode(name) },
  }));
  const sides = ["left", "right"].map((side, which) => el("select", {
    "aria-label": `Picture on the ${side}`,
    on: { change: (event) => {
      const at = Number(event.target.value);
      if (at === pair[1 - which]) pair = [pair[1], pair[0]];
      else pair[which] = at;
      pair = [...pair];
      draw();
    } },
  }));
  const pairing = el("div", { class: "pairing" }, sides[0], sides[1]);
  const swap = el("button", { type: "button", class: "quiet", text: "Swap", title: "Swap (C)",
    on: { click: swapPair } });
  const play = el("button", { type: "button", class: "quiet", text: "Play",
    title: "Turn the pictures over by themselves",
    on: { click: () => playing(stage.play(!stage.beat)) } });
  const ink = el("input", { type: "range", min: 0, max: 100, step: 5, "aria-label": "Drawing over the pictures",
    on: { input: () => stage.setInk(Number(ink.value) / 100) } });
  ink.value = "0";
  const inkField = el("label", { class: "ink-field" }, el("span", { text: "Drawing" }), ink);
  const clear = el("button", { type: "button", class: "quiet", text: "Clear",
    title: "Take all pictures out", on: { click: () => choose([]) } });
  const bar = el("div", { class: "compare-bar", role: "toolbar", "aria-label": "How to compare" },
    el("div", { class: "segments" }, ...modes), pairing, swap, play, inkField,
    el("span", { class: "grow" }),
    el("div", { class: "zooming" },
      iconButton("minus", "Smaller (−)", () => zoom.by(-1)), percent,
      iconButton("plus", "Larger (+)", () => zoom.by(1)), fit));
  const none = el("div", { class: "nothing" },
    el("p", { class: "nothing-title", text: "Choose two pictures or more." }),
    el("p", { text: "From the row below, or with Compare on a picture's card in the studio." }),
    el("p", { class: "with-keys", text: "X, in the studio, puts the selected picture beside the one "
      + "before it." }));

  strip.head.append(clear);
  root.replaceChildren(
    el("div", { class: "compare-look" }, bar, stage.root, none, strip.root),
    el("div", { class: "compare-say" }, table.root, ballots.root),
  );

  // What is compared

  /** Compare these from now on; the server keeps it and answers with the whole scene. */
  function choose(ids, more = {}) {
    if (ids.length > MOST) {
      strip.count.textContent = "Twelve at a time: take one out first.";
      return;
    }
    wanted = ids;
    asked += 1;
    askedAt = performance.now();
    strip.mark(wanted, [...LETTERS]);
    trigger("choose", { ids, asked, ...more });
  }

  function arrived() {
    const { value } = props;
    if (!value || value.n < scene.n) return; // answers may overtake each other
    const waiting = (value.asked ?? 0) < asked && performance.now() - askedAt < PATIENCE;
    if (waiting && value.project === scene.project) return;
    const other = value.project !== scene.project;
    scene = value;
    if (other) {
      mode = value.mode;
      pair = [0, 1];
      zoom.fit();
    } else if (value.asked === null || value.asked === undefined) {
      mode = value.mode;
    }
    wanted = scene.items.map(({ id }) => id);
    if (pair.some((at) => at >= scene.items.length)) pair = [0, 1];
    draw();
  }

  function swapPair() {
    if (scene.items.length < 2) return;
    const [a, b] = pair;
    const ids = [...wanted];
    if (ids[a] === undefined || ids[b] === undefined) return;
    [ids[a], ids[b]] = [ids[b], ids[a]];
    choose(ids);
  }

  function setMode(name) {
    if (scene.items.length < 2) return;
    mode = name;
    trigger("look", { mode });
    draw();
  }

  function playing(on) {
    play.textContent = on ? "Stop" : "Play";
    play.setAttribute("aria-pressed", String(on));
  }

  function draw() {
    const { items } = scene;
    const few = items.length < 2;
    const shown = few ? "grid" : mode;
    root.dataset.count = String(items.length);
    root.dataset.mode = shown;
    root.classList.toggle("many", items.length > 3 || (items.length === 3 && shown === "grid"));
    clear.hidden = items.length === 0;
    for (const button of modes) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === shown));
      button.disabled = few && button.dataset.mode !== "grid";
    }
    bar.hidden = items.length === 0;
    none.hidden = items.length > 0;
    stage.root.hidden = items.length === 0;
    swap.disabled = few;
    pairing.hidden = few || items.length === 2 || shown !== "slider";
    sides.forEach((select, which) => {
      select.replaceChildren(...items.map((item, at) => el("option", {
        value: at, text: `${item.letter} · ${item.seed}`, selected: at === pair[which],
      })));
      select.value = String(pair[which]);
    });
    play.hidden = shown !== "flick";
    const drawn = items.some((item) => item.ink);
    ink.disabled = !drawn;
    inkField.title = drawn ? "The drawing that each picture was made from, over it (O)"
      : "None of these pictures was made from a drawing.";
    inkField.classList.toggle("off", !drawn);
    playing(false);
    stage.show(items, mode, pair);
    table.show(scene);
    strip.mark(wanted, items.map(({ letter }) => letter));
    ballots.choose(items.length);
  }

  // Keys

  function toggleInk() {
    if (ink.disabled) return;
    ink.value = Number(ink.value) > 0 ? "0" : "70";
    stage.setInk(Number(ink.value) / 100);
  }

  function arrow(across, down, far) {
    if (stage.mode === "slider") stage.setSplit(stage.split + across * (far ? 10 : 1));
    else if (stage.mode === "flick") stage.step(across || down);
    else zoom.pan(-across / 10, -down / 10);
  }

  const keys = {
    m: () => setMode(MODES[(MODES.findIndex(([name]) => name === mode) + 1) % MODES.length][0]),
    c: swapPair,
    o: toggleInk,
    "+": () => zoom.by(1),
    "=": () => zoom.by(1),
    "-": () => zoom.by(-1),
    0: () => zoom.fit(),
    1: () => zoom.actual(),
    " ": () => { if (stage.mode === "flick") stage.step(1); },
    escape: () => roomTab("Studio")?.click(),
    arrowleft: (far) => arrow(-1, 0, far),
    arrowright: (far) => arrow(1, 0, far),
    arrowup: (far) => arrow(0, -1, far),
    arrowdown: (far) => arrow(0, 1, far),
  };
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (!Object.hasOwn(keys, key) || root.offsetParent === null || isTyping(event)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    const aside = /** @type {Element} */ (event.target).closest?.("button, [role=tab], .table-room");
    if (aside && (key === " " || key.startsWith("arrow"))) return; // theirs
    if (key !== "escape" && scene.items.length < 2) return;
    event.preventDefault();
    keys[key](event.shiftKey);
  });

  watch("value", arrived);
  watch("strip", () => strip.arrived(props.strip));
  watch("ballots", () => ballots.show(props.ballots));
  watch("refresh", () => { if (root.offsetParent !== null) trigger("enter"); });
  arrived();
  strip.arrived(props.strip);
  ballots.show(props.ballots);
  draw();
  if (!props.strip || props.strip.project !== scene.project) trigger("enter");
  root.dataset.ready = "1";
}
