// The page in Debian's Chromium: as static files, and from `fastmpnn serve` where FASTMPNN_SERVER names its address.
// Prints a line for each test, and writes pictures and figures to web/tests/out.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { serve } from "./static_server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const out = process.env.FASTMPNN_PICTURES ?? join(here, "out");
mkdirSync(out, { recursive: true });
const browserPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(browserPath)) {
  console.error(`${browserPath} is missing; as root: apt-get install chromium`);
  process.exit(1);
}
const program = [process.env.FASTMPNN, "target/release/fastmpnn", "target/ci/fastmpnn", "target/debug/fastmpnn"]
  .filter((path) => path !== undefined)
  .map((path) => join(path.startsWith("/") ? "" : root, path))
  .find((path) => existsSync(path));
if (program === undefined) {
  console.error("the program is missing, with which the page is compared: cargo build --release");
  process.exit(1);
}

/** A machine under load takes longer, and no test says how long. */
const PATIENCE = 300_000;

const server = await serve(join(here, "../dist"));
const address = process.env.FASTMPNN_SERVER ?? server.address;
const browser = await chromium.launch({
  executablePath: browserPath,
  args: [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
const example = (name) => join(root, "examples", name);
const figures = {};

/** A page in a browser of its own, whose errors fail the test. */
async function open(options = {}) {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.scheme ?? "light",
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (/content security policy|violates/i.test(message.text())) errors.push(message.text());
  });
  const outside = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && !request.url().startsWith(address)) outside.push(request.url());
  });
  await page.goto(address + (options.fragment ?? ""));
  return { page, context, errors, outside };
}

const ready = (page) => page.locator("#engine", { hasText: "Ready" }).waitFor({ timeout: PATIENCE });
const loaded = (page, count) =>
  page.waitForFunction((count) => document.querySelectorAll("#strip .cell").length === count, count, { timeout: PATIENCE });
const designed = async (page) => {
  await page.locator("#design").click();
  await finished(page);
};
const finished = (page) => page.waitForFunction(
  () => document.querySelector("#stop").disabled && document.querySelector('#results section:not([hidden]) canvas') !== null,
  null,
  { timeout: PATIENCE },
);

async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.locator(button).click()]);
  return readFileSync(await file.path(), "utf8");
}

/** The records of a FASTA text. */
function records(text) {
  return text.split(/^>/m).slice(1).map((record) => {
    const [header, ...lines] = record.split("\n");
    return { header, sequence: lines.join("").trim() };
  });
}

const roles = (page) =>
  page.$$eval("#strip .cell", (cells) => cells.map((cell) => ["fixed", "masked"].find((role) => cell.classList.contains(role)) ?? "designed"));

const tests = {
  async "an example is designed as the program designs it, letter for letter"() {
    const { page, context, errors, outside } = await open();
    await ready(page);
    await page.locator('[data-example="5L33.pdb"]').click();
    await loaded(page, 106);
    await designed(page);
    const text = await download(page, "#save-fasta");
    const expected = execFileSync(program, ["design", example("5L33.pdb"), "-n", "8", "--quiet"], { encoding: "utf8" });
    assert.equal(text.trim(), expected.trim());
    const csv = await download(page, "#save-csv");
    assert.equal(csv.trim().split("\n").length, 9);
    const pdb = await download(page, "#save-structure");
    assert.equal(pdb.split("\n").filter((line) => line.startsWith("ATOM") && line.slice(12, 16).trim() === "CA").length, 106);
    assert.deepEqual([errors, outside], [[], []]);
    await context.close();
  },

  async "three residues are fixed: in the strip, in 3D, with the keyboard"() {
    const { page, context, errors } = await open();
    await ready(page);
    await page.locator('[data-example="5L33.pdb"]').click();
    await loaded(page, 106);
    // In the strip.
    await page.locator("#residue-10").click();
    await page.locator("#fix").click();
    await page.locator("#none").click();
    // In 3D.
    await page.locator("#viewer canvas").first().waitFor();
    await page.waitForTimeout(1500);
    const before = await roles(page);
    const picked = await pickInPicture(page, before);
    await page.locator("#fix").click();
    await page.locator("#none").click();
    // With the keyboard.
    await page.locator("#strip").focus();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("f");
    await page.waitForFunction(() => document.querySelectorAll("#strip .cell.fixed").length === 3);
    const fixed = (await roles(page)).flatMap((role, index) => (role === "fixed" ? [index] : []));
    assert.deepEqual(fixed, [10, 104, picked].sort((a, b) => a - b));
    await designed(page);
    const [native, ...designs] = records(await download(page, "#save-fasta"));
    assert.equal(designs.length, 8);
    for (const design of designs) for (const index of fixed) assert.equal(design.sequence[index], native.sequence[index]);
    assert.ok(new Set(designs.map(({ sequence }) => sequence)).size > 1);
    // Undo, redo, the address.
    await page.locator("#undo").click();
    await page.waitForFunction(() => document.querySelectorAll("#strip .cell.fixed").length === 2);
    await page.locator("#redo").click();
    await page.waitForFunction(() => document.querySelectorAll("#strip .cell.fixed").length === 3);
    const again = await open({ fragment: new URL(page.url()).hash });
    await loaded(again.page, 106);
    await again.page.waitForFunction(() => document.querySelectorAll("#strip .cell.fixed").length === 3);
    assert.ok(!page.url().includes("ATOM"));
    assert.deepEqual([errors, again.errors], [[], []]);
    await Promise.all([context.close(), again.context.close()]);
  },

  async "ranges by shift, only these, and the command that makes the same designs"() {
    const { page, context, errors } = await open();
    await ready(page);
    await page.locator('[data-example="6MRR.pdb"]').click();
    await loaded(page, 68);
    await page.locator("#residue-20").click();
    await page.locator("#residue-29").click({ modifiers: ["Shift"] });
    await page.locator("#only").click();
    await page.waitForFunction(() => document.querySelectorAll("#strip .cell.designed").length === 10);
    await page.locator("#set-temperature").fill("0.3");
    await page.locator("#set-numSeqs").fill("3");
    await page.locator("#set-omit").fill("C");
    await page.locator("#set-omit").blur();
    await designed(page);
    const text = await download(page, "#save-fasta");
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.locator("#copy-command").click();
    await page.locator("#copied", { hasText: "clipboard" }).waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const words = command.match(/'[^']*'|\S+/g).map((word) => word.replace(/^'|'$/g, ""));
    assert.deepEqual(words.slice(0, 3), ["fastmpnn", "design", "6MRR.pdb"]);
    const printed = execFileSync(program, [...words.slice(1), "--quiet"], { encoding: "utf8", cwd: join(root, "examples") });
    assert.equal(text.trim(), printed.trim());
    assert.deepEqual(errors, []);
    await context.close();
  },

  async "symmetric chains get one sequence"() {
    const { page, context, errors } = await open();
    await ready(page);
    await page.locator('[data-example="4GYT.pdb"]').click();
    await page.locator("#strip .chain").nth(1).waitFor();
    await page.locator("#preset").selectOption("oligomer");
    await page.locator("#set-numSeqs").fill("1");
    await page.locator("#set-numSeqs").blur();
    await page.locator("#strip .cell.tied").first().waitFor();
    await designed(page);
    const [, design] = records(await download(page, "#save-fasta"));
    const ties = await page.$$eval("#strip .cell.tied", (cells) => cells.length);
    assert.ok(ties > 100, String(ties));
    const [first, second] = design.sequence.split("/");
    const longest = Math.min(first.length, second.length);
    const equal = [...first.slice(0, longest)].filter((letter, index) => letter === second[index]).length;
    assert.ok(equal / longest > 0.8, `${equal} of ${longest}`);
    await page.locator("#separator").selectOption("records");
    assert.equal(records(await download(page, "#save-fasta")).length, 4);
    assert.deepEqual(errors, []);
    await context.close();
  },

  async "mmCIF with a ligand, and a network from a file"() {
    const { page, context, errors } = await open();
    await ready(page);
    const cif = process.env.FASTMPNN_LIGAND_CIF ?? join(out, "3MHT.cif");
    if (!existsSync(cif)) {
      execFileSync(program, ["design", example("3MHT.pdb"), "--redesign", "A1", "--structures", "--structure-format", "cif", "-o", join(out, "cif"), "--overwrite", "--quiet"]);
      writeFileSync(cif, readFileSync(join(out, "cif/structures/3MHT_1.cif")));
    }
    await page.locator("#file").setInputFiles(cif);
    await page.locator("#strip .cell").nth(300).waitFor();
    await page.locator("#expression").fill("within 6 of ligand");
    await page.locator("#select").click();
    await page.waitForFunction(() => document.querySelectorAll("#strip .cell.selected").length > 5);
    await page.locator("#preset").selectOption("enzyme");
    await page.waitForFunction(() => document.querySelectorAll("#strip .cell.fixed").length > 5);
    const weights = join(process.env.FASTMPNN_WEIGHTS ?? "", "ligandmpnn_v_32_010_25.pt");
    if (existsSync(weights) && address === server.address) {
      await page.locator("#file").setInputFiles(weights);
      await page.locator("#network option", { hasText: "ligandmpnn_v_32_010_25" }).waitFor({ state: "attached" });
      await page.locator("#set-numSeqs").fill("1");
      await page.locator("#set-numSeqs").blur();
      await designed(page);
      const text = await download(page, "#save-fasta");
      assert.match(text, /ligand_confidence=0\.\d+/);
    }
    assert.deepEqual(errors, []);
    await context.close();
  },

  async "what is wrong is said clearly"() {
    const { page, context, errors } = await open();
    await ready(page);
    await page.locator("#file").setInputFiles({ name: "notes.pdb", mimeType: "text/plain", buffer: Buffer.from("Dear all,\nno atoms here.\n") });
    const first = await page.locator("#messages .error").first().textContent();
    assert.match(first, /notes\.pdb/);
    await page.locator('[data-example="6MRR.pdb"]').click();
    await loaded(page, 68);
    await page.locator("#set-omit").fill("ACDEFGHIKLMNPQRSTVWY");
    await page.locator("#set-omit").blur();
    await page.locator("#design").click();
    await page.locator("#messages .error").first().waitFor();
    await page.locator("#set-omit").fill("");
    await page.locator("#expression").fill("A900");
    await page.locator("#select").click();
    await page.locator("#messages .error", { hasText: "A900" }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  },

  async "a design is stopped, and another begins"() {
    const { page, context, errors } = await open();
    await ready(page);
    await page.locator('[data-example="3HTN.pdb"]').click();
    await page.locator("#strip .cell").nth(300).waitFor();
    await page.locator("#set-numSeqs").fill("1000");
    await page.locator("#design").click();
    await page.locator("#stop:not([disabled])").click();
    await page.locator("#messages .warning", { hasText: "Stopped" }).waitFor();
    await page.locator('[data-example="6MRR.pdb"]').click();
    await loaded(page, 68);
    await designed(page);
    assert.equal(await page.locator("#designs tbody tr").count(), 9);
    assert.deepEqual(errors, []);
    await context.close();
  },

  async "results are sorted, filtered and read"() {
    const { page, context, errors } = await open();
    await ready(page);
    await page.locator('[data-example="5L33.pdb"]').click();
    await loaded(page, 106);
    await designed(page);
    const column = (place) => page.$$eval(`#designs tbody tr:not(.native) td:nth-child(${place})`, (cells) => cells.map((cell) => Number(cell.textContent)));
    const scores = await column(4);
    assert.deepEqual(scores, [...scores].sort((a, b) => a - b));
    await page.locator('[data-key="sample"]').click();
    assert.deepEqual(await column(2), [1, 2, 3, 4, 5, 6, 7, 8]);
    await page.locator("#filter-score").fill(String((scores[3] + scores[4]) / 2));
    await page.waitForFunction(() => document.querySelectorAll("#designs tbody tr:not(.native)").length === 4);
    assert.ok((await page.locator("#designs mark").count()) > 20);
    assert.ok((await page.locator("svg.logo text").count()) > 200);
    assert.ok((await page.locator("svg.histogram rect").count()) > 3);
    const map = page.locator(".heatmap canvas");
    await map.scrollIntoViewIfNeeded();
    const box = await map.boundingBox();
    await page.mouse.move(box.x + 18 + 13 * 5 + 5, box.y + 18 + 13 * 3 + 5);
    assert.match(await page.locator(".heatmap output").textContent(), /^A\d+ E: p = [01]\.\d{4}/);
    await map.press("ArrowDown");
    assert.match(await page.locator(".heatmap output").textContent(), /^A\d+ F: p = /);
    assert.deepEqual(errors, []);
    await context.close();
  },

  async "nothing is out of reach: axe finds no serious fault, in both themes and widths"() {
    const axe = readFileSync(join(here, "../node_modules/axe-core/axe.min.js"), "utf8");
    for (const [scheme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]]) {
      const { page, context, errors } = await open({ scheme, width, height: width === 390 ? 844 : 900 });
      await ready(page);
      await page.locator('[data-example="5L33.pdb"]').click();
      await loaded(page, 106);
      await page.locator("#residue-30").click();
      await page.locator("#residue-39").click({ modifiers: ["Shift"] });
      await page.locator("#fix").click();
      await designed(page);
      await page.waitForTimeout(1200);
      await page.screenshot({ path: join(out, `page-${scheme}-${width}.png`), fullPage: true });
      // The policy of the page forbids scripts in it, so the debugger brings this one.
      const debug = await context.newCDPSession(page);
      await debug.send("Runtime.evaluate", { expression: axe });
      const faults = await page.evaluate(async () => {
        const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
        return violations
          .filter(({ impact }) => impact === "serious" || impact === "critical")
          .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
      });
      assert.deepEqual(faults, []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `the page is ${wide} pixels too wide`);
      assert.deepEqual(errors, []);
      await context.close();
    }
  },

  async "two tabs do not disturb each other"() {
    const [one, two] = await Promise.all([open(), open()]);
    await Promise.all([ready(one.page), ready(two.page)]);
    await one.page.locator('[data-example="5L33.pdb"]').click();
    await two.page.locator('[data-example="6MRR.pdb"]').click();
    await Promise.all([loaded(one.page, 106), loaded(two.page, 68)]);
    await Promise.all([designed(one.page), designed(two.page)]);
    for (const [{ page }, length] of [[one, 106], [two, 68]]) {
      const [native] = records(await download(page, "#save-fasta"));
      assert.equal(native.sequence.length, length);
    }
    await Promise.all([one.context.close(), two.context.close()]);
  },

  async "the first load, and the time from a drop to eight designs"() {
    server.sent.bytes = 0;
    const { page, context } = await open();
    await ready(page);
    const text = readFileSync(example("5L33.pdb"), "utf8");
    const run = async () => {
      const took = await page.evaluate(async (text) => {
        performance.clearMarks();
        // The residues of the structure before are not taken for those of this one.
        document.querySelector("#strip").replaceChildren();
        const transfer = new DataTransfer();
        transfer.items.add(new File([text], "5L33.pdb"));
        const start = performance.now();
        document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        while (document.querySelectorAll("#strip .cell").length !== 106 || document.querySelector("#work").hidden) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        document.querySelector("#design").click();
        while (performance.getEntriesByName("designs-shown").length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        return performance.getEntriesByName("designs-shown")[0].startTime - start;
      }, text);
      await finished(page);
      return Math.round(took);
    };
    figures.drop_to_designs_ms = [await run(), await run(), await run()];
    // With the 3D viewer, which comes with the first structure.
    figures.first_load_bytes = server.sent.bytes;
    if (address === server.address) assert.ok(figures.first_load_bytes <= 8e6, `${figures.first_load_bytes} bytes`);
    await context.close();
  },
};

/** Clicks in the picture where a residue is, until one is picked; its index. */
async function pickInPicture(page, roles) {
  for (const index of [30, 40, 50, 60, 70, 80, 90, 20, 25, 35, 45, 55, 65]) {
    if (roles[index] !== "designed") continue;
    const id = await page.locator(`#residue-${index}`).getAttribute("aria-label");
    const place = await page.evaluate((id) => window.fastmpnn.place(id), id.split(",")[0]);
    if (!place) continue;
    await page.locator("#view").scrollIntoViewIfNeeded();
    const again = await page.evaluate((id) => window.fastmpnn.place(id), id.split(",")[0]);
    await page.mouse.click(again.x, again.y);
    await page.waitForTimeout(300);
    const selected = await page.$$eval("#strip .cell", (cells) => cells.flatMap((cell, at) => (cell.classList.contains("selected") ? [at] : [])));
    if (selected.length === 1) return selected[0];
  }
  throw new Error("no click in the picture picks a residue");
}

const only = process.argv[2];
let [passed, failed] = [0, 0];
for (const [name, test] of Object.entries(tests)) {
  if (only !== undefined && !name.includes(only)) continue;
  try {
    await test();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack ?? error}`);
  }
}
await browser.close();
server.close();
if (Object.keys(figures).length > 0) {
  writeFileSync(join(out, "figures.json"), `${JSON.stringify(figures, null, 2)}\n`);
  console.log(JSON.stringify(figures));
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
