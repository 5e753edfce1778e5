//! The interface between a script and the program that runs it.

use std::fmt::Display;
use std::io;

use fastmpnn::EngineOptions;

/// The caller's side of a script: receives its output, and sets how its networks run.
///
/// A script writes its files itself. Everything else goes through here: nothing in this crate touches the streams of the
/// process or ends it, so that several scripts can run in one process, each with a console of its own.
pub trait Console {
    /// Takes text for standard output: whole lines, as the script prints them.
    ///
    /// # Errors
    /// If the text cannot be written. A script that also writes files continues; only help that cannot be printed is a
    /// failure.
    fn print(&mut self, text: &str) -> io::Result<()>;

    /// Takes the usage and the sentence that Python's argparse prints on standard error if it refuses the arguments,
    /// including the line break at the end.
    fn print_usage(&mut self, text: &str);

    /// Takes a warning of ours, one sentence, in cases where the published script prints nothing.
    fn warn(&mut self, message: &str);

    /// Takes the one sentence that says why a structure could not be used; the run continues with the next structure.
    fn error(&mut self, message: &str);

    /// The width of the terminal that usage and help are wrapped to, columns.
    fn columns(&self) -> usize {
        80
    }

    /// How the script's networks run: threads, instruction set.
    fn engine_options(&self) -> EngineOptions {
        EngineOptions::default()
    }
}

impl dyn Console + '_ {
    /// Prints a line, as the scripts do. If nobody reads the output, the run continues, because the files are still
    /// needed.
    pub(crate) fn line(&mut self, line: impl Display) {
        let _ = self.print(&format!("{line}\n"));
    }
}
