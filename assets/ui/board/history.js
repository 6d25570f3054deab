// One state with steps back and forth, and those who are told when it is another.

const STEPS = 64;

/** States are never changed, only replaced.
 *  @template {object} T */
export class History {
  /** @param {T} now */
  constructor(now) {
    this.now = now;
    /** @type {T[]} */
    this.past = [];
    /** @type {T[]} */
    this.future = [];
    /** Counts changes, so that an answer to an older state is known as such. */
    this.edition = 0;
    /** @type {(() => void)[]} */
    this.watchers = [];
  }

  /** @param {() => void} watcher */
  onChange(watcher) { this.watchers.push(watcher); }

  /** Another state without a step of its own: what the words changed, or a movement goes on.
   *  @param {Partial<T>} next */
  replace(next) {
    this.edition += 1;
    this.now = { ...this.now, ...next };
    for (const watcher of this.watchers) watcher();
  }

  /** One step to another state.
   *  @param {Partial<T>} next */
  change(next) {
    this.past.push(this.now);
    if (this.past.length > STEPS) this.past.shift();
    this.future = [];
    this.replace(next);
  }

  /** The last step was none: as if it had never been. */
  retract() {
    const before = this.past.pop();
    if (before) this.replace(before);
  }

  /** Begin with a state from which no step leads back.
   *  @param {T} now */
  begin(now) {
    this.past = [];
    this.future = [];
    this.replace(now);
  }

  undo() { return this.step(this.past, this.future); }

  redo() { return this.step(this.future, this.past); }

  /** @param {T[]} from @param {T[]} to */
  step(from, to) {
    const next = from.pop();
    if (!next) return false;
    to.push(this.now);
    this.replace(next);
    return true;
  }
}
