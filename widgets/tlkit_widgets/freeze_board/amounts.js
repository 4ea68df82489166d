// How amounts are written.

export function bytes(count) {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(count, 1)) / 3));
  return `${+(count / 1000 ** power).toPrecision(3)} ${["B", "kB", "MB", "GB"][power]}`;
}

export function seconds(value) {
  if (value < 0.001) {
    return "< 1 ms";
  }
  if (value < 1) {
    return `${+(1000 * value).toPrecision(2)} ms`;
  }
  return value < 100 ? `${+value.toPrecision(2)} s` : `${+(value / 60).toPrecision(2)} min`;
}
