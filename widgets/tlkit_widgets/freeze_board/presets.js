import { h, put, say } from "../shared/common.js";
import { glyph } from "./drawing.js";
import { cutOf, prefix } from "./states.js";

// Buttons for the cuts that are chosen most often, and whether BatchNorm learns.
export function presets(model) {
  const blocks = model.get("blocks");
  const num = blocks.length;
  const cuts = [
    [say`All frozen`, num],
    [blocks[num - 1].name === "head" ? say`Head only` : say`Last 1`, num - 1],
    [say`Last 3`, Math.max(0, num - 3)],
    [say`Last half`, Math.floor(num / 2)],
    [say`All learn`, 0],
  ];
  const choices = cuts.map(([label, cut]) => {
    const button = h("button", { type: "button" }, label);
    button.addEventListener("click", () => put(model, { states: prefix(num, cut) }));
    return { button, cut };
  });
  const bn = h("input", { type: "checkbox" });
  bn.addEventListener("change", () => put(model, { bn: bn.checked ? "learning" : "frozen" }));
  const buttons = h("div", { class: "tlk-board-presets" }, ...choices.map(({ button }) => button));
  const label = h("label", {}, bn, " ", say`BatchNorm learns where its block learns`);
  const box = h("div", { class: "tlk-row", role: "group", "aria-label": say`Presets` }, buttons, label);
  const update = () => {
    const now = cutOf(model.get("states"));
    for (const { button, cut } of choices) {
      button.disabled = model.get("busy");
      button.classList.toggle("tlk-board-on", cut === now);
    }
    bn.disabled = model.get("busy");
    bn.checked = model.get("bn") === "learning";
  };
  return { box, update };
}

// What the colours and signs of the tiles mean, as far as this model has them.
export function tileLegend(model) {
  const blocks = model.get("blocks");
  const adds = blocks.some(({ merges }) => merges.add && !merges.concat);
  const joins = blocks.some(({ merges }) => merges.concat);
  const flow = (merges, text) => h("span", {}, glyph({ merges, branches: 4 }), ` ${text}`);
  const state = (name, text) => h("span", { "data-state": name }, h("span", { class: "tlk-board-bar" }), ` ${text}`);
  return h(
    "div",
    { class: "tlk-row tlk-soft tlk-board-key" },
    state("frozen", say`frozen`),
    state("learning", say`learns`),
    state("partly", say`partly`),
    h("span", {}, say`height: parameters (log)`),
    ...(adds ? [flow({ add: 1 }, say`adds its input`)] : []),
    ...(joins ? [flow({ concat: 1 }, say`joins branches`)] : []),
    h("span", {}, say`24²: maps of 24 × 24`),
    h("span", { class: "tlk-board-moved-key" }, say`below: how far the weights moved`),
  );
}
