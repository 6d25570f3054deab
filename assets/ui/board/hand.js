// The hand on the canvas: one pointer draws or pans, two fingers pan and zoom and never draw.

import { SteadyLine } from "../ink.js";

/** Options: canvas, view, panning() -> bool, stroke(event) -> stroke without points,
 *  begin(stroke), grow(stroke), end(stroke), drop(). */
export function hand({ canvas, view, panning, stroke, begin, grow, end, drop }) {
  const fingers = new Map();
  /** @type {{ id: number, stroke: Stroke, line: SteadyLine } | null} */
  let live = null;
  /** @type {{ id: number, x: number, y: number } | null} */
  let pan = null;
  /** @type {{ x: number, y: number, far: number } | null} */
  let pinch = null;
  let penSeen = false;
  let waiting = 0;

  const box = () => canvas.getBoundingClientRect();

  function place(event) {
    const force = event.pointerType === "mouse" ? 1 : event.pressure || 0.5;
    return [...view.toBoard(event.clientX, event.clientY, box()), force];
  }

  function middle() {
    const [a, b] = [...fingers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, far: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "pen") penSeen = true;
    if (event.pointerType === "touch") {
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (fingers.size === 2) { // this was no stroke
        if (live) { live = null; drop(); }
        pan = null;
        pinch = middle();
        return;
      }
      if (fingers.size > 2 || pinch) return;
    }
    const draws = event.button === 0 || event.button === 5;
    if (!draws && event.button !== 1) return;
    if (live || pan) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    if (panning() || event.button === 1) {
      pan = { id: event.pointerId, x: event.clientX, y: event.clientY };
      return;
    }
    if (event.pointerType === "touch" && penSeen) return; // the palm beside the pen
    const fresh = stroke(event);
    if (!fresh) return;
    live = { id: event.pointerId, stroke: fresh, line: new SteadyLine(fresh, ...place(event)) };
    begin(fresh);
  });

  canvas.addEventListener("pointermove", (event) => {
    if (fingers.has(event.pointerId)) {
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    }
    if (pinch && fingers.size >= 2) {
      const now = middle();
      view.pan(now.x - pinch.x, now.y - pinch.y);
      view.zoom(now.far / (pinch.far || 1), ...view.toBoard(now.x, now.y, box()));
      pinch = now;
      return;
    }
    if (pan && event.pointerId === pan.id) {
      view.pan(event.clientX - pan.x, event.clientY - pan.y);
      pan = { ...pan, x: event.clientX, y: event.clientY };
      return;
    }
    if (!live || event.pointerId !== live.id) return;
    const parts = event.getCoalescedEvents?.() ?? [];
    for (const part of parts.length ? parts : [event]) live.line.add(...place(part));
    if (waiting) return;
    waiting = requestAnimationFrame(() => {
      waiting = 0;
      if (live) grow(live.stroke);
    });
  });

  function lift(event) {
    fingers.delete(event.pointerId);
    if (!fingers.size) pinch = null;
    if (pan?.id === event.pointerId) pan = null;
  }

  canvas.addEventListener("pointerup", (event) => {
    lift(event);
    if (!live || event.pointerId !== live.id) return;
    live.line.add(...place(event).slice(0, 2), live.line.at[2]);
    live.line.finish();
    const done = live.stroke;
    live = null;
    end(done);
  });

  canvas.addEventListener("pointercancel", (event) => {
    lift(event);
    if (live && event.pointerId === live.id) { live = null; drop(); }
  });

  canvas.addEventListener("contextmenu", (event) => {
    if (live || penSeen || fingers.size) event.preventDefault();
  });

  canvas.parentElement.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    view.zoom(
      Math.exp(-event.deltaY * 0.004), ...view.toBoard(event.clientX, event.clientY, box()),
    );
  }, { passive: false });
}
