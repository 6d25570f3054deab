// Memories that stay small.

import assert from "node:assert/strict";
import test from "node:test";
import { remember } from "../../assets/ui/recent.js";

for (const [most, wanted, kept] of [
  [2, ["a", "b", "c"], ["b", "c"]],
  [2, ["a", "b", "a", "c"], ["a", "c"]],
  [3, ["a", "a", "a"], ["a"]],
  [1, ["a", "b"], ["b"]],
]) {
  test(`of ${wanted} the last ${most} are kept`, () => {
    const memory = new Map();
    for (const name of wanted) remember(memory, name, name.toUpperCase(), most);
    assert.deepEqual([...memory], kept.map((name) => [name, name.toUpperCase()]));
  });
}
