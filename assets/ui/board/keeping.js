// Keeping: what is on the board goes to the server soon after each change. Until the server has it
// there is a copy in this browser, which is taken up again whenever the project is opened; and what
// other pages keep meanwhile is put together with it.

import { remember } from "../recent.js";
import { boundCopies, copiesOf, dropCopy, keepCopy } from "./copies.js";
import { freshName, parse } from "./drawing.js";
import { fields, together } from "./merge.js";
import { readParts } from "./parts.js";
import { applied, difference } from "./patch.js";
import { inFields, Words } from "./words.js";

const SAVE_AFTER = 400; // ms after the last change; the server needs some of the 1.5 s itself
const PATIENCE = 4000; // ms without an answer until the page says so and tries again
const SLOWEST = 30_000; // ms between tries of what was refused
const STEPS_AFTER = 1200; // ms after which the steps back are kept too
const SNAPSHOTS = 60;
const ASKED = 5; // times that one piece of news is asked for again, each time later

export class Keeping {
  /** @param {{ drawing: import("./drawing.js").Drawing, props: Props, trigger: Mounted["trigger"], status: HTMLElement, root: HTMLElement }} options */
  constructor({ drawing, props, trigger, status, root }) {
    this.drawing = drawing;
    this.props = props;
    this.trigger = trigger;
    this.status = status;
    this.page = freshName();
    this.timer = 0;
    this.patience = 0;
    this.stepsTimer = 0;
    this.stepsKept = "";
    /** Copies of earlier pages that are on their way to the server.
     *  @type {string[]} */
    this.adopted = [];
    this.words = new Words();
    this.number = 0;
    this.sent = 0; // counts what goes out: two saves of one number are answered one by one
    this.catching = 0;
    this.referred = 0; // the moment of the last look at the references
    this.refused = 0; // times in a row that the server could not keep it
    this.unkept = false; // something has not been kept on the server
    this.copied = true; // and is kept in this browser
    /** What was sent and not answered yet: names of strokes and components.
     *  @type {Set<string>} */
    this.offered = new Set();
    /** @type {Map<number, Sheet>} */
    this.snapshots = new Map();
    this.base = drawing.now; // what the server has
    /** @type {{ ink: number, parts: number, words: number, form: Record<string, any> }} */
    this.seen = { ink: 0, parts: 0, words: 0, form: {} };
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.flush(); });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!root.contains(/** @type {Node} */ (target))) this.flush();
    }, true);
    window.addEventListener("beforeunload", (event) => {
      // What is kept in this browser goes to the server at the next opening: nobody need be asked.
      if (this.unkept && !this.copied) event.preventDefault();
    });
    document.addEventListener("input", ({ target }) => this.typed(target));
    document.addEventListener("toile-words", ({ detail }) => this.decided(detail));
  }

  /** @param {any} value */
  begin(value) {
    clearTimeout(this.timer);
    clearTimeout(this.patience);
    clearTimeout(this.catching);
    this.timer = 0;
    this.number = value?.n ?? 0;
    this.refused = 0;
    this.unkept = false;
    this.copied = true;
    this.words.forget();
    this.offered = new Set();
    this.snapshots = new Map();
    this.base = this.drawing.now;
    this.seen = { ink: 0, parts: 0, words: 0, form: {}, ...value?.seen };
    this.stepsKept = this.drawing.written();
  }

  /** @param {string} text */
  say(text, warn = false) {
    this.status.textContent = text;
    this.status.classList.toggle("warn", warn);
  }

  get names() {
    const { strokes, parts } = this.drawing.now;
    return new Set([...strokes, ...parts ?? []].map(({ id }) => id ?? ""));
  }

  get safe() { return this.copied ? "in this browser" : "only while this page is open"; }

  // To the server

  /** Give Gradio the present state; every event of the page carries it. */
  show() {
    const { drawing, names, seen, page, snapshots } = this;
    const gone = [...this.offered].filter((name) => !names.has(name));
    this.props.value = { ...drawing.value(this.number), s: this.sent, seen: { ...seen, page, gone }, again: this.refused > 1 };
    remember(snapshots, drawing.edition, drawing.now, SNAPSHOTS);
  }

  /** Keep in this browser what the server does not have; forget it where it has all. */
  remember() {
    const { drawing: { project, now }, words: { unsaved }, page } = this;
    if (!project) return;
    const patch = difference({ ...this.base, form: null, refs: null }, { ...now, form: null, refs: null });
    this.unkept = Boolean(unsaved || patch);
    if (this.unkept) {
      const said = unsaved && { words: unsaved.now, base: unsaved.base };
      this.copied = keepCopy(localStorage, project, page, { v: 1, at: Date.now(), n: this.number, patch: patch ?? {}, ...said });
    } else {
      dropCopy(localStorage, project, page);
      this.copied = true;
    }
    if (this.copied) for (const earlier of this.adopted.splice(0)) dropCopy(localStorage, project, earlier);
  }

  commit(after = SAVE_AFTER) {
    this.number += 1;
    this.show();
    this.remember();
    this.say("Saving…");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), after);
  }

  save() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.sent += 1;
    for (const name of this.names) this.offered.add(name);
    this.show();
    this.trigger("ink_changed", { n: this.number });
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      this.say(`Not saved yet, trying again. The drawing is safe ${this.safe}.`, true);
      this.save();
    }, PATIENCE);
  }

  /** Whatever waits goes now: something else is about to happen. */
  flush() { if (this.timer) this.save(); }

  /** Something was written somewhere.
   *  @param {EventTarget | null} target */
  typed(target) {
    if (!this.words.written(target, this.seen.form, this.number + 1)) return;
    this.number += 1;
    this.show();
    this.remember();
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.save(), PATIENCE); // where the field's own event brings no answer
  }

  /** Of words that two windows wrote somebody has chosen.
   *  @param {{ keep: boolean, theirs: Record<string, string> }} choice */
  decided({ keep, theirs }) {
    const mine = inFields();
    const fields = Object.keys(theirs);
    const own = Object.fromEntries(fields.map((name) => [name, mine[name]]));
    if (!(keep && fields.length)) { // what is kept in this browser is not wanted any more
      this.words.forget();
      this.remember();
    }
    if (!fields.length) return;
    // The words that are not taken are those that a step back leads to.
    const { drawing } = this;
    drawing.now = { ...drawing.now, form: { ...drawing.now.form, ...(keep ? theirs : own) } };
    if (keep) this.seen = { ...this.seen, form: { ...this.seen.form, ...theirs } };
    this.show();
    this.trigger("restore", { form: keep ? own : theirs, step: true });
  }

  /** How to go back is kept too, a little later. */
  laterSteps() {
    clearTimeout(this.stepsTimer);
    this.stepsTimer = setTimeout(() => {
      const { project } = this.drawing;
      const steps = this.drawing.written();
      if (steps === this.stepsKept || this.refused || !project) return;
      this.stepsKept = steps;
      this.trigger("steps", { project, steps });
    }, STEPS_AFTER);
  }

  // From the server

  acknowledged() {
    const answer = this.props.saved;
    if (!answer) return;
    if (answer.project && answer.project !== this.drawing.project) {
      if (answer.ok) dropCopy(localStorage, answer.project, this.page);
      return;
    }
    if (answer.n !== this.number) return;
    clearTimeout(this.patience);
    if (answer.ok) {
      this.refused = 0;
      if (!answer.asked) this.words.saved(this.number);
      this.settle();
      if (!this.timer) this.say("Saved");
      this.laterSteps();
    } else {
      this.refused += 1;
      this.say(`Not saved, trying again. The drawing is safe ${this.safe}.`, true);
      const wait = Math.min(PATIENCE * 2 ** (this.refused - 1), SLOWEST);
      this.patience = setTimeout(() => this.save(), wait);
    }
  }

  /** What the server has by now is no longer kept here. */
  settle() {
    this.words.there(this.seen.form);
    this.remember();
  }

  /** What an answer says stands on the server, put together with what has been done since.
   *  @param {any} change @returns {Partial<Sheet>} what is to be shown otherwise */
  received(change) {
    const { seen } = this;
    const told = change.seen ?? {};
    /** @type {Partial<Sheet>} */
    const theirs = {
      ...(change.parts !== undefined && { parts: readParts(change.parts) }),
      ...(change.doc !== undefined ? parse(change) : change.photo !== undefined && { photo: change.photo }),
    };
    const next = change.on === undefined ? this.laid(theirs, told) : this.answered(change.on, theirs, told);
    if (!next) return {}; // about a state that is no longer known: the next save asks again
    const form = told.words >= seen.words && told.form;
    if (form) next.form = fields(this.snapshots.get(change.on)?.form ?? null, form, this.drawing.now.form);
    if (change.refs !== undefined && (change.at ?? this.referred) >= this.referred) {
      next.refs = change.refs;
      this.referred = change.at ?? this.referred;
    }
    this.seen = {
      ink: Math.max(seen.ink, told.ink ?? 0), parts: Math.max(seen.parts, told.parts ?? 0),
      words: Math.max(seen.words, told.words ?? 0), form: form || seen.form,
    };
    return next;
  }

  /** Something new of the server's own.
   *  @param {Partial<Sheet>} theirs @param {any} told */
  laid(theirs, told) {
    if (theirs.parts && told.parts >= this.seen.parts) this.base = { ...this.base, parts: theirs.parts };
    return { ...theirs };
  }

  /** An answer to a state that was sent.
   *  @param {number} edition @param {Partial<Sheet>} theirs @param {any} told
   *  @returns {Partial<Sheet> | null} */
  answered(edition, theirs, told) {
    const sent = this.snapshots.get(edition);
    if (!sent) return null;
    const there = { ...sent, ...theirs };
    if (told.ink >= this.seen.ink) {
      const { strokes, photo, rest } = there;
      this.base = { ...this.base, strokes, photo, rest };
      this.offered = new Set();
    }
    if (told.parts >= this.seen.parts) this.base = { ...this.base, parts: there.parts };
    return together(sent, there, this.drawing.now);
  }

  /** Another page has kept something: what it was is asked for by a save of what is here. */
  others() { this.catchUp(0); }

  /** Ask for what the server has and this page has not, again and later where that brings nothing,
   *  as when the answer is lost; but no news is asked for without end.
   *  @param {number} times that it was asked for already */
  catchUp(times) {
    clearTimeout(this.catching);
    const { seen, drawing, props: { there } } = this;
    if (!there || there.project !== drawing.project) return;
    const newer = there.ink > seen.ink || there.parts > seen.parts || there.words > seen.words;
    const referred = drawing.now.refs !== null && there.refs !== drawing.now.refs;
    if (!newer && !referred) return;
    if (newer && !this.timer && !this.refused) this.save();
    if (referred) this.trigger("look");
    if (times >= ASKED) return;
    this.catching = setTimeout(() => this.catchUp(times + 1), Math.min((PATIENCE + 500) * 2 ** times, SLOWEST));
  }

  /** @param {any} value */
  loaded(value) {
    this.begin(value);
    this.say("");
    this.show();
    if (value?.project) this.takeUp(value);
  }

  /** What earlier pages could not give to the server is laid over what it has, and sent.
   *  @param {any} value */
  takeUp(value) {
    boundCopies(localStorage);
    const copies = copiesOf(localStorage, value.project).filter(([page]) => page !== this.page);
    if (!copies.length) return;
    let sheet = this.drawing.now;
    for (const [page, copy] of copies) {
      sheet = applied(sheet, copy.patch);
      this.adopted.push(page);
      if (copy.words) this.words.takeUp(value, page, copy, this.trigger);
    }
    this.drawing.change(sheet);
    this.commit(0);
  }
}
