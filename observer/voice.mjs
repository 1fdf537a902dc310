// The rows and the words of a series for the telephone, after spec/voice.md. Its secret comes from HPKE with ML-KEM-768, for which
// not every Node.js has the primitive: the vectors begin at the secret.

import { hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";

const list = new URL("../wire/voice/words.txt", import.meta.url);

// step is HKDF under the page's tag. VOI-5
const step = (key, label, size) => Buffer.from(hkdfSync("sha256", key, Buffer.alloc(0), `parley voice v1\n${label}`, size));

// row gives the three groups of numbers. VOI-5, VOI-6
export function row(secret, caller, number) {
  if (!["lower", "higher"].includes(caller) || number < 1 || number > 512) throw new Error(`no row ${number} of ${caller}`);
  let key = step(secret, `calls ${caller}`, 32);
  for (const bit of (number - 1).toString(2).padStart(9, "0")) key = step(key, bit === "0" ? "left" : "right", 32);
  const numbers = [...step(key, "words", 12)];
  return [0, 4, 8].map((at) => numbers.slice(at, at + 4));
}

// sheet is the one that a row is printed on; 0: none. VOI-11
export const sheet = (number) => (number < 257 ? 0 : Math.floor((number - 257) / 16) + 1);

// words gives the list by number. VOI-7
export function words() {
  return readFileSync(list, "utf8").trimEnd().split("\n").map((line) => {
    const [, en, zh] = line.split("\t");
    return { en, zh };
  });
}

// check gives what comes out otherwise than a file of vectors says. VOI-23
export function check(bytes) {
  const { secret, rows } = JSON.parse(bytes.toString("utf8"));
  const said = words();
  const differences = [];
  for (const want of rows) {
    const groups = row(Buffer.from(secret, "hex"), want.caller, want.row);
    for (const lang of ["en", "zh"]) {
      groups.forEach((group, i) => {
        const got = group.map((n) => said[n][lang]).join(" ");
        if (got !== want[lang][i]) differences.push(`${want.caller} ${want.row}, group ${i + 1}: ${got}, and not ${want[lang][i]}`);
      });
    }
    if (sheet(want.row) !== want.sheet) differences.push(`row ${want.row} is on sheet ${sheet(want.row)}`);
  }
  return differences;
}
