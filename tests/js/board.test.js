// The board without a browser: what snaps to what, which part is seen, steps back and forth.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Drawing } from "../../assets/ui/board/drawing.js";
import { setKinds } from "../../assets/ui/board/parts.js";
import { lines, marksOf, snap } from "../../assets/ui/board/snap.js";
import { View } from "../../assets/ui/board/view.js";
import { SteadyLine } from "../../assets/ui/ink.js";

const table = JSON.parse(readFileSync(new URL("../component_rules.json", import.meta.url), "utf8"));
setKinds(table.kinds);

const group = (kind, id, ...boxes) => ({ kind, id, boxes, ends: null, mirror: false, locked: false });

test("a box snaps to the centre front, within reach only", () => {
  const marks = marksOf([0.46, 0.2, 0.56, 0.3], false);
  assert.deepEqual(snap(marks, lines([], "x", []), 0.02).guides, { x: 0.5, y: null });
  assert.ok(Math.abs(snap(marks, lines([], "x", []), 0.02).dx + 0.01) < 1e-9);
  assert.deepEqual(snap(marks, lines([], "x", []), -1), { dx: 0, dy: 0, guides: { x: null, y: null } });
});

test("others lend their centres, those with an extent their edges; what moves lends nothing", () => {
  const button = group("button", "b", [0.1, 0.1, 0.2, 0.2]);
  const pocket = group("pocket", "p", [0.6, 0.4, 0.8, 0.6]);
  assert.deepEqual(lines([button, pocket], "b", [0]).x, [0.5, (0.6 + 0.8) / 2, 0.6, 0.8]);
  assert.equal(lines([button, pocket], "p", [0]).x.length, 2);
});

test("the nearest of several lines is met", () => {
  const met = snap({ x: [0.3], y: [] }, { x: [0.29, 0.304, 0.33], y: [] }, 0.05);
  assert.equal(met.guides.x, 0.304);
});

test("zooming keeps what is under the pointer, and never leaves the board", () => {
  const view = new View();
  view.resize(512);
  view.zoom(2, 300, 700);
  assert.deepEqual(view.toFrame(300, 700).map(Math.round), [150, 350]);
  view.pan(1e6, 1e6);
  assert.deepEqual([view.x, view.y], [0, 0]);
  view.pan(-1e6, -1e6);
  assert.deepEqual([view.x, view.y], [512, 512]);
  view.whole();
  assert.deepEqual([view.scale, view.x, view.y], [1, 0, 0]);
});

test("a place on the page and back", () => {
  const view = new View();
  view.resize(400);
  view.fit([200, 300, 500, 400]);
  const [x, y] = view.toFrame(321, 345);
  const [u, v] = view.toBoard(x + 10, y + 20, { left: 10, top: 20 });
  assert.ok(Math.abs(u - 321) < 1e-9 && Math.abs(v - 345) < 1e-9);
});

test("steps go back and forth; a new one ends the way forth", () => {
  const drawing = new Drawing();
  const stroke = (w) => ({ t: "pen", p: [1, 1, 1], w, m: 0 });
  drawing.add(stroke(1));
  drawing.add(stroke(2));
  assert.ok(drawing.undo());
  assert.deepEqual(drawing.now.strokes.map(({ w }) => w), [1]);
  assert.ok(drawing.redo());
  assert.equal(drawing.now.strokes.length, 2);
  drawing.undo();
  drawing.add(stroke(3));
  assert.equal(drawing.redo(), false);
  assert.deepEqual(drawing.now.strokes.map(({ w }) => w), [1, 3]);
});

test("what the words changed is no step of its own", () => {
  const drawing = new Drawing();
  drawing.add({ t: "pen", p: [1, 1, 1], w: 4, m: 1 });
  const { edition } = drawing;
  drawing.replace({ parts: [] });
  assert.ok(drawing.edition > edition);
  drawing.undo();
  assert.deepEqual([drawing.now.strokes, drawing.now.parts], [[], []]);
  assert.equal(drawing.undo(), false);
});

test("another project's steps are not undone into this one", () => {
  const drawing = new Drawing();
  drawing.add({ t: "pen", p: [1, 1, 1], w: 4, m: 1 });
  drawing.load({ doc: '{"v":1,"strokes":[]}', project: "p2" });
  assert.equal(drawing.undo(), false);
  assert.deepEqual(drawing.now.strokes, []);
  assert.equal(drawing.value(7).n, 7);
});

test("only so many steps are kept", () => {
  const drawing = new Drawing();
  for (let i = 0; i < 100; i += 1) drawing.replace({ photo: String(i) });
  for (let i = 0; i < 100; i += 1) drawing.change({ photo: String(i) });
  let steps = 0;
  while (drawing.undo()) steps += 1;
  assert.equal(steps, 64);
});

test("the pen steadies the hand, and ends where it was lifted", () => {
  const stroke = { t: "pen", w: 4, m: 0 };
  const line = new SteadyLine(stroke, 100, 100, 1);
  line.add(110, 100, 1);
  assert.deepEqual(stroke.p, [100, 100, 1, 106, 100, 1]);
  line.finish();
  assert.deepEqual(stroke.p.slice(-3), [110, 100, 1]);
});

test("with symmetry on, a line along the centre front is one line", () => {
  const stroke = { t: "pen", w: 4, m: 1 };
  const line = new SteadyLine(stroke, 512, 100, 1);
  line.add(516, 140, 1);
  assert.equal(stroke.p[3], 512);
});

test("the ink's bounds know mirrored lines and forget what was rubbed out", () => {
  const drawing = new Drawing();
  assert.equal(drawing.bounds, null);
  drawing.add({ t: "pen", p: [100, 200, 1, 120, 260, 1], w: 4, m: 0 });
  drawing.add({ t: "eraser", p: [5, 5, 1, 900, 900, 1], w: 32, m: 1 });
  assert.deepEqual(drawing.bounds, [100, 200, 120, 260]);
  drawing.add({ t: "pen", p: [300, 100, 1, 310, 110, 1], w: 4, m: 1 });
  assert.deepEqual(drawing.bounds, [100, 100, 1024 - 300, 260]);
  drawing.change({ photo: "f00d" });
  assert.deepEqual(drawing.bounds, [0, 0, 1024, 1024]);
});
