// Pointers on the canvas: one draws, or does what its tool does; two fingers pan and zoom and never
// draw. While a pen draws, no finger counts; a pen takes over from the hand that came down first.

import { mayDraw, takesOver } from "../pen.js";

/** @param {import("../board.js").Board} board */
export function listen(board) {
  const { canvas, view, tools } = board;
  const hand = tools.all.hand;
  /** @type {Map<number, { x: number, y: number }>} */
  const fingers = new Map();
  /** @type {{ id: number, type: string, gesture: Gesture } | null} */
  let live = null;
  /** @type {{ x: number, y: number, far: number } | null} */
  let pinch = null;

  function middle() {
    const [a, b] = [...fingers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, far: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  /** Leave what is being done undone; whether there was something. */
  function drop() {
    const had = live !== null;
    live?.gesture.drop();
    live = null;
    return had;
  }

  /** Take the live gesture from its pointer.
   *  @param {PointerEvent} event */
  function release(event) {
    const mine = live?.id === event.pointerId ? live?.gesture : null;
    if (mine) live = null;
    fingers.delete(event.pointerId);
    if (!fingers.size) pinch = null;
    return mine;
  }

  canvas.addEventListener("pointerdown", (event) => {
    const draws = mayDraw(event);
    if (live && takesOver(event, live)) {
      drop();
      fingers.clear();
      pinch = null;
    }
    if (event.pointerType === "touch") {
      if (live?.type === "pen") return; // the palm beside the pen
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (fingers.size === 2) { // this was no stroke
        drop();
        pinch = middle();
        return;
      }
      if (fingers.size > 2 || pinch) return;
    }
    if (![0, 1, 5].includes(event.button) || live) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    const tool = event.button === 1 ? hand : tools.current;
    if (!draws && tool !== hand) return;
    const gesture = tool.down(event);
    if (gesture) live = { id: event.pointerId, type: event.pointerType, gesture };
  });

  canvas.addEventListener("pointermove", (event) => {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (pinch && fingers.size >= 2) {
      const now = middle();
      view.pan(now.x - pinch.x, now.y - pinch.y);
      view.zoom(now.far / (pinch.far || 1), ...board.place({ clientX: now.x, clientY: now.y }));
      pinch = now;
    } else if (live?.id === event.pointerId) live?.gesture.move(event);
  });

  canvas.addEventListener("pointerup", (event) => release(event)?.end(event));
  canvas.addEventListener("pointercancel", (event) => {
    // What a pen has drawn stays, whatever the browser takes its pointer for.
    const gesture = release(event);
    if (event.pointerType === "pen") gesture?.end(event);
    else gesture?.drop();
  });
  canvas.addEventListener("contextmenu", (event) => {
    if (live || fingers.size) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drop()) event.preventDefault();
  }, true);
  canvas.parentElement?.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    view.zoom(Math.exp(-event.deltaY * 0.004), ...board.place(event));
  }, { passive: false });
}
