// The package as Node takes it: the same module, read from beside this file and ready once it is imported.
// `await init()` is not needed here and does no harm, so the same code runs in a browser.
import { readFileSync } from "node:fs";
import { initSync } from "./auditveil.js";

initSync({ module: readFileSync(new URL("auditveil_bg.wasm", import.meta.url)) });

export * from "./auditveil.js";
export { default } from "./auditveil.js";
