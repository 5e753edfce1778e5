// The pictures of docs/page.md: node web/tests/pictures.mjs, after `make web`.

import { join } from "node:path";
import { designed, launch, loaded, open, ready, root, selectTen } from "./page.mjs";
import { serve } from "./static_server.mjs";

const files = await serve(join(root, "web/dist"));
const browser = await launch();
const { page } = await open(browser, files.address, { width: 1120, height: 880 });
await ready(page);
await page.locator('[data-example="5L33.pdb"]').click();
await loaded(page, 106);
await selectTen(page);
await page.locator("#fix").click();
await page.locator("#none").click();
await designed(page);
await page.locator("#scan").click();
await page.locator("#mutations tbody tr").first().waitFor();
await page.waitForTimeout(3000);
const shot = (name, quality, clip) =>
  page.screenshot({ path: join(root, "docs/images", `${name}.jpg`), type: "jpeg", quality, fullPage: true, clip });
const box = async (id) => await page.evaluate((id) => {
  const { x, y, width, height } = document.getElementById(id).getBoundingClientRect();
  return { x, y: y + window.scrollY, width, height };
}, id);
const residues = await box("residues");
await shot("page-residues", 70, { x: 0, y: 0, width: 1120, height: residues.y + residues.height + 8 });
const results = await box("results");
await shot("page-designs", 40, { x: 0, y: results.y - 8, width: 1120, height: results.height + 16 });
await browser.close();
files.close();
