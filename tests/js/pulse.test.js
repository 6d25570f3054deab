// How a page looks at the pictures in the making: directly where nothing else has changed, and by an
// event where something has, or where it cannot be told.

import assert from "node:assert/strict";
import test from "node:test";
import { glanced, mount } from "../../assets/ui/pulse.js";

const JOB = { id: "j", n: 5, state: "running" };
const LOOK = { queue: { job: JOB, waiting: [], interrupted: [] }, job: JOB };

/** A page that looks once; what it was told, what it asked for, and which address it looked at.
 *  @param {any} t @param {any} props @param {(props: any) => any} answer */
async function looked({ mock: { timers } }, props, answer) {
  timers.enable({ apis: ["setTimeout"] });
  const page = { seen: [], events: [], at: [], reloads: 0 };
  Object.assign(globalThis, {
    document: Object.assign(new EventTarget(), { baseURI: "http://toile.test/studio/" }),
    location: { reload: () => { page.reloads += 1; } },
    fetch: async (at) => {
      page.at.push(at);
      return answer(props);
    },
  });
  glanced((seen) => page.seen.push(seen));
  mount({ props, trigger: (...event) => page.events.push(event) });
  for (let turn = 0; turn < 10; turn++) await null;
  return page;
}

/** @param {any} told */
const json = (told) => ({ ok: true, json: async () => told });

test("steps are shown without an event", async (t) => {
  const page = await looked(t, { project: "p", shown: "abc", every: 0.4 }, () => json(LOOK));
  assert.deepEqual([page.seen, page.events], [[LOOK], []]);
  assert.deepEqual(page.at, ["http://toile.test/studio/toile/glance/p?shown=abc"]);
  t.mock.timers.tick(399);
  assert.equal(page.at.length, 1);
  t.mock.timers.tick(1);
  assert.equal(page.at.length, 2);
});

for (const [name, answer] of Object.entries({
  "something else has changed": () => json({ changed: true }),
  "the server refuses": () => ({ ok: false }),
  "the server is away": () => { throw new TypeError("Failed to fetch"); },
  "another project was opened meanwhile": (props) => {
    props.project = "q";
    return json(LOOK);
  },
})) {
  test(`an event asks where ${name}`, async (t) => {
    const page = await looked(t, { project: "p", shown: "abc", every: 4 }, answer);
    assert.deepEqual([page.seen, page.events], [[], [["tick", { shown: "abc" }]]]);
  });
}

test("a page that is logged out goes to where one logs in, and asks no more", async (t) => {
  const page = await looked(t, { project: "p", shown: "abc", every: 0.4 }, () => ({ ok: false, status: 401 }));
  t.mock.timers.tick(4000);
  assert.deepEqual([page.reloads, page.events, page.at.length], [1, [], 1]);
});

test("nothing is asked before a project is open", async (t) => {
  const page = await looked(t, { project: "", shown: "", every: 0 }, () => json(LOOK));
  assert.deepEqual([page.at, page.events], [[], []]);
});
