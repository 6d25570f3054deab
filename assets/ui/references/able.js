// What the loaded model can do with references; cards and panel ask here.

let able = {};

/** The server's answer; null while the model is not there. */
export function setAble(next) {
  able = next ?? {};
}

/** Whether a garment, a person, a pose, a face or styles can be given. */
export function canRefer(role) {
  return Boolean(able[role]);
}
