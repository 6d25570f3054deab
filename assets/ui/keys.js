// Ctrl+Enter (or Cmd+Enter) generates from anywhere on the page.

const PATIENCE = 1500; // ms: the words just typed may still be on their way to the server

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  if (document.querySelector("dialog[open]")) return;
  event.preventDefault();
  const until = performance.now() + PATIENCE;
  const press = () => {
    /** @type {HTMLButtonElement | null} */
    const button = document.querySelector("#generate");
    if (button && !button.disabled) button.click();
    else if (performance.now() < until) setTimeout(press, 100);
  };
  press();
}, true);
