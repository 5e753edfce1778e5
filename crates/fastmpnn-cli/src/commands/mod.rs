//! The commands, one a file, and what they share: a batch that survives a bad file.

mod bench;
mod design;
mod design_results;
mod design_structures;
mod info;
mod membrane;
mod pack;
mod probs;
mod score;
mod structure_format;
mod weights;

use std::io::{self, Write};

use anyhow::{Context, Result, bail};
use fastmpnn::Engine;
use fastmpnn::EngineOptions;
use fastmpnn::chemistry::{Letter, Sequence};
use fastmpnn::model::Family;
use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::{BackboneAtoms, ReadOptions, Structure, read_path};
use fastmpnn::write::LigandMeasures;

use crate::args::{Args, Command};
use crate::failure::{OutputFailure, WritingTo, sentence};
use crate::inputs::{Input, is_standard_input};
use crate::interrupt;
use crate::printer::Printer;
use crate::settings::Run;

/// Runs a command; the number is how many inputs failed.
pub(crate) fn run(args: Args) -> Result<usize> {
    if args.version {
        return version();
    }
    match args.command {
        Some(Command::Design(args)) => design::run(&(*args).try_into()?),
        Some(Command::Score(args)) => score::run(&args.try_into()?),
        Some(Command::Probs(args)) => probs::run(&args.try_into()?),
        Some(Command::Pack(args)) => pack::run(&args.try_into()?),
        Some(Command::Info(args)) => info::run(&args.try_into()?),
        Some(Command::Membrane(args)) => membrane::run(&args.try_into()?),
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Weights(args)) => weights::run(&args),
        Some(Command::Compat(args)) => crate::compat::run(args.shim.as_deref(), &args.command),
        None => bail!("no command; `fastmpnn --help` lists them"),
    }
}

fn version() -> Result<usize> {
    let engine = Engine::embedded(&EngineOptions::default())?;
    let (version, isa, checkpoint) = (env!("CARGO_PKG_VERSION"), engine.isa(), engine.checkpoint_name());
    let sha256 = engine.checkpoint_sha256();
    let text = format!("fastmpnn {version} ({isa}, {checkpoint})\nSHA-256 of {checkpoint}: {sha256}");
    writeln!(io::stdout(), "{text}").writing_to(STANDARD_OUTPUT)?;
    Ok(0)
}

/// What messages call it.
const STANDARD_OUTPUT: &str = "standard output";

/// What messages call an input.
fn shown(input: &Input) -> String {
    if is_standard_input(&input.path) { "standard input".to_owned() } else { input.path.display().to_string() }
}

/// An input that could not be used, and why.
struct Failed {
    input: String,
    error: String,
}

/// Reads one input after the other and works on it. What is wrong with an input is reported, and the others go on; a
/// result that cannot be written ends everything. `needs` is what the network needs of a residue.
fn for_each_structure(
    run: &Run,
    needs: BackboneAtoms,
    printer: &mut Printer,
    mut work: impl FnMut(&Input, Structure, &mut Printer) -> Result<()>,
) -> Result<Vec<Failed>> {
    let mut failed = Vec::new();
    let options = ReadOptions { needs, ..run.read.clone() };
    for input in &run.inputs {
        if interrupt::requested() {
            break;
        }
        let read = read_path(&input.path, &options).map_err(anyhow::Error::from);
        match read.and_then(|structure| work(input, structure, printer)) {
            Ok(()) => {}
            Err(error) if error.downcast_ref::<OutputFailure>().is_some() => {
                printer.finish_progress();
                return Err(error);
            }
            Err(error) => {
                let error = sentence(&error);
                printer.error(&error);
                failed.push(Failed { input: shown(input), error });
            }
        }
    }
    printer.finish_progress();
    if run.inputs.len() > 1 && !failed.is_empty() {
        printer.error(&format!("{} of {} inputs could not be used", failed.len(), run.inputs.len()));
    }
    Ok(failed)
}

/// Says which file an error of the specification or the engine is about.
fn about<T, E>(result: Result<T, E>, input: &Input) -> Result<T>
where
    Result<T, E>: Context<T, E>,
{
    result.with_context(|| shown(input))
}

/// Refuses a structure that is read well, but is no protein.
fn check_protein(structure: &Structure, input: &Input) -> Result<()> {
    if structure.residues.is_empty() {
        bail!("{}: holds no protein residues", shown(input));
    }
    Ok(())
}

/// Refuses membrane labels that the network does not take, and says when a network that takes some got none.
fn label_warning(engine: &Engine, plan: &DesignPlan) -> Result<Option<String>> {
    let labels = &plan.surroundings.membrane;
    let name = engine.checkpoint_name();
    if engine.model().config().family != Family::Membrane {
        if labels.is_empty() {
            return Ok(None);
        }
        bail!("{name} takes no membrane labels; --model membrane-global and --model membrane-residue do");
    }
    if labels.is_empty() {
        let labels = "--membrane-global, or --membrane-buried and --membrane-interface";
        return Ok(Some(format!("no membrane labels ({labels}): {name} sees every residue outside a membrane")));
    }
    let by_residue = labels.iter().any(|label| *label != labels[0]);
    if by_residue && name.starts_with("global_label") {
        bail!("{name} takes one label of the whole protein, --membrane-global");
    }
    Ok(None)
}

fn native_sequence(structure: &Structure) -> Sequence {
    structure.residues.iter().map(|residue| residue.letter).collect()
}

/// Whether each residue is seen by the network. `[N]`
fn resolved(structure: &Structure) -> Vec<bool> {
    (0..structure.residues.len()).map(|index| structure.is_resolved(index)).collect()
}

/// The measures of a sequence on a structure.
#[derive(Clone, Copy, Debug)]
struct Measures {
    /// Mean −ln p over the designed residues, nats.
    score: Option<f64>,
    /// Mean −ln p over all residues with a backbone, nats.
    global_score: Option<f64>,
    /// The share of the designed residues of known native letter that carry it.
    recovery: Option<f64>,
    /// What is said of residues near ligands, where the network sees ligands.
    ligand: Option<LigandMeasures>,
}

/// Which residues the measures count.
struct Yardstick {
    native: Sequence,
    resolved: Vec<bool>,
    designed: Vec<bool>,
    /// Whether each residue is near a ligand, where the network sees ligands.
    near_ligand: Option<Vec<bool>>,
}

impl Yardstick {
    fn new(structure: &Structure, designed: &[bool]) -> Yardstick {
        Yardstick {
            native: native_sequence(structure),
            resolved: resolved(structure),
            designed: designed.to_vec(),
            near_ligand: None,
        }
    }

    fn near_ligands(self, near_ligand: Option<Vec<bool>>) -> Yardstick {
        Yardstick { near_ligand, ..self }
    }

    fn measure(&self, sequence: &[Letter], negative_log_likelihood: &[f32]) -> Measures {
        use fastmpnn::score::{mean_where, recovery};
        let counted = |index: usize| self.designed[index] && self.resolved[index];
        let known = |index: usize| self.designed[index] && self.native[index] != Letter::X;
        let score = mean_where(negative_log_likelihood, counted);
        let confidence = |score: Option<f64>| score.map(|score| (-score).exp());
        let of_ligand = |near: &Vec<bool>| LigandMeasures {
            overall_confidence: confidence(score),
            ligand_confidence: confidence(mean_where(negative_log_likelihood, |index| counted(index) && near[index])),
            ligand_recovery: recovery(sequence, &self.native, |index| known(index) && near[index]),
        };
        Measures {
            score,
            ligand: self.near_ligand.as_ref().map(of_ligand),
            global_score: mean_where(negative_log_likelihood, |index| self.resolved[index]),
            recovery: recovery(sequence, &self.native, known),
        }
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// A measure with four decimals, or `NA`.
fn four_decimals(value: Option<f64>) -> String {
    value.map_or_else(|| "NA".to_owned(), |value| format!("{value:.4}"))
}

/// `1 design`, `8 designs`.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
