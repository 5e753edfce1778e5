//! Options that `run.py` and `score.py` have in common, word for word.

use crate::python::argparse::Takes::{Int, Text};
use crate::python::argparse::{Flag, flag};

pub(crate) const MODEL_TYPE: Flag = flag(
    "--model_type",
    Text,
    "protein_mpnn",
    "protein_mpnn, ligand_mpnn, per_residue_label_membrane_mpnn, global_label_membrane_mpnn or soluble_mpnn",
);

/// The checkpoint of one of these types of network.
pub(crate) const fn checkpoint(name: &'static str, default: &'static str) -> Flag {
    flag(name, Text, default, "a file, or the name of a published one")
}

pub(crate) const FILE_ENDING: Flag = flag("--file_ending", Text, "", "text before the ending of all files");

pub(crate) const SEED: Flag = flag("--seed", Int, "0", "0: a random one below 99999");

pub(crate) const NUMBER_OF_BATCHES: Flag = flag("--number_of_batches", Int, "1", "how often");

pub(crate) const USE_ATOM_CONTEXT: Flag = flag("--ligand_mpnn_use_atom_context", Int, "1", "0: hide the ligands");

pub(crate) const USE_SIDE_CHAIN_CONTEXT: Flag =
    flag("--ligand_mpnn_use_side_chain_context", Int, "0", "1: show the side chains of fixed residues");

pub(crate) const BURIED: Flag = flag("--transmembrane_buried", Text, "", "residues buried in the membrane, 'A12 A13'");

pub(crate) const INTERFACE: Flag = flag("--transmembrane_interface", Text, "", "residues at its surface");

pub(crate) const WHOLE_PROTEIN_LABEL: Flag =
    flag("--global_transmembrane_label", Int, "0", "1: a transmembrane protein");

pub(crate) const ZERO_OCCUPANCY: Flag =
    flag("--parse_atoms_with_zero_occupancy", Int, "0", "1: read atoms of occupancy 0");
