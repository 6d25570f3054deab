// What Gradio's own controls lack: groups of options with a name and arrow keys, fields that follow
// the direction of what is written, numbers that come back where none is written; and files that are
// let go beside every place for them.

const FIELDS = ":is(textarea, input[type=text], input[type=search]):not([dir=auto])";

/** One group to the browser, with one name: arrow keys go from option to option, Tab past all.
 *  @param {Element} group */
function group(group) {
  const options = group.querySelectorAll("input[type=radio]");
  const name = group.closest("[id]")?.id;
  if (!options.length || !name) return;
  const unite = () => {
    for (const option of options) if (option.getAttribute("name") !== name) option.setAttribute("name", name);
  };
  unite();
  // Gradio writes a name of its own again with every choice.
  new MutationObserver(unite).observe(group, { attributeFilter: ["name"], subtree: true });
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-label", group.querySelector("[data-testid=block-info]")?.textContent?.trim() ?? "");
}

function mend() {
  for (const node of document.querySelectorAll("fieldset:not([role])")) group(node);
  for (const field of document.querySelectorAll(FIELDS)) {
    field.setAttribute("dir", "auto");
  }
}

let waits = false;
new MutationObserver(() => {
  if (waits) return;
  waits = true;
  requestAnimationFrame(() => { waits = false; mend(); });
}).observe(document.documentElement, { childList: true, subtree: true });
mend();

// A field of a number that is left without one says again what it said before: Gradio would take its
// least value, and tell of the empty field meanwhile.
const NUMBERS = ":is(#describe input[type=number], #seed :is(input, textarea))";
/** @type {WeakMap<HTMLInputElement, string>} */
const before = new WeakMap();

/** @param {EventTarget | null} target @returns {HTMLInputElement | null} */
const numberField = (target) => (target instanceof HTMLElement && target.matches(NUMBERS)
  ? /** @type {HTMLInputElement} */ (target) : null);

/** Whether there is a number in a field, a whole one where it goes by ones. What is beyond its bounds
 *  is Gradio's to bring back within them; what is wrong with a seed is told when it is used.
 *  @param {HTMLInputElement} field */
const says = ({ value, type, step }) =>
  value.trim() !== "" && (type !== "number" || step !== "1" || Number.isInteger(Number(value)));

for (const event of ["focusin", "change"]) {
  document.addEventListener(event, ({ target }) => {
    const field = numberField(target);
    if (field && says(field)) before.set(field, field.value);
  }, true);
}
document.addEventListener("input", (event) => {
  const field = numberField(event.target);
  if (field && !says(field)) event.stopImmediatePropagation();
}, true);
document.addEventListener("blur", ({ target }) => {
  const field = numberField(target);
  const said = field && before.get(field);
  if (!field || typeof said !== "string" || says(field)) return;
  field.value = said;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}, true);

// The browser would leave the page for a file that falls beside the places that take one.
for (const event of ["dragover", "drop"]) {
  document.addEventListener(event, (/** @type {any} */ dragged) => {
    if (dragged.defaultPrevented || !dragged.dataTransfer?.types.includes("Files")) return;
    dragged.preventDefault();
    dragged.dataTransfer.dropEffect = "none";
  });
}
