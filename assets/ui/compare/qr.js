// A QR code (ISO/IEC 18004) of a short address, so that a class can come by phone: bytes, error
// correction M, versions 1 to 10.

import { el, svg } from "../dom.js";

/** Version -> check bytes of a block, then the data bytes of each block. */
const BLOCKS = [
  null, [10, 16], [16, 28], [26, 44], [18, 32, 32], [24, 43, 43], [16, 27, 27, 27, 27],
  [18, 31, 31, 31, 31], [22, 38, 38, 39, 39], [22, 36, 36, 36, 37, 37], [26, 43, 43, 43, 43, 44],
];

/** Version -> where its alignment marks stand. */
const MARKS = [
  null, [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46],
  [6, 28, 50],
];

const MASKS = [
  (x, y) => (x + y) % 2 === 0, (x, y) => y % 2 === 0, (x) => x % 3 === 0, (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0, (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

const QUIET = 4; // modules of white around it

/** The code as a picture, or null where the text is too long for it. */
export function qrPicture(text, label) {
  const rows = qr(text);
  if (!rows) return null;
  const side = rows.length + 2 * QUIET;
  const path = rows.flatMap((row, y) => row.map((dark, x) => (
    dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : ""))).join("");
  return el("div", { class: "qr", role: "img", "aria-label": label },
    svg("svg", { viewBox: `0 0 ${side} ${side}`, "shape-rendering": "crispEdges" },
      svg("path", { d: path })));
}

/** Rows of modules, true where dark; null where the text is too long. */
export function qr(text) {
  const bytes = [...new TextEncoder().encode(text)];
  const room = (v) => BLOCKS[v].slice(1).reduce((sum, n) => sum + n, 0) - (v > 9 ? 3 : 2);
  const version = BLOCKS.findIndex((block, v) => block && room(v) >= bytes.length);
  if (version < 0) return null;
  const words = withChecks(data(bytes, version), version);
  /** @type {any} */
  let best = null;
  MASKS.forEach((mask, number) => {
    const rows = drawn(words, version, mask, number);
    const bad = penalty(rows);
    if (!best || bad < best.bad) best = { rows, bad };
  });
  return best.rows;
}

/** Mode, length, bytes and filling, as bytes. */
function data(bytes, version) {
  const total = BLOCKS[version].slice(1).reduce((sum, n) => sum + n, 0);
  const bits = [];
  const put = (value, count) => { for (let i = count - 1; i >= 0; i -= 1) bits.push((value >> i) & 1); };
  put(4, 4);
  put(bytes.length, version > 9 ? 16 : 8);
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, total * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  const words = [];
  for (let i = 0; i < bits.length; i += 8) words.push(parseInt(bits.slice(i, i + 8).join(""), 2));
  for (let i = 0; words.length < total; i += 1) words.push(i % 2 ? 17 : 236);
  return words;
}

// Reed-Solomon over GF(256) with x^8 + x^4 + x^3 + x^2 + 1

const EXP = [];
const LOG = [];
for (let i = 0, value = 1; i < 255; i += 1) {
  EXP[i] = value;
  LOG[value] = i;
  value = value < 128 ? value * 2 : (value * 2) ^ 285;
}

function times(a, b) {
  return a && b ? EXP[(LOG[a] + LOG[b]) % 255] : 0;
}

function checks(block, count) {
  let generator = [1];
  for (let i = 0; i < count; i += 1) {
    const next = [...generator, 0];
    generator.forEach((factor, at) => { next[at + 1] ^= times(factor, EXP[i]); });
    generator = next;
  }
  const rest = [...block, ...Array(count).fill(0)];
  block.forEach((_, at) => {
    const factor = rest[at];
    generator.forEach((g, i) => { rest[at + i] ^= times(g, factor); });
  });
  return rest.slice(block.length);
}

/** Blocks and their check bytes, taken in turns. */
function withChecks(words, version) {
  const [count, ...sizes] = BLOCKS[version];
  let from = 0;
  const blocks = sizes.map((size) => words.slice(from, from += size));
  const checked = blocks.map((block) => checks(block, count));
  const turns = (lists) => Array.from({ length: Math.max(...lists.map((l) => l.length)) },
    (_, i) => lists.map((list) => list[i]).filter((word) => word !== undefined)).flat();
  return [...turns(blocks), ...turns(checked)];
}

function drawn(words, version, mask, number) {
  const size = 17 + 4 * version;
  const rows = Array.from({ length: size }, () => Array(size).fill(null));
  const set = (x, y, dark) => { if (rows[y]?.[x] !== undefined) rows[y][x] = Boolean(dark); };

  // The three corners, with a white border each
  for (const [left, top] of [[0, 0], [size - 7, 0], [0, size - 7]]) {
    for (let y = -1; y <= 7; y += 1) {
      for (let x = -1; x <= 7; x += 1) {
        const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3));
        set(left + x, top + y, ring !== 2 && ring !== 4);
      }
    }
  }
  // Alignment marks, save where a corner is
  for (const cy of MARKS[version]) {
    for (const cx of MARKS[version]) {
      if (rows[cy][cx] !== null) continue;
      for (let y = -2; y <= 2; y += 1) {
        for (let x = -2; x <= 2; x += 1) set(cx + x, cy + y, Math.max(Math.abs(x), Math.abs(y)) !== 1);
      }
    }
  }
  // Timing
  for (let i = 8; i < size - 8; i += 1) {
    set(i, 6, i % 2 === 0);
    set(6, i, i % 2 === 0);
  }
  // Format: level M is 00, then the mask's number
  const format = ((number << 10) | remainder(number << 10, 0x537)) ^ 0x5412;
  for (let i = 0; i < 15; i += 1) {
    const dark = (format >> i) & 1;
    if (i < 6) set(8, i, dark);
    else if (i < 8) set(8, i + 1, dark);
    else if (i < 9) set(7, 8, dark);
    else set(14 - i, 8, dark);
    if (i < 8) set(size - 1 - i, 8, dark);
    else set(8, size - 15 + i, dark);
  }
  set(8, size - 8, true);
  if (version > 6) {
    const told = (version << 12) | remainder(version << 12, 0x1f25);
    for (let i = 0; i < 18; i += 1) {
      const [near, far] = [Math.floor(i / 3), size - 11 + (i % 3)];
      set(near, far, (told >> i) & 1);
      set(far, near, (told >> i) & 1);
    }
  }
  // The words, in columns of two from the right, up and down in turns
  let at = 0;
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (rows[y][x] !== null) continue;
        const bit = at < words.length * 8 && (words[at >> 3] >> (7 - (at % 8))) & 1;
        rows[y][x] = Boolean(bit) !== mask(x, y);
        at += 1;
      }
    }
  }
  return rows;
}

/** Remainder of a polynomial over GF(2). */
function remainder(value, generator) {
  const bits = (n) => 32 - Math.clz32(n);
  let rest = value;
  while (bits(rest) >= bits(generator)) rest ^= generator << (bits(rest) - bits(generator));
  return rest;
}

/** What looks like the middle of a corner, and leads a reader astray. */
const CORNERS = ["10111010000", "00001011101"];

/** How hard a pattern is to read: long runs, false corners, blocks of one colour, more dark than
 *  light. */
function penalty(rows) {
  const size = rows.length;
  let bad = 0;
  const runs = (get) => {
    for (let a = 0; a < size; a += 1) {
      for (let b = 1, length = 1; b <= size; b += 1) {
        if (b < size && get(a, b) === get(a, b - 1)) length += 1;
        else {
          if (length > 4) bad += length - 2;
          length = 1;
        }
      }
    }
  };
  runs((a, b) => rows[a][b]);
  runs((a, b) => rows[b][a]);
  for (let a = 0; a < size; a += 1) {
    const lines = [rows[a], rows.map((row) => row[a])];
    for (const line of lines.map((l) => l.map(Number).join(""))) {
      for (let at = 0; at + 11 <= size; at += 1) {
        if (CORNERS.includes(line.slice(at, at + 11))) bad += 40;
      }
    }
  }
  for (let y = 1; y < size; y += 1) {
    for (let x = 1; x < size; x += 1) {
      const dark = rows[y][x];
      if (dark === rows[y - 1][x] && dark === rows[y][x - 1] && dark === rows[y - 1][x - 1]) bad += 3;
    }
  }
  const share = rows.flat().filter(Boolean).length / size ** 2;
  return bad + Math.floor(Math.abs(share - 0.5) * 20) * 10;
}
