// Numbers, kept within bounds; and numbers and words as a person writes them.

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** “1 picture”, “3 pictures”.
 *  @param {number} n @param {string} one @param {string} many */
export const amount = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** “48 % across, 41 % down”: a place that runs from 0 to 1.
 *  @param {Point} place */
export const where = ([x, y]) => `${Math.round(x * 100)} % across, ${Math.round(y * 100)} % down`;

/** With a capital letter at its beginning.
 *  @param {string | null | undefined} text */
export const capital = (text) => (text ? text[0].toUpperCase() + text.slice(1) : "");
