// Presets: what a kind of task designs and keeps, as choices.

import type { Residue, Structure } from "../engine/types";
import type { Choices } from "./store";

/** What a preset is applied to. */
export interface PresetTarget {
  structure: Structure;
  residues: Residue[];
  /** The indexes of the residues that are selected. */
  selected: number[];
  /** Whether a selection, such as `within 6 of ligand`, has each residue. */
  has(selection: string): Promise<boolean[]>;
}

/** The choices that a preset changes. */
export async function presetChoices(name: string, target: PresetTarget): Promise<Partial<Choices>> {
  const { structure, residues, selected } = target;
  const fixed = (keeps: (index: number) => boolean) => ({ fixed: [...residues.keys()].filter(keeps) });
  switch (name) {
    case "binder": {
      if (structure.chains.length < 2) throw new Error("A binder needs a second chain, its target.");
      const first = structure.chains[0]!.id;
      return fixed((index) => residues[index]!.chain !== first);
    }
    case "oligomer":
      return { homoOligomer: true };
    case "loop":
      if (selected.length === 0) throw new Error("Select the residues of the loop first.");
      return fixed((index) => !selected.includes(index));
    case "enzyme": {
      const near = await target.has("within 6 of ligand");
      return fixed((index) => near[index]!);
    }
    case "interface": {
      const touching = await target.has(interfaceOf(structure));
      return fixed((index) => !touching[index]);
    }
    case "cdr": {
      const regions = await target.has(cdrsOf(structure));
      return fixed((index) => !regions[index]);
    }
    default:
      return { fixed: [], homoOligomer: false, tie: "" };
  }
}

/** The residues of each chain that touch another. */
function interfaceOf(structure: Structure): string {
  const ids = structure.chains.map((chain) => chain.id);
  if (ids.length < 2) throw new Error("An interface needs two chains.");
  return ids.map((id, index) => `interface ${id} (${ids.toSpliced(index, 1).join(",")})`).join(",");
}

/** The complementarity-determining regions of Chothia and Lesk (1987), in Chothia's numbering. */
function cdrsOf(structure: Structure): string {
  const ranges: Record<string, string[]> = { H: ["26-32", "52-56", "95-102"], L: ["24-34", "50-56", "89-97"] };
  const parts = structure.chains.flatMap(({ id }) => (ranges[id] ?? []).map((range) => `${id}${range}`));
  if (parts.length === 0) throw new Error("The CDRs need chains named H and L, numbered as Chothia does.");
  return parts.join(",");
}
