// Scores of given sequences and scans of mutations are those of the program.

import assert from "node:assert/strict";
import { download, loaded, printed, ready } from "../page.mjs";

const rows = (csv) => csv.trim().split("\n").map((line) => line.split(","));

/** A table that the program prints, as objects. */
function table(csv) {
  const [head, ...lines] = rows(csv);
  return lines.map((cells) => Object.fromEntries(cells.map((cell, index) => [head[index], cell])));
}

const close = (one, other) => assert.ok(Math.abs(Number(one) - Number(other)) < 2e-4, `${one} and ${other}`);

export const tests = {
  async "sequences are scored, and mutations scanned"(at) {
    const { page, context, errors, outside } = await at.open();
    await ready(page);
    await page.locator('[data-example="6MRR.pdb"]').click();
    await loaded(page, 68);
    // The native sequence.
    await page.locator("#score").click();
    await page.locator("#scores tbody tr").waitFor();
    const [native] = table(await download(page, "#save-scores"));
    const [expected] = table(printed("score", "6MRR.pdb"));
    close(native.score, expected.score);
    // Two of one's own.
    const other = `W${native.sequence.slice(1)}`;
    await page.locator("#sequences").fill(`${native.sequence}\n${other}`);
    await page.locator("#score").click();
    await page.locator("#scores tbody tr").nth(1).waitFor();
    const scored = table(await download(page, "#save-scores"));
    assert.deepEqual(scored.map(({ sequence }) => sequence), [native.sequence, other]);
    close(scored[0].score, native.score);
    assert.ok(Number(scored[1].score) > Number(scored[0].score));
    await page.locator("#scores input[type=radio]").nth(1).check();
    assert.equal(await page.locator("#residue-0 .drawn").getAttribute("data-letter"), "W");
    // One that does not fit.
    await page.locator("#sequences").fill("ACDEF");
    await page.locator("#score").click();
    assert.match(await page.locator("#messages .error").first().textContent(), /sequence 1.*5|5.*68/);
    // Three residues, every letter.
    await page.locator("#residue-20").click();
    await page.locator("#residue-22").click({ modifiers: ["Shift"] });
    await page.locator("#only").click();
    await page.waitForFunction(() => document.querySelectorAll("#strip .cell.designed").length === 3);
    await page.locator("#scan").click();
    await page.locator("#mutations tbody tr").nth(19).waitFor();
    const scanned = table(await download(page, "#save-scan"));
    assert.equal(scanned.length, 3 * 19);
    const residues = [...new Set(scanned.map(({ residue }) => residue))];
    const listed = table(printed("scan", "6MRR.pdb", "--redesign", residues.join(","), "--all"));
    const change = new Map(listed.map((row) => [`${row.chain}${row.number} ${row.letter}`, row.change]));
    for (const row of scanned) close(row.change, change.get(`${row.residue} ${row.letter}`));
    const map = page.locator("#scanned .heatmap canvas");
    await map.press("ArrowRight");
    assert.match(await page.locator("#scanned .heatmap output").textContent(), /^A\d+ A: [+−]\d+\.\d{3} nats/);
    assert.deepEqual([errors, outside], [[], []]);
    await context.close();
  },
};
