import { array } from "../shared/common.js";

// The widget's arrays, and those parts of them that belong to the source and the cut that are shown.
export function readState(model) {
  const names = model.get("class_names");
  const labels = array(model, "_labels", Uint16Array);
  const points = array(model, "_points", Float32Array); // (sources, cuts, images, 2)
  const neighbours = array(model, "_neighbours", Uint16Array); // (sources, cuts, images, k)
  const cuts = model.get("cuts");
  const sources = model.get("sources");
  const n = labels.length;
  const k = model.get("num_neighbours");
  const source = () => sources.indexOf(model.get("source"));
  const cut = () => cuts.indexOf(model.get("cut"));
  const first = () => (source() * cuts.length + cut()) * n; // of the rows of this source and cut
  return {
    names,
    labels,
    n,
    cuts,
    sources,
    k,
    points: () => points.subarray(first() * 2, (first() + n) * 2),
    neighbours: (i) => [...neighbours.subarray((first() + i) * k, (first() + i + 1) * k)],
    shown: (table) => model.get(table)[source()][cut()],
    label: (i) => names[labels[i]],
    alike: (i, j) => labels[i] === labels[j],
  };
}
