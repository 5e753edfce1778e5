//! The chemistry of proteins: the networks' alphabet, and the residue and atom names that files use.

mod alphabet;
mod elements;
mod force_field_names;
mod ideal_atoms;
mod modified_residues;
mod side_chain;

pub use alphabet::{Letter, Sequence, VOCABULARY, parse_sequence, sequence_string};
pub use elements::{atomic_number, context_element, element_symbol, group_and_period, infer_element, symbol_of};
pub(crate) use elements::{autodock_element, charmm_ion, title_case};
pub use ideal_atoms::IdealAtom;
pub(crate) use modified_residues::{
    canonical_residue_name, is_amino_acid_name, is_long_residue_name, is_modified_component,
};
pub use modified_residues::{is_membrane_mark, is_water, modified_residue_letter};
pub use side_chain::{FIRST_SIDE_CHAIN_GROUP, Frame, MAX_ATOMS, MAX_TORSIONS, PSI_GROUP, RIGID_GROUPS, SideChain};
