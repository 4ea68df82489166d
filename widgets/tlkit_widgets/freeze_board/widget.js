import { h, onChange, say, startView } from "../shared/common.js";
import { comparison } from "./comparison.js";
import { cutLine } from "./cut_line.js";
import { factsPanel } from "./facts.js";
import { iconButton } from "./icons.js";
import { inspector } from "./inspector.js";
import { presets, tileLegend } from "./presets.js";
import { modeOf } from "./states.js";
import { tiles } from "./tiles.js";
import { trainer } from "./trainer.js";

const SETTINGS = ["states", "bn", "factors", "learning_rate", "epochs", "fresh"];
const FOUND = ["moved", "runs", "busy", "_facts", "_code", "_error"];

function codePanel(model) {
  const code = h("pre", { tabindex: 0, role: "region", "aria-label": say`The same in plain Keras` });
  const copy = iconButton(say`Copy`, "copy");
  copy.addEventListener("click", () => navigator.clipboard?.writeText(code.textContent));
  const update = () => {
    code.textContent = model.get("_code");
  };
  return { details: h("details", {}, h("summary", {}, say`Show the code`), copy, code), update };
}

function heading(model) {
  const name = h("div", { class: "tlk-soft" }, model.get("_name"));
  const title = h("div", { class: "tlk-board-title" });
  const update = () => {
    title.textContent = modeOf(model.get("states"));
  };
  return { box: h("div", {}, name, title), update };
}

async function render({ model, el, host }) {
  startView(el, "tlk-board", model);
  const head = heading(model);
  const layers = inspector(model);
  const row = tiles(model, layers.show);
  const line = cutLine(model, row.strip, row.buttons);
  const preset = presets(model);
  const facts = factsPanel(model);
  const compare = comparison(model);
  const train = trainer(model, compare.toggle);
  const code = codePanel(model);
  const curves = h("div", { class: "tlk-board-curves" });
  const update = () => {
    for (const part of [head, row, line, preset, layers, facts, train, compare, code]) {
      part.update();
    }
  };
  onChange(model, [...SETTINGS, ...FOUND], update);
  el.append(
    h("div", { class: "tlk-board-head" }, head.box, preset.box),
    h("div", { class: "tlk-board-wrap" }, row.strip),
    tileLegend(model),
    facts.list,
    facts.warnings,
    train.box,
    train.error,
    train.how,
    curves,
    compare.panel,
    layers.details,
    code.details,
  );
  update();
  const resized = new ResizeObserver(line.update);
  resized.observe(row.strip);
  if (host && model.get("curves")) {
    const view = await host.getWidget(model.get("curves"));
    view.render({ el: curves });
  }
  return () => resized.disconnect();
}
export default { render };
