// A program in a worker, as promises.

import type { Answer, Call } from "./worker";
import wasmUrl from "./pkg/fastmpnn_wasm_bg.wasm?url";

let compiled: Promise<WebAssembly.Module> | undefined;

/** Compiles the engine once for all workers. */
export function engineModule(): Promise<WebAssembly.Module> {
  compiled ??= (async () => {
    const response = await fetch(wasmUrl);
    if (!response.ok) throw new Error(`the engine cannot be loaded: ${response.status} ${response.statusText}`);
    try {
      return await WebAssembly.compileStreaming(response.clone());
    } catch {
      // A server that does not know the media type of WebAssembly.
      return await WebAssembly.compile(await response.arrayBuffer());
    }
  })();
  return compiled;
}

interface Pending {
  resolve(result: string): void;
  reject(error: Error): void;
}

export class RemoteProgram {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private next = 0;
  private readonly started: Promise<string>;
  /** The files that it has: their texts by path. */
  private readonly files = new Map<string, string>();
  /** The networks that it has, by the name of their file. */
  private readonly networks = new Set<string>();

  constructor() {
    this.worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.worker.onmessage = (event: MessageEvent<Answer>) => {
      const answer = event.data;
      const pending = this.pending.get(answer.id);
      this.pending.delete(answer.id);
      if ("error" in answer) pending?.reject(new Error(answer.error));
      else pending?.resolve(answer.result);
    };
    this.worker.onerror = (event) => this.fail(new Error(event.message || "the engine's worker cannot be loaded"));
    this.started = engineModule().then((module) => this.send({ kind: "start", module }));
    // Those who call it hear of it.
    this.started.catch(() => undefined);
  }

  private send(call: Call): Promise<string> {
    return new Promise((resolve, reject) => {
      const id = this.next++;
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage({ id, call });
    });
  }

  private fail(error: Error): void {
    for (const pending of this.pending.values()) pending.reject(error);
    this.pending.clear();
  }

  async call<T>(call: Call): Promise<T> {
    await this.started;
    return JSON.parse(await this.send(call)) as T;
  }

  /** Gives it a file, unless it has that. */
  async give(path: string, text: string): Promise<void> {
    if (this.files.get(path) === text) return;
    this.files.set(path, text);
    await this.call({ kind: "addFile", path, bytes: new TextEncoder().encode(text) });
  }

  /** Gives it a network, unless it has that. */
  async giveNetwork<T>(name: string, bytes: ArrayBuffer): Promise<T | undefined> {
    if (this.networks.has(name)) return undefined;
    this.networks.add(name);
    try {
      return await this.call<T>({ kind: "addCheckpoint", name, bytes: new Uint8Array(bytes) });
    } catch (error) {
      this.networks.delete(name);
      throw error;
    }
  }

  /** Ends it, whatever it does. */
  end(): void {
    this.worker.terminate();
    this.fail(new DOMException("stopped", "AbortError"));
  }
}
