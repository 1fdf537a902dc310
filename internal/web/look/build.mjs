// Makes the style sheet and the fonts of the desk from the packages pinned in
// package-lock.json. What it writes is committed; with --check it writes
// nothing, and fails where building again gives other bytes.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { compile } from "sass";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "..", "static");
const fonts = "node_modules/@fontsource-variable/atkinson-hyperlegible-";

const css = compile(path.join(here, "desk.scss"), {
  loadPaths: [path.join(here, "node_modules")],
  style: "compressed",
  charset: false,
  quietDeps: true,
  silenceDeprecations: ["import"],
}).css;

const files = {
  "desk.css": Buffer.from(css + "\n"),
  "text.woff2": readFileSync(path.join(here, fonts + "next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2")),
  "figures.woff2": readFileSync(path.join(here, fonts + "mono/files/atkinson-hyperlegible-mono-latin-wght-normal.woff2")),
};

const check = process.argv.includes("--check");
let same = true;
for (const [name, bytes] of Object.entries(files)) {
  const file = path.join(out, name);
  if (!check) {
    writeFileSync(file, bytes);
  } else if (!readFileSync(file).equals(bytes)) {
    same = false;
    console.error(`internal/web/static/${name} is not what internal/web/look makes; run: npm --prefix internal/web/look run build`);
  }
}
process.exit(same ? 0 : 1);
