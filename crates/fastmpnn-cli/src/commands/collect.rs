//! `fastmpnn collect`: one sorted table of the designs of folders and datasets.

use std::io::{self, BufWriter};

use anyhow::Result;
use fastmpnn_pipeline::request::CollectRequest;

use super::batch::{counted, name_failures};
use crate::args::RunArgs;
use crate::args::collect::CollectArgs;
use crate::terminal::{Shown, Terminal};

pub(super) fn run(args: CollectArgs) -> Result<usize> {
    let run = RunArgs { quiet: args.quiet, ..RunArgs::default() };
    let request = CollectRequest::from(args);
    let mut terminal = Terminal::new(&run, Shown::Nothing);
    let summary = fastmpnn_pipeline::collect(&request, &mut BufWriter::new(io::stdout()), &mut terminal);
    let printer = terminal.end()?;
    let summary = summary?;
    let place = request.out.as_ref().map_or_else(String::new, |out| format!(", in {}", out.display()));
    let replaced = match summary.replaced {
        0 => String::new(),
        count => format!("; {} left out, which later tables have again", counted(count, "design")),
    };
    let (designs, tables) = (counted(summary.run.results, "design"), counted(summary.tables, "table"));
    printer.note(format!("{designs} of {tables}{place}{replaced}"));
    Ok(name_failures(&summary.run, &printer))
}
