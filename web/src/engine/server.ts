// The engine of `fastmpnn serve`, over its REST interface.

import type { Design, DesignAnswer, Engine, Listener, Native, Network, Probabilities, Request, Scan, Score, StructureFile } from "./types";

interface ModelEntry {
  name: string;
  model: string;
  noise: number;
  presence: string;
  default: boolean;
}

interface ResidueEntry {
  designed: boolean | null;
}

interface DesignedStructure {
  name: string;
  plan: string;
  residues: ResidueEntry[];
  native: Native;
  designs: (Design & { seed: number })[];
  fasta: string;
}

interface TaskResult<S> {
  model: { name: string } | null;
  alphabet: string;
  structures: S[];
  warnings: string[];
  failures: { input: string; error: string }[];
}

/** The message of an answer that is none. */
async function problem(response: Response): Promise<Error> {
  try {
    const body = (await response.json()) as { detail?: string; title?: string };
    return new Error(body.detail ?? body.title ?? response.statusText);
  } catch {
    return new Error(`the server answers ${response.status} ${response.statusText}`);
  }
}

/** The list of networks, where this page comes from `fastmpnn serve`; undefined where it is a static file. */
export async function serverModels(): Promise<ModelEntry[] | undefined> {
  try {
    const response = await fetch("v1/models", { headers: { accept: "application/json" } });
    if (!response.ok || !(response.headers.get("content-type") ?? "").includes("json")) return undefined;
    return ((await response.json()) as { models: ModelEntry[] }).models;
  } catch {
    return undefined;
  }
}

export class ServerEngine implements Engine {
  readonly place = "on the server that sent this page";

  constructor(private readonly models: ModelEntry[]) {}

  networks(): Promise<Network[]> {
    const there = this.models.filter((entry) => entry.model !== "packer" && !/absent|damaged/i.test(entry.presence));
    const first = (entry: ModelEntry) => (entry.model === "protein" && entry.default ? 0 : 1);
    there.sort((a, b) => first(a) - first(b));
    const network = (entry: ModelEntry): Network => ({
      label: entry.name,
      request: entry.model === "protein" && entry.default ? {} : { model: entry.model, noise: entry.noise },
      seesLigands: entry.model === "ligand",
    });
    return Promise.resolve(there.map(network));
  }

  addNetwork(name: string): Promise<Network> {
    return Promise.reject(new Error(`${name}: the networks are those of the server`));
  }

  private async post<S>(task: string, file: StructureFile, request: Request, signal: AbortSignal): Promise<TaskResult<S>> {
    return await this.send(task, [file], request, signal);
  }

  private async send<S>(task: string, files: StructureFile[], request: Request, signal: AbortSignal): Promise<TaskResult<S>> {
    const { inputs: _, ...settings } = request;
    const response = await fetch(`v1/${task}`, {
      method: "POST",
      headers: { "content-type": "application/json", prefer: "respond-async" },
      body: JSON.stringify({ ...settings, files }),
      signal,
    });
    if (!response.ok) throw await problem(response);
    const answer = (await response.json()) as { id?: string } & TaskResult<S>;
    return response.status === 202 ? await this.follow<S>(answer.id!, signal) : checked(answer);
  }

  /** Waits for a job; one that is not wanted any more is cancelled. */
  private async follow<S>(id: string, signal: AbortSignal): Promise<TaskResult<S>> {
    const address = `v1/jobs/${id}`;
    const cancel = () => void fetch(address, { method: "DELETE" }).catch(() => undefined);
    signal.addEventListener("abort", cancel, { once: true });
    try {
      await ended(`${address}/events`, signal);
      const response = await fetch(address, { signal });
      if (!response.ok) throw await problem(response);
      const job = (await response.json()) as { result: TaskResult<S> | null; problem: { detail?: string } | null };
      if (!job.result) throw new Error(job.problem?.detail ?? "the job has no result");
      return checked(job.result);
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  async design(file: StructureFile, request: Request, listener: Listener, signal: AbortSignal): Promise<DesignAnswer> {
    const result = await this.post<DesignedStructure>("design", file, request, signal);
    const structure = result.structures[0]!;
    const records = structure.fasta.split(/^(?=>)/m);
    const native: Native = {
      ...structure.native,
      structure: structure.name,
      checkpoint: result.model?.name ?? "",
      seed: Number(request.seed),
      plan: structure.plan,
      designed: structure.residues.map((residue) => residue.designed ?? false),
      sequence: withoutSeparators(structure.native.sequence),
      fasta: records[0] ?? "",
    };
    const designs = structure.designs.map((design, index) => ({
      ...design,
      sequence: withoutSeparators(design.sequence),
      fasta: records[index + 1] ?? "",
    }));
    listener.native(native);
    listener.designs(designs);
    return { native, designs, warnings: result.warnings };
  }

  async probabilities(file: StructureFile, request: Request, signal: AbortSignal): Promise<Probabilities> {
    const result = await this.post<{ values: number[][] }>("probabilities", file, request, signal);
    return { letters: result.alphabet, values: result.structures[0]!.values };
  }

  async score(file: StructureFile, fasta: string, request: Request, signal: AbortSignal): Promise<Score[]> {
    const sequences = { name: "sequences.fa", text: fasta };
    const files = fasta === "" ? [file] : [file, sequences];
    const asked = fasta === "" ? request : { ...request, fasta: sequences.name };
    const result = await this.send<{ sequences: Score[] }>("score", files, asked, signal);
    return result.structures[0]!.sequences.map((score) => ({ ...score, sequence: withoutSeparators(score.sequence) }));
  }

  async scan(file: StructureFile, request: Request, signal: AbortSignal): Promise<Scan> {
    const result = await this.post<{ residues: { id: string }[]; change: number[][] }>("scan", file, request, signal);
    const { residues, change } = result.structures[0]!;
    return { letters: result.alphabet, residues: residues.map(({ id }) => id), change };
  }
}

/** A sequence as one string for all chains. */
function withoutSeparators(sequence: string): string {
  return sequence.replace(/[/:]/g, "");
}

function checked<S>(result: TaskResult<S>): TaskResult<S> {
  const failed = result.failures?.[0];
  if (failed !== undefined && result.structures.length === 0) throw new Error(failed.error);
  return result;
}

/** Resolves when a job's events end. */
function ended(address: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const source = new EventSource(address);
    const stop = () => {
      source.close();
      reject(new DOMException("stopped", "AbortError"));
    };
    signal.addEventListener("abort", stop, { once: true });
    const done = () => {
      source.close();
      signal.removeEventListener("abort", stop);
      resolve();
    };
    source.addEventListener("end", done);
    // The job itself says what is wrong.
    source.addEventListener("error", done);
  });
}
