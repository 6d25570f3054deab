// A part of the page: what Python handed to it, and what it does when that changes.

/** Do what each property asks for, now and whenever it is another.
 *  @param {Mounted["watch"]} watch @param {Record<string, () => void>} runs */
export function live(watch, runs) {
  for (const [name, run] of Object.entries(runs)) {
    watch(name, run);
    run();
  }
}

/** A part with a state of its own. */
export class Part {
  /** @param {Mounted} part */
  constructor({ element, root, props, trigger, upload }) {
    this.element = element;
    this.root = root;
    this.props = props;
    this.trigger = trigger;
    this.upload = upload;
    /** Ask for something to be done with a picture. */
    this.act = (/** @type {string} */ verb, /** @type {{ id: string }} */ item, extra = {}) => trigger("act", { verb, id: item.id, ...extra });
  }
}
