//! The library as its users call it.

mod architecture;
mod boundary;
mod checkpoints;
mod conditioning;
mod constraints;
mod cyclic;
mod encodings;
mod environments;

mod hooks;
mod import_order;
mod ligands;
mod properties;
mod public_api;
mod published_checkpoint;
mod published_outputs;
mod readers;
mod sampling;
mod sequence_scorer;
mod shared;
mod sharing;
mod spec;
mod states;
mod written;
