//! Shows the events of a run: notes, warnings and progress on standard error, results on standard output.

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use anyhow::{Error, Result, anyhow};
use fastmpnn_pipeline::event::{Event, Note, NoteKind, Observer, Outcome, Progress, Warning, WarningKind};
use fastmpnn_pipeline::message::Message;

use crate::args::RunArgs;
use crate::args::option_name::option;
use crate::failure::WritingTo;
use crate::interrupt;
use crate::printer::{Printer, Repeated, WARNINGS_SHOWN};

/// The name of standard output in messages.
pub(crate) const STANDARD_OUTPUT: &str = "standard output";

/// The content of standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing: results go to files.
    Nothing,
    /// Sequences.
    Fasta,
    /// A row for each sequence.
    Scores,
    /// A row for each residue of each sequence.
    ResidueScores,
    /// A table of probabilities.
    Probabilities,
    /// A table of the mutations of each structure: that many of the most favorable ones, or all.
    Mutations { top: Option<usize> },
    /// The one structure that fits on standard output.
    Packing,
}

/// Shows a run's events on this process's standard streams.
pub(crate) struct Terminal {
    printer: Printer,
    shown: Shown,
    out: BufWriter<io::Stdout>,
    /// Whether a table's header has not been written yet.
    with_header: bool,
    /// Whether Ctrl-C ends the run after the current unit of work.
    interruptible: bool,
    /// The current input's name in messages.
    file: String,
    /// The file whose warnings came last, and their number.
    warnings: Option<(String, usize)>,
    /// The error in showing events, if any.
    error: Option<Error>,
}

impl Terminal {
    pub(crate) fn new(run: &RunArgs, shown: Shown) -> Terminal {
        Terminal {
            printer: Printer::of(run),
            shown,
            out: BufWriter::new(io::stdout()),
            with_header: true,
            interruptible: false,
            file: String::new(),
            warnings: None,
            error: None,
        }
    }

    /// Sets whether Ctrl-C ends the run after the current unit of work.
    pub(crate) fn interruptible(self, interruptible: bool) -> Terminal {
        Terminal { interruptible, ..self }
    }

    /// The printer for the last lines of a run, or the error in showing its events.
    pub(crate) fn end(mut self) -> Result<Printer> {
        self.end_warnings();
        match self.error {
            Some(error) => Err(error),
            None => {
                self.out.flush().writing_to(STANDARD_OUTPUT)?;
                Ok(self.printer)
            }
        }
    }

    fn show(&mut self, event: &Event<'_>) -> Result<()> {
        if let Event::Warning(warning) = event {
            self.warning(warning);
            return Ok(());
        }
        self.end_warnings();
        match event {
            Event::Note(note) => self.note(note),
            Event::Progress(progress) => self.progress(*progress)?,
            Event::Result(outcome) => self.result(outcome)?,
            Event::Failure(failure) => self.printer.error(&text(&failure.error.message())),
            _ => {}
        }
        Ok(())
    }

    fn warning(&mut self, warning: &Warning) {
        let Warning { file, kind, message, .. } = warning;
        let message = text(message);
        if *kind != WarningKind::Structure || self.warnings.as_ref().is_some_and(|(of, _)| of != file) {
            self.end_warnings();
        }
        match kind {
            WarningKind::Structure => {
                let (_, count) = self.warnings.get_or_insert_with(|| (file.clone(), 0));
                *count += 1;
                if *count <= WARNINGS_SHOWN {
                    self.printer.warn(file, message);
                }
            }
            WarningKind::UnseenLigands => self.printer.repeated(Repeated::UnseenLigands, file, message),
            WarningKind::EdgesRecomputed => self.printer.repeated(Repeated::EdgesRecomputed, file, message),
            _ => self.printer.warn(file, message),
        }
    }

    fn end_warnings(&mut self) {
        if let Some((file, count)) = self.warnings.take() {
            self.printer.more_warnings(&file, count);
        }
    }

    fn note(&self, note: &Note) {
        let Note { about, kind, message } = note;
        let message = text(message);
        match (about, kind) {
            (None, _) => self.printer.note(message),
            (Some(name), NoteKind::Plan) => self.printer.structure(name, message),
            (Some(name), NoteKind::EdgesKept) => self.printer.detail(name, message),
            (Some(name), _) => self.printer.note(format_args!("{name}: {message}")),
        }
    }

    fn progress(&mut self, progress: Progress<'_>) -> Result<()> {
        match progress {
            Progress::Started { total, unit } => {
                if self.interruptible {
                    interrupt::watch()?;
                }
                self.printer.start_progress(total, unit.plural());
            }
            Progress::Inputs(count) if self.shown == Shown::Packing && count > 1 => {
                return Err(anyhow!("{count} structures do not fit standard output; add --out FOLDER"));
            }
            Progress::Input { file, index, count } => {
                self.file = file.to_owned();
                self.printer.begin_input(index, count);
            }
            Progress::Sequences(count) if self.shown == Shown::Packing && count > 1 => {
                let file = &self.file;
                return Err(anyhow!(
                    "{file}: the packings of {count} sequences do not fit standard output; add --out FOLDER"
                ));
            }
            Progress::Advanced(steps) => {
                self.flush()?;
                self.printer.advance(steps);
            }
            Progress::Ended => self.printer.finish_progress(),
            _ => {}
        }
        Ok(())
    }

    fn result(&mut self, outcome: &Outcome<'_>) -> Result<()> {
        let Terminal { printer, out, shown, with_header, .. } = self;
        let mut header = || std::mem::replace(with_header, false);
        let written = printer.undisturbed(|| match (outcome, *shown) {
            // Write the native sequence at once, before the work on the designs.
            (Outcome::Native(native), Shown::Fasta) => native.write_fasta(out).and_then(|()| out.flush()),
            (Outcome::Design(design), Shown::Fasta) => design.write_fasta(out),
            (Outcome::Score(score), Shown::Scores) => {
                score.write_csv(&mut *out, false, header()).and_then(|()| out.flush())
            }
            (Outcome::Score(score), Shown::ResidueScores) => {
                score.write_csv(&mut *out, true, header()).and_then(|()| out.flush())
            }
            (Outcome::Probabilities(values), Shown::Probabilities) => values.write_csv(out, header()),
            (Outcome::Scan(scan), Shown::Mutations { top }) => {
                scan.write_csv(&mut *out, top, header()).and_then(|()| out.flush())
            }
            (Outcome::Packing(packing), Shown::Packing) => {
                out.write_all(packing.best.unwrap_or_default()).and_then(|()| out.flush())
            }
            _ => Ok(()),
        });
        Ok(written.writing_to(STANDARD_OUTPUT)?)
    }

    fn flush(&mut self) -> Result<()> {
        let Terminal { printer, out, .. } = self;
        Ok(printer.undisturbed(|| out.flush()).writing_to(STANDARD_OUTPUT)?)
    }
}

impl Observer for Terminal {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        if self.error.is_none()
            && let Err(error) = self.show(&event)
        {
            self.error = Some(error);
        }
        // Ctrl-C ends the run after the current designs.
        let within = matches!(event, Event::Progress(Progress::Level { .. } | Progress::PackingStep { .. }));
        if self.error.is_some() || (interrupt::requested() && !within) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn field_name(&self, field: &str) -> String {
        option(field)
    }
}

fn text(message: &Message) -> String {
    message.with_fields(option)
}
