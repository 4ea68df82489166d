import { say } from "../shared/common.js";

// What a list of states says: "frozen", "learning" or "partly" for each block.

// Number of frozen blocks if these come first and all others learn, otherwise -1.
export function cutOf(states) {
  const found = states.findIndex((state) => state !== "frozen");
  const cut = found < 0 ? states.length : found;
  return states.slice(cut).every((state) => state === "learning") ? cut : -1;
}

// The first `cut` blocks frozen, the others learning.
export const prefix = (length, cut) => Array.from({ length }, (_, i) => (i < cut ? "frozen" : "learning"));

// Blocks from `from` to `to`, both included, set to `state`.
export function ranged(states, from, to, state) {
  const [first, last] = [Math.min(from, to), Math.max(from, to)];
  return states.map((old, i) => (i >= first && i <= last ? state : old));
}

// What kind of training it is, in words.
export function modeOf(states) {
  const cut = cutOf(states);
  const num = states.length;
  if (cut < 0) {
    return say`Own pattern`;
  }
  if (cut === num) {
    return say`All frozen`;
  }
  if (cut === num - 1) {
    return say`Feature extraction: only the last block learns`;
  }
  return cut ? say`Fine-tuning the last ${num - cut} of ${num} blocks` : say`Everything learns`;
}
