// The component document in the browser: the same geometry as studio/garment/document.py checks.

const ROWS = ["button", "pleat"];
const POINTS = ["button"];
const PLURALS = { patch: "patches" };
export const LEAST = 0.008; // the smallest side of a box

export const isRow = (group) => ROWS.includes(group.kind);
export const isPoint = (group) => POINTS.includes(group.kind);
export const noun = (kind, count) => (count === 1 ? kind : PLURALS[kind] ?? `${kind}s`);

export function readParts(text) {
  return text ? JSON.parse(text).groups : null;
}

export function writeParts(groups) {
  return JSON.stringify({ v: 1, groups });
}

export const centre = ([l, t, r, b]) => [(l + r) / 2, (t + b) / 2];
export const mirrored = ([l, t, r, b]) => [1 - r, t, 1 - l, b];
export const count = (group) => group.boxes.length * (group.mirror ? 2 : 1);

/** “5 buttons”, “2 pockets”. */
export const counted = (group) => `${count(group)} ${noun(group.kind, count(group))}`;

const round = (value) => Math.round(Math.min(Math.max(value, 0), 1) * 1e5) / 1e5;

export function movedTo([l, t, r, b], x, y) {
  const [w, h] = [r - l, b - t];
  const left = Math.min(Math.max(x - w / 2, 0), 1 - w);
  const top = Math.min(Math.max(y - h / 2, 0), 1 - h);
  return [left, top, left + w, top + h].map(round);
}

/** `n` boxes of the size of one, evenly between two ends. */
export function row([[x0, y0], [x1, y1]], n, size) {
  return Array.from({ length: n }, (_, i) => {
    const t = n > 1 ? i / (n - 1) : 0.5;
    return movedTo(size, x0 + (x1 - x0) * t, y0 + (y1 - y0) * t);
  });
}

/** A group with other ends, its members spaced anew. */
export function withEnds(group, ends) {
  const kept = ends.map(([x, y]) => [round(x), round(y)]);
  return {
    ...group, source: "user", ends: kept,
    boxes: group.boxes.length ? row(kept, group.boxes.length, group.boxes[0]) : [],
  };
}

/** A group with one member's centre elsewhere: the first and the last of an even row are its
 *  ends, one between them leaves the row. */
export function withCentre(group, index, x, y) {
  const last = group.boxes.length - 1;
  if (group.ends && last > 0 && (index === 0 || index === last)) {
    const ends = [...group.ends];
    ends[index === 0 ? 0 : 1] = centre(movedTo(group.boxes[index], x, y));
    return withEnds(group, ends);
  }
  if (group.ends && last === 0) {
    const [was] = group.boxes.map(centre);
    return shifted(group, x - was[0], y - was[1]);
  }
  const boxes = group.boxes.map((box, i) => (i === index ? movedTo(box, x, y) : box));
  return { ...group, source: "user", ends: null, boxes };
}

export function withBox(group, index, box) {
  const boxes = group.boxes.map((old, i) => (i === index ? box.map(round) : old));
  return { ...group, source: "user", ends: null, boxes };
}

/** The whole group elsewhere, as far as all of it stays on the artboard. */
export function shifted(group, dx, dy) {
  const bounds = [
    Math.min(...group.boxes.map((b) => b[0])), Math.min(...group.boxes.map((b) => b[1])),
    Math.max(...group.boxes.map((b) => b[2])), Math.max(...group.boxes.map((b) => b[3])),
  ];
  const mx = Math.min(Math.max(dx, -bounds[0]), 1 - bounds[2]);
  const my = Math.min(Math.max(dy, -bounds[1]), 1 - bounds[3]);
  const ends = group.ends?.map(([x, y]) => [round(x + mx), round(y + my)]) ?? null;
  const boxes = group.boxes.map(([l, t, r, b]) => [l + mx, t + my, r + mx, b + my].map(round));
  const moved = { ...group, source: "user", ends, boxes };
  return ends ? withEnds(moved, ends) : moved;
}

/** What a screen reader is told: “button 3 of 5, 48 % across, 41 % down”. */
export function spoken(group, index) {
  const [x, y] = centre(group.boxes[index]);
  const n = group.boxes.length;
  const which = n > 1 ? `${group.kind} ${index + 1} of ${n}` : `${group.kind}, ${group.place}`;
  const where = `${Math.round(x * 100)} % across, ${Math.round(y * 100)} % down`;
  return `${which}, ${where}${group.locked ? ", locked" : ""}`;
}
