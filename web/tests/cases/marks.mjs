// Residues are marked in the strip, in 3D and with the keyboard.

import assert from "node:assert/strict";
import { designed, download, loaded, pickInPicture, ready, records, roles } from "../page.mjs";

export const tests = {
  async "three residues are fixed: in the strip, in 3D, with the keyboard"(at) {
    const { page, context, errors } = await at.open();
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
    const picked = await pickInPicture(page);
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
    const again = await at.open({ fragment: new URL(page.url()).hash });
    await loaded(again.page, 106);
    await again.page.waitForFunction(() => document.querySelectorAll("#strip .cell.fixed").length === 3);
    assert.ok(!page.url().includes("ATOM"));
    assert.deepEqual([errors, again.errors], [[], []]);
    await Promise.all([context.close(), again.context.close()]);
  },
};
