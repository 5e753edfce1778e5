import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses, so that the page works in any folder of a web server.
  base: "./",
  assetsInclude: ["**/*.pdb", "**/*.cif", "**/*.weights"],
  worker: { format: "es" },
  build: {
    target: "es2022",
    // The first that know light-dark().
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // A data: address would need a looser Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // 3Dmol.js is one file.
    chunkSizeWarningLimit: 700,
  },
  server: { fs: { allow: [".."] } },
});
