//! `fastmpnn pack`: side chains for a backbone and a sequence.

use anyhow::Result;
use fastmpnn_pipeline::request::PackRequest;

use super::batch::{counted, name_failures, with_resources};
use crate::args::pack::PackArgs;
use crate::interrupt::Interrupted;
use crate::terminal::{Shown, Terminal};

pub(super) fn run(args: PackArgs) -> Result<usize> {
    let run = args.run.clone();
    let request = PackRequest::from(args);
    let out = request.folder.out.as_deref();
    let shown = if out.is_some() { Shown::Nothing } else { Shown::Packing };
    let mut terminal = Terminal::new(&run, shown).interruptible(out.is_some());
    let summary = with_resources(&run, |resources| fastmpnn_pipeline::pack(&request, resources, &mut terminal));
    let printer = terminal.end()?;
    let summary = summary?;
    let made = counted(summary.run.results, "packing");
    if let (true, Some(out)) = (summary.run.stopped, out) {
        return Err(Interrupted(format!("{made} written to {}", out.display())).into());
    }
    if summary.run.results > 0 {
        printer.note(format_args!("{made} in {:.2} s", summary.elapsed.as_secs_f64()));
    }
    Ok(name_failures(&summary.run, &printer))
}
