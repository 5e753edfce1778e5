// Designs are those of the program, letter for letter.

import assert from "node:assert/strict";
import { download, designed, fill, loaded, printed, ready, records } from "../page.mjs";

export const tests = {
  async "an example is designed as the program designs it, letter for letter"(at) {
    const { page, context, errors, outside } = await at.open();
    await ready(page);
    await page.locator('[data-example="5L33.pdb"]').click();
    await loaded(page, 106);
    await designed(page);
    const text = await download(page, "#save-fasta");
    const expected = printed("design", "5L33.pdb", "-n", "8");
    assert.equal(text.trim(), expected.trim());
    const csv = await download(page, "#save-csv");
    assert.equal(csv.trim().split("\n").length, 9);
    const pdb = await download(page, "#save-structure");
    assert.equal(pdb.split("\n").filter((line) => line.startsWith("ATOM") && line.slice(12, 16).trim() === "CA").length, 106);
    assert.deepEqual([errors, outside], [[], []]);
    await context.close();
  },

  async "ranges by shift, only these, and the command that makes the same designs"(at) {
    const { page, context, errors } = await at.open();
    await ready(page);
    await page.locator('[data-example="6MRR.pdb"]').click();
    await loaded(page, 68);
    await page.locator("#residue-20").click();
    await page.locator("#residue-29").click({ modifiers: ["Shift"] });
    await page.locator("#only").click();
    await page.waitForFunction(() => document.querySelectorAll("#strip .cell.designed").length === 10);
    await fill(page, { "set-temperature": "0.3", "set-numSeqs": "3", "set-omit": "C" });
    await designed(page);
    const text = await download(page, "#save-fasta");
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.locator("#copy-command").click();
    await page.locator("#copied", { hasText: "clipboard" }).waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const words = command.match(/'[^']*'|\S+/g).map((word) => word.replace(/^'|'$/g, ""));
    assert.deepEqual(words.slice(0, 3), ["fastmpnn", "design", "6MRR.pdb"]);
    assert.equal(text.trim(), printed(...words.slice(1)).trim());
    assert.deepEqual(errors, []);
    await context.close();
  },

  async "symmetric chains get one sequence"(at) {
    const { page, context, errors } = await at.open();
    await ready(page);
    await page.locator('[data-example="4GYT.pdb"]').click();
    await page.locator("#strip .chain").nth(1).waitFor();
    await page.locator("#preset").selectOption("oligomer");
    await fill(page, { "set-numSeqs": "1" });
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
};
