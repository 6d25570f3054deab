// Answers of the server may overtake each other: what a page shows never goes back.

/** A function from what has just arrived to what is the latest. Jobs and the queue carry `n`, the
 *  number of the moment in which the server looked at them. */
export function latestJob() {
  /** @type {any} */
  let known = null;
  let seen = -1;
  /** @param {any} arrived */
  return (arrived) => {
    if (!arrived) known = null;
    else if ((arrived.n ?? 0) >= seen) {
      known = arrived;
      seen = arrived.n ?? 0;
    }
    return known;
  };
}

/** Counts what is given in each of some places: what was given last counts, however long each takes. */
export function turns() {
  /** @type {Map<string, number>} */
  const given = new Map();
  /** @param {string} place */
  const now = (place) => given.get(place) ?? 0;
  return {
    now,
    /** @param {string} place */
    next(place) {
      given.set(place, now(place) + 1);
      return now(place);
    },
  };
}
