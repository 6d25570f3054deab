// What the browser keeps for the page. A browser may refuse to keep anything: then it is not kept,
// which must harm nobody.

/** @template T @param {() => Storage} kind @param {(storage: Storage) => T} use
 *  @returns {T | null} what `use` gave, null where the browser refused */
export function memory(kind, use) {
  try {
    return use(kind());
  } catch (error) {
    console.info("the browser keeps nothing", error);
    return null;
  }
}

export const lasting = () => window.localStorage;
/** As long as the tab is open. */
export const passing = () => window.sessionStorage;
