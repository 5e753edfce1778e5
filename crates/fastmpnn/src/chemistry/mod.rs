//! The chemistry of proteins: the networks' alphabet, and the residue and atom names that files use.

mod alphabet;
mod elements;
mod force_field_names;
mod ideal_atoms;
mod modified_residues;
mod side_chain;

pub use alphabet::{Letter, Sequence, VOCABULARY, net_charge, parse_sequence, sequence_string};
pub(crate) use elements::{
    atomic_number, autodock_element, charmm_ion, element_symbol, group_and_period, infer_element, title_case,
};
pub use elements::{context_element, symbol_of};
pub use ideal_atoms::IdealAtom;
pub use modified_residues::modified_residue_letter;
pub(crate) use modified_residues::{
    canonical_residue_name, is_amino_acid_name, is_long_residue_name, is_membrane_mark, is_modified_component, is_water,
};
pub(crate) use side_chain::{FIRST_SIDE_CHAIN_GROUP, Frame, PSI_GROUP, RIGID_GROUPS};
pub use side_chain::{MAX_ATOMS, MAX_TORSIONS, SideChain};
