// What the page asks of an engine, and what it answers. Requests are those of the pipeline; `crates/fastmpnn-pipeline/schema`
// describes them. N residues of the structure, in the order of its file.

export interface Residue {
  /** Its name for selections, such as `H100A`. */
  id: string;
  chain: string;
  number: number;
  insertion: string | null;
  name: string;
  letter: string;
  masked: boolean;
}

export interface Ligand {
  id: string;
  name: string;
  atoms: number;
}

export interface Structure {
  name: string;
  model_count: number;
  chains: { id: string; sequence: string; residues: Residue[] }[];
  ligands: Ligand[];
  warnings: { text: string }[];
}

/** A file as text. */
export interface StructureFile {
  name: string;
  text: string;
}

/** The file of a structure that was written. */
export interface WrittenFile {
  ending: string;
  text: string;
  warning: string | null;
}

export interface Notice {
  about: string | null;
  residue: string | null;
  text: string;
}

/** The settings of a request that the page sets, by their names in JSON. */
export interface Request {
  inputs?: string[];
  [setting: string]: unknown;
}

export interface Plan {
  designed: boolean[];
  ties: number[][];
  allowed: string[];
  summary: string;
  warnings: Notice[];
  notes: Notice[];
}

export interface Measures {
  score: number | null;
  global_score: number | null;
  recovery: number | null;
  overall_confidence?: number | null;
  ligand_confidence?: number | null;
  ligand_recovery?: number | null;
}

export interface Native extends Measures {
  structure: string;
  checkpoint: string;
  seed: number;
  plan: string;
  designed: boolean[];
  sequence: string;
  /** Its record as the program writes it. */
  fasta: string;
}

export interface Design extends Measures {
  sample: number;
  temperature: number;
  sequence: string;
  charge?: number | null;
  /** −ln p of each letter, nats. [N] */
  negative_log_likelihood: number[];
  fasta: string;
}

export interface DesignAnswer {
  native: Native;
  designs: Design[];
  warnings: string[];
}

/** ln p of every letter at each residue, nats. */
export interface Probabilities {
  letters: string;
  values: number[][];
}

/** A sequence that was scored. */
export interface Score {
  /** `native`, or the header of its record. */
  record: string;
  sequence: string;
  score: number | null;
  global_score: number | null;
  recovery: number | null;
  /** −ln p of each letter, nats; null without a backbone. [N] */
  negative_log_likelihood: (number | null)[];
}

/** ln p of each letter minus ln p of the native one, nats. */
export interface Scan {
  letters: string;
  /** The names of the residues, [M]. */
  residues: string[];
  /** [M, letters] */
  change: number[][];
}

export interface Network {
  /** What requests call it: `model`, or `checkpoint` for a file. */
  label: string;
  request: Request;
  seesLigands: boolean;
}

/** Hears of designs as they come; the order is that of their arrival. */
export interface Listener {
  native(native: Native): void;
  designs(designs: Design[]): void;
}

export interface Engine {
  /** Where the work is done, for the reader of the page. */
  readonly place: string;
  /** Networks that can be chosen. */
  networks(): Promise<Network[]>;
  /** Adds a network from a file; not every engine can. */
  addNetwork(name: string, bytes: ArrayBuffer): Promise<Network>;
  design(file: StructureFile, request: Request, listener: Listener, signal: AbortSignal): Promise<DesignAnswer>;
  probabilities(file: StructureFile, request: Request, signal: AbortSignal): Promise<Probabilities>;
  /** Scores the native sequence, or those of a FASTA text. */
  score(file: StructureFile, fasta: string, request: Request, signal: AbortSignal): Promise<Score[]>;
  /** Every single mutation at the residues that would be designed. */
  scan(file: StructureFile, request: Request, signal: AbortSignal): Promise<Scan>;
}

/** What reads structures and plans: always WebAssembly, without a network. */
export interface Reader {
  describe(file: StructureFile, request: Request): Promise<Structure>;
  /** What was read, as a file for a viewer. */
  shown(file: StructureFile, request: Request): Promise<WrittenFile>;
  plan(file: StructureFile, request: Request): Promise<Plan>;
  structureFile(
    file: StructureFile,
    request: Request,
    sequence: string,
    confidence: number[],
  ): Promise<WrittenFile>;
}
