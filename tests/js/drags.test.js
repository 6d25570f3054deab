// What a pointer makes of components, of labels beside them and of a pose.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { dragged } from "../../assets/ui/board/drags.js";
import { freeSpot } from "../../assets/ui/board/labels.js";
import { centre, LEAST, setKinds } from "../../assets/ui/board/parts.js";
import { limb, mirrored, shifted } from "../../assets/ui/references/pose.js";

const table = JSON.parse(readFileSync(new URL("../component_rules.json", import.meta.url), "utf8"));
setKinds(table.kinds);
const row = table.same.find(({ rule }) => rule === "withEnds").given[0]; // five buttons at the centre front
const pocket = table.drags.find(({ given }) => given[0].kind === "pocket").given[0];
const near = (a, b) => assert.ok(Math.abs(a - b) < 2e-5, `${a} is not ${b}`);

test("a row is moved whole and keeps to the centre front within reach", () => {
  const { group, guides } = dragged({ how: "row", from: row, index: 0 }, [0.004, 0.1], [row], 0.01);
  assert.equal(guides.x, 0.5);
  for (const [i, box] of group.boxes.entries()) {
    near(centre(box)[0], 0.5);
    near(centre(box)[1], centre(row.boxes[i])[1] + 0.1);
  }
});

test("nothing snaps while Ctrl is held", () => {
  const { group, guides } = dragged({ how: "row", from: row, index: 0 }, [0.004, 0], [row], -1);
  assert.deepEqual(guides, { x: null, y: null });
  near(centre(group.boxes[0])[0], 0.504);
});

test("one end of a row respaces it; the other end lends its line", () => {
  const { group, guides } = dragged({ how: "end", from: row, index: 1 }, [0.003, -0.2], [], 0.01);
  assert.equal(guides.x, 0.5);
  near(group.ends[1][1], row.ends[1][1] - 0.2);
  near(centre(group.boxes[2])[1], (row.ends[0][1] + group.ends[1][1]) / 2);
});

test("a member between the ends leaves the row", () => {
  const { group } = dragged({ how: "move", from: row, index: 2 }, [0.1, 0.05], [], -1);
  assert.equal(group.ends, null);
  assert.deepEqual(group.boxes.with(2, null), row.boxes.with(2, null));
});

test("an edge is drawn out, never past the other one or the sheet", () => {
  const [l, t, r, b] = pocket.boxes[0];
  const drag = (how, by) => dragged({ how, from: pocket, index: 0 }, by, [pocket], -1).group.boxes[0];
  assert.deepEqual(drag("e", [0.1, 0.7]).map((v) => Math.round(v * 1e4) / 1e4), [l, t, Math.round((r + 0.1) * 1e4) / 1e4, b]);
  near(drag("w", [5, 0])[0], r - LEAST);
  near(drag("e", [-5, 0])[2], l + LEAST);
  assert.deepEqual(drag("nw", [-5, -5]), [0, 0, r, b]);
  assert.deepEqual(drag("se", [5, 5]), [l, t, 1, 1]);
});

test("what was dragged is now the user's", () => {
  const from = { ...pocket, source: "prompt" };
  assert.equal(dragged({ how: "move", from, index: 0 }, [0, 0], [], -1).group.source, "user");
});

test("a label keeps away from ink and from other labels", () => {
  assert.equal(freeSpot(100, 400, [], () => false), 100);
  assert.equal(freeSpot(100, 400, [100], () => false), 76);
  assert.equal(freeSpot(100, 400, [], (at) => at < 150), 156);
  assert.equal(freeSpot(100, 400, [], () => true), 100);
  assert.equal(freeSpot(-50, 400, [], () => false), 16);
});

const joints = Array.from({ length: 18 }, (_, i) => [0.3 + i / 100, 0.4]);

test("a joint takes along what hangs on it", () => {
  assert.deepEqual(limb(2), [2, 3, 4]);
  assert.equal(new Set(limb(1)).size, 18);
  const moved = shifted(joints, limb(2), [0.1, -0.1]);
  assert.deepEqual(moved[1], joints[1]);
  near(moved[4][0], joints[4][0] + 0.1);
  near(moved[4][1], 0.3);
});

test("joints stay within reach of the picture; hidden ones stay hidden", () => {
  const moved = shifted(joints.with(3, null), limb(2), [9, -9]);
  assert.equal(moved[3], null);
  assert.deepEqual(moved[2], [2, -1]);
});

test("a pose seen in a mirror twice is the pose", () => {
  const twice = mirrored(mirrored(joints));
  for (const [i, [x, y]] of twice.entries()) {
    near(x, joints[i][0]);
    near(y, joints[i][1]);
  }
});
