//! Shared by the commands that take several inputs: a batch survives a bad file.

use std::io;

use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::run::{Encodings, Resources, Summary};

use crate::args::RunArgs;
use crate::printer::Printer;

/// Calls `work` with the resources of a run: this machine's files, its standard input, and engines loaded on demand.
pub(super) fn with_resources<T>(run: &RunArgs, work: impl FnOnce(&mut Resources<'_>) -> T) -> T {
    with_encodings(run, Encodings::default(), work)
}

/// The same with encodings that are kept.
pub(super) fn with_encodings<T>(run: &RunArgs, encodings: Encodings, work: impl FnOnce(&mut Resources<'_>) -> T) -> T {
    let mut engines = run.engines();
    let sources = Sources::disk().with_standard_input(io::stdin());
    work(&mut Resources::new(sources, &mut engines).with_encodings(encodings))
}

/// Names the failed inputs again in the last line of a run of several inputs, since their errors have scrolled away;
/// returns their number.
pub(super) fn name_failures(summary: &Summary, printer: &Printer) -> usize {
    const NAMED: usize = 50;
    let Summary { inputs, failed, .. } = summary;
    if *inputs > 1 && !failed.is_empty() {
        let names: Vec<&str> = failed.iter().take(NAMED).map(|failed| failed.input.as_str()).collect();
        let more = failed.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let count = failed.len();
        printer.error(&format!("{count} of {inputs} inputs could not be used: {}{more}", names.join(", ")));
    }
    failed.len()
}

/// `1 design`, `8 designs`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
