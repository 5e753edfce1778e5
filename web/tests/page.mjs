// What the tests do with a page.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, "../..");

/** Where pictures and figures go. */
export const out = process.env.FASTMPNN_PICTURES ?? join(here, "out");
mkdirSync(out, { recursive: true });

/** A machine under load takes longer, and no test says how long. */
export const PATIENCE = 300_000;

/** The program with which the page is compared. */
export const program = [process.env.FASTMPNN, "target/release/fastmpnn", "target/ci/fastmpnn", "target/debug/fastmpnn"]
  .filter((path) => path !== undefined)
  .map((path) => join(path.startsWith("/") ? "" : root, path))
  .find((path) => existsSync(path));

export const example = (name) => join(root, "examples", name);

/** What the program prints in the folder of the examples. */
export const printed = (...words) =>
  execFileSync(program, [...words, "--quiet"], { encoding: "utf8", cwd: join(root, "examples") });

export function launch() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) throw new Error(`${executablePath} is missing; as root: apt-get install chromium`);
  const args = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  return chromium.launch({ executablePath, args });
}

/** A page in a browser of its own; what it complains of and what it asks of others is listed. */
export async function open(browser, address, options = {}) {
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

export const ready = (page) => page.locator("#engine", { hasText: "Ready" }).waitFor();

export const loaded = (page, count) =>
  page.waitForFunction((count) => document.querySelectorAll("#strip .cell").length === count, count);

/** All designs are there, and the heat map. */
export const finished = (page) =>
  page.waitForFunction(
    () => document.querySelector("#stop").disabled && document.querySelector("#results:not([hidden]) section:not([hidden]) canvas") !== null,
  );

export async function designed(page) {
  await page.locator("#design").click();
  await finished(page);
}

/** A list of settings, as a reader fills them in. */
export async function fill(page, fields) {
  for (const [id, value] of Object.entries(fields)) {
    await page.locator(`#${id}`).fill(value);
    await page.locator(`#${id}`).blur();
  }
}

export async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.locator(button).click()]);
  return readFileSync(await file.path(), "utf8");
}

/** The records of a FASTA text. */
export function records(text) {
  return text.split(/^>/m).slice(1).map((record) => {
    const [header, ...lines] = record.split("\n");
    return { header, sequence: lines.join("").trim() };
  });
}

/** The role of each residue in the strip. */
export const roles = (page) =>
  page.$$eval("#strip .cell", (cells) => cells.map((cell) => ["fixed", "masked"].find((role) => cell.classList.contains(role)) ?? "designed"));

/** The four looks of a page: both themes, on a screen and on a telephone. */
export const LOOKS = ["light", "dark"].flatMap((scheme) => [
  { scheme, width: 1280, height: 900 },
  { scheme, width: 390, height: 844 },
]);

/** axe-core finds no serious fault, and nothing is wider than the window. */
export async function withinReach(page) {
  const axe = readFileSync(join(root, "web/node_modules/axe-core/axe.min.js"), "utf8");
  // The policy of the page forbids scripts in it, so the debugger brings this one.
  const debug = await page.context().newCDPSession(page);
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
}

/** The logo, a histogram of more than `bars` bars and the heat map are drawn; the map tells the value under the pointer, and follows the keys. */
export async function plotsTell(page, bars) {
  assert.ok((await page.locator("svg.logo text").count()) > 200);
  assert.ok((await page.locator("svg.histogram rect").count()) > bars);
  const map = page.locator(".heatmap canvas");
  await map.scrollIntoViewIfNeeded();
  const box = await map.boundingBox();
  await page.mouse.move(box.x + 18 + 13 * 5 + 5, box.y + 18 + 13 * 3 + 5);
  assert.match(await page.locator(".heatmap output").textContent(), /^A\d+ E: p = [01]\.\d{4}/);
  await map.press("ArrowDown");
  assert.match(await page.locator(".heatmap output").textContent(), /^A\d+ F: p = /);
}

/** Selects ten residues, the first by a click, the last with shift. */
export async function selectTen(page) {
  await page.locator("#residue-30").click();
  await page.locator("#residue-39").click({ modifiers: ["Shift"] });
}

const selected = (page) =>
  page.$$eval("#strip .cell", (cells) => cells.flatMap((cell, at) => (cell.classList.contains("selected") ? [at] : [])));

/** Clicks in the picture where a designed residue is, until one is picked; its index. */
export async function pickInPicture(page) {
  const known = await roles(page);
  await page.locator("#view").scrollIntoViewIfNeeded();
  for (const index of [30, 40, 50, 60, 70, 80, 90, 20, 25, 35, 45, 55, 65]) {
    if (known[index] !== "designed") continue;
    const label = await page.locator(`#residue-${index}`).getAttribute("aria-label");
    const place = await page.evaluate((id) => window.fastmpnn.place(id), label.split(",")[0]);
    if (!place) continue;
    await page.mouse.click(place.x, place.y);
    await page.waitForTimeout(300);
    // One in front of it may have been hit instead.
    const picked = await selected(page);
    if (picked.length === 1) return picked[0];
  }
  throw new Error("no click in the picture picks a residue");
}
