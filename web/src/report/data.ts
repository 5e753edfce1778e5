// The data of a report, as `crates/fastmpnn-pipeline/src/output/report/records.rs` writes them. N residues of the structure, in
// the order of its file.

import type { Design, DesignAnswer, Measures, Probabilities, Request, Residue, Structure, WrittenFile } from "../engine/types";
import { residuesOf } from "../state/selection";

const LETTERS = "ACDEFGHIKLMNPQRSTVWY";

export interface RunRecord {
  version: string;
  network: string;
  /** Whether arrays or functions were given, which no command line has. */
  has_values: boolean;
}

interface NativeRecord extends Measures {
  sequence: string;
  fasta: string;
}

interface StructureRecord {
  input: string;
  structure: Structure;
  plan: string;
  warnings: string[];
  /** 1 or 0 for each residue. [N] */
  designed: string;
  seed: number;
  settings: Request;
  inputs: string[];
  native: NativeRecord;
  /** p of 20 letters in ten thousandths. [N, 20] */
  probabilities: number[][] | null;
  picture: Omit<WrittenFile, "warning"> | null;
}

interface DesignRecord extends Measures {
  sample: number;
  temperature: number;
  sequence: string;
  charge?: number;
  /** p of each letter in thousandths. [N] */
  p: number[];
  fasta: string;
}

export interface EndRecord {
  designs_left_out: number;
  structures_left_out: number;
  /** A report of this size takes no more. */
  most_bytes: number;
  stopped: boolean;
  failed: { input: string; error: string }[];
}

/** A structure with its designs. */
export interface Entry {
  record: StructureRecord;
  structure: Structure;
  residues: Residue[];
  answer: DesignAnswer;
}

export class Report {
  readonly run: RunRecord;
  readonly end: EndRecord | undefined;
  private readonly structures: { text: string; designs: string[] }[] = [];
  readonly names: string[] = [];

  constructor(blocks: Iterable<HTMLScriptElement>) {
    let run: RunRecord | undefined;
    for (const block of blocks) {
      const text = block.textContent ?? "";
      switch (block.dataset.kind) {
        case "run":
          run = JSON.parse(text) as RunRecord;
          break;
        case "structure":
          this.structures.push({ text, designs: [] });
          this.names.push((JSON.parse(text) as StructureRecord).structure.name);
          break;
        case "designs":
          this.structures.at(-1)?.designs.push(text);
          break;
        case "end":
          this.end = JSON.parse(text) as EndRecord;
          break;
      }
    }
    if (run === undefined) throw new Error("The file has no data.");
    this.run = run;
  }

  entry(index: number): Entry {
    const { text, designs } = this.structures[index]!;
    const record = JSON.parse(text) as StructureRecord;
    const { structure, native, seed, plan } = record;
    const answer: DesignAnswer = {
      native: {
        ...native,
        structure: structure.name,
        checkpoint: this.run.network,
        seed,
        plan,
        designed: [...record.designed].map((flag) => flag === "1"),
      },
      designs: designs.flatMap((block) => (JSON.parse(block) as DesignRecord[]).map(designOf)),
      warnings: record.warnings,
    };
    return { record, structure, residues: residuesOf(structure), answer };
  }
}

function designOf({ p, ...design }: DesignRecord): Design {
  return { ...design, negative_log_likelihood: p.map((value) => -Math.log(value / 1000)) };
}

/** The heat map of a structure, where the report has one. */
export function probabilitiesOf({ record }: Entry): Probabilities | undefined {
  const values = record.probabilities?.map((row) => row.map((value) => Math.log(value / 10_000)));
  return values && { letters: LETTERS, values };
}
