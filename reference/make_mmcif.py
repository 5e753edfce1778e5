"""Writes a PDB file as mmCIF with gemmi, so that one entry exists in both formats."""

import argparse
from pathlib import Path

import gemmi


def name_subchains_like_the_archive(structure: gemmi.Structure) -> None:
    """Replaces gemmi's own label chain ids (Axp, Axw) by A, B, C in order of appearance."""
    renamed: dict[str, str] = {}
    for chain in structure[0]:
        for residue in chain:
            residue.subchain = renamed.setdefault(residue.subchain, chr(ord("A") + len(renamed)))
    for entity in structure.entities:
        entity.subchains = [renamed[name] for name in entity.subchains]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="the PDB file to read")
    parser.add_argument("destination", type=Path, help="the mmCIF file to write")
    arguments = parser.parse_args()
    structure = gemmi.read_pdb(str(arguments.source))
    # Entities, label chains and label numbers follow from the SEQRES records, as in the archive's own mmCIF files.
    structure.setup_entities()
    structure.assign_label_seq_id()
    name_subchains_like_the_archive(structure)
    structure.make_mmcif_document().write_file(str(arguments.destination))


if __name__ == "__main__":
    main()
