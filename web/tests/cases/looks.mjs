// Both themes, both widths.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";
import { designed, loaded, out, ready, root } from "../page.mjs";

export const tests = {
  async "nothing is out of reach: axe finds no serious fault, in both themes and widths"(at) {
    const axe = readFileSync(join(root, "web/node_modules/axe-core/axe.min.js"), "utf8");
    for (const [scheme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]]) {
      const { page, context, errors } = await at.open({ scheme, width, height: width === 390 ? 844 : 900 });
      await ready(page);
      await page.locator('[data-example="5L33.pdb"]').click();
      await loaded(page, 106);
      await page.locator("#residue-30").click();
      await page.locator("#residue-39").click({ modifiers: ["Shift"] });
      await page.locator("#fix").click();
      await page.locator("#scan").click();
      await page.locator("#mutations tbody tr").first().waitFor();
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
};
