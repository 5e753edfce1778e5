// A worker: one program, which answers one call after the other.

import init, { Program } from "./pkg/fastmpnn_wasm.js";

export type Call =
  | { kind: "start"; module: WebAssembly.Module }
  | { kind: "addFile"; path: string; bytes: Uint8Array }
  | { kind: "addCheckpoint"; name: string; bytes: Uint8Array }
  | { kind: "describe" | "shown" | "plan" | "probabilities" | "score" | "scan"; request: string }
  | { kind: "design"; request: string; firstSample: number }
  | { kind: "structureFile"; request: string; sequence: string; confidence: Float32Array };

export type Answer = { id: number; result: string } | { id: number; error: string };

let program: Program | undefined;

async function answer(call: Call): Promise<string> {
  if (call.kind === "start") {
    await init({ module_or_path: call.module });
    program = new Program();
    return "null";
  }
  if (program === undefined) throw new Error("the engine has not started");
  switch (call.kind) {
    case "addFile":
      program.addFile(call.path, call.bytes);
      return "null";
    case "addCheckpoint":
      return program.addCheckpoint(call.name, call.bytes);
    case "describe":
      return program.describe(call.request);
    case "shown":
      return program.shown(call.request);
    case "plan":
      return program.plan(call.request);
    case "probabilities":
      return program.probabilities(call.request);
    case "score":
      return program.score(call.request);
    case "scan":
      return program.scan(call.request);
    case "design":
      return program.design(call.request, call.firstSample);
    case "structureFile":
      return program.structureFile(call.request, call.sequence, call.confidence);
  }
}

// One after the other: the program is not shared.
let last: Promise<void> = Promise.resolve();
self.onmessage = (event: MessageEvent<{ id: number; call: Call }>) => {
  const { id, call } = event.data;
  last = last.then(async () => {
    try {
      self.postMessage({ id, result: await answer(call) } satisfies Answer);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      self.postMessage({ id, error: text } satisfies Answer);
    }
  });
};
