// The engine alone, as node has it: no browser, no page.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";
import { example, printed, records, root } from "../page.mjs";

const { default: init, Program } = await import("../../src/engine/pkg/fastmpnn_wasm.js");
const file = (path) => readFileSync(join(root, path));

async function engine() {
  await init({ module_or_path: file("web/src/engine/pkg/fastmpnn_wasm_bg.wasm") });
  const program = new Program();
  program.addCheckpoint("v_48_020.safetensors", file("crates/fastmpnn/weights/v_48_020.safetensors"));
  return program;
}

const CASES = [
  ["5L33.pdb", { num_seqs: 8 }, ["-n", "8"]],
  ["6MRR.pdb", { num_seqs: 5, seed: 9, temperature: [0.2, 1], omit: "CM" }, ["-n", "5", "--seed", "9", "-T", "0.2,1", "--omit", "CM"]],
  ["4GYT.pdb", { num_seqs: 2, homo_oligomer: true, fix: ["A20-40"] }, ["-n", "2", "--homo-oligomer", "--fix", "A20-40"]],
];

export const tests = {
  async "WebAssembly draws the letters of the program"() {
    const program = await engine();
    for (const [name, request, words] of CASES) {
      program.addFile(name, readFileSync(example(name)));
      const made = JSON.parse(program.design(JSON.stringify({ ...request, inputs: [name] }), 0));
      const text = [made.native, ...made.designs].map((record) => record.fasta).join("");
      assert.equal(text.trim(), printed("design", name, ...words).trim());
    }
  },

  async "and shares the samples among workers as the program shares them among threads"() {
    const [one, other] = [await engine(), await engine()];
    for (const program of [one, other]) program.addFile("6MRR.pdb", readFileSync(example("6MRR.pdb")));
    const part = (program, first) => JSON.parse(program.design(JSON.stringify({ inputs: ["6MRR.pdb"], num_seqs: 3 }), first)).designs;
    const made = [...part(one, 0), ...part(other, 3)];
    const [, ...expected] = records(printed("design", "6MRR.pdb", "-n", "6"));
    assert.deepEqual(made.map(({ sequence }) => sequence), expected.map(({ sequence }) => sequence));
  },
};
