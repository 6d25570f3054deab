// What the page says: amounts, progress, checks.

import assert from "node:assert/strict";
import test from "node:test";
import { checkText, inSquare, lines, missedKinds, score } from "../../assets/ui/checks.js";
import { latestJob, turns } from "../../assets/ui/latest.js";
import { amount, clamp, where } from "../../assets/ui/numbers.js";
import { made, percent, said } from "../../assets/ui/progress.js";
import { ago } from "../../assets/ui/shelf.js";

test("one thing, several things", () => {
  assert.equal(amount(1, "picture"), "1 picture");
  assert.equal(amount(0, "picture"), "0 pictures");
  assert.equal(amount(2, "try", "tries"), "2 tries");
  assert.equal(where([0.5, 0.254]), "50 % across, 25 % down");
  assert.deepEqual([clamp(-1, 0, 2), clamp(3, 0, 2), clamp(1, 0, 2)], [0, 2, 1]);
});

const job = {
  kind: "vary", total: 4, made: 1, batches: 4, batch: 2, phase: "denoise", step: 5, steps: 20, eta: 12.4, until_passed: false,
};

test("a job on its way", () => {
  assert.equal(made(job), "4 variations");
  assert.equal(made({ kind: "", total: 1 }), "1 variant");
  assert.equal(said(job), "1 of 4 made · Step 5 of 20 · about 12 s left");
  assert.equal(percent(job), 31);
  assert.equal(said({ ...job, until_passed: true, eta: 300 }), "Attempt 2 of at most 4 · Step 5 of 20 · about 5 min left");
  assert.equal(said({ ...job, phase: "waiting" }), "Waiting for its turn");
  assert.equal(percent({ ...job, until_passed: true }), 25);
});

test("what is shown never goes back", () => {
  const latest = latestJob();
  assert.equal(latest({ n: 5, step: 2 }).step, 2);
  assert.equal(latest({ n: 4, step: 1 }).step, 2);
  assert.equal(latest({ n: 6, step: 3 }).step, 3);
  assert.equal(latest(null), null);
});

test("what is given last in a place counts, whatever is given elsewhere", () => {
  const given = turns();
  const [first, elsewhere, second] = [given.next("garment"), given.next("face"), given.next("garment")];
  assert.ok(first < second && given.now("garment") === second && given.now("face") === elsewhere);
  assert.equal(given.now("pose"), 0);
});

const checks = [
  { kind: "count", what: "buttons", component: "button", asked: 5, seen: 5, passed: true },
  { kind: "place", what: "buttons in place", component: "button", asked: 5, seen: 4, passed: false },
  { kind: "word", what: "garment", asked: "coat", seen: "coat", passed: true },
  { kind: "word", what: "sleeves", asked: "long", seen: "none", passed: false },
  { kind: "sketch", what: "sketch", asked: 80, seen: 91, passed: true },
];

test("checks as a person counts them", () => {
  assert.equal(checkText(checks[0]), "5/5 buttons");
  assert.equal(checkText(checks[3]), "sleeveless, not long sleeves");
  const shown = lines(checks);
  assert.deepEqual(shown.map(({ passed }) => passed), [false, false, true, true]);
  assert.ok(shown.some(({ text }) => text === "coat"));
  assert.deepEqual(missedKinds(checks), [{ component: "button", noun: "buttons", placed: true }]);
  assert.equal(score({ checks }), (3 / 5) * 1000 + 91);
  assert.equal(score({ checks: [] }), -1);
});

test("how long ago", () => {
  const now = Date.UTC(2026, 4, 10, 12);
  assert.equal(ago(now - 5000, now), "just now");
  assert.equal(ago(now - 4 * 60000, now), "4 minutes ago");
  assert.equal(ago(now - 26 * 3600000, now), "yesterday");
  assert.match(ago(now - 30 * 86400000, now), /2026/);
});

test("what lies over a picture of any shape lies where the picture is in its square frame", () => {
  assert.deepEqual(inSquare({ width: 256, height: 256 }), { box: [0, 0, 1, 1], board: 1 });
  const upright = inSquare({ width: 576, height: 768 });
  assert.deepEqual(upright.box.map((n) => Math.round(n * 1000)), [-167, 0, 1333, 1000]);
  assert.equal(upright.board, 0.75);
  assert.deepEqual(inSquare({ width: 768, height: 384 }), { box: [0, -0.5, 1, 2], board: 0.5 });
});
