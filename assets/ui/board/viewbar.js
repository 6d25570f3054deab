// Below the artboard: zoom, what lies under the ink, and the drawing as a file.

import { el, icon, iconButton, url } from "../dom.js";

/** `act`: {zoom(factor), whole(), fit(), trace(view), shortcuts(), project() -> id}. */
export function viewbar({ view, under, ink, act }) {
  const percent = el("button", {
    type: "button", class: "tool percent", title: "The whole artboard (0)",
    "aria-label": "Show the whole artboard", text: "100 %", on: { click: act.whole },
  });
  const file = el("input", {
    type: "file", accept: "image/*", hidden: true, "aria-label": "Photo to draw over",
    on: { change: () => { under().photo(file.files[0]); file.value = ""; } },
  });
  const kind = el("select", {
    class: "under-kind", "aria-label": "Under the ink",
    on: {
      change: () => {
        if (kind.value === "photo" && !under().now.photo) file.click();
        under().set({ kind: kind.value });
      },
    },
  }, ...[
    ["none", "Nothing under"], ["croquis", "Croquis"], ["flat", "Garment flat"],
    ["photo", "A photo…"],
  ].map(([value, text]) => el("option", { value, text })));
  const sides = ["front", "back"].map((side) => el("button", {
    type: "button", text: side === "front" ? "Front" : "Back", data: { side },
    on: { click: () => under().set({ view: side }) },
  }));
  const segments = el("div", { class: "segments sides", role: "group", "aria-label": "View" },
    ...sides);
  const another = el("button", {
    type: "button", class: "tool wide", text: "Another photo", on: { click: () => file.click() },
  });
  const slider = (label, value, onInput) => {
    const input = el("input", {
      type: "range", min: "0.05", max: "1", step: "0.05", value, "aria-label": label,
      title: label,
    });
    input.addEventListener("input", () => onInput(Number(input.value)));
    return input;
  };
  const strength = slider("Strength of what lies under", "0.3", (v) => under().set({ opacity: v }));
  const inkStrength = slider("Strength of the ink", "1", (v) => { ink.style.opacity = String(v); });
  const trace = el("button", {
    type: "button", class: "tool wide", text: "Trace", title: "Lay the flat's lines down as ink",
    on: { click: () => act.trace(under().now.view) },
  });
  const download = el("a", {
    class: "tool", title: "Download drawing (SVG)", "aria-label": "Download drawing (SVG)",
    href: "#", download: "",
    on: { click: () => { download.href = url(`toile/drawing/${act.project()}`); } },
  }, icon("download"));
  const field = (label, input) => el("label", { class: "view-field" },
    el("span", { text: label }), input);
  const root = el("div", { class: "board-view" },
    el("div", { class: "tool-group" },
      iconButton("minus", "Smaller (−)", () => act.zoom(1 / 1.25)), percent,
      iconButton("plus", "Larger (+)", () => act.zoom(1.25)),
      iconButton("fit", "Fit the drawing (F)", act.fit)),
    el("div", { class: "view-under" }, kind, segments, another, field("", strength), trace),
    field("Ink", inkStrength),
    el("div", { class: "tool-group" }, download,
      iconButton("keys", "Shortcuts (?)", act.shortcuts)));

  view.onChange(() => { percent.textContent = `${Math.round(view.scale * 100)} %`; });

  function show(now) {
    kind.value = now.kind;
    strength.value = String(now.opacity);
    strength.parentElement.hidden = now.kind === "none";
    segments.hidden = now.kind === "none" || now.kind === "photo";
    trace.hidden = now.kind !== "flat";
    another.hidden = now.kind !== "photo";
    for (const side of sides) {
      side.setAttribute("aria-pressed", String(side.dataset.side === now.view));
    }
  }

  return { root, show };
}
