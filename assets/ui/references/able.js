// What the loaded model can do with references; cards and panel ask here.

/** @type {Record<string, boolean>} */
let able = {};

/** The server's answer; null while the model is not there.
 *  @param {Record<string, boolean> | null | undefined} next */
export function setAble(next) {
  able = next ?? {};
}

/** Whether something can be given in a role.
 *  @param {string} role */
export function canRefer(role) {
  return Boolean(able[role]);
}
