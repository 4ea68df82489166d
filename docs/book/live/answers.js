// What the kernel of a lesson has answered in advance: pairs of the traits that were set, and those that followed.

// Bytes are never the same: they are not compared.
export const same = (a, b) => !(a instanceof DataView) && JSON.stringify(a) === JSON.stringify(b);

// The answer whose settings are nearest. Only numbers may differ, each by its share of the largest that was asked.
export function nearest(answers, settings) {
  const names = Object.keys(answers[0]?.[0] ?? {});
  const all = [settings, ...answers.map(([asked]) => asked)];
  const numbers = names.filter((name) => all.every((each) => typeof each[name] === "number"));
  const fits = ([asked]) => names.every((name) => numbers.includes(name) || same(asked[name], settings[name]));
  const scales = numbers.map((name) => [name, Math.max(...answers.map(([asked]) => Math.abs(asked[name]))) || 1]);
  const far = ([asked]) => scales.reduce((sum, [name, by]) => sum + ((asked[name] - settings[name]) / by) ** 2, 0);
  return answers.filter(fits).reduce((best, each) => (best && far(best) <= far(each) ? best : each), null);
}

// Texts that were asked in advance, where a text was set that was not.
export function suggestions(answers, names) {
  const name = names.find((each) => typeof answers[0]?.[0][each] === "string");
  return name ? [...new Set(answers.map(([asked]) => asked[name]))] : [];
}
