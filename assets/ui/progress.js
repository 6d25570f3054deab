// What is being made and how to stop it, what waits behind it, what a crash left unfinished, or
// why nothing can be made now.

import { el, focusedIn, icon } from "./dom.js";
import { latestJob } from "./latest.js";

const PHASES = {
  waiting: "Waiting for its turn",
  preparing: "Preparing",
  load: "Reading the model",
  prepare: "Reading words and drawing",
  denoise: "Making",
  decode: "Developing",
  saving: "Saving",
  checking: "Checking what came out",
  cancelling: "Stopping after this step",
};

const KINDS = {
  vary: ["variation", "variations"],
  sheet: ["picture of a sheet", "pictures of a sheet"],
  colourways: ["colourway", "colourways"],
  retry: ["try", "tries"],
  fix: ["repair", "repairs"],
};

const PATIENCE = 5000;

/** "3 variants", "1 colourway". */
function amount(job) {
  const [one, many] = KINDS[job.kind] ?? ["variant", "variants"];
  return job.total === 1 ? `1 ${one}` : `${job.total} ${many}`;
}

/** What is left, as a person would say it. */
function duration(seconds) {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}

function said(job) {
  const parts = [PHASES[job.phase] ?? job.phase];
  if (job.phase === "denoise" && job.steps) parts[0] = `Step ${job.step} of ${job.steps}`;
  if (job.batches > 1 && job.phase !== "waiting") {
    parts.unshift(job.until_passed
      ? `Attempt ${job.batch} of at most ${job.batches}`
      : `${job.made} of ${job.total} made`);
  }
  if (job.phase === "denoise" && job.eta > 0) parts.push(duration(job.eta));
  return parts.join(" · ");
}

/** How much of a job is done, 0 to 100. */
function percent(job) {
  const here = job.steps ? job.step / job.steps : 0;
  const done = job.until_passed ? here : (job.batch - 1 + here) / job.batches;
  return Math.round(100 * Math.min(Math.max(done, 0), 1));
}

export function mount({ element, trigger, props, watch }) {
  const bar = el("i");
  const track = el("div", {
    class: "track", role: "progressbar", "aria-label": "Progress of the pictures",
    "aria-valuemin": "0", "aria-valuemax": "100",
  }, bar);
  const text = el("span", { class: "progress-text", "aria-hidden": "true" });
  const spoken = el("span", { class: "sr", role: "status" }); // phases, not every step
  const cancel = el("button", {
    type: "button", class: "quiet", id: "cancel", text: "Cancel", title: "Cancel (Esc)",
    on: { click: () => ask("cancel", running) },
  });
  const line = el("div", { class: "progress-line" }, text, spoken, cancel);
  const waiting = el("details", { class: "queue-waiting" });
  const broken = el("div", { class: "queue-broken" });
  const why = el("p", { class: "why", id: "why" });
  const root = element.querySelector(".progress-root");
  root.replaceChildren(broken, track, line, waiting, why);
  const latest = latestJob();
  const asked = new Set(); // "verb id": asked of the server, not yet answered
  /** @type {any} */
  let running = null;
  let listed = "";

  function ask(verb, job) {
    if (!job || asked.has(`${verb} ${job.id}`)) return;
    const key = `${verb} ${job.id}`;
    asked.add(key);
    trigger(verb, { id: job.id });
    draw();
    // Where the server could not do it, it has said why; then it can be asked again.
    setTimeout(() => { if (asked.delete(key)) draw(); }, PATIENCE);
  }

  function button(verb, label, job, kind = "quiet") {
    return el("button", {
      type: "button", class: kind, text: label, disabled: asked.has(`${verb} ${job.id}`),
      "aria-label": `${label}: ${amount(job)}${job.words ? `, ${job.words}` : ""}`,
      data: { verb, job: job.id }, on: { click: () => ask(verb, job) },
    });
  }

  function row(job, ...buttons) {
    return el("li", {},
      el("span", { class: "queue-name" },
        el("b", { text: amount(job) }),
        el("span", { text: job.words || "from the drawing", title: job.words || null })),
      ...buttons);
  }

  /** Rebuilt only when something in it has changed: the keyboard's place is kept. */
  function lists(queue) {
    const now = JSON.stringify([
      queue.waiting.map((j) => j.id), queue.interrupted.map((j) => [j.id, j.made]), [...asked],
    ]);
    if (now === listed) return;
    listed = now;
    const at = focusedIn(root)?.dataset.job;
    const open = waiting.open;
    const many = queue.waiting.length;
    waiting.hidden = many === 0;
    waiting.replaceChildren(
      el("summary", {}, icon("down"), el("span", { text: `${many} more waiting` })),
      el("ol", {}, ...queue.waiting.map((job) => row(job, button("cancel", "Cancel", job)))));
    waiting.open = open && many > 0;
    broken.hidden = queue.interrupted.length === 0;
    broken.replaceChildren(...queue.interrupted.map((job) => el("section", { class: "interrupted" },
      el("p", {},
        el("b", { text: job.made
          ? `Interrupted with ${job.made} of ${job.total} made`
          : "Interrupted before it was finished" }),
        el("span", { class: "queue-words",
          text: `${amount(job)}: ${job.words || "from the drawing"}` })),
      el("div", { class: "interrupted-verbs" },
        button("resume", "Resume", job, "strong"), button("dismiss", "Dismiss", job)))));
    if (at) root.querySelector(`[data-job="${CSS.escape(at)}"]`)?.focus();
  }

  function draw() {
    const queue = latest(props.queue ?? null) ?? { job: null, waiting: [], interrupted: [] };
    const job = queue.job;
    const active = job !== null && ["waiting", "running"].includes(job.state);
    const known = [job, ...queue.waiting, ...queue.interrupted].filter(Boolean);
    for (const key of asked) {
      const [verb, id] = key.split(" ");
      const still = known.find((j) => j.id === id);
      const expected = verb === "cancel" ? ["waiting", "running"] : ["interrupted"];
      if (!still || !expected.includes(still.state)) asked.delete(key);
    }
    running = active ? job : null;
    track.hidden = line.hidden = !active;
    root.dataset.state = job?.state ?? "idle";
    root.dataset.step = String(job?.step ?? 0);
    root.dataset.job = job?.id ?? "";
    root.dataset.waiting = String(queue.waiting.length);
    root.dataset.interrupted = String(queue.interrupted.length);
    lists(queue);
    why.textContent = props.why ?? "";
    why.hidden = !why.textContent;
    if (!active) return;
    cancel.disabled = asked.has(`cancel ${job.id}`) || job.phase === "cancelling";
    bar.style.width = `${percent(job)}%`;
    track.setAttribute("aria-valuenow", String(percent(job)));
    text.textContent = cancel.disabled ? PHASES.cancelling : said(job);
    const phase = `${amount(job)}: ${PHASES[cancel.disabled ? "cancelling" : job.phase] ?? job.phase}`;
    if (spoken.textContent !== phase) spoken.textContent = phase;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing
      && running && !cancel.disabled
      && !document.querySelector("dialog[open], .menu:not([hidden])")) cancel.click();
  });

  watch(["queue", "why"], draw);
  draw();
  root.dataset.ready = "1";
}
