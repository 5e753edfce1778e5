// The table, the plots and what is read from them.

import assert from "node:assert/strict";
import { designed, loaded, plotsTell, ready } from "../page.mjs";

export const tests = {
  async "results are sorted, filtered and read"(at) {
    const { page, context, errors } = await at.open();
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
    await plotsTell(page, 3);
    assert.deepEqual(errors, []);
    await context.close();
  },
};
