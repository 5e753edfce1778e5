//! Runs the script from its options to its files, structure by structure.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::Result;
use fastmpnn::Packer;

use super::design;
use super::model_type::Network;
use super::residue_options::ResidueOptions;
use super::settings::{LigandSettings, paths};
use super::target::Run;
use crate::checkpoints;
use crate::console::Console;
use crate::outcome::{WritingTo, each_structure};
use crate::python::argparse::Values;
use crate::python::torch_random::TorchRandom;

/// Runs the script; returns the number of structures that failed.
pub(crate) fn run(values: Values, script: &Path, console: &mut dyn Console) -> Result<usize> {
    if values.given("--pdb_path").is_none() && values.given("--pdb_path_multi").is_none() {
        console.line("You must specify either --pdb_path or --pdb_path_multi");
        return Ok(0);
    }
    let settings = LigandSettings::new(values)?;
    console.line("CUDA not available... using CPU");
    let mut folders = vec!["seqs", "backbones", "packed"];
    folders.extend(settings.values.truth("--save_stats").then_some("stats"));
    for folder in folders {
        let path = format!("{}{folder}", settings.run.folder);
        fs::create_dir_all(&path).writing_to(path)?;
    }
    let Some(kind) = settings.model_type else {
        console.line("Choose one of the available models");
        return Ok(0);
    };
    let network = Network::load(kind, &settings.values, script, &console.engine_options())?;
    let paths = paths(&settings.values)?;
    let options = ResidueOptions::load(&settings.values)?;
    let mut random = TorchRandom::new(settings.run.seed);
    random.skip(network.initial_draws);
    let mut packer = None;
    if settings.values.truth("--pack_side_chains") {
        let checkpoint = checkpoints::ligand(settings.values.text("--checkpoint_path_sc"), script)?;
        random.skip(checkpoints::initial_draws(&checkpoint)?);
        packer = Some(Packer::with_checkpoint(&checkpoint, &console.engine_options())?);
    }
    let run = Run { settings: &settings, network: &network, options: &options, packer: packer.as_ref() };
    each_structure(&paths, console, |path, console| {
        design::run(&run, path, &mut random, console)?;
        Ok(ControlFlow::Continue(()))
    })
}
