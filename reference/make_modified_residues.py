"""Writes crates/fastmpnn/src/chemistry/modified_residues.txt: modified residue names and the amino acids they stand for.

Source: the wwPDB Chemical Component Dictionary (public domain, CC0), `_chem_comp.mon_nstd_parent_comp_id`, as the PyPI
package `biotite` carries it. Taken are the released components of a peptide-linking type that have atoms N, CA and C and
exactly one parent among the twenty amino acids. What the dictionary does not say (D-amino acids, SEC, PYL, names of force
fields) stands in `modified_residues.rs`, by hand.

    pip install biotite && python reference/make_modified_residues.py
"""

import collections
import importlib.metadata
import pathlib
import textwrap

import biotite.structure.info
from biotite.structure.io import pdbx

THREE = "ALA CYS ASP GLU PHE GLY HIS ILE LYS LEU MET ASN PRO GLN ARG SER THR VAL TRP TYR".split()


def main():
    dictionary = pathlib.Path(biotite.structure.info.__file__).parent / "components.bcif"
    block = pdbx.BinaryCIFFile.read(dictionary).block
    atoms = block["chem_comp_atom"]
    backbone = collections.defaultdict(set)
    for component, atom in zip(atoms["comp_id"].as_array(str), atoms["atom_id"].as_array(str)):
        if atom in ("N", "CA", "C"):
            backbone[component].add(atom)
    components = block["chem_comp"]
    columns = ("id", "mon_nstd_parent_comp_id", "type", "pdbx_release_status")
    names_of = {parent: [] for parent in THREE}
    for name, parent, kind, status in zip(*(components[column].as_array(str) for column in columns)):
        if name in names_of or status != "REL" or "PEPTIDE" not in kind.upper() or len(backbone[name]) != 3:
            continue
        if parent.strip().upper() in names_of:
            names_of[parent.strip().upper()].append(str(name))
    lines = [
        "# Modified residues by parent amino acid; written by reference/make_modified_residues.py from the wwPDB Chemical",
        f"# Component Dictionary (mon_nstd_parent_comp_id) in biotite {importlib.metadata.version('biotite')}.",
    ]
    for parent, names in names_of.items():
        lines += textwrap.wrap(" ".join(sorted(names)), 116, initial_indent=f"{parent}: ", subsequent_indent=f"{parent}: ")
    target = pathlib.Path(__file__).parents[1] / "crates/fastmpnn/src/chemistry/modified_residues.txt"
    target.write_text("\n".join(lines) + "\n")
    print(f"{sum(map(len, names_of.values()))} names in {target.name}")


if __name__ == "__main__":
    main()
