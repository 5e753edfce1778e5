//! The checkpoint that a script would load.

use std::path::Path;

use anyhow::{Result, anyhow};
use fastmpnn::weights::{CATALOGUE, Checkpoint, PublishedCheckpoint};

use super::python::argparse::Values;

/// The checkpoint that `protein_mpnn_run.py` would load: from the folder named by `--path_to_model_weights`, else a
/// published one that is embedded or in the user's folder, else one beside the script that was called.
pub(super) fn protein(values: &Values, script: &Path) -> Result<Checkpoint> {
    let name = values.text("--model_name");
    if let Some(folder) = values.given("--path_to_model_weights") {
        return Ok(Checkpoint::open(&Path::new(folder).join(format!("{name}.pt")))?);
    }
    let (family, folder) = if values.switch("--ca_only") {
        ("ca_proteinmpnn", "ca_model_weights")
    } else if values.switch("--use_soluble_model") {
        ("solublempnn", "soluble_model_weights")
    } else {
        ("proteinmpnn", "vanilla_model_weights")
    };
    let known = PublishedCheckpoint::named(&format!("{family}_{name}"));
    let error = match known.map(PublishedCheckpoint::load) {
        Some(Ok(checkpoint)) => return Ok(checkpoint),
        Some(Err(error)) => anyhow::Error::from(error),
        None => anyhow!("no published checkpoint of {folder} is called {name}; --path_to_model_weights names a folder"),
    };
    let beside = script.with_file_name(folder).join(format!("{name}.pt"));
    if beside.is_file() { Ok(Checkpoint::open(&beside)?) } else { Err(error) }
}

/// The checkpoint that a script of LigandMPNN would load: the file at `path`, else the published one of that file name
/// that is embedded or in the user's folder, else the file beside the script that was called, or in `model_params`
/// there.
pub(super) fn ligand(path: &str, script: &Path) -> Result<Checkpoint> {
    let given = Path::new(path);
    if given.is_file() {
        return Ok(Checkpoint::open(given)?);
    }
    let stem = given.file_stem().unwrap_or_default().to_string_lossy();
    let known = CATALOGUE.iter().find(|known| known.name == stem);
    let error = match known.map(PublishedCheckpoint::load) {
        Some(Ok(checkpoint)) => return Ok(checkpoint),
        Some(Err(error)) => anyhow::Error::from(error),
        None => anyhow!("{path} is not a file, and no published checkpoint is called {stem}"),
    };
    let beside = [script.with_file_name(path), script.with_file_name("model_params").join(path)];
    match beside.iter().find(|beside| beside.is_file()) {
        Some(beside) => Ok(Checkpoint::open(beside)?),
        None => Err(error),
    }
}

/// The number of random numbers that torch draws to initialize a network before the checkpoint's numbers replace them:
/// uniforms for the weights and biases of each linear map, normals for the letters' embedding, then uniforms again for
/// every matrix.
pub(super) fn initial_draws(checkpoint: &Checkpoint) -> Result<u64> {
    let mut draws = 0;
    for name in checkpoint.tensor_names() {
        let tensor = checkpoint.tensor(name)?;
        let size = tensor.shape.iter().product::<usize>() as u64;
        draws += match tensor.shape.len() {
            2 => 2 * size,
            // Layer norms start from ones and zeros, which are not drawn.
            _ if name.contains("norm") => 0,
            _ => size,
        };
    }
    Ok(draws)
}
