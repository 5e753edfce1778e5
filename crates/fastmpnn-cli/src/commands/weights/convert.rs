//! `fastmpnn weights convert`: a checkpoint as safetensors.

use std::path::PathBuf;

use anyhow::{Result, bail};
use fastmpnn_pipeline::fastmpnn::weights::Checkpoint;

use crate::args::weights::ConvertArgs;
use crate::failure::WritingTo;
use crate::printer::Printer;
use fastmpnn_pipeline::output::AtomicFile;

pub(super) fn run(args: &ConvertArgs) -> Result<()> {
    let out: PathBuf = args.out.clone().unwrap_or_else(|| args.file.with_extension("safetensors"));
    let shown = out.display();
    // This includes two names of the same file.
    if out == args.file || out.canonicalize().is_ok_and(|out| args.file.canonicalize().is_ok_and(|file| file == out)) {
        bail!("{shown} would replace what it is made of; name another file to write");
    }
    let mut checkpoint = Checkpoint::open(&args.file)?;
    for (key, value) in [("neighbours", args.neighbors), ("context_atoms", args.context_atoms)] {
        if let Some(value) = value {
            checkpoint = checkpoint.with_metadata(key, value.to_string());
        }
    }
    let bytes = checkpoint.to_safetensors()?;
    AtomicFile::write(&out, &bytes).writing_to(shown.to_string())?;
    let (family, neighbors) = (checkpoint.family()?, checkpoint.neighbors()?);
    let numbers = checkpoint.numbers();
    Printer::new(false).note(format_args!("{shown}: a {family} network of {numbers} numbers, {neighbors} neighbors"));
    Ok(())
}
