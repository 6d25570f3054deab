// A voter's page: the question, the pictures in this voter's order, one choice.

import { dialog, el, svg } from "../dom.js";
import { clamp } from "../numbers.js";

/** @typedef {{ question: string, count: number, closed: boolean, chosen: number | null, name: string }} Vote */

const main = /** @type {HTMLElement} */ (document.querySelector("#vote"));
const here = location.pathname.replace(/\/+$/, "");
const OFFLINE = "The vote cannot be reached: check your connection, then try again.";

/** Ask the server; throws an Error whose text is for the voter.
 *  @param {string} path */
async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(`${here}/${path}`, { credentials: "same-origin", ...options });
  } catch {
    throw new Error(OFFLINE);
  }
  const body = await answer.json().catch(() => ({ problem: OFFLINE }));
  if (!answer.ok) throw new Error(body.problem ?? OFFLINE);
  return body;
}

/** The pictures with their choices, and a way to look closer at each.
 *  @param {Vote} ballot @param {HTMLInputElement[]} inputs @param {{ open(slot: number): void }} closer */
function pictures(ballot, inputs, closer) {
  return el("fieldset.pictures", { "data-count": ballot.count, "data-many": String(ballot.count > 3) },
    el("legend.sr", "Choose one picture"),
    inputs.map((input, slot) => el("div.choice",
      el("label", input,
        el("img", { src: `${here}/picture/${slot}`, alt: `Picture ${slot + 1}`, draggable: "false" }),
        el("span.caption", el("span.mark", { "aria-hidden": true }, "✓"),
          el("span", { "aria-hidden": true }, slot + 1))),
      el("button.closer", {
        title: "Look closer", "aria-label": `Look closer at picture ${slot + 1}`,
        onclick: () => closer.open(slot),
      }, svg("svg", { viewBox: "0 0 20 20", "aria-hidden": true },
        svg("path", { d: "M12 3h5v5M17 3l-6 6M8 17H3v-5M3 17l6-6" }))))));
}

/** @param {Vote} ballot */
function show(ballot) {
  const { closed, question } = ballot;
  let { chosen: sent, name: sentName } = ballot;
  document.title = question;
  const inputs = Array.from({ length: ballot.count }, (_, slot) => el("input", {
    type: "radio", name: "choice", value: slot, "aria-label": `Picture ${slot + 1}`,
    checked: slot === sent, disabled: closed, onchange: changed,
  }));
  const closer = lookCloser(ballot, inputs);
  const name = el("input", {
    type: "text", maxlength: 60, placeholder: "Your name (optional)", autocomplete: "name",
    "aria-label": "Your name, optional", disabled: closed, value: sentName, oninput: changed,
  });
  const said = el("p.said", { role: "status" });
  const send = el("button.send", { type: "submit" }, "Vote");
  const form = el("form", { onsubmit: vote }, el("label", name), send);

  const chosen = () => inputs.findIndex((input) => input.checked);

  /** @param {string} text */
  function say(text, tone = "") {
    said.textContent = text;
    said.className = `said ${tone}`;
  }

  function changed() {
    const at = chosen();
    const same = at === sent && name.value.trim() === sentName;
    send.textContent = sent === null ? "Vote" : "Change vote";
    send.disabled = closed || at < 0 || same;
    if (closed) say("The vote is closed. Thank you.");
    else if (at < 0) say("Choose the picture that you like best.");
    else if (same) say("Thank you, your vote is counted. You can change it until the vote closes.", "good");
    else say(`Picture ${at + 1} is chosen.`);
  }

  /** @param {Event} event */
  async function vote(event) {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    try {
      ({ chosen: sent, name: sentName } = await ask("vote", {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ slot: chosen(), name: name.value }),
      }));
      name.value = sentName;
      changed();
    } catch (error) {
      changed();
      say(error.message, "bad");
    }
  }

  changed();
  main.replaceChildren(
    el("h1", question),
    el("p.hint", "Tap the picture that you like best. Everyone sees them in another order."),
    pictures(ballot, inputs, closer), closer.dialog, el("div.foot", said, form));
}

/** One picture, large, with the way to the next.
 *  @param {Vote} ballot @param {HTMLInputElement[]} inputs */
function lookCloser({ count, closed }, inputs) {
  let at = 0;
  const image = el("img", { alt: "" });
  const title = el("span", { role: "status" });
  const back = el("button", { "aria-label": "Previous picture", onclick: () => go(-1) }, "‹");
  const on = el("button", { "aria-label": "Next picture", onclick: () => go(1) }, "›");
  const pick = el("button.pick", { disabled: closed, onclick: () => { inputs[at].click(); node.close(); } }, "Choose");
  const node = dialog("", {
    "aria-label": "Picture",
    onkeydown: (event) => {
      if (event.key === "ArrowLeft") go(-1);
      if (event.key === "ArrowRight") go(1);
    },
  }, image, el("div.closer-bar", title, back, on, pick, el("button", { onclick: () => node.close() }, "Close")));

  /** @param {number} step */
  function go(step) {
    at = clamp(at + step, 0, count - 1);
    image.src = `${here}/picture/${at}`;
    image.alt = `Picture ${at + 1}`;
    title.textContent = `${at + 1} of ${count}`;
    back.disabled = at === 0;
    on.disabled = at === count - 1;
  }

  return { dialog: node, open(/** @type {number} */ slot) { at = slot; go(0); node.showModal(); } };
}

try {
  show(await ask("ballot"));
} catch (error) {
  main.replaceChildren(el("p.problem", { role: "alert" }, error.message));
}
main.removeAttribute("aria-busy");
main.dataset.ready = "1";
