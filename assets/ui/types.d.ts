// The records of the page, for the type checker only: nothing here reaches a browser.

/** What `studio/page/browser.py` hands to a module's `mount`. */
interface Mounted {
  /** The element of the part, and the one in it that the module fills. */
  element: HTMLElement;
  root: HTMLElement;
  /** The properties that Python gave the part; assigned ones travel back with the next event. */
  props: Record<string, any>;
  trigger(event: string, details?: object): void;
  watch(names: string | string[], changed: () => void): void;
  upload(file: File): Promise<{ path: string }>;
}

// Elements

type Child = Node | string | number | null | undefined | false;
type Listeners = { [E in keyof HTMLElementEventMap as `on${E}`]?: (event: HTMLElementEventMap[E]) => unknown };
/** Attributes and listeners; an element's own event is known by its name. */
interface Props extends Listeners {
  [name: string]: any;
}
type Named<T extends string> = T extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[T] : HTMLElement;
/** The element that `el("button.quiet")` makes. */
type Made<S extends string> = S extends `${infer T}.${string}` ? Named<T> : Named<S>;

interface DocumentEventMap {
  "toile-project-back": CustomEvent<{ id: string }>;
  "toile-undo": CustomEvent<{ mark: string }>;
  "toile-words": CustomEvent<{ keep: boolean, theirs: Record<string, string> }>;
  "toile-unsaved-words": CustomEvent<{ mine: Record<string, string>, theirs: Record<string, string> }>;
  "toile-part": CustomEvent<{ id: string | null; from: "board" | "table" }>;
}

// The board

type Point = [number, number];
/** Centres of the first and the last of an even row. */
type Ends = [Point, Point];
/** Left, top, right, bottom, from 0 to 1 over the artboard. */
type Box = [number, number, number, number];

/** Places along both axes, from 0 to 1. */
interface Lines {
  x: number[];
  y: number[];
}

/** The lines that something that is moved has met. */
interface Guides {
  x: number | null;
  y: number | null;
}

/** One kind of component at one place, as `studio/garment/document.py` writes it. */
interface Group {
  id: string;
  kind: string;
  place: string;
  source: "prompt" | "user";
  locked: boolean;
  mirror: boolean;
  ends: Ends | null;
  boxes: Box[];
}

/** One line: the tool, its points as x, y, force one after the other, its width, mirrored or not. */
interface Stroke {
  /** Its name in the drawing. */
  id?: string;
  t: "pen" | "eraser";
  p: number[];
  w: number;
  m: 0 | 1;
}

/** What is on the board at one moment. Never changed, only replaced. */
interface Sheet {
  strokes: Stroke[];
  photo: string | null;
  parts: Group[] | null;
  /** Words and settings as the server has them; null before it has told. */
  form: Record<string, any> | null;
  /** The document of the references. */
  refs: string | null;
  /** The layers beside the one that is drawn on, and that one without its strokes. */
  rest: Rest;
}

interface Rest {
  front: Record<string, any>[];
  back: Record<string, any>[];
}

/** What turns one sheet into another: names with what they are to be, null for nothing, and where. */
interface Patch {
  strokes?: [string, Stroke | null, number][];
  photo?: [string | null];
  parts?: [string, Group | null, number][];
  form?: Record<string, any>;
  refs?: { from: string | null, to: string | null };
}

interface Step {
  back: Patch;
  mark?: string;
  /** Whether another page did what it goes back from. */
  theirs?: boolean;
}

/** What the server does not have yet, as a browser keeps it. */
interface Copy {
  v: number;
  at: number;
  n: number;
  patch: Patch;
  words?: Record<string, string>;
  base?: Record<string, any>;
}

type ToolName = "pen" | "eraser" | "parts" | "hand";

/** What a pointer does from its press to its release. */
interface Gesture {
  move(event: PointerEvent): void;
  end(event: PointerEvent): void;
  /** It was none: a second finger came, or the system took the pointer away. */
  drop(): void;
}

/** A tool is a state of the board: what it shows and does while it is chosen. */
interface Tool {
  readonly cursor: string;
  /** Null leaves the pointer alone. */
  down(event: PointerEvent): Gesture | null;
}

// Pictures, as `studio/desk/views.py` tells of them

/** What was read out of the words. */
interface Reading {
  garment?: string[];
  /** chip -> the prompt's own words, where these say more than it */
  said?: Record<string, string>;
  found?: string[];
  scene?: string[];
  problems?: string[];
  unplaced?: string[];
  /** Sentences about words that nothing in the picture comes from. */
  told?: string[];
}

interface Check {
  kind: "count" | "place" | "word" | "sketch" | "photo";
  what: string;
  asked: number | string;
  seen: number | string;
  passed: boolean;
  /** Of a count: whether nothing speaks for another number. */
  sure?: boolean;
  /** Of a colour as in the photo: CIEDE2000. */
  difference?: number;
  component?: string;
  /** Where components are seen, of a count. */
  boxes?: Box[];
  /** Where they were asked for and whether they are there, of places. */
  spots?: { box: Box; kept: boolean }[];
}

/** What differs between two pictures in one respect. */
interface Change {
  what: string;
  from: string;
  to: string;
}

interface Picture {
  id: string;
  prompt: string;
  seed: number;
  seconds: number;
  width: number;
  height: number;
  starred: boolean;
  trashed: boolean;
  created: number;
  checks: Check[];
  passed: boolean;
  note: string | null;
  parent: string | null;
  parentSeed: number | null;
  changes: Change[];
  short: string;
  job: string | null;
  kind: string;
  index: number | null;
  together: number;
  label: string;
  guided: boolean;
  swatch: { name: string; hex: string } | null;
  /** Stored inks by their hashes: what was drawn, or the usual shape that stood in for it. */
  ink: string | null;
  usual: string | null;
  placed: { kind: string; box: Box }[];
  file: string;
  small: boolean;
  settings: {
    st: number;
    sg: number | null;
    method: string | null;
    sketch: number | null;
    steps: number;
    sampler: string;
  };
  /** What was told when it was looked at. */
  look?: { against: Picture | null; before: Picture[]; after: Picture[] };
}

type Act = (verb: string, item: { id: string }, extra?: object) => void;

/** A picture of a tree, by whom it was made from. */
interface FamilyNode {
  id: string;
  parent: string | null;
  what: string;
  card: Picture;
}

/** Where each node of a tree stands. */
type Placed = Map<string, { column: number; y: number }>;

/** What is told of a job, as `studio/desk/jobs.py` has it. */
interface Job {
  id: string;
  kind: string;
  state: string;
  phase: string;
  words: string;
  count: number;
  total: number;
  made: number;
  batch: number;
  batches: number;
  step: number;
  steps: number;
  eta: number;
  until_passed: boolean;
  previews: number;
  version: number;
}

interface Queue {
  job: Job | null;
  waiting: Job[];
  interrupted: Job[];
}

// Comparing

interface ComparedPicture extends Picture {
  letter: string;
}

/** A setting, a component or a check of all compared pictures. */
interface Row {
  what: string;
  group: string;
  cells: string[];
  tones: ("good" | "bad" | "")[];
  differs: boolean;
}

interface Scene {
  project?: string;
  items: ComparedPicture[];
  rows: Row[];
  mode: string;
  text: string;
  n: number;
  asked?: number | null;
}

interface Entry {
  letter: string;
  seed: number;
  votes: number;
  variant: string | null;
  sha: string;
  leads: boolean;
  share: number;
  low: number;
  high: number;
}

interface Ballot {
  id: string;
  token: string;
  question: string;
  closed: boolean;
  voters: number;
  entries: Entry[];
  verdict: string;
  names: { name: string; letter: string }[];
  unnamed: number;
}

// The table of components, as `studio/desk/parts_table.py` has it

interface TableRow {
  id: string;
  noun: string;
  point: boolean;
  even: boolean;
  place: string;
  where: string;
  places: string[];
  count: number;
  most: number;
  step: number;
  mirror: boolean;
  canMirror: boolean;
  locked: boolean;
}

interface Addable {
  kind: string;
  places: { place: string; mirror: boolean; label: string }[];
}

// References

/** "person", or the kind of a control that has a tile. */
type Role = string;
type Joint = number[] | null;

/** What never changes of a tile, see `studio/tile.py`. */
interface Tile {
  role: Role;
  title: string;
  about: string;
  drawn: string;
  photo: string;
  stronger: string;
  stops: Record<string, number>;
}

/** Bones as pairs of joints, and the names of joints. */
interface Figure {
  bones: [number, number][];
  names: string[];
}

interface Style {
  sha256: string;
  name: string;
  strength: number;
}

/** A project in the trash. */
interface Thrown {
  id: string;
  name: string;
  deleted: number;
}

interface Project {
  id: string;
  name: string;
  cover: string | null;
  pictures: number;
  updated: number;
}
