// Keys: what each asks of the board, and where arrows lead.

import assert from "node:assert/strict";
import test from "node:test";
import { command } from "../../assets/ui/board/keys.js";
import { ARROWS, keyName, withModifier } from "../../assets/ui/keyboard.js";
import { layout, neighbour } from "../../assets/ui/lineage.js";

const press = (key, more = {}) => command({ key, ...more });

test("letters choose tools, in either case", () => {
  const tools = { b: "pen", e: "eraser", c: "parts", h: "hand" };
  for (const [key, tool] of Object.entries(tools)) {
    assert.deepEqual(press(key), ["choose", tool]);
    assert.deepEqual(press(key.toUpperCase(), { shiftKey: true }), ["choose", tool]);
  }
});

test("steps back and forth", () => {
  for (const held of [{}, { ctrlKey: true }, { metaKey: true }]) {
    assert.deepEqual(press("z", held), ["travel", "undo"]);
    assert.deepEqual(press("Z", { ...held, shiftKey: true }), ["travel", "redo"]);
  }
  assert.deepEqual(press("y", { ctrlKey: true }), ["travel", "redo"]);
  assert.equal(press("y"), null);
});

test("the browser keeps its own keys", () => {
  for (const key of ["b", "f", "0", "+", "-", " ", "m"]) {
    assert.equal(press(key, { ctrlKey: true }), null);
    assert.equal(press(key, { metaKey: true }), null);
    assert.equal(press(key, { altKey: true }), null);
  }
});

test("the view, the width and the symmetry", () => {
  assert.deepEqual(press("+"), press("="));
  const [, larger] = press("+");
  const [, smaller] = press("-");
  assert.equal(larger * smaller, 1);
  assert.deepEqual(press("["), ["widen", -1]);
  assert.deepEqual(press("]"), ["widen", 1]);
  assert.deepEqual(press("0"), ["whole"]);
  assert.deepEqual(press("f"), ["fit"]);
  assert.deepEqual(press("m"), ["flip"]);
  assert.deepEqual(press(" "), ["hold", true]);
});

test("other keys are nobody's, even those that an object has", () => {
  for (const key of ["q", "Enter", "ArrowLeft", "constructor", "toString", "__proto__"]) assert.equal(press(key), null);
});

test("a key's name is a letter in lower case, or what it is called", () => {
  assert.equal(keyName({ key: "X" }), "x");
  assert.equal(keyName({ key: "ArrowLeft" }), "ArrowLeft");
  assert.ok(withModifier({ altKey: true }) && !withModifier({ shiftKey: true }));
});

test("opposite arrows cancel out", () => {
  const [x, y] = Object.values(ARROWS).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
  assert.deepEqual([x, y], [0, 0]);
});

// r has two children, b and c; d is b's child; s stands alone.
const family = [
  { id: "r", parent: null }, { id: "b", parent: "r" }, { id: "c", parent: "r" }, { id: "d", parent: "b" },
  { id: "s", parent: null },
];

test("a tree of pictures: parents level with the middle of their children", () => {
  const { placed, rows, columns } = layout(family);
  assert.deepEqual([rows, columns], [3, 3]);
  assert.equal(placed.get("r").y, (placed.get("b").y + placed.get("c").y) / 2);
  assert.deepEqual(placed.get("d"), { column: 2, y: placed.get("b").y });
  assert.deepEqual(layout([]), { placed: new Map(), rows: 0, columns: 1 });
});

test("arrow keys go along the tree and stop at its edges", () => {
  const { placed } = layout(family);
  const byId = Object.fromEntries(family.map((node) => [node.id, node]));
  const from = (id, key) => neighbour(key, byId[id], family, placed)?.id;
  assert.equal(from("r", "ArrowRight"), "b");
  assert.equal(from("d", "ArrowLeft"), "b");
  assert.equal(from("b", "ArrowDown"), "c");
  assert.equal(from("c", "ArrowUp"), "b");
  assert.equal(from("s", "ArrowDown"), undefined);
  assert.equal(from("d", "ArrowRight"), undefined);
});

test("keyboards without Latin letters: what lies there on those that have them", () => {
  const layouts = {
    Russian: [["я", "KeyZ"], ["у", "KeyE"], ["и", "KeyB"], ["х", "BracketLeft"]],
    Ukrainian: [["я", "KeyZ"], ["у", "KeyE"], ["и", "KeyB"], ["х", "BracketLeft"]],
    Greek: [["ζ", "KeyZ"], ["ε", "KeyE"], ["β", "KeyB"], ["[", "BracketLeft"]],
    Arabic: [["ئ", "KeyZ"], ["ث", "KeyE"], ["لا", "KeyB"], ["ج", "BracketLeft"]],
    Hebrew: [["ז", "KeyZ"], ["ק", "KeyE"], ["נ", "KeyB"], ["]", "BracketRight"]],
    "an input method": [["Process", "KeyZ"], ["Process", "KeyE"], ["Process", "KeyB"], ["Process", "BracketLeft"]],
  };
  for (const [layout, [[z, zc], [e, ec], [b, bc], [bracket, at]]] of Object.entries(layouts)) {
    assert.deepEqual(press(z, { code: zc, ctrlKey: true }), ["travel", "undo"], layout);
    assert.deepEqual(press(z, { code: zc, ctrlKey: true, shiftKey: true }), ["travel", "redo"], layout);
    assert.deepEqual(press(e, { code: ec }), ["choose", "eraser"], layout);
    if (b.length === 1 || b === "Process") assert.deepEqual(press(b, { code: bc }), ["choose", "pen"], layout);
    assert.equal(press(bracket, { code: at })[0], "widen", layout);
  }
});

test("keyboards with Latin letters at other places: what is on the key", () => {
  assert.deepEqual(press("z", { code: "KeyY", ctrlKey: true }), ["travel", "undo"]); // German
  assert.deepEqual(press("z", { code: "KeyW", ctrlKey: true }), ["travel", "undo"]); // French
  assert.deepEqual(press(";", { code: "KeyZ", ctrlKey: true }), null); // Dvorak
  assert.deepEqual(press("e", { code: "KeyD" }), ["choose", "eraser"]); // Dvorak
});

test("brackets that need Option or AltGr", () => {
  for (const [key, by] of [["[", -1], ["]", 1]]) {
    assert.deepEqual(press(key, { code: "Digit5", altKey: true }), ["widen", by]); // Option on a Mac
    assert.deepEqual(press(key, { code: "Digit8", altKey: true, ctrlKey: true }), ["widen", by]); // AltGr
    assert.equal(press(key, { code: "BracketLeft", ctrlKey: true }), null); // the browser's own
  }
  assert.deepEqual(press("ü", { code: "BracketLeft" }), ["widen", -1]);
  assert.deepEqual(press("Dead", { code: "BracketLeft" }), ["widen", -1]); // French
});
