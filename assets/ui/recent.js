// Memories that stay small: the last things that were wanted, and no others.

/** Put something into a memory as what was wanted last; what was wanted the longest time ago goes.
 *  @template K, V @param {Map<K, V>} memory @param {K} key @param {V} value @param {number} most */
export function remember(memory, key, value, most) {
  memory.delete(key);
  memory.set(key, value);
  for (const old of memory.keys()) if (memory.size > most) memory.delete(old);
}
