import { h, number, say, word } from "../shared/common.js";

// What is drawn and said about a block, whatever its state.

const STRAIGHT = "M1 10H25";
const SUM = "M3 10C3-1 20-1 20 8M17.4 10a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0";
const JOIN = "M24 5V15";

function branchPaths(num) {
  const heights = Array.from({ length: num }, (_, i) => 10 + (i / (num - 1) - 0.5) * 17);
  return heights.map((y) => `M1 10C6 10 5 ${y} 11 ${y}H15C21 ${y} 20 10 25 10`);
}

// How data run through a block: straight on, past a sum, or in branches that are joined.
export function glyph({ merges, branches }) {
  const straight = merges.add ? [STRAIGHT, SUM] : [STRAIGHT];
  const paths = merges.concat ? [...branchPaths(Math.min(6, Math.max(2, branches))), JOIN] : straight;
  const about = { viewBox: "0 0 26 20", class: "tlk-board-glyph", "aria-hidden": "true" };
  return h("svg", about, h("path", { d: paths.join("") }));
}

function describeMerges({ merges, branches }) {
  const counts = Object.entries(merges).map(([kind, count]) => `${count} ${kind}`);
  const many = branches > 2 ? say` of ${branches} branches` : "";
  return counts.length ? say`merges by ${counts.join(", ")}${many}` : "";
}

// say`frozen`, say`learning`, say`partly frozen`
const STATES = { frozen: "frozen", learning: "learning", partly: "partly frozen" };

// A block in words; `bnLearning` is how many of its BatchNorm layers learn.
export function describe(block, state, bnLearning) {
  const parts = [
    `${block.name}: ${word(STATES[state])}`,
    say`${block.num_layers} layers`,
    say`${number.format(block.num_parameters)} parameters`,
    block.num_bn ? say`${bnLearning} of ${block.num_bn} BatchNorm learn` : "",
    describeMerges(block),
    say`output ${block.shape}`,
    block.random ? say`draws at random while training` : "",
    block.cut ? "" : say`several tensors lead on from here`,
  ];
  return parts.filter(Boolean).join(", ");
}

// "24²" for "24 × 24 × 16"; a shape without two sides stays as it is.
function sizeOf(shape) {
  const sides = shape.split(" × ");
  if (sides.length < 3) {
    return shape;
  }
  return sides[0] === sides[1] ? `${sides[0]}²` : `${sides[0]}×${sides[1]}`;
}

// Runs of neighbours whose maps have the same size: [{from, to, text}], so that the reader sees the picture shrink.
export function stages(blocks) {
  const out = [];
  for (const [i, { shape }] of blocks.entries()) {
    const text = sizeOf(shape);
    if (out.at(-1)?.text === text) {
      out.at(-1).to = i;
    } else {
      out.push({ from: i, to: i, text, whole: shape.split(" × ").slice(0, -1).join(" × ") || "no map" });
    }
  }
  return out;
}

// A name in up to three short lines, as it stands upright below its tile.
export function lines(label, room = 6) {
  const parts = label.split(/[._ ]+/);
  return parts.flatMap((part) => (part.length > room ? part.match(/^[a-z]+|.+/gi) : [part])).slice(0, 3);
}
