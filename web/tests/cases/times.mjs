// Bytes and times.

import { readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { example, finished, ready } from "../page.mjs";

export const tests = {
  async "the first load, and the time from a drop to eight designs"(at) {
    at.sent.bytes = 0;
    const { page, context } = await at.open();
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
    // The first is that of cold workers.
    at.figures[`${at.place}_drop_to_designs_ms`] = [await run(), await run(), await run()];
    if (at.place === "static") {
      // With the 3D viewer, which comes with the first structure.
      at.figures.first_load_bytes = at.sent.bytes;
      assert.ok(at.sent.bytes <= 8e6, `${at.sent.bytes} bytes`);
    }
    await context.close();
  },
};
