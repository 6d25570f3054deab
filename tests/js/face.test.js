// The box of a face: drawn by hand, moved and resized by keys.

import assert from "node:assert/strict";
import test from "node:test";
import { between, holds, nudged } from "../../assets/ui/references/face.js";

/** @param {number[]} a @param {number[]} b */
const near = (a, b) => {
  for (const [i, value] of a.entries()) assert.ok(Math.abs(value - b[i]) < 1e-9, `${a} is not ${b}`);
};

test("a box lies between two corners, whichever came first, inside the photo", () => {
  near(between([0.6, 0.5], [0.2, 0.1]), [0.2, 0.1, 0.6, 0.5]);
  near(between([0.2, 0.5], [0.6, 0.1]), [0.2, 0.1, 0.6, 0.5]);
  near(between([-1, 0.1], [2, 0.4]), [0, 0.1, 1, 0.4]);
});

test("a click is no box", () => {
  assert.equal(holds([0.5, 0.5, 0.5, 0.5]), false);
  assert.equal(holds([0.5, 0.5, 0.9, 0.505]), false);
  assert.equal(holds([0.5, 0.5, 0.6, 0.6]), true);
});

test("arrows move a box up to the photo's edge, with Shift they change its size", () => {
  near(nudged([0.2, 0.1, 0.6, 0.5], [0.01, 0], false), [0.21, 0.1, 0.61, 0.5]);
  near(nudged([0.0, 0.1, 0.4, 0.5], [-0.01, 0], false), [0, 0.1, 0.4, 0.5]);
  near(nudged([0.6, 0.1, 0.995, 0.5], [0.01, 0], false), [0.605, 0.1, 1, 0.5]);
  near(nudged([0.2, 0.1, 0.6, 0.5], [0.01, 0.02], true), [0.2, 0.1, 0.61, 0.52]);
  near(nudged([0.2, 0.1, 0.22, 0.5], [-0.5, 0], true), [0.2, 0.1, 0.22, 0.5]);
});
