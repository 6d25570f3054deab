// Looks again and again how far the pictures are. That is asked of the server directly: an event of
// Gradio's moves every part of the page while its answer is awaited, and is sent only where something
// else has changed.

import { url } from "./dom.js";

const GLANCE = "toile-glance";
const PATIENCE = 20000; // ms; a connection may be dead without saying so

/** @param {Mounted} part */
export function mount({ props, trigger }) {
  const beat = async () => {
    const { project, shown } = props;
    if (project) {
      const seen = await glance(project, shown);
      if (!seen) return; // the page goes
      if (project !== props.project) seen.changed = true; // of a project that is left already
      if (!seen.changed) document.dispatchEvent(new CustomEvent(GLANCE, { detail: seen }));
      else trigger("tick", { shown: props.shown });
    }
    setTimeout(beat, 1000 * (props.every || 1));
  };
  beat();
}

/** @param {string} project @param {string} shown
 *  @returns {Promise<{ changed?: boolean, queue?: Queue, job?: Job | null } | null>} */
async function glance(project, shown) {
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(url(`toile/glance/${project}?shown=${shown}`), { signal });
    if (answer.ok) return await answer.json();
    if (answer.status === 401) {
      location.reload(); // to where one logs in again; what is not kept yet waits in the browser
      return null;
    }
  } catch {
    // The event that is sent instead tells what is the matter.
  }
  return { changed: true };
}

/** Hear of the pictures in the making, between the answers of events.
 *  @param {(seen: { queue: Queue, job: Job | null }) => void} heard */
export function glanced(heard) {
  document.addEventListener(GLANCE, (event) => heard(/** @type {CustomEvent} */ (event).detail));
}
