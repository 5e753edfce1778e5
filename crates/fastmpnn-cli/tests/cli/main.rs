//! The program as its users meet it: the built binary, on the structures in `examples/`.

mod bench;
mod design;
mod errors;
mod folder;
mod help;
mod info;
mod probs;
mod program;
mod score;
