// How far the pictures are, how to stop them, or why none can be made now.

import { el } from "./dom.js";
import { latestJob } from "./latest.js";

const PHASES = {
  waiting: "Waiting for another batch",
  preparing: "Preparing",
  load: "Reading the model",
  prepare: "Reading words and drawing",
  decode: "Developing",
  saving: "Saving",
  checking: "Checking what came out",
  cancelling: "Stopping after this step",
};

export function mount({ element, trigger, props, watch }) {
  const bar = el("i");
  const track = el("div", {
    class: "track", role: "progressbar", "aria-label": "Progress of the pictures",
    "aria-valuemin": "0", "aria-valuemax": "100",
  }, bar);
  const text = el("span", { class: "progress-text", role: "status" });
  const cancel = el("button", {
    type: "button", class: "quiet", id: "cancel", text: "Cancel", title: "Cancel (Esc)",
    on: { click: () => { cancel.disabled = true; trigger("cancel"); } },
  });
  const line = el("div", { class: "progress-line" }, text, cancel);
  const why = el("p", { class: "why", id: "why" });
  const root = element.querySelector(".progress-root");
  root.replaceChildren(track, line, why);
  let shown = null;
  const latest = latestJob();

  function draw() {
    const job = latest(props.job ?? null);
    const active = job !== null && ["waiting", "running"].includes(job.state);
    track.hidden = line.hidden = !active;
    root.dataset.state = job?.state ?? "idle";
    root.dataset.step = String(job?.step ?? 0);
    why.textContent = active ? "" : props.why ?? "";
    why.hidden = !why.textContent;
    if (!active) return;
    if (shown !== job.id) { shown = job.id; cancel.disabled = false; }
    if (job.phase === "cancelling") cancel.disabled = true;
    const done = job.steps ? Math.round((100 * job.step) / job.steps) : 0;
    bar.style.width = `${done}%`;
    track.setAttribute("aria-valuenow", String(done));
    const parts = [PHASES[job.phase] ?? job.phase];
    if (job.phase === "denoise") {
      parts[0] = `Step ${job.step} of ${job.steps}`;
      if (job.eta > 0) parts.push(`about ${Math.max(1, Math.round(job.eta))} s left`);
    }
    text.textContent = parts.join(" · ");
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !line.hidden && !cancel.disabled
      && !document.querySelector("dialog[open]")) cancel.click();
  });

  watch(["job", "why"], draw);
  draw();
  root.dataset.ready = "1";
}
