//! Checkpoint files: those that PyTorch writes, damaged ones, and the published ones.

mod containers;
mod hostile;
mod import;
mod published;
mod torch_files;

/// A file of `tests/golden/checkpoints`.
fn golden(name: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/checkpoints/");
    std::fs::read(format!("{path}{name}")).unwrap_or_else(|error| panic!("{name}: {error}"))
}
