// What is kept on the page: lists put together, steps back and forth, copies in the browser.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { boundCopies, copiesOf, dropCopy, keepCopy } from "../../assets/ui/board/copies.js";
import { Drawing, freshName } from "../../assets/ui/board/drawing.js";
import { fields, merged, together } from "../../assets/ui/board/merge.js";
import { applied, difference } from "../../assets/ui/board/patch.js";

const { lists } = JSON.parse(readFileSync(new URL("../merge_rules.json", import.meta.url), "utf8"));

for (const [index, [base, theirs, mine, gone, result]] of lists.entries()) {
  test(`lists are put together as on the server: ${index}`, () => {
    assert.deepEqual(merged(base, theirs, mine, ([name]) => name, new Set(gone)), result);
  });
}

const stroke = (id) => ({ id, t: "pen", p: [1, 1, 1], w: 4, m: 0 });
const sheet = (...ids) => ({ ...new Drawing().now, strokes: ids.map(stroke), parts: [] });

test("what was drawn while an answer was on its way stays", () => {
  const now = together(sheet("a", "b"), sheet("a", "b", "theirs"), sheet("b", "c"));
  assert.deepEqual(now.strokes.map(({ id }) => id), ["b", "theirs", "c"]);
});

for (const [name, sent, told, now, result] of [
  ["a step back", "a red coat", "a red coat", "", ""],
  ["nothing", "a coat", "a red coat", "a coat", "a red coat"],
  ["what another page wrote", "a coat", "a blue coat", "a coat", "a blue coat"],
]) {
  test(`an answer that was on its way meanwhile leaves words as they are after ${name}`, () => {
    const merged = fields({ prompt: sent, steps: 20 }, { prompt: told, steps: 8 }, { prompt: now, steps: 20 });
    assert.deepEqual(merged, { prompt: result, steps: 8 });
  });
}

test("undo takes back the page's own line and leaves what another drew since", () => {
  const drawing = new Drawing();
  drawing.add(stroke("mine"));
  drawing.replace({ strokes: [...drawing.now.strokes, stroke("theirs")] });
  drawing.undo();
  assert.deepEqual(drawing.now.strokes.map(({ id }) => id), ["theirs"]);
  drawing.redo();
  assert.deepEqual(drawing.now.strokes.map(({ id }) => id), ["mine", "theirs"]);
});

test("one step holds everything that one act has changed", () => {
  const drawing = new Drawing();
  drawing.load({ seen: { form: { prompt: "mine", steps: 20 } }, refs: "{}", parts: '{"groups": []}' });
  drawing.add(stroke("mine"));
  drawing.change({ strokes: [], photo: "f00d", form: { prompt: "theirs", steps: 8 }, refs: '{"x": 1}' }, "use");
  const done = drawing.undo();
  assert.deepEqual(done.form, { prompt: "mine", steps: 20 });
  assert.deepEqual(done.refs, { from: '{"x": 1}', to: "{}" });
  assert.deepEqual([drawing.now.photo, drawing.now.strokes.length], [null, 1]);
  drawing.redo();
  assert.deepEqual([drawing.now.photo, drawing.now.form.prompt], ["f00d", "theirs"]);
});

test("typing in one go is one step, in another field or later it is another", () => {
  const drawing = new Drawing();
  drawing.load({ seen: { form: { prompt: "", steps: 20 } } });
  for (const [i, prompt] of ["a", "a c", "a coat"].entries()) drawing.typed({ form: { prompt, steps: 20 } }, i * 1000);
  drawing.typed({ form: { prompt: "a coat", steps: 8 } }, 3500);
  drawing.typed({ form: { prompt: "a coat", steps: 9 } }, 60_000);
  assert.equal(drawing.past.length, 3);
  drawing.undo();
  drawing.undo();
  assert.deepEqual(drawing.now.form, { prompt: "a coat", steps: 20 });
  drawing.undo();
  assert.equal(drawing.now.form.prompt, "");
});

test("steps are there after a reload, and as many as have room", () => {
  const drawing = new Drawing();
  for (let i = 0; i < 5; i += 1) drawing.add(stroke(`s${i}`));
  drawing.undo();
  const again = new Drawing();
  again.load({ ...drawing.value(1), steps: drawing.written() });
  again.redo();
  assert.equal(again.now.strokes.length, 5);
  again.undo(); again.undo();
  assert.equal(again.now.strokes.length, 3);
  for (let i = 0; i < 60; i += 1) {
    again.add({ ...stroke(`l${i}`), p: new Array(9000).fill(1) });
    again.clear();
  }
  assert.ok(again.written().length <= 400_000);
});

for (const kept of ["", "{", "[]", '{"v":1}', '{"v":1,"past":[5],"future":[]}', '{"v":2,"past":[],"future":[]}', "null"]) {
  test(`steps that are none are left out: ${kept}`, () => {
    const drawing = new Drawing();
    drawing.load({ steps: kept });
    assert.equal(drawing.undo(), false);
  });
}

test("a patch can be done to a state in which other things have changed", () => {
  const patch = difference(sheet("a", "b"), sheet("b", "new"));
  assert.deepEqual(applied(sheet("x", "a", "b"), patch).strokes.map(({ id }) => id), ["x", "new", "b"]);
  assert.equal(difference(sheet("a"), sheet("a")), null);
});

test("an old drawing and one with other layers are read, and the others written back", () => {
  const drawing = new Drawing();
  drawing.load({ doc: '{"v":1,"strokes":[{"t":"pen","p":[1,1,1],"w":4,"m":0}]}' });
  assert.equal(drawing.now.strokes.length, 1);
  const sides = {
    front: [{ id: "ink", kind: "ink", strokes: [stroke("a")] }, { id: "up", kind: "ink", strokes: [stroke("u")] }],
    back: [{ id: "behind", kind: "ink", strokes: [stroke("k")] }],
  };
  drawing.load({ doc: JSON.stringify({ v: 2, sides }) });
  drawing.add(stroke("b"));
  const { v, sides: written } = JSON.parse(drawing.value(1).doc);
  assert.equal(v, 2);
  assert.deepEqual(written.front.map(({ id, strokes }) => [id, strokes.map((s) => s.id)]), [["ink", ["a", "b"]], ["up", ["u"]]]);
  assert.deepEqual(written.back, sides.back);
});

/** A browser's storage as a browser has it, with room for so many characters. */
class Shelf {
  constructor(room) { this.items = new Map(); this.room = room; }

  get length() { return this.items.size; }

  key(i) { return [...this.items.keys()][i] ?? null; }

  getItem(key) { return this.items.get(key) ?? null; }

  setItem(key, text) {
    if (text.length > this.room) throw new Error("QuotaExceededError");
    this.items.set(key, text);
  }

  removeItem(key) { this.items.delete(key); }
}

const copy = (at) => ({ v: 1, at, n: 1, patch: { strokes: [["a", stroke("a"), 0]] } });

test("copies are kept by project and page, the oldest first, and dropped", () => {
  const shelf = new Shelf(1e6);
  assert.ok(keepCopy(shelf, "coat", "p2", copy(2)) && keepCopy(shelf, "coat", "p1", copy(1)));
  keepCopy(shelf, "dress", "p1", copy(3));
  shelf.items.set("toile-unsaved/coat/broken", "{");
  assert.deepEqual(copiesOf(shelf, "coat").map(([page]) => page), ["p1", "p2"]);
  dropCopy(shelf, "coat", "p1");
  assert.deepEqual(copiesOf(shelf, "coat").map(([page]) => page), ["p2"]);
});

test("a browser without room says so, and copies are bounded", () => {
  assert.equal(keepCopy(new Shelf(10), "coat", "p", copy(1)), false);
  const shelf = new Shelf(1e6);
  for (let i = 0; i < 70; i += 1) keepCopy(shelf, `project${i}`, "p", copy(i));
  boundCopies(shelf);
  assert.equal(shelf.length, 40);
  assert.equal(copiesOf(shelf, "project69").length, 1);
});

test("names of strokes are never given twice", () => {
  const names = new Set(Array.from({ length: 5000 }, freshName));
  assert.equal(names.size, 5000);
  assert.ok([...names].every((name) => /^[a-z0-9]{2,16}$/.test(name)));
});
