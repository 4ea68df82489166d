import { codePanel, comparison, factsPanel, inspector, trainer } from "./board_panels.js";
import { cutLine, cutOf, glyph, prefix, tiles } from "./board_network.js";
import { h, keepKeys, put } from "./common.js";

const TRAITS = ["states", "bn", "factors", "moved", "runs", "busy", "learning_rate", "epochs", "fresh", "_facts", "_code", "_error"];

function presets(model) {
  const n = model.get("blocks").length, head = model.get("blocks")[n - 1].name === "head" ? "Head only" : "Last 1";
  const choices = [["All frozen", n], [head, n - 1], ["Last 3", Math.max(0, n - 3)], ["Last half", Math.floor(n / 2)], ["All learn", 0]].map(([label, cut]) => {
    const button = h("button", { type: "button" }, label);
    button.addEventListener("click", () => put(model, { states: prefix(n, cut) }));
    return { button, cut };
  });
  const bn = h("input", { type: "checkbox" });
  bn.addEventListener("change", () => put(model, { bn: bn.checked ? "learning" : "frozen" }));
  const box = h("div", { class: "tlk-row", role: "group", "aria-label": "Presets" }, h("div", { class: "tlk-board-presets" }, ...choices.map(({ button }) => button)), h("label", {}, bn, " BatchNorm learns where its block learns"));
  const update = () => {
    const now = cutOf(model.get("states"));
    for (const { button, cut } of choices) { button.disabled = model.get("busy"); button.classList.toggle("tlk-board-on", cut === now); }
    bn.disabled = model.get("busy");
    bn.checked = model.get("bn") === "learning";
  };
  return { box, update };
}

function legend(model) {
  const blocks = model.get("blocks"), has = { add: blocks.some(({ merges }) => merges.add && !merges.concat), concat: blocks.some(({ merges }) => merges.concat) };
  const flow = (merges, text) => h("span", {}, glyph({ merges, branches: 4 }), ` ${text}`);
  const states = [["frozen", "frozen"], ["learning", "learns"], ["partly", "partly"]].map(([state, text]) => h("span", { "data-state": state }, h("span", { class: "tlk-board-bar" }), ` ${text}`));
  return h("div", { class: "tlk-row tlk-soft tlk-board-key" }, ...states, h("span", {}, "height: parameters (log)"), ...(has.add ? [flow({ add: 1 }, "adds its input")] : []), ...(has.concat ? [flow({ concat: 1 }, "joins branches")] : []),
    h("span", {}, "24²: maps of 24 × 24"), h("span", { class: "tlk-board-moved-key" }, "below: how far the weights moved"));
}

function mode(states) {
  const cut = cutOf(states), n = states.length;
  if (cut < 0) return "Own pattern";
  if (cut === n) return "All frozen";
  return cut === n - 1 ? "Feature extraction: only the last block learns" : cut ? `Fine-tuning the last ${n - cut} of ${n} blocks` : "Everything learns";
}

async function render({ model, el, host }) {
  el.classList.add("tlk", "tlk-board");
  keepKeys(el);
  const title = h("div", { class: "tlk-board-title" }), name = h("div", { class: "tlk-soft" }, model.get("_name"));
  const layers = inspector(model), row = tiles(model, (i) => layers.show(i)), line = cutLine(model, row.strip, row.buttons);
  const preset = presets(model), facts = factsPanel(model), compare = comparison(model), train = trainer(model, compare.toggle), code = codePanel(model), curves = h("div", { class: "tlk-board-curves" });
  const update = () => {
    title.textContent = mode(model.get("states"));
    for (const part of [row, line, preset, layers, facts, train, compare, code]) part.update();
  };
  for (const trait of TRAITS) model.on(`change:${trait}`, update);
  el.append(h("div", { class: "tlk-board-head" }, h("div", {}, name, title), preset.box), h("div", { class: "tlk-board-wrap" }, row.strip), legend(model),
    facts.list, facts.warnings, train.box, train.error, curves, compare.panel, layers.details, code.details);
  update();
  const resized = new ResizeObserver(line.update);
  resized.observe(row.strip);
  if (host && model.get("curves")) (await host.getWidget(model.get("curves"))).render({ el: curves });
  return () => resized.disconnect();
}
export default { render };
