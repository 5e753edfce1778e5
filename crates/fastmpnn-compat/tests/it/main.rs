//! The published scripts in this process, each with a console that keeps what it is given.

mod captured;
mod ligand;
mod nowhere_else;
mod protein;
#[path = "../../../fastmpnn/tests/it/published_checkpoint.rs"]
mod published_checkpoint;
mod running;
mod score;
#[path = "../../../fastmpnn/tests/it/shared.rs"]
mod shared;
