// Blind votes: making one, its link, and what was voted, live.

import { el, rebuild, thumb, url } from "../dom.js";
import { amount } from "../numbers.js";
import { copyText } from "./copy.js";

const USUAL = "Which would you wear?";
const LIVE = 3000; // ms between looks at open votes
const SURE = 4000; // ms in which a second press deletes

export class Ballots {
  /** `vote(event)` asks the server: {verb: make | close | reopen | delete | refresh}.
   *  @param {{ vote: (event: object) => void }} options */
  constructor({ vote }) {
    this.vote = vote;
    this.known = "";
    this.share = "";
    /** @type {Ballot[]} */
    this.items = [];
    this.question = el("input", {
      type: "text", maxlength: 140, "aria-label": "Question of the vote", autocomplete: "off", value: USUAL,
    });
    this.make = el("button.make-vote", { type: "submit" }, "Make a vote");
    this.why = el("p.muted.why");
    this.list = el("div.ballots");
    this.root = el("section.voting",
      el("div.section-head", el("h2", "Blind vote")),
      el("form.ballot-form", { onsubmit: (event) => this.submit(event) }, this.question, this.make),
      this.why, this.list);
    setInterval(() => this.look(), LIVE);
  }

  /** How many pictures a new vote would have.
   *  @param {number} count */
  choose(count) {
    this.make.disabled = count < 2;
    this.why.textContent = count < 2 ? "Choose two pictures or more to vote on."
      : `${count} pictures, shuffled for each voter, without a word about how they were made.`;
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    if (!this.make.disabled) this.vote({ verb: "make", question: this.question.value });
  }

  look() {
    const open = this.items.some((ballot) => !ballot.closed);
    if (open && this.root.offsetParent !== null && !document.hidden) this.vote({ verb: "refresh" });
  }

  /** @param {{ items: Ballot[], share: string } | null} ballots */
  show(ballots) {
    const known = JSON.stringify(ballots);
    if (known === this.known) return;
    this.known = known;
    this.items = ballots?.items ?? [];
    this.share = ballots?.share ?? "";
    const open = new Set([...this.list.querySelectorAll("details[open]")].map(place));
    rebuild(this.list, this.items.map((ballot) => this.ballot(ballot)));
    for (const part of this.list.querySelectorAll("details")) part.open = open.has(place(part));
    this.root.dataset.ballots = String(this.items.length);
  }

  /** @param {Ballot} ballot */
  ballot(ballot) {
    const { id, closed, question, voters, entries, verdict } = ballot;
    /** @param {string} text @param {string} verb */
    const act = (text, verb) => el("button.quiet", {
      data: { key: `${verb} ${id}` }, onclick: () => this.vote({ verb, id }),
    }, text);
    return el("article.ballot", { data: { id, closed } },
      el("h3", question),
      el("p.ballot-state",
        closed ? el("span.closed", "Closed") : el("span.open", "Open"),
        el("span.voters", amount(voters, "voter"))),
      !closed && this.link(ballot),
      el("ol.tally", entries.map((entry) => bar(entry, voters))),
      el("p.verdict", { role: "status" }, verdict),
      names(ballot),
      el("div.ballot-verbs", act("Refresh", "refresh"),
        closed ? act("Reopen", "reopen") : act("Close", "close"), this.remove(id)));
  }

  /** @param {Ballot} ballot */
  link({ token }) {
    const address = new URL(`toile/vote/${token}`, this.share || document.baseURI).href;
    const field = el("input", {
      type: "text", readonly: true, "aria-label": "Link for voters", value: address,
      onfocus: () => { field.select(); },
    });
    const copy = el("button.quiet", { onclick: () => { copyText(address, copy); } }, "Copy link");
    const alone = ["localhost", "127.0.0.1", "[::1]"].includes(new URL(address).hostname);
    return el("div",
      el("div.ballot-link", field, copy,
        el("a.quiet", { href: address, target: "_blank", rel: "noopener" }, "Open")),
      alone ? el("p.muted", "This link works on this machine only: start Toile with ",
        el("code", "--share"), " or ", el("code", "--host"), " to send it to others.") : scan(address));
  }

  /** Pressed twice, for good: votes cannot be asked for again.
   *  @param {string} id */
  remove(id) {
    let sure = false;
    const button = el("button.quiet", { onclick: () => {
      if (sure) {
        this.vote({ verb: "delete", id });
        return;
      }
      sure = true;
      button.textContent = "Delete its votes too?";
      setTimeout(() => { sure = false; button.textContent = "Delete"; }, SURE);
    } }, "Delete");
    return button;
  }
}

/** The link for the phones of a class.
 *  @param {string} address */
function scan(address) {
  return el("details.scan", el("summary", "Show as a QR code"), el("img.qr", {
    alt: "QR code of the link", width: 208, height: 208, loading: "lazy",
    src: url(`toile/code?text=${encodeURIComponent(address)}`),
  }));
}

/** Which part of which vote this is: what was opened stays open when votes come in.
 *  @param {Element} part */
function place(part) {
  return `${part.className} ${/** @type {HTMLElement | null} */ (part.closest(".ballot"))?.dataset.id}`;
}

/** @param {number} part */
function percent(part) {
  return `${Math.round(part * 100)} %`;
}

/** A picture's share as a bar, its interval as a whisker over it.
 *  @param {Entry} entry @param {number} voters */
function bar({ letter, seed, votes, variant, sha, leads, share, low, high }, voters) {
  const range = `${percent(low)} to ${percent(high)}`;
  return el("li", { class: leads && "leads", data: { letter, votes } },
    thumb(variant ?? "", {
      alt: `${letter}, seed ${seed}`, width: 48, height: 48, ...(!variant && { src: url(`toile/ink/${sha}`) }),
    }),
    el("div.share",
      el("p", el("b.letter", letter), el("span", amount(votes, "vote")), el("span.grow"),
        voters > 0 && [
          el("span.share-value", { title: `95 % interval: ${range}` }, percent(share)), el("span.muted", `(${range})`),
        ]),
      el("div.share-bar", { "aria-hidden": true },
        el("i", { style: `width: ${share * 100}%` }),
        voters > 0 && el("s", { style: `left: ${low * 100}%; right: ${(1 - high) * 100}%` }))));
}

/** @param {Ballot} ballot */
function names({ names: named, unnamed }) {
  return named.length > 0 && el("details.names", el("summary", "Who voted"), el("ul",
    named.map(({ name, letter }) => el("li", el("span", name), el("b.letter", letter))),
    unnamed > 0 && el("li.muted", `${unnamed} without a name`)));
}
