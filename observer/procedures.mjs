// The vectors of the procedures, by folder of spec/vectors. A check is given the path of a file and
// gives what comes out otherwise than the file says, one text each; none is agreement.
//
//   node observer/procedures.mjs KIND PATH…    checks files, prints the differences, and is 1 if there are any

import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as act from "./act.mjs";
import * as arrangement from "./arrangement.mjs";
import * as calendar from "./calendar.mjs";
import * as casework from "./casework.mjs";
import { checkCases } from "./json.mjs";

const beside = (path) => (name) => readFileSync(join(dirname(path), basename(name)));

export const checks = {
  json: (path) => checkCases(readFileSync(path)),
  calendar: (path) => calendar.check(readFileSync(path), beside(path)),
  arrangement: (path) => arrangement.checkFile(basename(path), readFileSync(path), beside(path)),
  body: (path) => act.check(readFileSync(path)),
  casework: (path) => (path.endsWith(".json")
    ? arrangement.checkFile(basename(path), readFileSync(path), beside(path))
    : casework.check(readFileSync(path), beside(path))),
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind, ...paths] = process.argv.slice(2);
  let differences = 0;
  for (const path of paths) {
    for (const difference of checks[kind](path)) {
      differences++;
      console.log(`${path}: ${difference}`);
    }
  }
  process.exitCode = differences ? 1 : 0;
}
