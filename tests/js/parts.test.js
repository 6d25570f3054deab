// The geometry of components: tests/studio/garment/test_component_rules.py reads the same table.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as parts from "../../assets/ui/board/parts.js";

const table = JSON.parse(readFileSync(new URL("../component_rules.json", import.meta.url), "utf8"));
parts.setKinds(table.kinds);
const rules = { ...parts };

for (const { rule, given, gives } of [...table.same, ...table.drags]) {
  test(`${rule}(${JSON.stringify(given).slice(0, 60)})`, () => {
    assert.deepEqual(rules[rule](...given), gives);
  });
}

test("a document is the same after a round trip", () => {
  const groups = table.drags.map(({ gives }) => gives);
  assert.deepEqual(parts.readParts(parts.writeParts(groups)), groups);
  assert.equal(parts.readParts(""), null);
});

test("nothing given is changed by a movement", () => {
  for (const { rule, given } of table.drags) {
    const before = structuredClone(given);
    rules[rule](...given);
    assert.deepEqual(given, before);
  }
});

test("a screen reader hears which of how many, and where", () => {
  const { gives: row } = table.drags.find(({ gives }) => gives.boxes.length === 5);
  assert.match(parts.spoken(row, 2), /^button 3 of 5, \d+ % across, \d+ % down$/);
  const { gives: pocket } = table.drags.find(({ gives }) => gives.kind === "pocket");
  assert.match(parts.spoken({ ...pocket, locked: true }, 0), /^pocket, left hip, .*, locked$/);
});
