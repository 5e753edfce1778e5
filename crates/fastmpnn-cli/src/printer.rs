//! What people read on standard error: notes, warnings, errors, progress. Data go to standard output only.

use std::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use fastmpnn::structure::Structure;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::context::Context;

/// More warnings of one file than this are counted instead.
const WARNINGS_SHOWN: usize = 8;

/// Writes to standard error; colours only where it is a terminal that wants them.
pub(crate) struct Printer {
    quiet: bool,
    progress: ProgressBar,
}

impl Printer {
    pub(crate) fn new(quiet: bool) -> Printer {
        Printer { quiet, progress: ProgressBar::hidden() }
    }

    /// Shows a bar over `total` steps of what, from now on, where someone is there to see it.
    pub(crate) fn start_progress(&mut self, total: u64, what: &'static str) {
        if self.quiet || !io::stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        // Before the first step there is nothing to go by.
        let left = |state: &ProgressState, out: &mut dyn fmt::Write| {
            if state.pos() > 0 {
                // Writing to a String cannot fail.
                let _ = write!(out, ", {:#} left", HumanDuration(state.eta()));
            }
        };
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {msg} in {elapsed}{left}") {
            bar.set_style(style.with_key("left", left).progress_chars("█▓░"));
        }
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(200));
        self.progress = bar;
    }

    /// Shows a bar over the bytes of a file, where someone is there to see it.
    pub(crate) fn start_download(&mut self, bytes: u64, name: &'static str) {
        if self.quiet || !io::stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {bytes}/{total_bytes} of {msg}, {bytes_per_sec}") {
            bar.set_style(style.progress_chars("█▓░"));
        }
        bar.set_message(name);
        self.progress = bar;
    }

    /// Moves the bar to this many steps.
    pub(crate) fn set_progress(&self, steps: u64) {
        self.progress.set_position(steps);
    }

    /// Moves the bar on.
    pub(crate) fn advance(&self, steps: u64) {
        self.progress.inc(steps);
    }

    /// Takes the bar away.
    pub(crate) fn finish_progress(&self) {
        self.progress.finish_and_clear();
    }

    /// Does something that may write to the terminal, with the bar out of its way.
    pub(crate) fn undisturbed<T>(&self, action: impl FnOnce() -> T) -> T {
        self.progress.suspend(action)
    }

    /// A plain line.
    pub(crate) fn note(&self, line: impl Display) {
        if !self.quiet {
            self.undisturbed(|| write_line(&line));
        }
    }

    /// `warning: 5L33.pdb: …`
    pub(crate) fn warn(&self, file: impl Display, message: impl Display) {
        let label = labelled("warning", AnsiColor::Yellow);
        self.note(format_args!("{label} {file}: {message}"));
    }

    /// `error: …`, whatever --quiet says.
    pub(crate) fn error(&self, message: &str) {
        self.undisturbed(|| print_error(message));
    }

    /// The warnings of a structure.
    pub(crate) fn structure_warnings(&self, file: impl Display, structure: &Structure) {
        for warning in structure.warnings.iter().take(WARNINGS_SHOWN) {
            self.warn(&file, warning);
        }
        let more = structure.warnings.len().saturating_sub(WARNINGS_SHOWN);
        if more > 0 {
            let plural = if more == 1 { "" } else { "s" };
            self.warn(&file, format_args!("{more} more warning{plural}; `fastmpnn info {file}` lists them"));
        }
    }

    /// Which atoms beside the protein the network sees.
    pub(crate) fn context(&self, file: impl Display, structure: &Structure, context: &Context) {
        match context {
            Context::Nothing => {}
            Context::Note(sentence) => self.note(format_args!("{}: {sentence}", structure.name)),
            Context::Unseen(sentence) => self.warn(file, sentence),
        }
    }
}

/// Prints a plain line, whatever --quiet says.
pub(crate) fn print_line(line: &str) {
    write_line(&line);
}

/// Prints `error: …`.
pub(crate) fn print_error(message: &str) {
    write_line(&format_args!("{} {message}", labelled("error", AnsiColor::Red)));
}

fn labelled(word: &str, color: AnsiColor) -> String {
    let style = Style::new().bold().fg_color(Some(color.into()));
    format!("{style}{word}:{style:#}")
}

/// When standard error is closed there is nobody to tell.
fn write_line(line: &dyn Display) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}
