// The report of `fastmpnn design --report` in Debian's Chromium: opened from the disk, without a network. Prints a line for each
// test, and writes pictures to web/tests/out. `node web/tests/report.mjs [WORDS OF A TEST]`, after `npm run build:report` and a
// build of the program.

import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";
import { LOOKS, PATIENCE, download, launch, out, plotsTell, program, root, selectTen, withinReach } from "./page.mjs";

if (program === undefined) {
  console.error("the program is missing: cargo build --release");
  process.exit(1);
}

/** The largest report of 100 designs of 106 residues, bytes. */
const MOST_OF_100 = 1_500_000;

const examples = join(root, "examples");
const run = (...words) => execFileSync(program, words, { encoding: "utf8", cwd: examples, maxBuffer: 1 << 28 });

const hundred = join(out, "report.html");
const printed = run("design", "5L33.pdb", "-n", "100", "--fix", "A5-9", "--report", hundred, "--quiet");
const several = join(out, "several.html");
run("design", "4GYT.pdb", "3MHT.pdb", "-n", "3", "--temperature", "0.1,0.3", "--report", several, "--quiet");

const browser = await launch();

/** A report in a browser that is offline; what goes wrong in it fails the test. */
async function open(path, options = {}) {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.scheme ?? "light",
    acceptDownloads: true,
    offline: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    // Software drawing tells of its slowness.
    if (message.type() === "error" || /content security policy|violates/i.test(message.text())) errors.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) errors.push(`asks for ${request.url()}`);
  });
  await page.goto(pathToFileURL(path).href);
  await page.locator("#designs tbody tr").nth(1).waitFor();
  return { page, errors, close: () => context.close() };
}

const rows = (page) => page.locator("#designs tbody tr:not(.native)");
const column = (page, place) =>
  page.$$eval(`#designs tbody tr:not(.native) td:nth-child(${place})`, (cells) => cells.map((cell) => Number(cell.textContent)));

const tests = {
  async "the report of 100 designs is small, and its downloads are what the program prints"() {
    assert.ok(statSync(hundred).size <= MOST_OF_100, `${statSync(hundred).size} bytes`);
    const { page, errors, close } = await open(hundred);
    assert.equal((await download(page, "#save-fasta")).trim(), printed.trim());
    const csv = (await download(page, "#save-csv")).trim().split("\n");
    assert.equal(csv.length, 101);
    assert.equal(csv[0].split(",")[4], "score");
    assert.deepEqual(errors, []);
    await close();
  },

  async "designs are sorted and filtered, and the choice is kept to the keyboard"() {
    const { page, errors, close } = await open(hundred);
    assert.equal(await rows(page).count(), 100);
    const scores = await column(page, 4);
    assert.deepEqual(scores, [...scores].sort((a, b) => a - b));
    await page.locator('[data-key="sample"]').focus();
    await page.keyboard.press("Enter");
    assert.deepEqual(await column(page, 2), Array.from({ length: 100 }, (_, index) => index + 1));
    await page.locator("#filter-score").fill(String((scores[9] + scores[10]) / 2));
    await page.waitForFunction(() => document.querySelectorAll("#designs tbody tr:not(.native)").length === 10);
    assert.equal((await download(page, "#save-fasta")).split(">").length - 1, 11);
    assert.ok((await page.locator("#designs mark").count()) > 50);
    assert.deepEqual(errors, []);
    await close();
  },

  async "a design is compared with the native sequence and with another design"() {
    const { page, errors, close } = await open(hundred);
    const differences = () => page.$$eval("#strip .drawn.changed", (cells) => cells.length);
    const letters = (line) =>
      page.$$eval("#strip .cell", (cells, line) => cells.map((cell) => cell.children[line].dataset.letter).join(""), line);
    const sequences = printed.split("\n").filter((line) => /^[A-Z]{106}$/.test(line));
    const chosen = Number(await page.locator("#designs tr:has(input:checked)").getAttribute("data-sample"));
    const distance = (one, other) => [...one].filter((letter, index) => letter !== other[index]).length;
    assert.deepEqual([await letters(0), await letters(1)], [sequences[0], sequences[chosen]]);
    assert.equal(await differences(), distance(sequences[0], sequences[chosen]));
    const fixed = await page.$$eval("#strip .cell.fixed", (cells) => cells.map((cell) => cell.id));
    assert.equal(fixed.length, 5);
    await page.locator("#reference").selectOption("6");
    assert.equal(await letters(0), sequences[7]);
    assert.equal(await differences(), distance(sequences[7], sequences[chosen]));
    await page.locator('#designs tr[data-sample="12"] input').check();
    assert.equal(await letters(1), sequences[12]);
    assert.equal(await differences(), distance(sequences[7], sequences[12]));
    await page.locator("#reference").selectOption("native");
    assert.equal(await differences(), distance(sequences[0], sequences[12]));
    assert.deepEqual(errors, []);
    await close();
  },

  async "plots, heat map and settings tell what was made"() {
    const { page, errors, close } = await open(hundred);
    await plotsTell(page, 5);
    const command = await page.locator("#settings pre").first().textContent();
    const words = command.split(" ");
    assert.deepEqual(words.slice(0, 3), ["fastmpnn", "design", "5L33.pdb"]);
    assert.equal(run(...words.slice(1), "--quiet"), printed);
    assert.match(await page.locator("#settings pre").nth(1).textContent(), /encode\("5L33\.pdb"\)\n.*num_seqs=100/);
    assert.deepEqual(errors, []);
    await close();
  },

  async "the structure is drawn, and a click in it or the keyboard selects residues"() {
    const { page, errors, close } = await open(hundred);
    await page.locator("#viewer canvas").waitFor();
    await page.locator("#strip").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    await page.locator("#chosen", { hasText: "2 selected: A0, A1" }).waitFor();
    await page.keyboard.press("f");
    assert.equal(await page.locator("#strip .cell.fixed").count(), 5);
    await page.keyboard.press("Escape");
    for (const name of ["roles", "chains", "confidence"]) await page.locator("#coloring").selectOption(name);
    await page.waitForTimeout(500);
    const colors = await page.evaluate(() => {
      const canvas = document.querySelector("#viewer canvas");
      const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
      const context = copy.getContext("2d");
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(0, 0, copy.width, copy.height);
      const seen = new Set();
      for (let at = 0; at < data.length; at += 4) seen.add(data.slice(at, at + 4).join());
      return seen.size;
    });
    assert.ok(colors > 50, `${colors} colors in the picture`);
    assert.deepEqual(errors, []);
    await close();
  },

  async "several structures are chosen among, with their own temperatures, ligands and chains"() {
    const { page, errors, close } = await open(several);
    assert.deepEqual(await page.locator("#structure option").allTextContents(), ["4GYT", "3MHT"]);
    assert.equal(await rows(page).count(), 6);
    assert.equal(await page.locator("#strip .chain").count(), 2);
    await page.locator("#reference option", { hasText: "T = 0.3" }).first().waitFor({ state: "attached" });
    await page.locator("#structure").selectOption({ label: "3MHT" });
    await page.locator("h1", { hasText: "3MHT" }).waitFor();
    assert.equal(await page.locator("#strip .chain").count(), 1);
    assert.match(await download(page, "#save-fasta"), /^>3MHT/);
    assert.deepEqual(errors, []);
    await close();
  },

  async "a file that was cut off says so"() {
    const cut = join(out, "cut.html");
    const text = readFileSync(hundred, "utf8");
    const at = text.indexOf('<script type="application/json" data-kind="end">');
    writeFileSync(cut, text.slice(0, at) + text.slice(text.indexOf("</script>", at) + 9));
    const { page, errors, close } = await open(cut);
    await page.locator("#messages", { hasText: "cut off" }).waitFor();
    assert.deepEqual(errors, []);
    await close();
  },

  async "tables of a page that is HTML already are sorted under their headings, filtered and saved"() {
    const row = (...cells) => `<tr><th scope="row">${cells[0]}</th>${cells.slice(1).map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
    const heading = (name) => `<tr class="group"><th colspan="3" scope="colgroup">${name}</th></tr>`;
    const head = "<thead><tr><th scope=col></th><th scope=col>median ms</th><th scope=col>ratio</th></tr></thead>";
    const body = [heading("first"), row("b, c", "1 234", "2.0 ×"), row("a", "39.9", "–"), heading("second"), row("d", "5.10", "1.5 ×")].join("");
    const path = join(out, "tables.html");
    const script = readFileSync(join(root, "web/dist-report/tables.js"), "utf8");
    const table = `<table id="designs"><caption>Time</caption>${head}<tbody>${body}</tbody></table>`;
    writeFileSync(path, `<!doctype html><meta charset="utf-8"><section id="speed">${table}</section><script>${script}</script>`);
    const { page, errors, close } = await open(path);
    const names = () => page.locator("tbody th").allTextContents();
    await page.locator("thead button", { hasText: "median ms" }).click();
    assert.deepEqual(await names(), ["first", "a", "b, c", "second", "d"]);
    assert.equal(await page.locator("thead th").nth(1).getAttribute("aria-sort"), "ascending");
    // What has no number is last, whichever way.
    for (const order of [["first", "b, c", "a", "second", "d"], ["first", "b, c", "a", "second", "d"]]) {
      await page.locator("thead button", { hasText: "ratio" }).click();
      assert.deepEqual(await names(), order);
    }
    await page.locator(".table-tools input").fill("first b");
    assert.deepEqual(await names(), ["first", "b, c"]);
    assert.equal(await download(page, ".table-tools button"), 'group,Name,median ms,ratio\nfirst,"b, c",1 234,2.0 ×\n');
    assert.deepEqual(errors, []);
    await close();
  },

  async "nothing is out of reach: axe finds no serious fault, in both themes and widths"() {
    for (const look of LOOKS) {
      const { page, errors, close } = await open(hundred, look);
      await selectTen(page);
      await page.waitForTimeout(1200);
      await page.screenshot({ path: join(out, `report-${look.scheme}-${look.width}.png`), fullPage: true });
      await withinReach(page);
      const before = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await page.locator("#theme").click();
      assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), before);
      assert.deepEqual(errors, []);
      await close();
    }
  },
};

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
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
