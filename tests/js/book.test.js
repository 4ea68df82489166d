import { nearest, suggestions } from "../../docs/book/live/answers.js";
import { makeModel } from "../../docs/book/live/model.js";
import { hearBoard } from "../../docs/book/live/trainings.js";
import { equal, test } from "./harness.js";

const RECORD = {
  asks: ["n", "text", "other"],
  state: { n: 1, text: "a", other: 0, double: 2, bytes: { base64: "AQI=" }, own: "x" },
  answers: [
    [{ n: 1, text: "a" }, { double: 2 }],
    [{ n: 5, text: "a" }, { double: 10 }],
  ],
};

function recorded() {
  const said = [];
  const model = makeModel(RECORD, { hear: (kind) => said.push(kind), say: (...words) => said.push(words) });
  return { model, said };
}

test("a trait that the kernel does not hear is the page's own", () => {
  const { model, said } = recorded();
  const seen = [];
  model.on("change:own", () => seen.push(model.get("own")));
  model.set("own", "y");
  model.save_changes();
  equal([seen, said], [["y"], []]);
});

test("an exact answer is given and nothing is said", () => {
  const { model, said } = recorded();
  model.set("n", 5);
  model.save_changes();
  equal([model.get("double"), said], [10, [[""]]]);
});

test("the nearest number is taken, and the page says so", () => {
  const { model, said } = recorded();
  model.set("n", 4);
  model.save_changes();
  equal([model.get("n"), model.get("double"), said], [5, 10, [["nearest"]]]);
});

test("what has no answer goes back, and the page says which texts have one", () => {
  const { model, said } = recorded();
  model.set("text", "b");
  model.save_changes();
  model.set("other", 1);
  model.save_changes();
  equal([model.get("text"), model.get("other")], ["a", 0]);
  equal(said, [
    ["none", ["a"]],
    ["none", []],
  ]);
});

test("bytes arrive as a DataView, and messages are heard", () => {
  const { model, said } = recorded();
  equal([model.get("bytes").getUint8(1), model.get("bytes").byteLength], [2, 2]);
  model.send({ kind: "measure" });
  equal(said, ["measure"]);
});

test("a handler that was taken off is not called", () => {
  const { model } = recorded();
  let calls = 0;
  const count = () => {
    calls += 1;
  };
  model.on("change:own", count);
  model.off("change:own", count);
  model.set("own", "z");
  equal(calls, 0);
});

test("each number counts by its share of the range", () => {
  const answers = [
    [{ a: 0, b: 0 }, "first"],
    [{ a: 0, b: 1000 }, "second"],
  ];
  equal(nearest(answers, { a: 0, b: 400 })[1], "first");
  equal(nearest(answers, { a: 0, b: 600 })[1], "second");
  equal(nearest([], { a: 0 }), null);
  equal(suggestions(answers, ["a"]), []);
});

test("a recorded training is added to the runs and curves, and numbered when it comes again", () => {
  const trained = [
    {
      states: ["frozen", "learning"],
      moved: [0, 1],
      run: { name: "head" },
      curves: { data: { "0/epoch/loss": [1, 2] }, run: { name: "head" } },
    },
  ];
  const say = () => undefined;
  const make = (state) => makeModel({ asks: [], answers: [], state }, { hear: say, say });
  const board = make({ states: ["frozen", "learning"], bn: "frozen", moved: [], runs: [] });
  const curves = make({ data: {}, runs: [] });
  equal(hearBoard("train", board, curves, trained), "recorded");
  equal(hearBoard("train", board, curves, trained), "recorded");
  equal(
    board.get("runs").map(({ name }) => name),
    ["head", "head #2"],
  );
  equal(Object.keys(curves.get("data")), ["0/epoch/loss", "1/epoch/loss"]);
  equal(hearBoard("reset", board, curves, trained), "");
  equal(board.get("moved"), []);
  board.put({ states: ["learning", "learning"] });
  equal(hearBoard("train", board, curves, trained), "none");
  equal(hearBoard("measure", board, curves, trained), "none");
});
