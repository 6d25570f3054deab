// Who draws where a pen is used: the pen beats the hand that rests beside it.

import { memory, passing } from "./storage.js";

const KEY = "toile-pen"; // over a reload, forgotten with the tab
let used = memory(passing, (storage) => storage.getItem(KEY)) !== null;

/** Take note of a pointer that comes down; whether it may draw: once a pen is in use, no finger may.
 *  @param {{ pointerType: string }} event */
export function mayDraw({ pointerType }) {
  if (pointerType === "pen" && !used) {
    used = true;
    memory(passing, (storage) => storage.setItem(KEY, "1"));
  }
  return pointerType !== "touch" || !used;
}

/** Whether a pointer that comes down takes the place of the one that draws: a pen that of a hand.
 *  @param {{ pointerType: string }} event @param {{ type: string }} live */
export const takesOver = ({ pointerType }, { type }) => pointerType === "pen" && type === "touch";
