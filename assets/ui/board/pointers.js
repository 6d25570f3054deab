// Pointers on the canvas: one draws, or does what its tool does; two fingers pan and zoom and never
// draw.

/** @param {import("../board.js").Board} board */
export function listen(board) {
  const { canvas, view, tools } = board;
  const hand = tools.all.hand;
  /** @type {Map<number, { x: number, y: number }>} */
  const fingers = new Map();
  /** @type {{ id: number, gesture: Gesture } | null} */
  let live = null;
  /** @type {{ x: number, y: number, far: number } | null} */
  let pinch = null;
  let penSeen = false;

  function middle() {
    const [a, b] = [...fingers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, far: Math.hypot(a.x - b.x, a.y - b.y) };
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
    if (event.pointerType === "pen") penSeen = true;
    if (event.pointerType === "touch") {
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (fingers.size === 2) { // this was no stroke
        live?.gesture.drop();
        live = null;
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
    if (event.pointerType === "touch" && penSeen && tool !== hand) return; // the palm beside the pen
    const gesture = tool.down(event);
    if (gesture) live = { id: event.pointerId, gesture };
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
  canvas.addEventListener("pointercancel", (event) => release(event)?.drop());
  canvas.addEventListener("contextmenu", (event) => {
    if (live || penSeen || fingers.size) event.preventDefault();
  });
  canvas.parentElement?.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    view.zoom(Math.exp(-event.deltaY * 0.004), ...board.place(event));
  }, { passive: false });
}
