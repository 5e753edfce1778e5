//! What a script needs of the program that runs it.

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
    /// Where the text cannot be written. A script that prints beside writing files goes on all the same; only help that
    /// cannot be printed fails.
    fn print(&mut self, text: &str) -> io::Result<()>;

    /// Takes what Python's argparse prints on standard error when it refuses the arguments: the usage and a sentence, with
    /// the line break at its end.
    fn print_usage(&mut self, text: &str);

    /// Takes a warning of ours, one sentence, where the script would say nothing.
    fn warn(&mut self, message: &str);

    /// Takes the one sentence that says why a structure could not be used; the others follow.
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
