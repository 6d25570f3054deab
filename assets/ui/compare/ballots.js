// Blind votes: making one, its link, and what was voted, live.

import { el, url } from "../dom.js";
import { copyText } from "./copy.js";

const USUAL = "Which would you wear?";
const LIVE = 3000; // ms between looks at open votes
const SURE = 4000; // ms in which a second press deletes

export class Ballots {
  /** `vote(event)` asks the server: {verb: make | close | reopen | delete | refresh}. */
  constructor({ vote }) {
    this.vote = vote;
    this.known = "";
    this.count = 0;
    this.question = el("input", { type: "text", maxlength: 140, "aria-label": "Question of the vote",
      autocomplete: "off" });
    this.question.value = USUAL;
    this.make = el("button", { type: "submit", class: "make-vote", text: "Make a vote" });
    this.why = el("p", { class: "muted why" });
    this.list = el("div", { class: "ballots" });
    this.root = el("section", { class: "voting" },
      el("div", { class: "section-head" }, el("h2", { text: "Blind vote" })),
      el("form", { class: "ballot-form", on: { submit: (event) => this.submit(event) } },
        this.question, this.make),
      this.why, this.list);
    setInterval(() => this.look(), LIVE);
  }

  /** How many pictures a new vote would have. */
  choose(count) {
    this.count = count;
    this.make.disabled = count < 2;
    this.why.textContent = count < 2 ? "Choose two pictures or more to vote on."
      : `${count} pictures, shuffled for each voter, without a word about how they were made.`;
  }

  submit(event) {
    event.preventDefault();
    if (this.make.disabled) return;
    this.vote({ verb: "make", question: this.question.value });
  }

  look() {
    const open = this.items?.some((ballot) => !ballot.closed);
    if (open && this.root.offsetParent !== null && !document.hidden) this.vote({ verb: "refresh" });
  }

  show(ballots) {
    const known = JSON.stringify(ballots);
    if (known === this.known) return;
    this.known = known;
    this.items = ballots?.items ?? [];
    this.share = ballots?.share ?? "";
    const open = new Set([...this.list.querySelectorAll("details[open]")].map(place));
    this.list.replaceChildren(...this.items.map((ballot) => this.ballot(ballot)));
    for (const part of this.list.querySelectorAll("details")) part.open = open.has(place(part));
    this.root.dataset.ballots = String(this.items.length);
  }

  ballot(ballot) {
    const act = (text, verb) => el("button", {
      type: "button", class: "quiet", text, on: { click: () => this.vote({ verb, id: ballot.id }) },
    });
    const voters = ballot.voters === 1 ? "1 voter" : `${ballot.voters} voters`;
    return el("article", { class: "ballot", data: { id: ballot.id, closed: String(ballot.closed) } },
      el("h3", { text: ballot.question }),
      el("p", { class: "ballot-state" },
        el("span", { class: ballot.closed ? "closed" : "open", text: ballot.closed ? "Closed" : "Open" }),
        el("span", { class: "voters", text: voters })),
      ballot.closed ? null : this.link(ballot),
      el("ol", { class: "tally" }, ...ballot.entries.map((entry) => bar(entry, ballot.voters))),
      el("p", { class: "verdict", role: "status", text: ballot.verdict }),
      names(ballot),
      el("div", { class: "ballot-verbs" }, act("Refresh", "refresh"),
        ballot.closed ? act("Reopen", "reopen") : act("Close", "close"), this.remove(ballot)));
  }

  link(ballot) {
    const address = new URL(`toile/vote/${ballot.token}`, this.share || document.baseURI).href;
    const field = el("input", { type: "text", readonly: true, "aria-label": "Link for voters",
      on: { focus: (event) => event.target.select() } });
    field.value = address;
    const copy = el("button", { type: "button", class: "quiet", text: "Copy link",
      on: { click: () => copyText(address, copy) } });
    const alone = ["localhost", "127.0.0.1", "[::1]"].includes(new URL(address).hostname);
    return el("div", {}, el("div", { class: "ballot-link" }, field, copy,
      el("a", { class: "quiet", href: address, target: "_blank", rel: "noopener", text: "Open" })),
    alone ? el("p", { class: "muted" }, "This link works on this machine only: start Toile with ",
      el("code", { text: "--share" }), " or ", el("code", { text: "--host" }),
      " to send it to others.") : scan(address));
  }

  /** Pressed twice, for good: votes cannot be asked for again. */
  remove(ballot) {
    const button = el("button", { type: "button", class: "quiet", text: "Delete" });
    let sure = false;
    button.addEventListener("click", () => {
      if (sure) {
        this.vote({ verb: "delete", id: ballot.id });
        return;
      }
      sure = true;
      button.textContent = "Delete its votes too?";
      setTimeout(() => { sure = false; button.textContent = "Delete"; }, SURE);
    });
    return button;
  }
}

/** The link for the phones of a class. */
function scan(address) {
  const code = el("img", { class: "qr", alt: "QR code of the link", width: 208, height: 208,
    loading: "lazy", src: url(`toile/code?text=${encodeURIComponent(address)}`) });
  return el("details", { class: "scan" }, el("summary", { text: "Show as a QR code" }), code);
}

/** Which part of which vote this is: what was opened stays open when votes come in. */
function place(part) {
  return `${part.className} ${part.closest(".ballot").dataset.id}`;
}

function percent(part) {
  return `${Math.round(part * 100)} %`;
}

/** A picture's share as a bar, its interval as a whisker over it. */
function bar(entry, voters) {
  const votes = entry.votes === 1 ? "1 vote" : `${entry.votes} votes`;
  const range = `${percent(entry.low)} to ${percent(entry.high)}`;
  return el("li", { class: entry.leads ? "leads" : null, data: { letter: entry.letter, votes: entry.votes } },
    el("img", {
      src: url(entry.variant ? `toile/thumb/${entry.variant}` : `toile/ink/${entry.sha}`),
      alt: `${entry.letter}, seed ${entry.seed}`, width: 48, height: 48, draggable: "false",
    }),
    el("div", { class: "share" },
      el("p", {}, el("b", { class: "letter", text: entry.letter }),
        el("span", { text: votes }), el("span", { class: "grow" }),
        voters ? el("span", { class: "share-value", text: percent(entry.share),
          title: `95 % interval: ${range}` }) : null,
        voters ? el("span", { class: "muted", text: `(${range})` }) : null),
      el("div", { class: "share-bar", "aria-hidden": "true" },
        el("i", { style: `width: ${entry.share * 100}%` }),
        voters ? el("s", { style: `left: ${entry.low * 100}%; right: ${(1 - entry.high) * 100}%` })
          : null)));
}

function names({ names: named, unnamed }) {
  if (!named.length) return null;
  const others = unnamed === 1 ? "1 without a name" : `${unnamed} without a name`;
  return el("details", { class: "names" }, el("summary", { text: "Who voted" }),
    el("ul", {}, ...named.map(({ name, letter }) => el("li", {},
      el("span", { text: name }), el("b", { class: "letter", text: letter }))),
    unnamed ? el("li", { class: "muted", text: others }) : null));
}
