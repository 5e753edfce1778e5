//! Runs the script from its options to its files, structure by structure.

use std::fs;
use std::io::BufWriter;
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context, Result};
use fastmpnn::spec::TiedGroup;

use super::named::NamedResidues;
use super::session::{Answers, Session};
use super::settings::{Question, ScoreSettings};
use super::statistics::{ChainMask, Scores};
use crate::console::Console;
use crate::ligand::model_type::{ModelType, Network};
use crate::ligand::parsed::ParsedStructure;
use crate::ligand::residue_options;
use crate::ligand::settings::paths;
use crate::ligand::verbose;
use crate::outcome::{WritingTo, each_structure};
use crate::python::argparse::Values;
use crate::python::torch_file;
use crate::python::torch_random::TorchRandom;

/// Runs the script; returns the number of structures that failed.
pub(crate) fn run(values: Values, script: &Path, console: &mut dyn Console) -> Result<usize> {
    let settings = ScoreSettings::new(values)?;
    fs::create_dir_all(&settings.run.folder).writing_to(&settings.run.folder)?;
    let Some(kind) = settings.model_type else {
        console.line("Choose one of the available models");
        return Ok(0);
    };
    let network = Network::load(kind, &settings.values, script, &console.engine_options())?;
    let mut random = TorchRandom::new(settings.run.seed);
    random.skip(network.initial_draws);
    let paths = paths(&settings.values)?;
    let named = NamedResidues::load(&settings.values)?;
    let script = Script { settings, network, named };
    each_structure(&paths, console, |path, console| script.score(path, &mut random, console))
}

/// The script with its settings and networks.
struct Script {
    settings: ScoreSettings,
    network: Network,
    named: NamedResidues,
}

impl Script {
    /// Scores a structure. If neither score is requested, the script says so after it has read the first structure, and
    /// ends.
    fn score(&self, path: &str, random: &mut TorchRandom, console: &mut dyn Console) -> Result<ControlFlow<()>> {
        let Script { settings, network, named } = self;
        settings.run.say(console, format_args!("Designing protein from this path: {path}"));
        let parsed = ParsedStructure::read(path, &settings.reading)?;
        let named = named.of(path, &parsed)?;
        let chains = match settings.values.text_or_none("--chains_to_design") {
            Some(text) => text.split(',').map(str::to_owned).collect(),
            None => parsed.chain_list.clone(),
        };
        let chosen = residue_options::chosen(&parsed, &chains, &named.redesigned, &named.fixed);
        if settings.run.verbose {
            verbose::print_choice(&parsed, &chosen, settings.values.truth("--homo_oligomer"), console);
        }
        let ties = ties(settings, &parsed).with_context(|| path.to_owned())?;
        if settings.run.verbose {
            verbose::print_ligands(&parsed, network.kind == ModelType::Ligand, console);
        }
        let Some(question) = settings.question else {
            console.line("Set either autoregressive_score or single_aa_score to True");
            return Ok(ControlFlow::Break(()));
        };
        let whole_protein = network.kind == ModelType::GlobalMembrane;
        let labels = residue_options::membrane_labels(&parsed, &settings.values, whole_protein)?;
        let side_chains_of = chosen.iter().map(|chosen| settings.side_chains && !chosen).collect();
        let ligands = settings.values.truth("--ligand_mpnn_use_atom_context");
        let environment = network.environment(ligands, side_chains_of, &labels);
        let encoding = network.engine.encode_with(&parsed.structure, &environment)?;
        let session = Session { network, settings, parsed: &parsed, encoding };
        let Answers { logits, orders } = match question {
            Question::Along { hidden } => session.along(&chosen, ties.as_deref(), hidden, random)?,
            Question::Single { last } => session.single(last, random)?,
        };
        let chain_mask = ChainMask { chosen, wide: named.any() };
        let scores = Scores { parsed: &parsed, logits, orders, chain_mask, seed: settings.run.seed };
        let target = format!("{}{}{}.pt", settings.run.folder, parsed.name, settings.values.text("--file_ending"));
        let file = BufWriter::new(fs::File::create(&target).writing_to(&target)?);
        torch_file::write(file, &scores.value()).writing_to(&target)?;
        Ok(ControlFlow::Continue(()))
    }
}

/// Groups of residues that are decoded one after the other.
fn ties(settings: &ScoreSettings, parsed: &ParsedStructure) -> Result<Option<Vec<TiedGroup>>> {
    let index = parsed.index_by_name();
    if settings.values.truth("--homo_oligomer") {
        return Ok(Some(residue_options::homo_oligomer(parsed, &index)?));
    }
    let Some(text) = settings.values.given("--symmetry_residues") else { return Ok(None) };
    let residue = |name: &str| {
        index.get(name).copied().with_context(|| format!("--symmetry_residues: there is no residue {name}"))
    };
    let groups: Result<Vec<Vec<usize>>> =
        text.split('|').map(|group| group.split(',').map(residue).collect()).collect();
    Ok(Some(residue_options::disjoint(groups?, &vec![1.0; parsed.len()], parsed)?))
}
