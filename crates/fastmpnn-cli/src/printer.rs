//! What people read on standard error: notes, warnings, errors, progress. Data go to standard output only.

use std::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::args::RunArgs;
use crate::visible::visible;

/// More warnings of one file than this are counted instead.
pub(crate) const WARNINGS_SHOWN: usize = 8;

/// Writes to standard error; colors only where it is a terminal that wants them.
pub(crate) struct Printer {
    quiet: bool,
    /// Whether what is true of many structures is said of each.
    verbose: bool,
    progress: ProgressBar,
    /// What the bar counts.
    counted: &'static str,
    /// The index of the current input and the number of inputs, if there are several.
    place: Option<(usize, usize)>,
    /// The number of structures for which each of these was reported.
    repeated: [AtomicUsize; 2],
}

/// What is harmless and may be true of every structure of a run: said of the first, and counted of the others unless
/// --verbose asks for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeated {
    UnseenLigands,
    EdgesRecomputed,
}

impl Repeated {
    const ALL: [Repeated; 2] = [Repeated::UnseenLigands, Repeated::EdgesRecomputed];

    /// Reports that were counted for further structures.
    fn of_more(self, count: usize) -> String {
        let structures = if count == 1 { "1 more structure".to_owned() } else { format!("{count} more structures") };
        let verb = if count == 1 { "has" } else { "have" };
        match self {
            Repeated::UnseenLigands => {
                format!("{structures} {verb} ligand atoms that the model does not see; --verbose names them")
            }
            Repeated::EdgesRecomputed => {
                format!("{structures} {verb} decoder edge terms that exceed the memory limit; --verbose names them")
            }
        }
    }
}

impl Printer {
    pub(crate) fn new(quiet: bool) -> Printer {
        let (progress, repeated) = (ProgressBar::hidden(), Default::default());
        Printer { quiet, verbose: false, progress, counted: "", place: None, repeated }
    }

    /// As a run wants it.
    pub(crate) fn of(run: &RunArgs) -> Printer {
        Printer { verbose: run.verbose, ..Printer::new(run.quiet) }
    }

    /// Shows a bar over `total` steps of what, from now on, where someone is there to see it.
    pub(crate) fn start_progress(&mut self, total: u64, what: &'static str) {
        self.counted = what;
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

    /// Says which of all inputs is worked on next, from 0: in its line, and in the bar, which counts the steps of inputs
    /// that failed as done.
    pub(crate) fn begin_input(&mut self, index: usize, count: usize) {
        if count < 2 {
            return;
        }
        self.place = Some((index + 1, count));
        if let Some(steps) = self.progress.length() {
            self.progress.set_position(steps / count as u64 * index as u64);
            if self.counted != "structures" {
                self.progress.set_message(format!("{}, structure {} of {count},", self.counted, index + 1));
            }
        }
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

    /// Removes the bar, and prints the messages that were counted instead of printed for each structure.
    pub(crate) fn finish_progress(&self) {
        self.progress.finish_and_clear();
        for (what, count) in Repeated::ALL.into_iter().zip(&self.repeated) {
            let more = count.swap(0, Ordering::Relaxed).saturating_sub(1);
            if more > 0 && !self.verbose {
                self.labeled("warning", AnsiColor::Yellow, what.of_more(more));
            }
        }
    }

    /// Does something that may write to the terminal, with the bar out of its way.
    pub(crate) fn undisturbed<T>(&self, action: impl FnOnce() -> T) -> T {
        self.progress.suspend(action)
    }

    /// A plain line.
    pub(crate) fn note(&self, line: impl Display) {
        if !self.quiet {
            self.undisturbed(|| write_line(visible(line)));
        }
    }

    /// The one line of a structure: `(2 of 3) 5L33: …`, its index among several, and the task.
    pub(crate) fn structure(&self, name: impl Display, line: impl Display) {
        match self.place {
            Some((number, count)) => self.note(format_args!("({number} of {count}) {name}: {line}")),
            None => self.note(format_args!("{name}: {line}")),
        }
    }

    /// A line about a structure that only --verbose asks for.
    pub(crate) fn detail(&self, name: impl Display, line: impl Display) {
        if self.verbose {
            self.note(format_args!("{name}: {line}"));
        }
    }

    /// `warning: 5L33.pdb: …`
    pub(crate) fn warn(&self, file: impl Display, message: impl Display) {
        self.labeled("warning", AnsiColor::Yellow, format_args!("{file}: {message}"));
    }

    fn labeled(&self, word: &str, color: AnsiColor, message: impl Display) {
        if !self.quiet {
            self.undisturbed(|| write_labeled(word, color, message));
        }
    }

    /// `error: …`, whatever --quiet says.
    pub(crate) fn error(&self, message: &str) {
        self.undisturbed(|| print_error(message));
    }

    /// The warnings of a structure that were too many to be said.
    pub(crate) fn more_warnings(&self, file: &str, count: usize) {
        let more = count.saturating_sub(WARNINGS_SHOWN);
        if more > 0 {
            let plural = if more == 1 { "" } else { "s" };
            self.warn(file, format_args!("{more} more warning{plural}; `fastmpnn info {file}` lists them"));
        }
    }

    /// Warns of what may be true of every structure of a run.
    pub(crate) fn repeated(&self, what: Repeated, file: impl Display, sentence: impl Display) {
        if self.repeated[what as usize].fetch_add(1, Ordering::Relaxed) == 0 || self.verbose {
            self.warn(file, sentence);
        }
    }
}

/// Prints a plain line, whatever --quiet says.
pub(crate) fn print_line(line: &str) {
    write_line(visible(line));
}

/// Prints `error: …`.
pub(crate) fn print_error(message: &str) {
    write_labeled("error", AnsiColor::Red, message);
}

fn write_labeled(word: &str, color: AnsiColor, message: impl Display) {
    let style = Style::new().bold().fg_color(Some(color.into()));
    write_line(format_args!("{style}{word}:{style:#} {}", visible(message)));
}

/// When standard error is closed there is nobody to tell.
fn write_line(line: impl Display) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}
