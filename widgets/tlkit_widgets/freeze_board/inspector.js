import { cells, h, headings, number, put, say, scrollBox, word } from "../shared/common.js";

const FACTORS = [1, 0.3, 0.1, 0.03, 0.01]; // of the learning rate
// say`learns`, say`frozen`, say`no weights`
const FLAGS = { 1: "learns", 0: "frozen", "-": "no weights" };

// The layers of the block that has the focus, and its factor for the learning rate.
export function inspector(model) {
  let shown = 0;
  const summary = h("summary");
  const body = h("tbody");
  const head = h("thead", {}, h("tr", {}, ...headings([say`layer`, say`kind`, say`parameters`, say`state`])));
  const table = h("table", { class: "tlk-board-layers" }, head, body);
  const options = FACTORS.map((factor) => h("option", { value: factor }, `× ${factor}`));
  const choice = h("select", { "aria-label": say`Learning rate of this block` }, ...options);
  const label = h("label", {}, say`learning rate of this block`, " ", choice);
  const layers = scrollBox(say`Layers of the block`, "tlk-board-scroll", table);
  const details = h("details", {}, summary, label, layers);
  choice.addEventListener("change", () => {
    const { name } = model.get("blocks")[shown];
    put(model, { factors: { ...model.get("factors"), [name]: +choice.value } });
  });
  const update = () => {
    const block = model.get("blocks")[shown];
    const flags = model.get("_facts").flags?.[shown] ?? "";
    summary.textContent = say`Layers of ${block.name} (${block.num_layers})`;
    choice.value = model.get("factors")[block.name] ?? 1;
    choice.disabled = model.get("busy");
    if (details.open) {
      const rows = block.layers.map(([name, kind, parameters], i) =>
        h("tr", {}, ...cells([name, kind, number.format(parameters), word(FLAGS[flags[i]] ?? "")])),
      );
      body.replaceChildren(...rows);
    }
  };
  const show = (i) => {
    shown = i;
    update();
  };
  details.addEventListener("toggle", update);
  return { details, update, show };
}
