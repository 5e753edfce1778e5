//! The helper scripts that make the dictionaries of `protein_mpnn_run.py`.
//!
//! `outline`: the parts of parsed structures that they need; `arguments`: the values of their options; `output`: the
//! files that they write.
//!
//! Source: `helper_scripts` of the published ProteinMPNN.

mod arguments;
mod biases;
mod chains;
mod helper_script;
mod letters;
mod outline;
mod output;
mod parsed;
mod positions;
mod pssm;

pub(super) use helper_script::HelperScript;

/// All helper scripts.
pub(super) const SCRIPTS: [HelperScript; 10] = [
    parsed::PARSE_MULTIPLE_CHAINS,
    chains::ASSIGN_FIXED_CHAINS,
    positions::MAKE_FIXED_POSITIONS,
    positions::MAKE_TIED_POSITIONS,
    positions::MAKE_POSITIVE_AND_NEGATIVE_TIES,
    biases::MAKE_BIAS_BY_LETTER,
    biases::MAKE_BIAS_BY_RESIDUE,
    pssm::MAKE_PSSM_INPUT,
    letters::MAKE_OMITTED_LETTERS,
    pssm::MAKE_PSSM,
];
