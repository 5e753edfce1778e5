// Both themes, both widths.

import { join } from "node:path";
import assert from "node:assert/strict";
import { LOOKS, designed, loaded, out, ready, selectTen, withinReach } from "../page.mjs";

export const tests = {
  async "nothing is out of reach: axe finds no serious fault, in both themes and widths"(at) {
    for (const look of LOOKS) {
      const { page, context, errors } = await at.open(look);
      await ready(page);
      await page.locator('[data-example="5L33.pdb"]').click();
      await loaded(page, 106);
      await selectTen(page);
      await page.locator("#fix").click();
      await page.locator("#scan").click();
      await page.locator("#mutations tbody tr").first().waitFor();
      await designed(page);
      await page.waitForTimeout(1200);
      await page.screenshot({ path: join(out, `page-${look.scheme}-${look.width}.png`), fullPage: true });
      await withinReach(page);
      assert.deepEqual(errors, []);
      await context.close();
    }
  },
};
