// Residues as selections in the grammar of the program, and back.

import type { Residue, Structure } from "../engine/types";

/** All residues, in the order of the file. */
export function residuesOf(structure: Structure): Residue[] {
  return structure.chains.flatMap((chain) => chain.residues);
}

/** `A1-10`: a range names all numbers from its first to its last, whether the file has them or not. */
function range(first: Residue, last: Residue): string {
  if (first === last) return first.id;
  return `${first.id}-${last.number}${last.insertion ?? ""}`;
}

/**
 * A selection of residues, such as `A1-10,A15,B3`; empty where there are none. Runs in the order of the file become ranges as
 * long as the numbers rise.
 */
export function selectionOf(residues: Residue[], chosen: (index: number) => boolean): string {
  const parts: string[] = [];
  let first: Residue | undefined;
  let last: Residue | undefined;
  const close = () => {
    if (first && last) parts.push(range(first, last));
    first = last = undefined;
  };
  residues.forEach((residue, index) => {
    if (!chosen(index)) return close();
    const follows = last !== undefined && last.chain === residue.chain && residue.number >= last.number;
    if (!follows) close();
    first ??= residue;
    last = residue;
  });
  close();
  return parts.join(",");
}
