// The vectors of the procedures, by folder of spec/vectors.
//
//   node observer/procedures.mjs FOLDER PATH…    checks files anywhere as those of a folder: prints the
//   differences, and is 1 if there are any

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import * as act from "./act.mjs";
import * as arrangement from "./arrangement.mjs";
import * as calendar from "./calendar.mjs";
import * as casework from "./casework.mjs";
import * as contacts from "./contacts.mjs";
import * as control from "./control.mjs";
import * as hotline from "./hotline.mjs";
import * as reachability from "./reachability.mjs";
import * as review from "./review.mjs";
import * as series from "./series.mjs";
import * as stix from "./stix.mjs";
import * as voice from "./voice.mjs";
import { checkCases } from "./json.mjs";
import { Difference, VectorFile } from "./vector.mjs";

// claim makes a check out of a function that gives what comes out otherwise than the file says.
const claim = (differences) => (file) => {
  const list = differences(file, (name) => file.sibling(name).bytes);
  if (list.length) throw new Difference(list.join("\n"));
  return { outcome: "ok" };
};

const document = (file, beside) => arrangement.checkFile(file.name, file.bytes, beside);

export const checks = {
  json: claim((file) => checkCases(file.bytes)),
  calendar: claim((file, beside) => calendar.check(file.bytes, beside)),
  arrangement: claim(document),
  body: act.check,
  casework: claim((file, beside) => (file.name.endsWith(".json") ? document(file, beside) : casework.check(file.bytes, beside))),
  contacts: claim((file, beside) => (file.name.endsWith(".json") ? document(file, beside) : contacts.check(file.bytes, beside))),
  control: control.check,
  hotline: claim((file, beside) => (file.name.endsWith(".json") ? document(file, beside) : hotline.check(file.bytes, beside))),
  stix: stix.check,
  voice: claim((file, beside) => {
    if (file.name === "series.json") return voice.check(file.bytes);
    return file.name.endsWith(".json") ? document(file, beside) : series.check(file.bytes, beside);
  }),
  reachability: claim((file, beside) => reachability.check(file.name, file.bytes, beside)),
  review: claim((file, beside) => review.check(file.name, file.bytes, beside)),
};

function main([folder, ...paths]) {
  let differences = 0;
  for (const path of paths) {
    try {
      checks[folder](new VectorFile(folder, path.slice(dirname(path).length + 1), path));
    } catch (e) {
      if (!(e instanceof Difference)) throw e;
      differences++;
      console.log(`${path}: ${e.message}`);
    }
  }
  return differences ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
