// Boxes [left, top, right, bottom] that a hand moves and resizes inside a square or a photo.

export const KEY_MOVES = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LEAST_SIDE = 1;
const between = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

// The box moved as a whole, inside the stage.
export function moveBox([left, top, right, bottom], [dx, dy], [width, height]) {
  const x = between(dx, -left, width - right);
  const y = between(dy, -top, height - bottom);
  return [left + x, top + y, right + x, bottom + y];
}

// The box with its lower right corner moved, at least one unit wide and high.
export function resizeBox([left, top, right, bottom], [dx, dy], [width, height]) {
  return [left, top, between(right + dx, left + LEAST_SIDE, width), between(bottom + dy, top + LEAST_SIDE, height)];
}

// Put an element over a box, in shares of the stage.
export function placeOver(element, [left, top, right, bottom], [width, height]) {
  const share = (value, whole) => `${(100 * value) / whole}%`;
  Object.assign(element.style, {
    left: share(left, width),
    top: share(top, height),
    width: share(right - left, width),
    height: share(bottom - top, height),
  });
}

// Let a pointer drag an element: `act` gets the way since the start, in units of the stage, and the box at the start.
export function dragBox(element, stage, size, boxNow, act) {
  let start = null;
  element.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    element.setPointerCapture(event.pointerId);
    start = { x: event.clientX, y: event.clientY, box: boxNow() };
  });
  element.addEventListener("pointermove", (event) => {
    if (start && element.hasPointerCapture(event.pointerId)) {
      const place = stage.getBoundingClientRect();
      const dx = ((event.clientX - start.x) / place.width) * size[0];
      const dy = ((event.clientY - start.y) / place.height) * size[1];
      act(start.box, [dx, dy]);
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    element.addEventListener(name, () => {
      start = null;
    });
  }
}

// Arrow keys move the box, and with the shift key resize it.
export function boxByKeys(element, size, step, boxNow, act) {
  element.addEventListener("keydown", (event) => {
    const way = KEY_MOVES[event.key];
    if (way) {
      event.preventDefault();
      const by = way.map((value) => value * step);
      act(event.shiftKey ? resizeBox(boxNow(), by, size) : moveBox(boxNow(), by, size));
    }
  });
}
