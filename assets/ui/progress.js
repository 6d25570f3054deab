// What is being made and how to stop it, what waits behind it, what a crash left unfinished, or
// why nothing can be made now.

import { el, icon, rebuild } from "./dom.js";
import { isFree } from "./keyboard.js";
import { latestJob } from "./latest.js";
import { amount, clamp } from "./numbers.js";
import { live, Part } from "./part.js";
import { glanced } from "./pulse.js";

/** @type {Record<string, string>} */
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

/** @type {Record<string, string[]>} */
const KINDS = {
  vary: ["variation"],
  sheet: ["picture of a sheet", "pictures of a sheet"],
  colourways: ["colourway"],
  retry: ["try", "tries"],
  fix: ["repair"],
};

/** @type {Queue} */
const NONE = { job: null, waiting: [], interrupted: [] };
const PATIENCE = 5000;
const SURE = 3000; // ms in which Esc is pressed again to cancel
const ACTIVE = ["waiting", "running"];

/** "3 variants", "1 colourway".
 *  @param {{ kind: string, total: number }} job */
export function made({ kind, total }) {
  const [one, many] = KINDS[kind] ?? ["variant"];
  return amount(total, one, many);
}

/** What is left, as a person would say it.
 *  @param {number} seconds */
function left(seconds) {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}

/** "2 of 4 made · Step 3 of 20 · about 12 s left".
 *  @param {Job} job */
export function said(job) {
  const denoises = job.phase === "denoise";
  const parts = [denoises && job.steps ? `Step ${job.step} of ${job.steps}` : PHASES[job.phase] ?? job.phase];
  if (job.batches > 1 && job.phase !== "waiting") {
    parts.unshift(job.until_passed
      ? `Attempt ${job.batch} of at most ${job.batches}`
      : `${job.made} of ${job.total} made`);
  }
  if (denoises && job.eta > 0) parts.push(left(job.eta));
  return parts.join(" · ");
}

/** How much of a job is done, 0 to 100.
 *  @param {Job} job */
export function percent(job) {
  const here = job.steps ? job.step / job.steps : 0;
  const done = job.until_passed ? here : (job.batch - 1 + here) / job.batches;
  return Math.round(100 * clamp(done, 0, 1));
}

/** @param {Mounted} part */
export function mount(part) {
  const progress = new Progress(part);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isFree(event) && !document.querySelector(".menu:not([hidden])")) {
      progress.escape();
    }
  });
  live(part.watch, { queue: () => progress.see(part.props.queue ?? null), why: () => progress.draw() });
  glanced(({ queue }) => progress.see(queue));
}

class Progress extends Part {
  /** @param {Mounted} part */
  constructor(part) {
    super(part);
    this.latest = latestJob();
    /** @type {Queue} */
    this.queue = NONE;
    /** @type {Set<string>} */
    this.asked = new Set(); // "verb id": asked of the server, not yet answered
    /** @type {Job | null} */
    this.running = null;
    this.listed = "";
    this.sure = false; // whether Esc was pressed a moment ago
    this.timer = 0;
    this.bar = el("i");
    this.track = el("div.track", {
      role: "progressbar", "aria-label": "Progress of the pictures", "aria-valuemin": 0, "aria-valuemax": 100,
    }, this.bar);
    this.text = el("span.progress-text", { "aria-hidden": true });
    this.spoken = el("span.sr", { role: "status" }); // phases, not every step
    this.cancel = el("button.quiet", {
      id: "cancel", title: "Cancel (Esc, twice)", onclick: () => this.ask("cancel", this.running),
    }, "Cancel");
    this.line = el("div.progress-line", this.text, this.spoken, this.cancel);
    this.waiting = el("details.queue-waiting");
    this.broken = el("div.queue-broken");
    this.why = el("p.why", { id: "why" });
    this.root.replaceChildren(this.broken, this.track, this.line, this.waiting, this.why);
  }

  /** Esc lets go of whatever is held; only where it is pressed once more, pictures are cancelled. */
  escape() {
    if (!this.running || this.cancel.disabled) return;
    if (this.sure) this.cancel.click();
    this.sure = !this.sure;
    clearTimeout(this.timer);
    if (this.sure) this.timer = setTimeout(() => { this.sure = false; this.draw(); }, SURE);
    this.draw();
  }

  /** @param {string} verb @param {Job | null} job */
  ask(verb, job) {
    const key = `${verb} ${job?.id}`;
    if (!job || this.asked.has(key)) return;
    this.asked.add(key);
    this.trigger(verb, { id: job.id });
    this.draw();
    // Where the server could not do it, it has said why; then it can be asked again.
    setTimeout(() => { if (this.asked.delete(key)) this.draw(); }, PATIENCE);
  }

  /** Forget what was asked of jobs with which it is done.
   *  @param {Job[]} known */
  settle(known) {
    for (const key of this.asked) {
      const [verb, id] = key.split(" ");
      const still = known.find((job) => job.id === id);
      const expected = verb === "cancel" ? ACTIVE : ["interrupted"];
      if (!still || !expected.includes(still.state)) this.asked.delete(key);
    }
  }

  /** @param {string} verb @param {string} label @param {Job} job */
  button(verb, label, job, kind = "quiet") {
    return el(`button.${kind}`, {
      disabled: this.asked.has(`${verb} ${job.id}`),
      "aria-label": `${label}: ${made(job)}${job.words ? `, ${job.words}` : ""}`,
      data: { verb, job: job.id }, onclick: () => this.ask(verb, job),
    }, label);
  }

  /** Rebuilt only when something in it has changed: the keyboard's place is kept.
   *  @param {Queue} queue */
  lists({ waiting, interrupted }) {
    const now = JSON.stringify([
      waiting.map((j) => j.id), interrupted.map((j) => [j.id, j.made]), [...this.asked],
    ]);
    if (now === this.listed) return;
    this.listed = now;
    /** @param {Job} job */
    const words = (job) => job.words || "from the drawing";
    this.waiting.hidden = waiting.length === 0;
    if (this.waiting.hidden) this.waiting.open = false;
    rebuild(this.waiting, [
      el("summary", icon("down"), el("span", `${waiting.length} more waiting`)),
      el("ol", waiting.map((job) => el("li",
        el("span.queue-name", el("b", made(job)), el("span", { title: job.words || null }, words(job))),
        this.button("cancel", "Cancel", job)))),
    ], "job");
    this.broken.hidden = interrupted.length === 0;
    rebuild(this.broken, interrupted.map((job) => el("section.interrupted",
      el("p",
        el("b", job.made ? `Interrupted with ${job.made} of ${job.total} made` : "Interrupted before it was finished"),
        el("span.queue-words", `${made(job)}: ${words(job)}`)),
      el("div.interrupted-verbs",
        this.button("resume", "Resume", job, "strong"), this.button("dismiss", "Dismiss", job)))), "job");
  }

  /** @param {Queue | null} queue */
  see(queue) {
    this.queue = this.latest(queue) ?? NONE;
    this.draw();
  }

  draw() {
    const { queue } = this;
    const { job, waiting, interrupted } = queue;
    this.settle([...(job ? [job] : []), ...waiting, ...interrupted]);
    const running = job && ACTIVE.includes(job.state) ? job : null;
    this.running = running;
    this.track.hidden = this.line.hidden = !running;
    Object.assign(this.root.dataset, {
      state: job?.state ?? "idle", step: job?.step ?? 0, job: job?.id ?? "",
      waiting: waiting.length, interrupted: interrupted.length,
    });
    this.lists(queue);
    this.why.textContent = this.props.why ?? "";
    this.why.hidden = !this.why.textContent;
    if (!running) return;
    this.cancel.textContent = this.sure ? "Esc again cancels" : "Cancel";
    this.cancel.disabled = this.asked.has(`cancel ${running.id}`) || running.phase === "cancelling";
    this.bar.style.width = `${percent(running)}%`;
    this.track.setAttribute("aria-valuenow", String(percent(running)));
    this.text.textContent = this.cancel.disabled ? PHASES.cancelling : said(running);
    const phase = `${made(running)}: ${PHASES[this.cancel.disabled ? "cancelling" : running.phase] ?? running.phase}`;
    if (this.spoken.textContent !== phase) this.spoken.textContent = phase;
  }
}
