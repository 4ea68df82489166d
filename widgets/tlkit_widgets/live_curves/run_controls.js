import { checkbox, colorOf, h, marker, put, say } from "../shared/common.js";

// The address of Jupyter Server that interrupts a kernel, or nothing where there is no server.
function interruptAddress(kernel) {
  const config = document.getElementById("jupyter-config-data");
  const base = config ? (JSON.parse(config.textContent).baseUrl ?? "/") : document.body.dataset.baseUrl; // of nbclassic
  return base && kernel ? `${base}api/kernels/${kernel}/interrupt` : "";
}

async function interrupt(address) {
  const token = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1];
  try {
    const reply = await fetch(address, { method: "POST", headers: token ? { "X-XSRFToken": token } : {} });
    return reply.ok;
  } catch {
    return false; // no server to ask
  }
}

// A kernel that is busy with `fit` reads no widget message. Jupyter Server can interrupt it, and Python turns the
// interrupt into an orderly stop; elsewhere the message is all there is. Tells whether the server did it.
export async function requestStop(model) {
  const address = interruptAddress(model.get("_kernel_id"));
  const done = address && (await interrupt(address));
  if (!done) {
    model.send({ kind: "stop" });
  }
  return Boolean(done);
}

// The button that stops, how far the training has come, and the same for a screen reader when it begins and ends.
export function trainingHeader(model) {
  const stop = h("button", { type: "button", class: "tlk-first" }, say`Stop training`);
  const bar = h("progress", { max: 1, "aria-label": say`Training` });
  const status = h("span");
  const said = h("span", { class: "tlk-hidden", role: "status" });
  const tell = (text) => {
    status.textContent = text;
    said.textContent = text;
  };
  stop.addEventListener("click", async () => {
    stop.disabled = true;
    tell(say`stopping after this batch…`);
    if (!(await requestStop(model)) && model.get("state") === "running") {
      tell(say`asked to stop; if it goes on, interrupt the kernel (■)`);
    }
  });
  const update = () => {
    const state = model.get("state");
    const running = state === "running";
    stop.hidden = !running;
    bar.hidden = !running;
    bar.value = model.get("progress");
    stop.disabled = stop.disabled && running;
    if (!stop.disabled) {
      status.textContent = model.get("status");
    }
    if (said.dataset.state !== state) {
      said.textContent = running ? say`training` : model.get("status");
    }
    said.dataset.state = state;
  };
  return { box: h("div", { class: "tlk-row tlk-curves-head" }, stop, bar, status, said), update };
}

export function drawingOptions(model, onReset) {
  const log = checkbox(model, "log_scale", say`log scale`);
  const rate = checkbox(model, "learning_rate", say`learning rate`);
  const slider = h("input", { type: "range", min: 0, max: 0.98, step: 0.02 });
  const reset = h("button", { type: "button" }, say`Show all epochs`);
  slider.addEventListener("input", () => put(model, { smoothing: +slider.value }));
  reset.addEventListener("click", onReset);
  const update = (zoomed) => {
    log.update();
    rate.update();
    slider.value = model.get("smoothing");
    reset.hidden = !zoomed;
  };
  const smoothing = h("label", { class: "tlk-row" }, say`smoothing of batches`, slider);
  return { box: h("div", { class: "tlk-row" }, log.label, rate.label, smoothing, reset), update };
}

function keyLine(kind, k) {
  const path = h("path", { d: "M1 4H25", class: `tlk-stroke-${colorOf(k)} tlk-curves-${kind}` });
  return h("svg", { viewBox: "0 0 26 8", class: "tlk-curves-key", "aria-hidden": "true" }, path);
}

// The runs, each a button that shows or hides it, and what the kinds of lines mean.
export function runLegend(model, shared) {
  const box = h("div", { class: "tlk-row tlk-curves-legend" });
  const grey = (kind, text) => h("span", {}, keyLine(kind, 7), " ", text);
  const key = h(
    "span",
    { class: "tlk-row tlk-soft" },
    grey("val", say`validation`),
    grey("train", say`training, mean over the epoch`),
    grey("batch", say`each batch by itself`),
    h("span", {}, say`○ best epoch`),
  );
  const values = h(
    "span",
    { class: "tlk-row tlk-soft" },
    keyLine("value", 7),
    say`one of several values, by its number`,
  );
  const runButton = ({ name }, k) => {
    const about = { "aria-pressed": String(!shared.hidden.has(k)), title: say`show or hide this run` };
    const button = h("button", { type: "button", ...about }, keyLine("val", k), marker(k), ` ${name}`);
    button.addEventListener("click", () => {
      if (!shared.hidden.delete(k)) {
        shared.hidden.add(k);
      }
      update();
      shared.ask();
    });
    return button;
  };
  const update = () => {
    const runs = model.get("runs");
    const hasArrays = runs.some(({ arrays }) => arrays && Object.keys(arrays).length);
    box.replaceChildren(...runs.map(runButton), key, ...(hasArrays ? [values] : []));
  };
  return { box, update };
}
