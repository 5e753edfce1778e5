//! `fastmpnn design`: sequences for each structure.

use std::path::Path;

use anyhow::Result;
use fastmpnn_pipeline::measure::four_decimals;
use fastmpnn_pipeline::request::DesignRequest;
use fastmpnn_pipeline::run::DesignSummary;

use super::batch::{counted, name_failures, with_encodings};
use crate::args::DesignArgs;
use crate::interrupt::Interrupted;
use crate::terminal::{STANDARD_OUTPUT, Shown, Terminal};

pub(super) fn run(args: DesignArgs) -> Result<usize> {
    let run = args.run.clone();
    let encodings = args.cache.encodings()?;
    let request = DesignRequest::from(args);
    let out = request.folder.out.as_deref();
    let shown = if out.is_some() { Shown::Nothing } else { Shown::Fasta };
    let mut terminal = Terminal::new(&run, shown).interruptible(true);
    let summary =
        with_encodings(&run, encodings, |resources| fastmpnn_pipeline::design(&request, resources, &mut terminal));
    let printer = terminal.end()?;
    let summary = summary?;
    if summary.run.stopped {
        let continued = if request.dataset.table.is_some() { "; the same command continues" } else { "" };
        return Err(Interrupted(format!("{}{continued}", written_of(&summary, out))).into());
    }
    if summary.resumed > 0 {
        let were = if summary.resumed == 1 { "was" } else { "were" };
        printer.note(format!("{} {were} finished before", counted(summary.resumed, "structure")));
    }
    if summary.run.results > 0 {
        printer.note(sentence(&summary, out));
    }
    if let Some(first) = summary.selection.steps().next() {
        let (kept, of) = (summary.run.results, counted(first.of as usize, "design"));
        printer.note(format!("{kept} of {of} kept: {}", summary.selection));
    }
    Ok(name_failures(&summary.run, &printer))
}

/// `37 of 100 designs written to out`
fn written_of(summary: &DesignSummary, out: Option<&Path>) -> String {
    let place = out.map_or_else(|| STANDARD_OUTPUT.to_owned(), |out| out.display().to_string());
    format!("{} of {} written to {place}", summary.run.results, counted(summary.wanted as usize, "design"))
}

fn sentence(summary: &DesignSummary, out: Option<&Path>) -> String {
    let seconds = summary.elapsed.as_secs_f64();
    let (designs, structures) = (counted(summary.run.results, "design"), counted(summary.structures, "structure"));
    let rate = summary.run.results as f64 / seconds.max(1e-9);
    let score = four_decimals(summary.score.value());
    let recovery = match summary.recovery.value() {
        // The native sequences are those of designed backbones, poly-glycine or poly-alanine.
        None => String::new(),
        recovery => format!(", mean recovery {}", four_decimals(recovery)),
    };
    let place = out.map_or_else(String::new, |out| format!(", in {}", out.display()));
    format!("{designs} of {structures} in {seconds:.2} s ({rate:.1} a second): mean score {score}{recovery}{place}")
}
