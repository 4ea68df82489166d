import { same } from "./answers.js";

function numbered(name, runs) {
  const again = runs.filter((run) => run.name.split(" #")[0] === name).length;
  return again ? `${name} #${again + 1}` : name;
}

// The data of a first run, renamed as those of the run `number`.
const renumbered = (data, number) =>
  Object.fromEntries(Object.entries(data).map(([series, xy]) => [series.replace(/^0\//, `${number}/`), xy]));

function addRun(board, curves, { moved, run, curves: drawn }) {
  const runs = curves.get("runs");
  const name = numbered(run.name, runs);
  const data = { ...curves.get("data"), ...renumbered(drawn.data, runs.length) };
  curves.put({ data, runs: [...runs, { ...drawn.run, name }], state: "done", status: "recorded" });
  board.put({ moved, runs: [...board.get("runs"), { ...run, name }] });
}

// What the buttons of FreezeBoard answer without a kernel: the training of each cut that was recorded
// (`tlkit_widgets.freeze_board.kept_runs`) is added to the runs of the board and to its curves. Returns what is to be
// said: see `notices.js`.
export function hearBoard(kind, board, curves, trained) {
  if (kind === "reset") {
    board.put({ moved: [] });
    return "";
  }
  const found = trained.find(({ states }) => same(states, board.get("states")));
  if (kind !== "train" || !found || board.get("bn") !== "frozen") {
    return "none";
  }
  addRun(board, curves, found);
  return "recorded";
}
