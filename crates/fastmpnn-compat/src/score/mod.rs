//! `score.py` of LigandMPNN: what the network makes of the letters that a structure has.
//!
//! `settings`: the options; `named`: the residues that they name. `session`: what the network is asked; `orders`: in which
//! decoding orders. `statistics`: the file. Structures, networks and residue options are those of `run.py`.
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
