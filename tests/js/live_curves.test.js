import { ticks, writer } from "../../widgets/tlkit_widgets/live_curves/axes.js";
import { requestStop } from "../../widgets/tlkit_widgets/live_curves/run_controls.js";
import { decimate, lonely, panelsOf, pathOf, smooth } from "../../widgets/tlkit_widgets/live_curves/series.js";
import widget from "../../widgets/tlkit_widgets/live_curves/widget.js";
import { equal, fakeModel, frame, key, keysThatEscape, mount, test } from "./harness.js";

const RUNS = [
  {
    name: "probe",
    ended: "running",
    phases: [
      { name: "head", start: 0 },
      { name: "all", start: 2 },
    ],
    best: { metric: "val_loss", epoch: 2, value: 0.8 },
  },
];

function model(values = {}) {
  return fakeModel({
    data: {
      "0/epoch/loss": [1, 2, 2, 1, 3, 0.9],
      "0/batch/loss": [0.5, 2.5, 1, 1.5],
      "0/epoch/val_loss": [1, 1.5, 2, 0.8, 3, 1.2],
      "0/epoch/accuracy": [1, 0.25, 2, 0.5, 3, 0.75],
      "0/epoch/learning_rate": [1, 0.1, 2, 0.1, 3, 0.01],
    },
    runs: RUNS,
    status: "epoch 3 of 9",
    progress: 0.3,
    state: "running",
    log_scale: false,
    smoothing: 0,
    learning_rate: false,
    _kernel_id: "",
    ...values,
  });
}
const open = (values) => {
  const m = model(values);
  return { m, ...mount(widget, m) };
};
const panels = (el) => [...el.querySelectorAll(".tlk-curves-panel")];

test("decimation keeps the ends and the extremes, and bounds the length", () => {
  const xy = [];
  for (let i = 0; i < 10_000; i++) {
    xy.push(i / 10_000, i === 4321 ? 99 : Math.sin(i));
  }
  const kept = decimate(xy, 0, 1, 300);
  equal(kept.length <= 2 * 4 * 301, true, "length");
  equal(kept.includes(99), true, "spike");
  equal([kept[0], kept.at(-2)], [0, 0.9999]);
  equal(decimate([0, 1, 1, 2], 0, 1, 300), [0, 1, 1, 2]);
});

test("ticks are round and inside", () => {
  equal(ticks(0, 10), [0, 2, 4, 6, 8, 10]);
  equal(ticks(0.12, 0.58), [0.2, 0.3, 0.4, 0.5]);
  equal(ticks(1, 1).length > 0, true);
});

test("marks are written so that they differ", () => {
  equal([0.6931, 0.6932].map(writer([0.6931, 0.6932])), ["0.6931", "0.6932"]);
  equal([0, 2, 4].map(writer([0, 2, 4])), ["0", "2", "4"]);
  equal([0, 0.5].map(writer([0, 0.5])), ["0.0", "0.5"]);
});

test("smoothing starts at the first value and ignores gaps", () => {
  equal(
    smooth([0, 4, 1, 4, 2, null, 3, 4], 0.9).map((v) => v && +v.toFixed(6)),
    [0, 4, 1, 4, 2, null, 3, 4],
  );
  equal(smooth([0, 1, 1, 2], 0), [0, 1, 1, 2]);
});

test("a missing value is a gap, not a zero", () =>
  equal(
    pathOf(
      [0, 1, 1, null, 2, 3],
      (x) => x,
      (y) => y,
    ),
    "M0.0 1.0M2.0 3.0",
  ));

test("series are sorted into panels", () => {
  equal(Object.keys(panelsOf(model().state.data, false)), ["loss", "accuracy"]);
  equal(Object.keys(panelsOf(model().state.data, true)), ["loss", "accuracy", "learning_rate"]);
  equal(
    panelsOf(model().state.data, false).loss.map(({ kind }) => kind),
    ["train", "batch", "val"],
  );
});

test("a metric's name may have a slash", () => {
  const data = { "0/epoch/loss/batch": [1, 2], "0/epoch/val_loss/batch": [1, 3], "0/batch/loss/batch": [1, 4] };
  equal(panelsOf(data, false), {
    "loss/batch": [
      { run: 0, kind: "train", xy: [1, 2] },
      { run: 0, kind: "val", xy: [1, 3] },
      { run: 0, kind: "batch", xy: [1, 4] },
    ],
  });
});

const F1 = { "0/epoch/f1": [1, 0.3, 2, 0.4], "0/0/f1": [1, 0.2, 2, 0.3], "0/1/f1": [1, 0.4, 2, 0.5] };
const VALIDATED = { ...F1, "0/epoch/val_f1": [2, 0.35], "0/0/val_f1": [2, 0.3], "0/1/val_f1": [2, 0.4] };

test("each value of an array is a thin line with its number, and the title says what the others are", () => {
  const { el, end } = open({ data: F1, runs: [{ ...RUNS[0], phases: [], arrays: { f1: 2 } }] });
  const [panel] = panels(el);
  equal(panel.querySelectorAll("path.tlk-curves-value").length, 2);
  equal(panel.querySelector(".tlk-curves-title").textContent, "f1, mean of 2 values");
  equal([...panel.querySelectorAll("g ~ g .tlk-curves-soft")].map((text) => text.textContent).slice(0, 2), ["0", "1"]);
  key(panel, "ArrowRight");
  equal(
    el.querySelector(".tlk-curves-values").textContent,
    "epoch 1: probe: f1 training 0.3, value 0 0.2, value 1 0.4",
  );
  end();
});

test("where there is validation its values are the ones that are drawn", () => {
  const kept = panelsOf(VALIDATED, false).f1.filter(({ kind }) => kind === "value");
  equal(
    kept.map(({ phase, index }) => [phase, index]),
    [
      ["val", 0],
      ["val", 1],
    ],
  );
});

test("a point that no line reaches is a dot", () => {
  equal(lonely([1, 5]), [1, 5]);
  equal(lonely([1, 5, 2, 6]), []);
  equal(lonely([1, null, 2, 6, 3, null, 4, 7, 5, 8]), [2, 6]);
  const { el, end } = open({ data: { "0/epoch/loss": [1, null, 2, 6, 3, null] } });
  equal(panels(el)[0].querySelectorAll("circle.tlk-curves-train").length, 1);
  end();
});

test("two panels with lines, phases and the best epoch", () => {
  const { el, end } = open();
  equal(panels(el).length, 2);
  equal(panels(el)[0].querySelectorAll("path.tlk-curves-val").length, 1);
  equal(panels(el)[0].querySelectorAll(".tlk-curves-best").length, 1);
  equal(panels(el)[1].querySelectorAll(".tlk-curves-best").length, 0);
  equal(
    [...panels(el)[0].querySelectorAll("text")].map((t) => t.textContent).filter((t) => ["head", "all"].includes(t)),
    ["head", "all"],
  );
  equal(panels(el)[0].getAttribute("aria-label").includes("probe validation 1.2"), true);
  end();
});

test("new points are appended once a model, whatever the number of views", async () => {
  const m = model();
  widget.initialize({ model: m });
  const { el, end } = mount(widget, m);
  widget.render({ model: m, el: document.createElement("div") });
  const before = panels(el)[0].querySelector("path.tlk-curves-val").getAttribute("d");
  m.emit("msg:custom", { kind: "points", points: { "0/epoch/val_loss": [4, 0.7] }, starts: { "0/epoch/val_loss": 6 } });
  await frame();
  equal(m.state.data["0/epoch/val_loss"], [1, 1.5, 2, 0.8, 3, 1.2, 4, 0.7]);
  equal(panels(el)[0].querySelector("path.tlk-curves-val").getAttribute("d") === before, false);
  m.emit("msg:custom", { kind: "points", points: { "0/epoch/val_loss": [4, 0.7] }, starts: { "0/epoch/val_loss": 6 } });
  equal(m.state.data["0/epoch/val_loss"].length, 8, "a repeated message");
  end();
});

test("a page that missed a message asks for all points", () => {
  const m = model();
  widget.initialize({ model: m });
  m.emit("msg:custom", { kind: "points", points: { "0/epoch/loss": [9, 1] }, starts: { "0/epoch/loss": 16 } });
  equal(m.sent, [{ kind: "all" }]);
  equal(m.state.data["0/epoch/loss"].length, 6);
});

test("stop: by message where there is no server, and at once to be seen", async () => {
  const { m, el, end } = open();
  const stop = el.querySelector("button.tlk-first");
  stop.click();
  await frame();
  equal(m.sent, [{ kind: "stop" }]);
  const said = "asked to stop; if it goes on, interrupt the kernel (■)"; // which reads no message while it trains
  equal([stop.disabled, el.querySelector(".tlk-curves-head span").textContent], [true, said]);
  equal(el.querySelector("[role=status]").textContent, said);
  m.set("status", "stopped by you after 3 epochs");
  m.set("state", "done");
  equal([stop.hidden, el.querySelector("[role=status]").textContent], [true, "stopped by you after 3 epochs"]);
  end();
});

test("stop: the server's interrupt, with its token against forgery", async () => {
  const config = document.createElement("script");
  const calls = [];
  const real = window.fetch;
  config.id = "jupyter-config-data";
  config.type = "application/json";
  config.textContent = '{"baseUrl": "/user/ada/"}';
  document.head.append(config);
  document.cookie = "_xsrf=abc";
  window.fetch = async (...call) => {
    calls.push(call);
    return { ok: true };
  };
  const m = model({ _kernel_id: "k1" });
  const reached = await requestStop(m);
  config.remove();
  document.body.dataset.baseUrl = "/classic/";
  const classic = await requestStop(m);
  window.fetch = async () => {
    throw new Error("offline");
  };
  const offline = await requestStop(m);
  window.fetch = real;
  delete document.body.dataset.baseUrl;
  equal([reached, classic, offline], [true, true, false]);
  const how = { method: "POST", headers: { "X-XSRFToken": "abc" } };
  equal(
    calls,
    ["/user/ada/", "/classic/"].map((base) => [`${base}api/kernels/k1/interrupt`, how]),
  );
  equal(m.sent, [{ kind: "stop" }]);
});

test("arrow keys read values aloud and stay in the widget", () => {
  const { el, end } = open();
  const readout = el.querySelector(".tlk-curves-values");
  equal(
    keysThatEscape(() => {
      key(panels(el)[0], "ArrowRight");
      key(panels(el)[0], "ArrowRight");
    }),
    [],
  );
  equal(readout.textContent, "epoch 2: probe: loss training 1, loss validation 0.8, accuracy training 50.0 %");
  equal(readout.getAttribute("aria-live"), "polite");
  end();
});

test("zoom by keys, and back by the button", async () => {
  const { el, end } = open();
  const labels = () => [...panels(el)[0].querySelectorAll("text[text-anchor=middle]")].map((t) => +t.textContent);
  const all = labels();
  const button = [...el.querySelectorAll("button")].find((b) => b.textContent === "Show all epochs");
  key(panels(el)[0], "End");
  key(panels(el)[0], "+");
  await frame();
  equal(Math.min(...labels()) > Math.min(...all), true, "zoomed in");
  equal(button.hidden, false);
  button.click();
  await frame();
  equal(labels(), all);
  end();
});

test("Escape first shows all epochs, then goes back to the cell", async () => {
  const { el, end } = open();
  const cell = document.createElement("div");
  cell.className = "jp-Cell";
  cell.tabIndex = -1;
  el.replaceWith(cell);
  cell.append(el);
  const panel = panels(el)[0];
  panel.focus();
  key(panel, "+");
  equal(
    keysThatEscape(() => key(panel, "Escape")),
    [],
  );
  equal(document.activeElement === panel, true, "there was a zoom to undo");
  key(panel, "Escape");
  equal(document.activeElement === cell, true);
  end();
});

test("runs can be hidden; options are traits", async () => {
  const { m, el, end } = open();
  const run = el.querySelector(".tlk-curves-legend button");
  run.click();
  await frame();
  equal(panels(el)[0].querySelectorAll("path").length, 0);
  equal(el.querySelector(".tlk-curves-legend button").getAttribute("aria-pressed"), "false");
  const [log, rate] = el.querySelectorAll("input[type=checkbox]");
  log.click();
  rate.click();
  await frame();
  equal([m.state.log_scale, m.state.learning_rate, m.saves, panels(el).length], [true, true, 2, 3]);
  end();
});

test("runs differ by shape where their lines end, in the legend too, and not by colour alone", async () => {
  const data = { "0/epoch/loss": [1, 2, 2, 1], "1/epoch/loss": [1, 3, 2, null], "2/epoch/loss": [1, 3, 2, 2.5] };
  const runs = ["a", "b", "c"].map((name) => ({ ...RUNS[0], name, best: null }));
  const { el, end } = open({ data, runs });
  const shapes = (selector) => [...el.querySelectorAll(selector)].map((path) => path.getAttribute("d"));
  const [a, b, c] = shapes(".tlk-curves-legend button .tlk-marker path");
  equal(new Set([a, b, c]).size, 3);
  equal(shapes(".tlk-curves-shape"), [a, c], "a line that ends in what is not a number has no end");
  const at = () =>
    +el
      .querySelector(".tlk-curves-shape")
      .getAttribute("transform")
      .match(/\((\S+)/)[1];
  key(panels(el)[0], "Home");
  key(panels(el)[0], "+");
  await frame();
  equal(at() < panels(el)[0].clientWidth, true, "zoomed in, it stands where the part that is shown ends");
  end();
  const single = open();
  equal(single.el.querySelectorAll(".tlk-curves-shape").length, 0, "one run needs none");
  single.end();
});

test("a view that is drawn while it is hidden comes back as wide as it was", async () => {
  const { m, el, end } = open();
  const box = () => panels(el)[0].getAttribute("viewBox");
  await frame();
  const before = box();
  equal(before, `0 0 ${panels(el)[0].clientWidth} 210`);
  el.style.display = "none";
  m.set("smoothing", 0.5);
  await frame();
  equal(box(), before);
  end();
});

test("nothing but a line of words before the first point", () => {
  const { el, end } = open({ data: {}, runs: [{ name: "probe", phases: [], best: null, ended: "running" }] });
  equal(el.classList.contains("tlk-curves-empty"), true);
  end();
});

test("where a run ended before its time is marked", () => {
  const early = (ended) => open({ runs: [{ ...RUNS[0], ended }] });
  const said = ({ el, end }) => {
    const texts = [...panels(el)[0].querySelectorAll("text")].map((t) => t.textContent);
    end();
    return texts.includes("stopped early");
  };
  equal([said(early("stopped early")), said(early("finished"))], [true, false]);
});
