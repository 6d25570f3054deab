// One state with steps back and forth, and those who are told when it is another. A step knows how to
// go back from what it did and nothing else: what another page has changed since stays.

import { alike } from "./merge.js";
import { applied, difference } from "./patch.js";

const STEPS = 64;
const LARGEST = 400_000; // characters of the steps that are kept with the project
const ONE_GO = 3000; // ms within which typing goes on in one step

/** States are never changed, only replaced. */
export class History {
  /** @param {Sheet} now */
  constructor(now) {
    this.now = now;
    /** @type {Step[]} */
    this.past = [];
    /** @type {Step[]} */
    this.future = [];
    /** Counts changes, so that an answer to an older state is known as such. */
    this.edition = 0;
    /** @type {{ before: Sheet, what: string, at: number } | null} */
    this.going = null; // the typing that goes on
    /** @type {(() => void)[]} */
    this.watchers = [];
  }

  /** @param {() => void} watcher */
  onChange(watcher) { this.watchers.push(watcher); }

  /** Another state without a step of its own: what another page changed, or a movement goes on.
   *  @param {Partial<Sheet>} next */
  replace(next) {
    this.going = null;
    this.edition += 1;
    this.now = { ...this.now, ...next };
    for (const watcher of this.watchers) watcher();
  }

  /** One step to another state; `mark` is a name by which it can be undone later.
   *  @param {Partial<Sheet>} next @param {string} [mark] */
  change(next, mark) {
    const back = difference({ ...this.now, ...next }, this.now);
    if (back) {
      this.past.push({ back, ...(mark && { mark }) });
      if (this.past.length > STEPS) this.past.shift();
      this.future = [];
    }
    this.replace(next);
  }

  /** A step that goes on with the last one where that was typing in the same fields just now.
   *  @param {Partial<Sheet>} next */
  typed(next, now = Date.now()) {
    const { going } = this;
    const after = { ...this.now, ...next };
    const what = Object.keys(difference(this.now, after)?.form ?? { refs: 0 }).join(" ");
    const goes = going && going.what === what && now - going.at < ONE_GO && this.past.length;
    const before = goes ? going.before : this.now;
    if (goes) {
      const back = difference(after, before);
      this.past.pop();
      if (back) this.past.push({ back });
      this.replace(next);
    } else this.change(next);
    this.going = { before, what, at: now };
  }

  /** What an answer says: what this page has asked for is a step, what others have done is followed.
   *  @param {Partial<Sheet>} next
   *  @param {{ step?: boolean | "typing", mark?: string, others?: string[] }} told `others` are the
   *    fields of the form that other pages have set */
  answered({ strokes, photo, rest, ...next }, { step, mark, others = [] }) {
    const { form } = this.now;
    if (form && next.form && others.length) {
      const set = Object.fromEntries(Object.entries(next.form).filter(([name]) => others.includes(name)));
      this.followed({ form: { ...form, ...set } });
    }
    const drawn = {
      ...(strokes !== undefined && { strokes }), ...(photo !== undefined && { photo }), ...(rest !== undefined && { rest }),
    };
    if (step === true || step === undefined) {
      this.change({ ...drawn, ...next }, mark);
      return;
    }
    this.followed(drawn);
    const own = difference(this.now, { ...this.now, ...next });
    if (own?.form || (step === "typing" && own?.refs)) this.typed(next);
    else this.followed(next);
  }

  /** What another page has done. Where it put something in the place of what this page had made, that
   *  is one step back; what it only added, or made of its own, is no step here.
   *  @param {Partial<Sheet>} next */
  followed(next) {
    const back = difference({ ...this.now, ...next }, this.now);
    if (!back) {
      this.now = { ...this.now, ...next };
      return;
    }
    const own = this.owned(back);
    if (own) {
      this.past.push({ back: own, theirs: true });
      if (this.past.length > STEPS) this.past.shift();
    }
    this.replace(next);
  }

  /** What of a patch goes back to something that this page has made: the last step that touched it was
   *  its own.
   *  @param {Patch} back @returns {Patch | null} */
  owned(back) {
    /** @param {(patch: Patch) => unknown} touches */
    const own = (touches) => {
      const last = this.past.findLast((step) => touches(step.back));
      return Boolean(last && !last.theirs);
    };
    /** @type {Patch} */
    const patch = {};
    for (const list of /** @type {const} */ (["strokes", "parts"])) {
      const entries = (back[list] ?? []).filter(([id, one]) => one && own((step) => step[list]?.some(([other]) => other === id)));
      if (entries.length) Object.assign(patch, { [list]: entries });
    }
    // A seed that is drawn anew after each batch is nobody's.
    const chosen = Object.entries(back.form ?? {}).filter(([name]) => name !== "seed" || this.now.form?.locked);
    const form = chosen.filter(([name]) => own((step) => name in (step.form ?? {})));
    if (form.length) patch.form = Object.fromEntries(form);
    if (back.photo?.[0]) patch.photo = back.photo; // whoever it is from: no page makes it again
    if (back.refs && own((step) => step.refs) && lost(back.refs)) patch.refs = back.refs;
    return Object.keys(patch).length ? patch : null;
  }

  /** The last step was none: as if it had never been. */
  retract() {
    const step = this.past.pop();
    if (step) this.replace(applied(this.now, step.back));
  }

  /** Begin with a state and the steps that are kept with it.
   *  @param {Sheet} now @param {string} [kept] */
  begin(now, kept = "") {
    const { past, future } = readSteps(kept);
    this.past = past;
    this.future = future;
    this.replace(now);
  }

  undo() { return this.step(this.past, this.future); }

  redo() { return this.step(this.future, this.past); }

  /** What was done, or false where there is no step. One that leads to what is there already, since
   *  others have brought it about, is passed over: every press does something.
   *  @param {Step[]} from @param {Step[]} to @returns {Patch | false} */
  step(from, to) {
    for (let step = from.pop(); step; step = from.pop()) {
      const next = applied(this.now, step.back);
      const back = difference(next, this.now);
      if (!back) continue;
      to.push({ ...step, back });
      this.replace(next);
      return step.back;
    }
    return false;
  }

  /** The steps as text, to be kept with the project: as many of the last ones as have room. */
  written() {
    let [past, future] = [this.past, this.future];
    let text = JSON.stringify({ v: 1, past, future });
    while (text.length > LARGEST && past.length + future.length) {
      if (future.length) future = future.slice(Math.ceil(future.length / 2));
      else past = past.slice(Math.ceil(past.length / 2));
      text = JSON.stringify({ v: 1, past, future });
    }
    return text;
  }
}

/** Whether references that a patch leads back to are not there any more; others may only have come to
 *  them.
 *  @param {{ from: string | null, to: string | null }} refs */
function lost({ from, to }) {
  const [there, before] = [from, to].map((document) => {
    const { controls = [], person = null } = JSON.parse(document || "{}");
    return [...controls, ...(person ? [person] : [])];
  });
  return before.some((one) => !there.some((other) => alike(one, other)));
}

/** @param {string} text @returns {{ past: Step[], future: Step[] }} */
function readSteps(text) {
  try {
    const { v, past, future } = JSON.parse(text || "{}");
    /** @param {unknown} list */
    const whole = (list) => Array.isArray(list) && list.every((step) => step && typeof step.back === "object");
    if (v === 1 && whole(past) && whole(future)) return { past, future };
  } catch (error) {
    console.warn("the kept steps could not be read", error);
  }
  return { past: [], future: [] };
}
