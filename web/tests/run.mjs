// The page in Debian's Chromium, as static files and from `fastmpnn serve`, against the program.
//
//     node web/tests/run.mjs [WORDS]     the tests whose names contain these words
//
// Pictures are written to web/tests/out. FASTMPNN_RECORD names a file for the times and the bytes.

import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { launch, open, program, root } from "./page.mjs";
import { startService } from "./service.mjs";
import { serve } from "./static_server.mjs";

if (program === undefined) {
  console.error("the program is missing, with which the page is compared: cargo build --release");
  process.exit(1);
}
const read = async (name) => (await import(`./cases/${name}.mjs`)).tests;
const onBoth = ["designs", "marks", "inputs", "results", "analysis"];
const plan = [
  ["node", ["engine"]],
  ["static", [...onBoth, "looks", "times"]],
  ["server", [...onBoth, "times"]],
];

const files = await serve(join(root, "web/dist"));
const service = await startService(program);
const browser = await launch();
const figures = {};
const only = process.argv[2] ?? "";
let [passed, failed] = [0, 0];
for (const [place, cases] of plan) {
  const address = place === "server" ? service.address : files.address;
  const at = { place, address, sent: files.sent, figures, open: (options) => open(browser, address, options) };
  for (const [name, test] of (await Promise.all(cases.map(read))).flatMap(Object.entries)) {
    const title = `${place}: ${name}`;
    if (!title.includes(only)) continue;
    const start = performance.now();
    try {
      await test(at);
      passed += 1;
      console.log(`ok      ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${title}\n${error.stack ?? error}`);
    }
  }
}
await browser.close();
files.close();
assert.equal(await service.close(), 0, "the service ends in good order");
if (Object.keys(figures).length > 0) {
  const { version } = JSON.parse(readFileSync(join(root, "web/node_modules/playwright-core/package.json"), "utf8"));
  const record = { machine: cpus()[0].model, cores: cpus().length, browser: browser.version(), playwright: version, ...figures };
  console.log(JSON.stringify(figures));
  if (process.env.FASTMPNN_RECORD) writeFileSync(process.env.FASTMPNN_RECORD, `${JSON.stringify(record, null, 1)}\n`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
