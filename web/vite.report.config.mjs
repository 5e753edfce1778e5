// What reports are made of. `dist-report/report.html` is the page of `fastmpnn design --report`: report.html with its script and
// styles in it, and a policy that allows these alone. With `--mode tables`, `dist-report/tables.js`: a script for tables that are
// HTML already.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const file = (path) => new URL(path, import.meta.url).pathname;
const hash = (text) => `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
/** A script that can stand in HTML: in a string or a regular expression, the only places for it, this is the same. */
const safe = (code) => code.replace(/<(\/script|!--)/gi, "\\x3C$1").trim();

/** Puts the script and the styles into the page. */
function onePage() {
  const handler = function (_options, bundle) {
    const files = Object.values(bundle);
    const [script, ...scripts] = files.filter(({ type }) => type === "chunk");
    const [style, ...styles] = files.filter(({ fileName }) => fileName.endsWith(".css"));
    if (!script || !style || scripts.length + styles.length > 0) this.error("the report is to be one script and one style sheet");
    const [code, css] = [safe(script.code), String(style.source).trim()];
    const policy = [
      "default-src 'none'",
      `script-src ${hash(code)}`,
      `style-src ${hash(css)}`,
      "img-src data: blob:",
      "base-uri 'none'",
      "form-action 'none'",
    ].join("; ");
    const parts = { policy, style: `<style>${css}</style>`, script: `<script type="module">${code}</script>` };
    const mark = /<!-- (style|script) -->|POLICY/g;
    const source = readFileSync(file("report.html"), "utf8").replace(mark, (_, name) => parts[name ?? "policy"]);
    for (const name of Object.keys(bundle)) delete bundle[name];
    this.emitFile({ type: "asset", fileName: "report.html", source });
  };
  return { name: "one-page", enforce: "post", generateBundle: { order: "post", handler } };
}

/** Makes the script safe. */
function oneScript() {
  const handler = (_options, bundle) => {
    for (const chunk of Object.values(bundle)) if (chunk.type === "chunk") chunk.code = safe(chunk.code);
  };
  return { name: "one-script", enforce: "post", generateBundle: { order: "post", handler } };
}

export default defineConfig(({ mode }) => {
  const tables = mode === "tables";
  const output = tables ? { format: "iife", entryFileNames: "tables.js" } : { inlineDynamicImports: true };
  return {
    plugins: [tables ? oneScript() : onePage()],
    publicDir: false,
    build: {
      target: "es2022",
      outDir: "dist-report",
      emptyOutDir: !tables,
      cssCodeSplit: false,
      assetsInlineLimit: Infinity,
      modulePreload: false,
      // 3Dmol.js is one file.
      chunkSizeWarningLimit: 900,
      rollupOptions: { input: file(tables ? "src/report/tables.ts" : "src/report/main.ts"), output },
    },
  };
});
