//! `score.py` of LigandMPNN: the network's likelihoods of a structure's own letters.
//!
//! `settings`: the options; `named`: the residues that they name. `session`: the network's likelihoods; `orders`: the
//! decoding orders. `statistics`: the output file. Structures, networks and residue options are those of `run.py`.
//!
//! Source: the published `score.py`, and `score` and `single_aa_score` of `model_utils.py`.

mod named;
mod orders;
mod script;
mod session;
mod settings;
mod statistics;

pub(super) use script::run;
pub(super) use settings::PARSER;
