//! Notes, warnings, errors and progress for people, on standard error. Data go to standard output only.

use std::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::args::RunArgs;
use crate::visible::visible;

/// Further warnings of the same file are counted instead of printed.
pub(crate) const WARNINGS_SHOWN: usize = 8;

/// Writes to standard error; colors only if it is a terminal that supports them.
pub(crate) struct Printer {
    quiet: bool,
    /// Whether repeated reports are printed for each structure.
    verbose: bool,
    progress: ProgressBar,
    /// The plural of the things that the bar counts.
    counted: &'static str,
    /// The index of the current input and the number of inputs, if there are several.
    place: Option<(usize, usize)>,
    /// The number of structures for which each kind of [`Repeated`] was reported.
    repeated: [AtomicUsize; 2],
}

/// A harmless report that may apply to every structure of a run: it is printed for the first, and counted for the
/// others unless --verbose asks for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeated {
    UnseenLigands,
    EdgesRecomputed,
}

impl Repeated {
    const ALL: [Repeated; 2] = [Repeated::UnseenLigands, Repeated::EdgesRecomputed];

    /// The sentence for `count` further structures.
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

    /// The printer of a run with these options.
    pub(crate) fn of(run: &RunArgs) -> Printer {
        Printer { verbose: run.verbose, ..Printer::new(run.quiet) }
    }

    /// Shows a bar over `total` steps, counted as `what`, if standard error is a terminal.
    pub(crate) fn start_progress(&mut self, total: u64, what: &'static str) {
        self.counted = what;
        if self.quiet || !io::stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        // Before the first step there is no estimate.
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

    /// Sets the index of the next input, from 0, for its line and for the bar, which counts the steps of failed inputs
    /// as done.
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

    /// Shows a bar over the bytes of a file, if standard error is a terminal.
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

    /// Moves the bar to `steps` steps.
    pub(crate) fn set_progress(&self, steps: u64) {
        self.progress.set_position(steps);
    }

    /// Moves the bar forward by `steps` steps.
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

    /// Performs an action that may write to the terminal, with the bar hidden.
    pub(crate) fn undisturbed<T>(&self, action: impl FnOnce() -> T) -> T {
        self.progress.suspend(action)
    }

    /// Prints a plain line, unless --quiet.
    pub(crate) fn note(&self, line: impl Display) {
        if !self.quiet {
            self.undisturbed(|| write_line(visible(line)));
        }
    }

    /// Prints the one line of a structure: `(2 of 3) 5L33: …`, its index among several, and the task.
    pub(crate) fn structure(&self, name: impl Display, line: impl Display) {
        match self.place {
            Some((number, count)) => self.note(format_args!("({number} of {count}) {name}: {line}")),
            None => self.note(format_args!("{name}: {line}")),
        }
    }

    /// Prints a line about a structure, with --verbose only.
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

    /// Prints `error: …`, even with --quiet.
    pub(crate) fn error(&self, message: &str) {
        self.undisturbed(|| print_error(message));
    }

    /// Prints the number of a structure's warnings that were not printed.
    pub(crate) fn more_warnings(&self, file: &str, count: usize) {
        let more = count.saturating_sub(WARNINGS_SHOWN);
        if more > 0 {
            let plural = if more == 1 { "" } else { "s" };
            self.warn(file, format_args!("{more} more warning{plural}; `fastmpnn info {file}` lists them"));
        }
    }

    /// Prints or counts a report that may apply to every structure of a run.
    pub(crate) fn repeated(&self, what: Repeated, file: impl Display, sentence: impl Display) {
        if self.repeated[what as usize].fetch_add(1, Ordering::Relaxed) == 0 || self.verbose {
            self.warn(file, sentence);
        }
    }
}

/// Prints a plain line, even with --quiet.
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

/// If standard error is closed, nobody can be told.
fn write_line(line: impl Display) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}
