// Keeping: what is on the board goes to the server soon after each change, until it answers.

const SAVE_AFTER = 400; // ms after the last change; the server needs some of the 1.5 s itself
const PATIENCE = 4000; // ms without an answer until the page says so and tries again

/** Options: drawing, props, trigger, status (its line), root.
 *  @param {{ drawing: import("./drawing.js").Drawing, props: Props, trigger: Mounted["trigger"], status: HTMLElement, root: HTMLElement }} options */
export function keeping({ drawing, props, trigger, status, root }) {
  let number = 0;
  let timer = 0;
  let patience = 0;

  /** @param {string} text */
  function say(text, warn = false) {
    status.textContent = text;
    status.classList.toggle("warn", warn);
  }

  /** Give Gradio the present state; every event of the page carries it. */
  function show() {
    props.value = drawing.value(number);
  }

  function commit() {
    number += 1;
    show();
    say("Saving…");
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER);
  }

  function save() {
    timer = 0;
    trigger("ink_changed", { n: number });
    clearTimeout(patience);
    patience = setTimeout(() => {
      say("Not saved yet, trying again. The drawing is safe on this page.", true);
      save();
    }, PATIENCE);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden && timer) {
      clearTimeout(timer);
      save();
    }
  });

  function acknowledged() {
    const answer = props.saved;
    if (!answer || answer.n !== number) return;
    clearTimeout(patience);
    say(answer.ok ? "Saved" : "Not saved", !answer.ok);
    root.dataset.saved = answer.ok ? String(number) : "";
  }

  /** @param {any} value */
  function loaded(value) {
    clearTimeout(timer);
    clearTimeout(patience);
    timer = 0;
    number = value?.n ?? 0;
    say("");
  }

  return { say, show, commit, acknowledged, loaded };
}
