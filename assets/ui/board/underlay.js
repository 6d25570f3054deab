// What lies under the ink: a croquis, the flat of the described garment, or a photo. It is only
// looked at; the choice is kept in this browser, for each project.

import { el, url } from "../dom.js";
import { lasting, memory } from "../storage.js";

/** @type {{ kind: string, view: string, opacity: number, photo: string | null }} */
const USUAL = { kind: "croquis", view: "front", opacity: 0.3, photo: null };

/** @param {import("../board.js").Board} board */
export function underlay(board) {
  const { view } = board;
  const image = el("img.board-under", { alt: "", draggable: "false", hidden: true });
  /** @type {string | null} */
  let project = null;
  let garment = "";
  let now = { ...USUAL };

  const key = () => `toile-underlay-${project}`;

  /** @param {string} projectId */
  function open(projectId) {
    project = projectId;
    now = { ...USUAL };
    now = { ...now, ...memory(lasting, (storage) => JSON.parse(storage.getItem(key()) ?? "{}")) };
    // The server keeps it with the project, also one from before it did so.
    if (now.photo) board.trigger("underlay", { photo: now.photo });
    show();
  }

  /** @param {Partial<typeof USUAL>} next */
  function set(next) {
    now = { ...now, ...next };
    if (project) memory(lasting, (storage) => storage.setItem(key(), JSON.stringify(now)));
    show();
  }

  function address() {
    if (now.kind === "photo") return now.photo && url(`toile/ink/${now.photo}`);
    if (now.kind === "none") return null;
    return url(`toile/underlay/${now.kind}/${now.view}?${garment}`);
  }

  function show() {
    const from = garment || now.kind === "photo" ? address() : null;
    image.hidden = !from;
    if (from && image.src !== from) image.src = from;
    image.style.opacity = String(now.opacity);
    image.dataset.kind = now.kind;
    aim();
    board.viewbar?.show();
  }

  function aim() {
    const k = view.pixels;
    image.style.transform = `translate(${-view.x * k}px, ${-view.y * k}px) scale(${view.scale})`;
  }

  view.onChange(aim);
  return {
    image, open, set,
    /** @param {File} file */
    photo: (file) => board.hand(file, "underlay"),
    /** @param {string} photo */
    arrived: (photo) => { board.keep.say(""); set({ kind: "photo", photo }); },
    /** @param {string | undefined} query */
    garment: (query) => { garment = query ?? ""; show(); },
    get now() { return now; },
  };
}
