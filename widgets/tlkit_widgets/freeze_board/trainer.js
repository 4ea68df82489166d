import { checkbox, h, put, say } from "../shared/common.js";
import { iconButton } from "./icons.js";

const RATES = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

// How the last run was trained, where it is not what the board is for: the frozen part ran again and again.
export const saysHow = (run) => (run?.gear === "plain" ? say`The last run was plain model.fit: ${run.why}.` : "");

function rateChoice(model) {
  const choice = h("select", {});
  choice.addEventListener("change", () => put(model, { learning_rate: +choice.value }));
  const update = () => {
    const rate = model.get("learning_rate");
    const rates = [...new Set([...RATES, rate])].sort((a, b) => b - a);
    if (choice.options.length !== rates.length) {
      choice.replaceChildren(...rates.map((value) => h("option", { value }, String(value))));
    }
    choice.value = rate;
  };
  return { choice, update };
}

function epochsChoice(model) {
  const choice = h("input", { type: "number", min: 1, max: 1000, step: 1 });
  choice.addEventListener("change", () => {
    if (+choice.value >= 1) {
      put(model, { epochs: Math.round(+choice.value) });
    }
  });
  const update = () => {
    choice.value = model.get("epochs");
  };
  return { choice, update };
}

// The buttons that act on the kernel's model: train, stop, and give the first weights back.
function actions(model) {
  const train = iconButton(say`Train`, "train", { class: "tlk-first" });
  const stop = iconButton(say`Stop`, "stop");
  const reset = iconButton(say`Reset`, "reset", { title: say`Give the model its first weights back` });
  for (const [button, kind] of [
    [train, "train"],
    [stop, "stop"],
    [reset, "reset"],
  ]) {
    button.addEventListener("click", () => model.send({ kind }));
  }
  stop.addEventListener("click", () => {
    stop.disabled = true;
  });
  const update = () => {
    const busy = model.get("busy");
    train.disabled = busy || !model.get("_facts").num_learning;
    stop.disabled = !busy;
    reset.disabled = busy;
  };
  return { buttons: [train, stop, reset], update };
}

// The line of buttons and settings; `compare` is a button that stands among them.
export function trainer(model, compare) {
  const act = actions(model);
  const rate = rateChoice(model);
  const epochs = epochsChoice(model);
  const fresh = checkbox(model, "fresh", say`from the first weights`);
  const error = h("p", { class: "tlk-board-error", role: "alert" });
  const how = h("p", { class: "tlk-soft tlk-board-how", role: "status" });
  const box = h(
    "div",
    { class: "tlk-row tlk-board-train" },
    h("div", { class: "tlk-row tlk-board-buttons" }, ...act.buttons, compare),
    h("label", {}, say`rate`, " ", rate.choice),
    h("label", {}, say`epochs`, " ", epochs.choice),
    fresh.label,
  );
  box.hidden = !model.get("_can_train");
  const update = () => {
    const busy = model.get("busy");
    for (const part of [act, rate, epochs, fresh]) {
      part.update();
    }
    for (const control of [rate.choice, epochs.choice, fresh.box]) {
      control.disabled = busy;
    }
    error.textContent = model.get("_error");
    how.textContent = busy ? "" : saysHow(model.get("runs").at(-1));
  };
  return { box, error, how, update };
}
