//! `compat`: a published script on this process's standard streams, or executables under the scripts' names.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, bail};
use fastmpnn_compat::{Console, Outcome, script_names};
use fastmpnn_pipeline::fastmpnn::EngineOptions;

use crate::args::CompatArgs;
use crate::failure::WritingTo;
use crate::printer::Printer;
use crate::terminal::STANDARD_OUTPUT;
use crate::{shim, threads};

/// Runs a script, or writes shims; returns the number of failed inputs.
pub(super) fn run(args: &CompatArgs) -> Result<usize> {
    if let Some(folder) = &args.shim {
        return write_shims(folder);
    }
    let Some((script, arguments)) = args.command.split_first() else {
        bail!("compat needs a script; the known names are {}", script_names().join(", "));
    };
    let text = |argument: &OsString| argument.to_string_lossy().into_owned();
    let arguments: Vec<String> = arguments.iter().map(text).collect();
    let mut console = Terminal { printer: Printer::new(false) };
    match fastmpnn_compat::run(Path::new(script), &arguments, &mut console) {
        Outcome::Finished => Ok(0),
        Outcome::Incomplete { failed } => Ok(failed),
        Outcome::Refused(error) => Err(error.into()),
        Outcome::Unwritten(failure) => Ok(Err(failure.source).writing_to(failure.target)?),
        // The usage is printed.
        _ => Ok(1),
    }
}

fn write_shims(folder: &Path) -> Result<usize> {
    let mut out = io::stdout();
    for path in shim::write(folder)? {
        writeln!(out, "{}", path.display()).writing_to(STANDARD_OUTPUT)?;
    }
    Ok(0)
}

/// The streams of this process.
struct Terminal {
    printer: Printer,
}

impl Console for Terminal {
    fn print(&mut self, text: &str) -> io::Result<()> {
        io::stdout().write_all(text.as_bytes())
    }

    fn print_usage(&mut self, text: &str) {
        // If standard error is closed, nobody can be told.
        let _ = io::stderr().write_all(text.as_bytes());
    }

    fn warn(&mut self, message: &str) {
        self.printer.warn("compat", message);
    }

    fn error(&mut self, message: &str) {
        self.printer.error(message);
    }

    fn columns(&self) -> usize {
        let given = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
        given.filter(|&columns: &usize| columns > 0).unwrap_or(80)
    }

    fn engine_options(&self) -> EngineOptions {
        threads::engine_options()
    }
}
