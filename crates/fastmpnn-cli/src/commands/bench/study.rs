//! `fastmpnn bench study`: runs the named experiments and writes the report.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fastmpnn_study::experiment::Experiment;
use fastmpnn_study::experiments;
use fastmpnn_study::peers::PeerOptions;
use fastmpnn_study::record::write_json;
use fastmpnn_study::roofline::{self, Roofline};
use fastmpnn_study::subject::Subject;
use fastmpnn_study::{Bench, Program, Settings, StudyError, report};

use super::printing::thread_count;
use crate::args::bench::StudyArgs;
use crate::failure::WritingTo;
use crate::printer::Printer;
use crate::terminal::STANDARD_OUTPUT;
use fastmpnn_pipeline::input::{Inputs, Naming, Sources, expand};
use fastmpnn_pipeline::output::AtomicFile;

/// The roofline's name among the experiments.
const ROOFLINE: &str = "roofline";

/// The experiments and structures to run.
struct Wanted {
    experiments: Vec<&'static Experiment>,
    roofline: bool,
    structures: Vec<PathBuf>,
}

pub(super) fn run(args: &StudyArgs) -> Result<()> {
    let wanted = wanted(&args.words)?;
    let mut bench = bench(args, &wanted)?;
    if let Some(variant) = &args.measure_memory {
        return measure_memory(&bench, variant);
    }
    std::fs::create_dir_all(&args.out).writing_to(args.out.display())?;
    bench.program = Some(program(args, &wanted, bench.settings.threads)?);
    if wanted.experiments.iter().any(|experiment| experiment.name == "compile") {
        bench.peers = peers(args)?;
    } else if args.python.is_some() {
        bail!("--python has no effect without the experiment compile, which runs the published code");
    }
    for experiment in &wanted.experiments {
        bench.run(experiment)?.write(&args.out)?;
    }
    if wanted.roofline {
        write_json(&args.out.join(roofline::FILE_NAME), &Roofline::measure(&bench)?)?;
    }
    let page = report::render(&args.out)?;
    let path = args.out.join("report.html");
    AtomicFile::write(&path, page.as_bytes()).writing_to(path.display())?;
    bench.say(&format!("the report is {}", path.display()));
    Ok(())
}

/// Sorts the words into experiments and structures.
fn wanted(words: &[PathBuf]) -> Result<Wanted> {
    let mut wanted = Wanted { experiments: Vec::new(), roofline: false, structures: Vec::new() };
    for word in words {
        let name = word.to_string_lossy();
        let plain = name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
        if name == ROOFLINE {
            wanted.roofline = true;
        } else if let Ok(experiment) = experiments::named(&name) {
            wanted.experiments.push(experiment);
        } else if plain && !word.exists() {
            // A structure has no such name: it is a mistyped experiment.
            experiments::named(&name)?;
        } else {
            wanted.structures.push(word.clone());
        }
    }
    if wanted.experiments.is_empty() && !wanted.roofline {
        wanted.experiments = experiments::ALL.iter().collect();
        wanted.roofline = true;
    }
    Ok(wanted)
}

fn bench(args: &StudyArgs, wanted: &Wanted) -> Result<Bench> {
    let threads = thread_count(args.threads);
    let settings = if args.quick { Settings::quick(threads) } else { Settings::full(threads) };
    let sources = &Sources::disk().with_standard_input(std::io::stdin());
    let Inputs { list, notes } = expand(&wanted.structures, false, Naming::Distinct, sources)?;
    let printer = Printer::new(args.quiet || args.measure_memory.is_some());
    notes.iter().for_each(|note| printer.note(note));
    let mut subjects = Vec::with_capacity(list.len());
    for input in list.iter() {
        let structure = sources.structure(&input, &Default::default())?;
        let subject = Subject::new(structure, Some(input.path.clone()));
        subjects.push(subject.with_context(|| input.path.display().to_string())?);
    }
    if subjects.is_empty() {
        return Err(StudyError::NoStructures.into());
    }
    Ok(Bench::new(settings, subjects, move |text| printer.note(text))?)
}

/// Runs a variant once, and prints the peak memory of this process.
fn measure_memory(bench: &Bench, variant: &str) -> Result<()> {
    let Some((experiment, variant)) = variant.split_once('=') else {
        bail!("--measure-memory: {variant:?} is not EXPERIMENT=VARIANT");
    };
    let peak = bench.peak_of(experiments::named(experiment)?, variant)?;
    let text = peak.map_or_else(|| "unknown".to_owned(), |peak| format!("{peak:.1}"));
    writeln!(std::io::stdout(), "{text}").writing_to(STANDARD_OUTPUT)?;
    Ok(())
}

/// The command line that makes this program print the memory of a variant.
fn program(args: &StudyArgs, wanted: &Wanted, threads: usize) -> Result<Program> {
    let path = std::env::current_exe().context("the program's own file")?;
    let mut memory_arguments: Vec<OsString> = vec!["bench".into(), "study".into()];
    memory_arguments.extend(wanted.structures.iter().map(OsString::from));
    memory_arguments.extend(["--threads".into(), threads.to_string().into(), "--out".into(), args.out.clone().into()]);
    if args.quick {
        memory_arguments.push("--quick".into());
    }
    memory_arguments.push("--measure-memory".into());
    Ok(Program { path, memory_arguments })
}

/// The published code, if it can be run; an error if it was asked for and cannot be run.
fn peers(args: &StudyArgs) -> Result<Option<PeerOptions>> {
    let python = args.python.as_deref().unwrap_or(Path::new("python3"));
    let found = PeerOptions::find(python, &args.reference);
    if found.is_none() && args.python.is_some() {
        let (python, reference) = (python.display(), args.reference.display());
        bail!("--python: {python} cannot run the published code through {reference}/timing/official.py");
    }
    Ok(found)
}
