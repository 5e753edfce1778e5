//! `fastmpnn rank`: the best rows of tables of designs.

use std::io::{self, BufWriter, Write};

use anyhow::Result;
use fastmpnn_pipeline::request::RankRequest;
use fastmpnn_pipeline::table::TableFormat;

use super::batch::{counted, name_failures};
use crate::args::RunArgs;
use crate::args::rank::RankArgs;
use crate::failure::WritingTo;
use crate::terminal::{STANDARD_OUTPUT, Shown, Terminal};

pub(super) fn run(args: RankArgs) -> Result<usize> {
    let run = RunArgs { quiet: args.quiet, ..RunArgs::default() };
    let request = RankRequest::from(args);
    let mut terminal = Terminal::new(&run, Shown::Nothing);
    let summary = fastmpnn_pipeline::rank(&request, &mut terminal);
    let printer = terminal.end()?;
    let summary = summary?;
    let ranked = &summary.ranked;
    // Without any table that can be read there are no columns.
    if request.out.is_none() && !ranked.schema().columns.is_empty() {
        let written = ranked.write(BufWriter::new(io::stdout()), TableFormat::Csv);
        written.and_then(|mut out| out.flush()).writing_to(STANDARD_OUTPUT)?;
    }
    if !ranked.schema().columns.is_empty() {
        let place = request.out.as_ref().map_or_else(String::new, |out| format!(", in {}", out.display()));
        let steps = summary.report.to_string();
        let steps = if steps.is_empty() { steps } else { format!(": {steps}") };
        printer.note(format!("{} of {} kept{place}{steps}", ranked.len(), counted(summary.rows as usize, "row")));
    }
    Ok(name_failures(&summary.run, &printer))
}
