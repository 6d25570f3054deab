// Words that are being written: until the server has them they are kept with what is drawn.

const FIELDS = ["prompt", "negative"];

/** What the fields of words say; one that is folded away says nothing, and nobody writes in it.
 *  @returns {Record<string, string>} */
export function inFields() {
  return Object.fromEntries(FIELDS.flatMap((name) => {
    const field = /** @type {HTMLTextAreaElement | null} */ (document.querySelector(`#${name} textarea, #${name} input`));
    return field ? [[name, field.value]] : [];
  }));
}

/** @param {Record<string, any>} form @returns {Record<string, any>} */
const pick = (form) => Object.fromEntries(FIELDS.map((name) => [name, form[name] ?? ""]));

export class Words {
  constructor() {
    /** What the server does not have, what it grew out of, and the number of the save that takes it.
     *  @type {{ now: Record<string, string>, base: Record<string, any>, n: number } | null} */
    this.unsaved = null;
  }

  forget() { this.unsaved = null; }

  /** Something was written in a field; whether it was in one of words.
   *  @param {EventTarget | null} target @param {Record<string, any>} form @param {number} n */
  written(target, form, n) {
    const one = target instanceof HTMLElement && target.closest(FIELDS.map((name) => `#${name}`).join());
    if (one) this.unsaved = { now: inFields(), base: this.unsaved?.base ?? pick(form), n };
    return Boolean(one);
  }

  /** A save was kept: the words went with it.
   *  @param {number} n */
  saved(n) {
    if (this.unsaved && this.unsaved.n <= n) this.forget();
  }

  /** What the server has.
   *  @param {Record<string, any>} form */
  there(form) {
    const { now = {} } = this.unsaved ?? {};
    if (Object.keys(now).every((name) => now[name] === form[name])) this.forget();
  }

  /** Words of an earlier page that were never kept: they are written again where nobody else wrote,
   *  else they are asked for.
   *  @param {any} value what the server has @param {string} page @param {Copy} copy
   *  @param {Mounted["trigger"]} trigger */
  takeUp(value, page, { words = {}, base = {} }, trigger) {
    const there = value.seen?.form ?? {};
    const other = Object.keys(words).filter((name) => words[name] !== there[name] && words[name] !== base[name]);
    if (!other.length) return;
    // No save of the fields takes them: they are kept when the server says so.
    this.unsaved = { now: words, base, n: Infinity };
    const lost = Object.fromEntries(other.map((name) => [name, words[name]]));
    if (value.by === page || other.every((name) => there[name] === base[name])) trigger("restore", { form: lost, step: true });
    else document.dispatchEvent(new CustomEvent("toile-unsaved-words", { detail: { mine: lost, theirs: pick(there) } }));
  }
}
