// The engine in this browser: WebAssembly in Web Workers, which share the samples of a request.

import { RemoteProgram } from "./program";
import type {
  Design,
  DesignAnswer,
  Engine,
  Listener,
  Native,
  Network,
  Notice,
  Plan,
  Probabilities,
  Reader,
  Request,
  Scan,
  Score,
  Structure,
  StructureFile,
  WrittenFile,
} from "./types";
import { fetchWeights } from "./weights";

/** More workers take more memory, 60 MB each, and are no faster where the processor has fewer cores. */
const MOST_WORKERS = 8;

/** Samples of one call of a worker: few, so that results come as they are made. */
const SAMPLES_A_CALL = 4;

/** What the worker calls the sequences that are scored. */
const SEQUENCES = "sequences.fa";

interface CheckpointRecord {
  file: string;
  name: string;
  model: string | null;
  noise: number | null;
  family: string;
  sees_ligands: boolean;
}

interface Heard {
  native?: Native;
  designs?: Design[];
  probabilities?: Probabilities[];
  scores?: Score[];
  scans?: Scan[];
  warnings: Notice[];
}

/** Reads structures and resolves selections. */
export class WasmReader implements Reader {
  private readonly program = new RemoteProgram();

  private async ask<T>(file: StructureFile, call: Parameters<RemoteProgram["call"]>[0]): Promise<T> {
    await this.program.give(file.name, file.text);
    return await this.program.call<T>(call);
  }

  describe(file: StructureFile, request: Request): Promise<Structure> {
    return this.ask(file, { kind: "describe", request: JSON.stringify({ ...request, inputs: [file.name] }) });
  }

  shown(file: StructureFile, request: Request): Promise<WrittenFile> {
    return this.ask(file, { kind: "shown", request: JSON.stringify({ ...request, inputs: [file.name] }) });
  }

  plan(file: StructureFile, request: Request): Promise<Plan> {
    return this.ask(file, { kind: "plan", request: JSON.stringify({ ...request, inputs: [file.name] }) });
  }

  structureFile(file: StructureFile, request: Request, sequence: string, confidence: number[]) {
    return this.ask<WrittenFile>(file, {
      kind: "structureFile",
      request: JSON.stringify({ ...request, inputs: [file.name] }),
      sequence,
      confidence: Float32Array.from(confidence),
    });
  }
}

export class WasmEngine implements Engine {
  readonly place = "in this browser; nothing leaves this machine";
  private workers: RemoteProgram[] = [];
  private readonly files = new Map<string, Promise<ArrayBuffer>>();
  private readonly known: Network[] = [
    { label: "ProteinMPNN v_48_020", request: {}, seesLigands: false },
  ];
  private readonly fileOf = new Map<Network, string>();

  constructor() {
    this.files.set("v_48_020.safetensors", fetchWeights());
    this.fileOf.set(this.known[0]!, "v_48_020.safetensors");
    // Ready before the first structure is.
    for (let index = 0; index < Math.min(2, this.most()); index++) void this.warm(index).catch(() => undefined);
  }

  private most(): number {
    return Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1));
  }

  private worker(index: number): RemoteProgram {
    return (this.workers[index] ??= new RemoteProgram());
  }

  private async warm(index: number): Promise<void> {
    await this.worker(index).giveNetwork("v_48_020.safetensors", await this.files.get("v_48_020.safetensors")!);
  }

  /** Resolves when designs can be drawn at once. */
  async ready(): Promise<void> {
    await this.warm(0);
  }

  networks(): Promise<Network[]> {
    return Promise.resolve([...this.known]);
  }

  async addNetwork(name: string, bytes: ArrayBuffer): Promise<Network> {
    const added = await this.worker(0).giveNetwork<CheckpointRecord>(name, bytes);
    if (added === undefined) return this.known.find((network) => this.fileOf.get(network) === name)!;
    this.files.set(name, Promise.resolve(bytes));
    const request: Request =
      added.model === null ? { checkpoint: added.name } : { model: added.model, noise: added.noise };
    const network = { label: added.name, request, seesLigands: added.sees_ligands };
    this.known.push(network);
    this.fileOf.set(network, name);
    return network;
  }

  private async prepare(worker: RemoteProgram, file: StructureFile, request: Request): Promise<void> {
    const key = (of: Request) => JSON.stringify([of.model ?? null, of.noise ?? null, of.checkpoint ?? null]);
    const network = this.known.find((known) => key(known.request) === key(request)) ?? this.known[0]!;
    const name = this.fileOf.get(network)!;
    await worker.giveNetwork(name, await this.files.get(name)!);
    await worker.give(file.name, file.text);
  }

  async design(
    file: StructureFile,
    request: Request,
    listener: Listener,
    signal: AbortSignal,
  ): Promise<DesignAnswer> {
    const count = Number(request.num_seqs ?? 1);
    const workers = Math.max(1, Math.min(this.most(), count));
    const a_call = Math.max(1, Math.min(SAMPLES_A_CALL, Math.ceil(count / workers)));
    const ranges: { first: number; count: number }[] = [];
    for (let first = 0; first < count; first += a_call) ranges.push({ first, count: Math.min(a_call, count - first) });
    const designs: Design[] = [];
    let native: Native | undefined;
    let warnings: string[] = [];
    const work = async (worker: RemoteProgram) => {
      await this.prepare(worker, file, request);
      for (let range = ranges.shift(); range !== undefined; range = ranges.shift()) {
        signal.throwIfAborted();
        const body = JSON.stringify({ ...request, inputs: [file.name], num_seqs: range.count });
        const heard = await worker.call<Heard>({ kind: "design", request: body, firstSample: range.first });
        signal.throwIfAborted();
        if (range.first === 0 && heard.native) {
          native = heard.native;
          warnings = heard.warnings.map(sentence);
          listener.native(native);
        }
        designs.push(...(heard.designs ?? []));
        listener.designs(heard.designs ?? []);
      }
    };
    const taken = Array.from({ length: workers }, (_, index) => this.worker(index));
    const stop = () => this.stop(taken);
    signal.addEventListener("abort", stop, { once: true });
    try {
      await Promise.all(taken.map(work));
    } catch (error) {
      // The others would go on with what nobody waits for.
      ranges.length = 0;
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
    if (native === undefined) throw new Error("the engine made no designs");
    const order = (request.temperature as number[] | undefined) ?? [];
    const place = (design: Design) => order.indexOf(design.temperature);
    designs.sort((a, b) => place(a) - place(b) || a.sample - b.sample);
    return { native, designs, warnings };
  }

  async probabilities(file: StructureFile, request: Request, signal: AbortSignal): Promise<Probabilities> {
    return (await this.ask("probabilities", file, request, signal)).probabilities![0]!;
  }

  async score(file: StructureFile, fasta: string, request: Request, signal: AbortSignal): Promise<Score[]> {
    if (fasta === "") return (await this.ask("score", file, request, signal)).scores!;
    await this.worker(0).give(SEQUENCES, fasta);
    return (await this.ask("score", file, { ...request, fasta: SEQUENCES }, signal)).scores!;
  }

  async scan(file: StructureFile, request: Request, signal: AbortSignal): Promise<Scan> {
    return (await this.ask("scan", file, request, signal)).scans![0]!;
  }

  /** One call of one worker, which is ended where the answer is not wanted any more. */
  private async ask(
    kind: "probabilities" | "score" | "scan",
    file: StructureFile,
    request: Request,
    signal: AbortSignal,
  ): Promise<Heard> {
    const worker = this.worker(0);
    const stop = () => this.stop([worker]);
    signal.addEventListener("abort", stop, { once: true });
    try {
      await this.prepare(worker, file, request);
      signal.throwIfAborted();
      return await worker.call<Heard>({ kind, request: JSON.stringify({ ...request, inputs: [file.name] }) });
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** A worker in the middle of a call hears of nothing: it is ended, and the next request has new ones. */
  private stop(programs: RemoteProgram[]): void {
    for (const program of programs) program.end();
    this.workers = this.workers.filter((worker) => !programs.includes(worker));
    for (let index = 0; index < Math.min(2, this.most()); index++) void this.warm(index).catch(() => undefined);
  }
}

/** A warning as a sentence. */
export function sentence(notice: Notice): string {
  const start = [notice.about, notice.residue].filter((part) => part !== null && !notice.text.includes(part));
  return [...start, notice.text].join(": ");
}
