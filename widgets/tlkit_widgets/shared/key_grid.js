import { h, moveFocus, put } from "./common.js";

// Where a key leads from row `i` and column `j`.
const MOVES = {
  ArrowRight: (i, j) => [i, j + 1],
  ArrowLeft: (i, j) => [i, j - 1],
  ArrowDown: (i, j) => [i + 1, j],
  ArrowUp: (i, j) => [i - 1, j],
  Home: (i) => [i, 0],
  End: (i) => [i, Infinity],
};
const clamp = (k, count) => Math.min(count - 1, Math.max(0, k));

// Buttons in rows and columns. Keys walk through them, a click sets the trait `selected` to `[row, column]`, and Escape
// empties it. `attributesOf(i, j)` are those of a button; `show(button, i, j)` says what is on it, at each update.
export function keyGrid(model, [numRows, numColumns], attributesOf, show) {
  const makeButton = (i, j) => {
    const button = h("button", { type: "button", tabindex: i || j ? -1 : 0, ...attributesOf(i, j) });
    button.addEventListener("click", () => {
      moveFocus(rows.flat(), button);
      put(model, { selected: [i, j] });
    });
    button.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && model.get("selected").length) {
        event.preventDefault();
        put(model, { selected: [] });
      }
      const to = MOVES[event.key]?.(i, j);
      if (to) {
        event.preventDefault();
        moveFocus(rows.flat(), rows[clamp(to[0], numRows)][clamp(to[1], numColumns)]);
      }
    });
    return button;
  };
  const rows = Array.from({ length: numRows }, (_row, i) =>
    Array.from({ length: numColumns }, (_column, j) => makeButton(i, j)),
  );
  const update = () => {
    const [row, column] = model.get("selected");
    for (const [i, buttons] of rows.entries()) {
      for (const [j, button] of buttons.entries()) {
        show(button, i, j);
        button.setAttribute("aria-pressed", String(i === row && j === column));
      }
    }
  };
  return { rows, update };
}
