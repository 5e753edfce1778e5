//! The commands, one a file, and what they share: a batch that survives a bad file.

#[cfg(feature = "study")]
mod bench;
mod compat;
mod design;
mod design_results;
mod design_structures;
mod info;
mod membrane;
mod network_options;
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
use fastmpnn::structure::{BackboneAtoms, ReadOptions, Structure, read_path};
use fastmpnn::write::LigandMeasures;

use crate::args::{Args, Command};
use crate::failure::{OutputFailure, WritingTo, sentence};
use crate::interrupt;
use crate::printer::Printer;
use crate::settings::Run;
use fastmpnn_pipeline::input::{Input, is_standard_input};

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
        #[cfg(feature = "study")]
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Weights(args)) => weights::run(&args),
        Some(Command::Compat(args)) => compat::run(&args),
        None => bail!("no command; `fastmpnn --help` lists them"),
    }
}

fn version() -> Result<usize> {
    let engine = Engine::embedded(&EngineOptions::default())?;
    let (version, isa, checkpoint) = (env!("CARGO_PKG_VERSION"), engine.isa(), engine.checkpoint_name());
    let sha256 = engine.checkpoint_sha256();
    let text = format!("fastmpnn {version} ({isa}, {checkpoint})\nSHA-256 of the published {checkpoint}: {sha256}");
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
    for (index, input) in run.inputs.iter().enumerate() {
        if interrupt::requested() {
            break;
        }
        printer.begin_input(index, run.inputs.len());
        let read = read_input(input, &options);
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
    Ok(failed)
}

/// Reads a structure, under the name of its input.
fn read_input(input: &Input, options: &ReadOptions) -> Result<Structure> {
    let structure = read_path(&input.path, options)?;
    Ok(Structure { name: input.name.clone(), ..structure })
}

/// The last line of a run of several inputs names those that failed once more, since the errors themselves have scrolled
/// away; says how many they are.
fn name_failures(failed: &[Failed], run: &Run, printer: &Printer) -> usize {
    const NAMED: usize = 50;
    if run.inputs.len() > 1 && !failed.is_empty() {
        let names: Vec<&str> = failed.iter().take(NAMED).map(|failed| failed.input.as_str()).collect();
        let more = failed.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let (count, inputs) = (failed.len(), run.inputs.len());
        printer.error(&format!("{count} of {inputs} inputs could not be used: {}{more}", names.join(", ")));
    }
    failed.len()
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
    /// The share of the designed residues of known native letter that carry it; `None` for a designed backbone, whose
    /// native letters mean nothing.
    recovery: Option<f64>,
    /// What is said of residues near ligands, where the network sees ligands.
    ligand: Option<LigandMeasures>,
}

/// Which residues the measures count.
struct Yardstick {
    native: Sequence,
    resolved: Vec<bool>,
    designed: Vec<bool>,
    /// Whether the native letters of the designed residues are a placeholder: the glycine or alanine that a backbone
    /// without a sequence is written with.
    placeholder: bool,
    /// Whether each residue is near a ligand, where the network sees ligands.
    near_ligand: Option<Vec<bool>>,
}

impl Yardstick {
    fn new(structure: &Structure, designed: &[bool]) -> Yardstick {
        let native = native_sequence(structure);
        let placeholder =
            is_placeholder(native.iter().zip(designed).filter(|(_, designed)| **designed).map(|(l, _)| *l));
        let (resolved, designed) = (resolved(structure), designed.to_vec());
        Yardstick { native, resolved, designed, placeholder, near_ligand: None }
    }

    fn near_ligands(self, near_ligand: Option<Vec<bool>>) -> Yardstick {
        Yardstick { near_ligand, ..self }
    }

    fn measure(&self, sequence: &[Letter], negative_log_likelihood: &[f32]) -> Measures {
        use fastmpnn::score::{mean_where, recovery};
        let counted = |index: usize| self.designed[index] && self.resolved[index];
        let known = |index: usize| self.designed[index] && self.native[index] != Letter::X && !self.placeholder;
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

/// Whether letters are those of a backbone without a sequence: at least [`PLACEHOLDERS`], all of them glycine or alanine.
fn is_placeholder(native: impl Iterator<Item = Letter>) -> bool {
    let known: Vec<Letter> = native.filter(|&letter| letter != Letter::X).collect();
    let meaningless = |letter: &Letter| matches!(letter.to_char(), 'G' | 'A');
    known.len() >= PLACEHOLDERS && known.iter().all(meaningless)
}

/// Fewer glycines and alanines in a row occur in nature.
const PLACEHOLDERS: usize = 10;

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
