// Copies of what the server does not have yet, in this browser: one for each project and page, gone
// as soon as the server has it all. They outlive the page, the tab and the server.

const PREFIX = "toile-unsaved/";
const MOST = 40; // copies of all projects; the oldest go first
const LARGEST = 4_000_000; // characters of one copy

/** @param {string} project @param {string} page */
const keyOf = (project, page) => `${PREFIX}${project}/${page}`;

/** Keep a copy; whether it is kept.
 *  @param {Storage} storage @param {string} project @param {string} page @param {Copy} copy */
export function keepCopy(storage, project, page, copy) {
  const text = JSON.stringify(copy);
  if (text.length > LARGEST) return false;
  try {
    storage.setItem(keyOf(project, page), text);
    return true;
  } catch (error) {
    console.warn("this browser keeps no copy", error);
    return false;
  }
}

/** @param {Storage} storage @param {string} project @param {string} page */
export function dropCopy(storage, project, page) { storage.removeItem(keyOf(project, page)); }

/** All copies of a project, the oldest first, by the page that made them.
 *  @param {Storage} storage @param {string} project @returns {[string, Copy][]} */
export function copiesOf(storage, project) {
  const begin = `${PREFIX}${project}/`;
  return everyCopy(storage).filter(([key]) => key.startsWith(begin))
    .map(([key, copy]) => [key.slice(begin.length), copy]);
}

/** Bound what is kept; the copies of a project that is never opened again go in the end.
 *  @param {Storage} storage */
export function boundCopies(storage) {
  for (const [key] of everyCopy(storage).slice(0, -MOST)) storage.removeItem(key);
}

/** @param {Storage} storage @returns {[string, Copy][]} */
function everyCopy(storage) {
  /** @type {[string, Copy][]} */
  const found = [];
  for (let i = 0; i < storage.length; i += 1) {
    const key = storage.key(i);
    if (!key?.startsWith(PREFIX)) continue;
    try {
      const copy = JSON.parse(storage.getItem(key) ?? "");
      if (copy?.v === 1) found.push([key, copy]);
    } catch (error) {
      console.warn("a copy could not be read", key, error);
    }
  }
  return found.sort(([, a], [, b]) => a.at - b.at);
}
