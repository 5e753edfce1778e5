//! `protein_mpnn_run.py`: the published script's options, output and random numbers, with our network.
//!
//! ```text
//! file ─▶ Entry ─▶ (+ Dictionaries) ─▶ Target ─▶ Session ─▶ seqs/, scores/, probs/, …
//!         by_number  dictionaries       target    session    design, likelihoods
//!         entries                                            draws, letters
//! ```
//!
//! Source: the published `protein_mpnn_run.py` and `protein_mpnn_utils.py`.

mod by_number;
mod design;
mod dictionaries;
mod draws;
mod entries;
mod letters;
mod likelihoods;
mod script;
mod session;
mod settings;
mod target;

pub(super) use by_number::read_entry;
pub(super) use script::run;
pub(super) use settings::PARSER;
