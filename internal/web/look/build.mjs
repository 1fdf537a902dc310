// Makes the style sheet and the fonts of the desk and of its paper from the packages pinned in
// package-lock.json. What it writes is committed; with --check it writes
// nothing, and fails where building again gives other bytes.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { compile } from "sass";
import subset from "subset-font";

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

// paper is the font of what is printed: of Noto Sans SC the letters of GBK, of
// the Latin languages, and the signs that pages use. GB 2312 alone would be a
// third of that, and lacks characters that stand in people's names.
async function paper() {
  const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join("");
  let text = range(0x20, 0x7e) + range(0xa0, 0x17f) + range(0x2010, 0x2027) + range(0x2030, 0x203a) + range(0x2190, 0x2199) + "€™−√≠≤≥⚠☎✓✕";
  const gbk = new TextDecoder("gbk");
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const c = gbk.decode(Uint8Array.of(lead, trail));
      if (trail !== 0x7f && c.length === 1 && !/[\ufffd\ue000-\uf8ff]/.test(c)) text += c;
    }
  }
  return subset(readFileSync(path.join(here, "node_modules/@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf")), text, { targetFormat: "sfnt", noLayoutClosure: true });
}

const files = {
  "../../pdf/NotoSansSC.ttf.gz": gzipSync(await paper(), { level: 9 }),
  "desk.css": Buffer.from(css + "\n"),
  "text.woff2": readFileSync(path.join(here, fonts + "next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2")),
  "figures.woff2": readFileSync(path.join(here, fonts + "mono/files/atkinson-hyperlegible-mono-latin-wght-normal.woff2")),
};

const check = process.argv.includes("--check");
// Another zlib packs the same bytes into others.
const plain = (name, bytes) => (name.endsWith(".gz") ? gunzipSync(bytes) : bytes);
let same = true;
for (const [name, bytes] of Object.entries(files)) {
  const file = path.join(out, name);
  if (!check) {
    writeFileSync(file, bytes);
  } else if (!plain(name, readFileSync(file)).equals(plain(name, bytes))) {
    same = false;
    console.error(`${path.relative(process.cwd(), file)} is not what internal/web/look makes; run: npm --prefix internal/web/look run build`);
  }
}
process.exit(same ? 0 : 1);
