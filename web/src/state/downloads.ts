// Results as files.

import type { Design, DesignAnswer, Structure } from "../engine/types";

/** What separates the chains of a sequence. */
export type Separator = "/" | ":" | "records" | "none";

function parts(sequence: string, structure: Structure): string[] {
  let start = 0;
  return structure.chains.map((chain) => sequence.slice(start, (start += chain.residues.length)));
}

/** The designs as FASTA; with `/` the text of the program, letter for letter. */
export function fastaOf(answer: DesignAnswer, designs: Design[], structure: Structure, separator: Separator): string {
  const records = [answer.native, ...designs];
  if (separator === "/") return records.map((record) => record.fasta).join("");
  return records
    .map((record) => {
      const header = record.fasta.slice(1, record.fasta.indexOf("\n"));
      const chains = parts(record.sequence, structure);
      if (separator !== "records") return `>${header}\n${chains.join(separator === "none" ? "" : separator)}\n`;
      const [name, ...rest] = header.split(" ");
      return chains.map((letters, index) => `>${name}_${structure.chains[index]!.id} ${rest.join(" ")}\n${letters}\n`).join("");
    })
    .join("");
}

function cell(value: string | number | null | undefined): string {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** The designs as a table. */
export function csvOf(answer: DesignAnswer, designs: Design[], structure: Structure): string {
  const ligands = designs.some((design) => design.ligand_confidence !== undefined);
  const rounded = (value: number | null | undefined) => (value === null || value === undefined ? "" : value.toFixed(6));
  const header = ["name", "sample", "temperature", "seed", "score", "global_score", "recovery"];
  if (ligands) header.push("overall_confidence", "ligand_confidence", "ligand_recovery");
  header.push("sequence", ...structure.chains.map((chain) => `sequence_${chain.id}`));
  const rows = designs.map((design) => [
    answer.native.structure,
    design.sample,
    design.temperature,
    answer.native.seed,
    rounded(design.score),
    rounded(design.global_score),
    rounded(design.recovery),
    ...(ligands ? [design.overall_confidence, design.ligand_confidence, design.ligand_recovery].map(rounded) : []),
    parts(design.sequence, structure).join("/"),
    ...parts(design.sequence, structure),
  ]);
  return tableOf([header, ...rows]);
}

/** Rows as CSV. */
export function tableOf(rows: (string | number | null | undefined)[][]): string {
  return rows.map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

/** Hands a text to the reader as a file. */
export function save(name: string, text: string, type = "text/plain"): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
