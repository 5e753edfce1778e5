// The structures of the repository's examples.

import fourGyt from "../../examples/4GYT.pdb?url";
import fiveL33 from "../../examples/5L33.pdb?url";
import fiveL33Cif from "../../examples/5L33.cif?url";
import sixMrr from "../../examples/6MRR.pdb?url";
import threeHtn from "../../examples/3HTN.pdb?url";
import threeMht from "../../examples/3MHT.pdb?url";

export const EXAMPLES: { name: string; title: string; url: string }[] = [
  { name: "5L33.pdb", title: "a designed protein of 106 residues", url: fiveL33 },
  { name: "6MRR.pdb", title: "a designed protein of 68 residues", url: sixMrr },
  { name: "3HTN.pdb", title: "three copies of one chain", url: threeHtn },
  { name: "4GYT.pdb", title: "two copies of one chain", url: fourGyt },
  { name: "3MHT.pdb", title: "a DNA methyltransferase with DNA and a ligand", url: threeMht },
  { name: "5L33.cif", title: "5L33 as mmCIF", url: fiveL33Cif },
];
