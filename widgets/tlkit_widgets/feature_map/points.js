// Which point is meant: by the pointer, or by an arrow key. `at(i)` gives the place [x, y] of point `i` of `count`.

export const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Index of the point nearest to (x, y), or -1 when none is within `reach`.
export function nearestPoint(count, at, x, y, reach) {
  let best = -1;
  let least = reach * reach;
  for (let i = 0; i < count; i++) {
    const [px, py] = at(i);
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance < least) {
      best = i;
      least = distance;
    }
  }
  return best;
}

// The next point from `from` in direction [dx, dy], within 45 degrees of it; `from` itself at the edge.
export function pointBeside(count, at, from, [dx, dy]) {
  const [x, y] = at(from);
  let best = from;
  let least = Infinity;
  for (let i = 0; i < count; i++) {
    const [px, py] = at(i);
    const along = (px - x) * dx + (py - y) * dy;
    const across = Math.abs((px - x) * dy - (py - y) * dx);
    if (i !== from && along > 0.5 && across <= along && along + 2 * across < least) {
      best = i;
      least = along + 2 * across;
    }
  }
  return best;
}
