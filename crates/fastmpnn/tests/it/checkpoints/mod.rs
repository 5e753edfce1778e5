//! Checkpoint files: what PyTorch writes, what others break, what the authors published.

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
