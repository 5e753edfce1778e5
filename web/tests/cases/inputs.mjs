// What comes in: formats, networks, mistakes; what is stopped, and what runs beside it.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { designed, download, fill, loaded, printed, ready, records } from "../page.mjs";

/** 3MHT, a protein with DNA and a ligand, as mmCIF. */
function ligandCif() {
  const folder = mkdtempSync(join(tmpdir(), "fastmpnn-"));
  printed("design", "3MHT.pdb", "--redesign", "A1", "--structures", "--structure-format", "cif", "-o", folder, "--overwrite");
  const text = readFileSync(join(folder, "structures/3MHT_1.cif"));
  rmSync(folder, { recursive: true });
  return { name: "3MHT.cif", mimeType: "text/plain", buffer: text };
}

export const tests = {
  async "mmCIF with a ligand, and a network from a file"(at) {
    const { page, context, errors } = await at.open();
    await ready(page);
    await page.locator("#file").setInputFiles(ligandCif());
    await page.locator("#strip .cell").nth(300).waitFor();
    await page.locator("#expression").fill("within 6 of ligand");
    await page.locator("#select").click();
    await page.waitForFunction(() => document.querySelectorAll("#strip .cell.selected").length > 5);
    const near = await page.$$eval("#strip .cell", (cells) => cells.map((cell) => cell.classList.contains("selected")));
    await page.locator("#preset").selectOption("enzyme");
    await page.waitForFunction(() => document.querySelectorAll("#strip .cell.fixed").length > 5);
    await fill(page, { "set-numSeqs": "1" });
    await designed(page);
    const [native, design] = records(await download(page, "#save-fasta"));
    near.forEach((near, index) => near && assert.equal(design.sequence[index], native.sequence[index]));
    assert.notEqual(design.sequence, native.sequence);
    const weights = join(process.env.FASTMPNN_WEIGHTS ?? "", "ligandmpnn_v_32_010_25.pt");
    const label = "ligandmpnn_v_32_010_25";
    if (existsSync(weights)) {
      if (at.place === "static") await page.locator("#file").setInputFiles(weights);
      await page.locator("#network option", { hasText: label }).waitFor({ state: "attached" });
      await page.locator("#network").selectOption(label);
      await designed(page);
      assert.match(await download(page, "#save-fasta"), /ligand_confidence=0\.\d+/);
    } else if (process.env.FASTMPNN_REQUIRE_WEIGHTS === "1") {
      throw new Error(`${weights} is missing`);
    }
    assert.deepEqual(errors, []);
    await context.close();
  },

  async "what is wrong is said clearly"(at) {
    const { page, context, errors } = await at.open();
    await ready(page);
    await page.locator("#file").setInputFiles({ name: "notes.pdb", mimeType: "text/plain", buffer: Buffer.from("Dear all,\nno atoms here.\n") });
    const first = await page.locator("#messages .error").first().textContent();
    assert.match(first, /notes\.pdb/);
    await page.locator('[data-example="6MRR.pdb"]').click();
    await loaded(page, 68);
    await fill(page, { "set-omit": "ACDEFGHIKLMNPQRSTVWY" });
    await page.locator("#design").click();
    await page.locator("#messages .error").first().waitFor();
    await fill(page, { "set-omit": "" });
    await page.locator("#expression").fill("A900");
    await page.locator("#select").click();
    await page.locator("#messages .error", { hasText: "A900" }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  },

  async "a design is stopped, and another begins"(at) {
    const { page, context, errors } = await at.open();
    await ready(page);
    await page.locator('[data-example="3HTN.pdb"]').click();
    await page.locator("#strip .cell").nth(300).waitFor();
    // As many as the server takes.
    await fill(page, { "set-numSeqs": "1000" });
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

  async "two tabs do not disturb each other"(at) {
    const [one, two] = await Promise.all([at.open(), at.open()]);
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
};
