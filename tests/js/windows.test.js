// Several windows on one project, as one of them sees it: what it asks the server for, what it says,
// and what its steps back lead to.

import assert from "node:assert/strict";
import test from "node:test";
import { Drawing } from "../../assets/ui/board/drawing.js";
import { Keeping } from "../../assets/ui/board/keeping.js";

const STAND = {
  doc: '{"v":1,"strokes":[]}', project: "p", parts: '{"v":1,"groups":[]}', refs: "{}",
  seen: { ink: 1, parts: 1, words: 1, form: { prompt: "a coat", steps: 20, seed: "1", locked: false } },
};

/** What a browser has that the board's keeping asks for. */
function browser() {
  const kept = new Map();
  Object.assign(globalThis, {
    document: Object.assign(new EventTarget(), { querySelector: () => null, hidden: false }),
    window: new EventTarget(),
    HTMLElement: class {},
    localStorage: {
      get length() { return kept.size; }, key: (i) => [...kept.keys()][i] ?? null,
      getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text), removeItem: (key) => kept.delete(key),
    },
  });
}

/** Time that passes when it is told to, so that what waits for something else waits in turn.
 *  @param {any} t */
function time({ mock: { timers } }) {
  timers.enable({ apis: ["setTimeout"] });
  return (ms) => { for (let at = 0; at < ms; at += 100) timers.tick(100); };
}

/** A window whose events reach a server that answers as the desk does: Gradio tells of a property only
 *  where it is another than before.
 *  @param {(value: any, there: any) => any} answer what is told to a save */
function opened(answer) {
  browser();
  const props = { value: null, saved: null, change: null, there: null };
  const drawing = new Drawing();
  const status = { textContent: "", said: [], classList: { toggle() {} } };
  const page = { props, drawing, status, saves: [], looks: 0 };
  const watched = { saved: () => page.keep.acknowledged(), change: () => page.keep.received(props.change), there: () => page.keep.others() };
  page.tell = (updates) => {
    const other = Object.keys(updates).filter((name) => JSON.stringify(props[name]) !== JSON.stringify(updates[name]));
    Object.assign(props, updates);
    for (const name of other) watched[name]();
  };
  page.keep = new Keeping({
    drawing, props, status, root: { dataset: {}, contains: () => true },
    trigger: (event) => {
      if (event === "look") page.looks += 1;
      if (event !== "ink_changed") return;
      const value = JSON.parse(JSON.stringify(props.value));
      page.saves.push(value);
      setTimeout(() => page.tell(answer(value, props.there)), 100);
    },
  });
  drawing.load(STAND);
  page.keep.loaded(STAND);
  const say = page.keep.say.bind(page.keep);
  page.keep.say = (text, warn) => { status.said.push(text); say(text, warn); };
  return page;
}

/** The desk's answer: `saved` echoes the save, `change` brings what stands there. */
function answered({ n, s, e, project, seen }, there) {
  const { ink, parts, words } = { ...seen, ...there };
  return {
    saved: { n, s, ok: true, project, asked: false },
    change: { step: false, on: e, n: Math.random(), seen: { ink, parts, words, form: seen.form } },
  };
}

const news = (more) => ({ project: "p", ink: 1, parts: 1, words: 1, refs: "{}", ...more });

for (const [what, first, second] of [
  ["lines", { ink: 2 }, { ink: 3 }],
  ["components", { parts: 2 }, { parts: 3 }],
  ["words", { words: 4 }, { words: 5 }],
  ["lines, then words", { ink: 2 }, { ink: 2, words: 2 }],
]) {
  test(`an idle window that follows another's ${what} says nothing of trouble`, (t) => {
    const pass = time(t);
    const page = opened(answered);
    for (const more of [first, second]) {
      page.tell({ there: news(more) });
      pass(20_000);
    }
    assert.equal(page.saves.length, 2);
    assert.equal(page.saves[0].n, page.saves[1].n);
    assert.deepEqual(page.status.said.filter((text) => text !== "Saved"), []);
  });
}

test("a save that is sent again because its answer was lost is answered like the first", (t) => {
  const pass = time(t);
  let lost = 0;
  const page = opened((value, there) => (lost-- > 0 ? {} : answered(value, there)));
  page.keep.commit();
  pass(1000);
  assert.equal(page.status.textContent, "Saved");
  lost = 1;
  page.keep.save();
  pass(4000);
  assert.match(page.status.textContent, /trying again/);
  pass(1000);
  assert.equal(page.status.textContent, "Saved");
  pass(60_000);
  assert.equal(page.saves.length, 3);
});

test("news that an answer did not bring is asked for again", (t) => {
  const pass = time(t);
  let silent = 1;
  const page = opened((value, there) => {
    const { saved, change } = answered(value, there);
    return silent-- > 0 ? { saved } : { saved, change };
  });
  page.tell({ there: news({ ink: 7 }) });
  pass(20_000);
  assert.equal(page.keep.seen.ink, 7);
  assert.equal(page.saves.length, 2);
});

for (const [what, more] of [["lines", { ink: 9 }], ["components", { parts: 9 }], ["words", { words: 9 }], ["references", { refs: "{1}" }]]) {
  test(`no news of ${what} is asked for without end`, (t) => {
    const pass = time(t);
    const page = opened((value, there) => ({ saved: answered(value, there).saved }));
    page.tell({ there: news(more) });
    pass(1_200_000);
    assert.equal(page.saves.length + page.looks, 6);
    page.tell({ there: news({ ...more, words: 10 }) });
    pass(1_200_000);
    assert.ok(page.saves.length + page.looks <= 18);
  });
}

// What another window puts in the place of something

const stroke = (id, w = 4) => ({ id, t: "pen", p: [1, 1, 1], w, m: 0 });
const group = (id, place = "waist") => ({ id, kind: "belt", boxes: [[0, 0, 1, 1]], places: [place] });

/** A board on which nobody has done anything yet. */
function board() {
  const drawing = new Drawing();
  drawing.load(STAND);
  return drawing;
}

const form = (drawing, more) => ({ form: { ...drawing.now.form, ...more } });

for (const [what, mine, theirs, told, of] of [
  ["words", (d) => d.typed(form(d, { prompt: "a blue skirt" })), (d) => form(d, { prompt: "a red coat" }), { others: ["prompt"] }, (d) => d.now.form.prompt],
  ["a setting", (d) => d.typed(form(d, { steps: 7 })), (d) => form(d, { steps: 40 }), { others: ["steps"] }, (d) => d.now.form.steps],
  ["a line that it rubs out", (d) => d.add(stroke("own")), () => ({ strokes: [] }), {}, (d) => d.now.strokes],
  ["a line that it changes", (d) => d.add(stroke("own")), () => ({ strokes: [stroke("own", 30)] }), {}, (d) => d.now.strokes],
  ["a component that it moves", (d) => d.change({ parts: [group("own")] }), () => ({ parts: [group("own", "hem")] }), {}, (d) => d.now.parts],
  ["a component that it removes", (d) => d.change({ parts: [group("own")] }), () => ({ parts: [] }), {}, (d) => d.now.parts],
  ["the picture of a sketch", (d) => d.change({ photo: "f00d" }), () => ({ photo: "beef" }), {}, (d) => d.now.photo],
  ["a reference", (d) => d.change({ refs: '{"controls":[{"kind":"face"}]}' }), () => ({ refs: '{"controls":[{"kind":"pose"}]}' }), {}, (d) => d.now.refs],
]) {
  for (const step of [false, "typing"]) {
    test(`another window's change of ${what} is one step back (${step})`, () => {
      const drawing = board();
      mine(drawing);
      const own = of(drawing);
      drawing.answered(theirs(drawing), { step: what === "a reference" ? false : step, ...told });
      const replaced = of(drawing);
      assert.notDeepEqual(replaced, own);
      drawing.undo();
      assert.deepEqual(of(drawing), own);
      drawing.redo();
      assert.deepEqual(of(drawing), replaced);
      drawing.undo();
      drawing.undo();
      assert.deepEqual(of(drawing), of(board()));
    });
  }
}

for (const [what, theirs, told] of [
  ["words where this one wrote none", (d) => form(d, { prompt: "a red coat" }), { others: ["prompt"] }],
  ["a line", (d) => ({ strokes: [...d.now.strokes, stroke("theirs")] }), {}],
  ["a component", () => ({ parts: [group("theirs")] }), {}],
  ["a reference beside others", () => ({ refs: '{"controls":[{"kind":"pose"}]}' }), {}],
  ["a new seed", (d) => form(d, { seed: "2" }), { others: ["seed"] }],
]) {
  test(`what another window adds is no step here: ${what}`, () => {
    const drawing = board();
    drawing.typed(form(drawing, { seed: "9", steps: 9 }));
    drawing.add(stroke("own"));
    drawing.answered(theirs(drawing), { step: false, ...told });
    drawing.undo();
    assert.deepEqual(drawing.now.strokes.filter(({ id }) => id === "own"), []);
  });
}

test("what another window goes on writing is one step back, not one for each word", () => {
  const drawing = board();
  drawing.typed(form(drawing, { prompt: "a blue skirt" }));
  for (const prompt of ["a red", "a red coat", "a red coat, long"]) {
    drawing.answered(form(drawing, { prompt }), { step: false, others: ["prompt"] });
  }
  drawing.undo();
  assert.equal(drawing.now.form.prompt, "a blue skirt");
  // Its own again: what is written over it now can be taken back, too.
  drawing.answered(form(drawing, { prompt: "a hat" }), { step: false, others: ["prompt"] });
  drawing.undo();
  assert.equal(drawing.now.form.prompt, "a blue skirt");
  drawing.undo();
  assert.equal(drawing.now.form.prompt, "a coat");
});

for (const step of [true, false, "typing"]) {
  test(`a step back from this window's own words leaves what another has set (${step})`, () => {
    const drawing = board();
    drawing.answered(form(drawing, { prompt: "a blue skirt", steps: 40 }), { step, others: ["steps"] });
    drawing.undo();
    assert.deepEqual([drawing.now.form.prompt, drawing.now.form.steps], ["a coat", 40]);
  });
}

test("the steps over another window's words are there after a reload", () => {
  const drawing = board();
  drawing.typed(form(drawing, { prompt: "a blue skirt" }));
  drawing.answered(form(drawing, { prompt: "a red coat" }), { step: false, others: ["prompt"] });
  const again = new Drawing();
  again.load({ ...STAND, seen: { form: drawing.now.form }, steps: drawing.written() });
  again.answered(form(again, { prompt: "a red coat, long" }), { step: false, others: ["prompt"] });
  again.undo();
  assert.equal(again.now.form.prompt, "a blue skirt");
});

for (const order of [[1, 2], [2, 1], [2, 3, 1]]) {
  test(`a late look does not bring earlier references back: ${order}`, () => {
    const page = opened(answered);
    for (const at of order) {
      const next = page.keep.received({ refs: `{"at":${at}}`, at, step: false, n: at });
      page.drawing.followed(next);
    }
    assert.equal(page.drawing.now.refs, `{"at":${Math.max(...order)}}`);
  });
}

for (const [what, mine, back] of [
  ["words", "a blue skirt", "a blue skirt"],
  ["words of before", "a coat", "a coat"],
]) {
  test(`every press of undo does something: ${what} that another window has put back already`, () => {
    const drawing = board();
    drawing.typed(form(drawing, { prompt: "a blue skirt" }));
    drawing.answered(form(drawing, { prompt: "a red coat" }), { step: false, others: ["prompt"] });
    drawing.answered(form(drawing, { prompt: back }), { step: false, others: ["prompt"] });
    assert.equal(drawing.now.form.prompt, mine);
    const before = drawing.now.form.prompt;
    if (drawing.undo()) assert.notEqual(drawing.now.form.prompt, before);
    drawing.redo();
    drawing.add(stroke("own"));
    drawing.undo();
    assert.deepEqual(drawing.now.strokes, []);
  });
}

test("what the server writes in another order is nothing that another window has changed", () => {
  const drawing = board();
  drawing.add(stroke("own"));
  drawing.change({ parts: [group("own")] });
  const turned = (one) => Object.fromEntries(Object.entries(one).reverse());
  const { strokes, parts } = drawing.now;
  drawing.answered({ strokes: [stroke("theirs"), ...strokes.map(turned)], parts: parts.map(turned) }, { step: false });
  drawing.undo();
  assert.deepEqual(drawing.now.parts, []);
  drawing.undo();
  assert.deepEqual(drawing.now.strokes.map(({ id }) => id), ["theirs"]);
});
