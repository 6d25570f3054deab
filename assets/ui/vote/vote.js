// A voter's page: the question, the pictures in this voter's order, one choice.

import { el, svg } from "../dom.js";

const main = /** @type {HTMLElement} */ (document.querySelector("#vote"));
const here = location.pathname.replace(/\/+$/, "");
const OFFLINE = "The vote cannot be reached: check your connection, then try again.";

/** Ask the server; throws an Error whose text is for the voter. */
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

function show(ballot) {
  let sent = ballot.chosen;
  document.title = ballot.question;
  const inputs = Array.from({ length: ballot.count }, (_, slot) => el("input", {
    type: "radio", name: "choice", value: slot, "aria-label": `Picture ${slot + 1}`,
    checked: slot === sent, disabled: ballot.closed, on: { change: changed },
  }));
  const closer = lookCloser(ballot, inputs);
  const pictures = el("fieldset", {
    class: "pictures", "data-count": ballot.count, "data-many": ballot.count > 3,
  }, el("legend", { class: "sr", text: "Choose one picture" }), ...inputs.map((input, slot) => el(
    "div", { class: "choice" },
    el("label", {}, input,
      el("img", { src: `${here}/picture/${slot}`, alt: `Picture ${slot + 1}`, draggable: "false" }),
      el("span", { class: "caption" }, el("span", { class: "mark", text: "✓", "aria-hidden": "true" }),
        el("span", { text: String(slot + 1), "aria-hidden": "true" }))),
    el("button", {
      type: "button", class: "closer", title: "Look closer",
      "aria-label": `Look closer at picture ${slot + 1}`, on: { click: () => closer.open(slot) },
    }, svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" },
      svg("path", { d: "M12 3h5v5M17 3l-6 6M8 17H3v-5M3 17l6-6" }))),
  )));
  const name = el("input", {
    type: "text", maxlength: 60, placeholder: "Your name (optional)", autocomplete: "name",
    "aria-label": "Your name, optional", disabled: ballot.closed, on: { input: changed },
  });
  name.value = ballot.name;
  const said = el("p", { class: "said", role: "status" });
  const send = el("button", { type: "submit", class: "send", text: "Vote" });
  const form = el("form", { on: { submit: vote } }, el("label", {}, name), send);
  let sentName = ballot.name;

  function chosen() {
    return inputs.findIndex((input) => input.checked);
  }

  function say(text, tone = "") {
    said.textContent = text;
    said.className = `said ${tone}`;
  }

  function changed() {
    const at = chosen();
    const same = at === sent && name.value.trim() === sentName;
    send.textContent = sent === null ? "Vote" : "Change vote";
    send.disabled = ballot.closed || at < 0 || same;
    if (ballot.closed) say("The vote is closed. Thank you.");
    else if (at < 0) say("Choose the picture that you like best.");
    else if (same) say("Thank you, your vote is counted. You can change it until the vote closes.", "good");
    else say(`Picture ${at + 1} is chosen.`);
  }

  async function vote(event) {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    try {
      const kept = await ask("vote", {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ slot: chosen(), name: name.value }),
      });
      sent = kept.chosen;
      sentName = kept.name;
      name.value = kept.name;
      changed();
    } catch (error) {
      changed();
      say(error.message, "bad");
    }
  }

  changed();
  main.replaceChildren(
    el("h1", { text: ballot.question }),
    el("p", { class: "hint",
      text: "Tap the picture that you like best. Everyone sees them in another order." }),
    pictures, closer.dialog, el("div", { class: "foot" }, said, form),
  );
}

/** One picture, large, with the way to the next. */
function lookCloser(ballot, inputs) {
  let at = 0;
  const image = el("img", { alt: "" });
  const title = el("span", { role: "status" });
  const back = el("button", { type: "button", text: "‹", "aria-label": "Previous picture",
    on: { click: () => go(-1) } });
  const on = el("button", { type: "button", text: "›", "aria-label": "Next picture",
    on: { click: () => go(1) } });
  const pick = el("button", { type: "button", class: "pick", text: "Choose", disabled: ballot.closed,
    on: { click: () => { inputs[at].click(); dialog.close(); } } });
  const dialog = el("dialog", { "aria-label": "Picture", on: {
    click: (event) => { if (event.target === dialog) dialog.close(); },
    keydown: (event) => {
      if (event.key === "ArrowLeft") go(-1);
      if (event.key === "ArrowRight") go(1);
    },
  } }, image, el("div", { class: "closer-bar" }, title, back, on, pick, el("button", {
    type: "button", text: "Close", on: { click: () => dialog.close() },
  })));

  function go(step) {
    at = Math.min(Math.max(at + step, 0), ballot.count - 1);
    image.src = `${here}/picture/${at}`;
    image.alt = `Picture ${at + 1}`;
    title.textContent = `${at + 1} of ${ballot.count}`;
    back.disabled = at === 0;
    on.disabled = at === ballot.count - 1;
  }

  return { dialog, open(slot) { at = slot; go(0); dialog.showModal(); } };
}

try {
  show(await ask("ballot"));
} catch (error) {
  main.replaceChildren(el("p", { class: "problem", role: "alert", text: error.message }));
}
main.removeAttribute("aria-busy");
main.dataset.ready = "1";
