import { h } from "./common.js";

// A widget's sheet of pictures of equal size, sent once; `tile` is an element that shows one of them.
export function sprite(model) {
  const url = URL.createObjectURL(new Blob([model.get("_sprite")], { type: "image/jpeg" }));
  const sheet = new Image();
  sheet.src = url;
  const columns = model.get("_columns");
  const side = model.get("_thumb");
  const place = (i) => [i % columns, Math.floor(i / columns)];
  return {
    sheet,
    side,
    place,
    tile(i, size, label) {
      const [column, row] = place(i);
      const tile = h("span", { class: "tlk-tile", role: "img", "aria-label": label });
      const background = `url(${url}) -${column * size}px -${row * size}px / ${columns * size}px auto`;
      tile.style.cssText = `width:${size}px;height:${size}px;background:${background}`;
      return tile;
    },
    free: () => URL.revokeObjectURL(url),
  };
}
