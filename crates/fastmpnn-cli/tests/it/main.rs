//! The program as its users meet it: the built binary, on the structures in `examples/`.

mod bench;
mod compat;
mod constraints;
mod dataset;
mod design;
mod design_tables;
mod effects;
mod ensembles;
mod errors;
mod folder;
mod help;
mod info;
mod inputs;
mod inputs_document;
mod ligand;
mod log;
mod many;
mod membrane;
mod network;
mod pack;
mod packings;
mod probs;
mod program;
#[path = "../../../fastmpnn/tests/it/published_checkpoint.rs"]
mod published_checkpoint;
mod ranking;
mod reading;
mod report;
mod results_folder;
mod scan;
mod scan_document;
mod score;
mod selections;
mod sequences;
#[cfg(feature = "serve")]
mod service;
mod states;
mod structures;
mod study;
mod threads;
mod trb;
mod weights;
mod whole_files;
