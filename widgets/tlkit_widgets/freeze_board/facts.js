import { h, number, percent, say } from "../shared/common.js";
import { bytes, seconds } from "./amounts.js";

// A card: a name, a value, what is said about it, and a share in [0, 1] as a bar if there is one.
function card(name, value, about, share) {
  const bar = h("span");
  const meter = h("span", { class: "tlk-board-meter", "aria-hidden": "true" }, bar);
  bar.style.width = `${100 * (share ?? 0)}%`;
  const text = h("span", { class: "tlk-board-about" }, ...about);
  const parts = share === undefined ? [text] : [meter, text];
  return h("div", { class: "tlk-board-card" }, h("dt", {}, name), h("dd", {}, h("strong", {}, value), ...parts));
}

function learningCard({ num_learning, num_frozen }) {
  const share = num_learning / (num_learning + num_frozen || 1);
  const about = say`${percent(share)}; ${number.format(num_frozen)} are frozen`;
  return card(say`parameters that learn`, number.format(num_learning), [about], share);
}

function onceCard({ kept_after, share }) {
  const about = kept_after ? say`of the multiply-adds; kept after ${kept_after}` : say`no frozen part to keep`;
  return card(say`forward pass computed once`, kept_after ? percent(share) : say`nothing`, [about], share);
}

function memoryCard({ kept_after, num_images, cost, bytes: needed }) {
  if (!kept_after) {
    return card(say`memory for what is kept`, say`none`, [say`every step starts from the pixels`]);
  }
  const images = num_images ? say`features of ${number.format(num_images)} images` : say`features of one image`;
  const ready = cost && !cost.pass_seconds ? say`, ready` : "";
  return card(say`memory for what is kept`, bytes(needed), [images + ready]);
}

// What an epoch took, apart from its seconds.
function sayCost({ cost, whole_seconds }) {
  const once = cost.pass_seconds > 0 ? say`, and once ${seconds(cost.pass_seconds)} for the frozen part` : "";
  const times = +(whole_seconds / cost.seconds).toPrecision(2);
  const isFaster = whole_seconds > 1.05 * cost.seconds;
  const faster = isFaster ? say`; ${times} times as fast as when everything learns` : "";
  return say`measured${once}${faster}`;
}

function epochCard(facts, measure, canTrain) {
  const name = say`an epoch on this machine`;
  if (facts.cost) {
    return card(name, seconds(facts.cost.seconds), [sayCost(facts)]);
  }
  const offer = [measure, " ", say`on a few batches; the model stays as it is`];
  return card(name, say`not measured`, canTrain ? offer : [say`give the board images to measure`]);
}

// Four cards: what learns, what is computed once, what that takes, and how long an epoch is; and warnings below them.
export function factsPanel(model) {
  const list = h("dl", { class: "tlk-board-facts" });
  const items = h("ul");
  const warnings = h("div", { class: "tlk-board-warnings", role: "status" }, items);
  const measure = h("button", { type: "button", class: "tlk-board-measure" }, say`Measure`);
  measure.addEventListener("click", () => model.send({ kind: "measure" }));
  const update = () => {
    const facts = model.get("_facts");
    measure.disabled = model.get("busy");
    list.replaceChildren(
      learningCard(facts),
      onceCard(facts),
      memoryCard(facts),
      epochCard(facts, measure, model.get("_can_train")),
    );
    items.replaceChildren(...facts.warnings.map((text) => h("li", {}, text)));
  };
  return { list, warnings, update };
}
