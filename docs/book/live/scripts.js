// What the scripts of the book put in one place, and how a page gets those that it needs: plain scripts, since a browser
// loads neither modules nor JSON for a page that was opened as a file.

const base = new URL(".", document.currentScript.src).href;
const loading = new Map();

export const book = { modules: {}, styles: {}, states: {} };
window.tlkitBook = book;

// Load a script of the folder in which this one is, once.
export function load(name) {
  if (!loading.has(name)) {
    const start = (done, failed) => {
      const script = Object.assign(document.createElement("script"), { src: base + name, onload: done });
      script.onerror = () => failed(new Error(`${name} is missing`));
      document.head.append(script);
    };
    loading.set(name, new Promise(start));
  }
  return loading.get(name);
}
