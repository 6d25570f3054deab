// What was read out of the words: the garment, its components, and what could not be done; the words
// from before; and which words are to stand where another window wrote as well.

import { el } from "./dom.js";
import { menuButton } from "./menu.js";
import { live } from "./part.js";
import { ago } from "./shelf.js";

const LONGEST = 70; // characters of earlier words in the list

/**
 * A word of the vocabulary, and what the prompt says where that says more.
 * @param {string} word
 * @param {string} [said]
 */
function chip(word, said) {
  if (!said) return el("span.chip", word);
  return el("span.chip", word, " ", el("span.said", { title: `Read as “${word}”` }, `from ${said}`));
}

/** @param {Mounted} part */
export function mount({ root, props, watch, trigger }) {
  const lines = el("div.reading-lines");
  const question = el("div.reading-asked", { role: "alert" });
  const said = el("q");
  const menu = menuButton("history", "Earlier words", () => {
    /** @type {{ prompt: string, changed: number }[]} */
    const items = props.earlier?.items ?? [];
    const entries = items.map(({ prompt, changed }) => ({
      text: `${prompt.length > LONGEST ? `${prompt.slice(0, LONGEST)}…` : prompt} (${ago(changed)})`,
      run: () => answer(false, { prompt }),
    }));
    return entries.length ? entries : [{ text: "Nothing was written before.", run() {} }];
  });
  // The list is asked for when the button is reached, so that it is there when it is pressed.
  for (const event of ["pointerenter", "focusin"]) menu.addEventListener(event, () => trigger("wordings"));
  root.replaceChildren(lines, question, menu);

  /** @param {boolean} keep @param {Record<string, string>} theirs */
  function answer(keep, theirs) {
    question.replaceChildren();
    document.dispatchEvent(new CustomEvent("toile-words", { detail: { keep, theirs } }));
  }

  /** Two windows wrote: which words are to stand? What the other one writes on is shown at once.
   *  @param {Record<string, string>} theirs */
  function ask(theirs) {
    said.textContent = theirs.prompt ?? theirs.negative;
    if (said.isConnected) return;
    question.replaceChildren(el("div.asked-words",
      el("p", "This project was changed in another window, which says: ", said),
      el("button.quiet", { onclick: () => answer(true, props.asked) }, "Keep these words"),
      el("button.quiet", { onclick: () => answer(false, props.asked) }, "Take theirs")));
  }

  /** Words of an earlier page that were never kept, beside others that were.
   *  @param {Record<string, string>} mine */
  function offer(mine) {
    question.replaceChildren(el("div.asked-words",
      el("p", "These words were not saved when the page closed, and others were written since: ",
        el("q", mine.prompt ?? mine.negative)),
      el("button.quiet", { onclick: () => answer(false, mine) }, "Take them"),
      el("button.quiet", { onclick: () => answer(true, {}) }, "Leave them")));
  }

  function draw() {
    /** @type {Reading} */
    const { garment = [], said: from = {}, found = [], scene = [], problems = [], told: quiet = [] } =
      props.value ?? {};
    const told = problems.map((problem) => el("p.problem", problem));
    if (garment.length || found.length || scene.length) {
      told.unshift(el("p.found", garment.map((word) => chip(word, from[word])),
        found.map((word) => el("span.chip.count", word)), scene.map((word) => chip(word))));
    }
    told.push(...quiet.map((sentence) => el("p.muted", sentence)));
    lines.replaceChildren(...told);
  }

  document.addEventListener("toile-unsaved-words", ({ detail }) => offer(detail.mine));
  live(watch, {
    value: draw,
    asked: () => { if (props.asked) ask(props.asked); else question.replaceChildren(); },
    project: () => { if (props.project) trigger("wordings"); },
  });
}
