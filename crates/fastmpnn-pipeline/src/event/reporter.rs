//! Passes events to an observer, and remembers whether it wants the run to stop.

use std::ops::ControlFlow;

use fastmpnn::decode;
use fastmpnn::structure::Structure;

use super::ligand_report::LigandReport;
use super::observer::{Event, Failure, Note, NoteKind, Observer, Progress, Unit, Warning, WarningKind};
use super::results::Outcome;
use crate::error::PipelineError;
use crate::input::model_of_several;
use crate::message::{Field, Message};

/// Tells an observer which model of a file was read, where it has several, and the structure's warnings.
pub fn tell_warnings(observer: &mut dyn Observer, file: &str, structure: &Structure) {
    Reporter::new(observer).structure_warnings(file, structure);
}

/// An observer, and what it has answered.
pub(crate) struct Reporter<'o> {
    observer: &'o mut dyn Observer,
    stopped: bool,
}

impl<'o> Reporter<'o> {
    pub(crate) fn new(observer: &'o mut dyn Observer) -> Reporter<'o> {
        Reporter { observer, stopped: false }
    }

    /// The observer itself.
    pub(crate) fn observer(&mut self) -> &mut dyn Observer {
        self.observer
    }

    fn tell(&mut self, event: Event<'_>) {
        if self.observer.observe(event) == ControlFlow::Break(()) {
            self.stopped = true;
        }
    }

    /// Whether the observer has asked for the end of the run.
    pub(crate) fn has_stopped(&self) -> bool {
        self.stopped
    }

    /// A warning that was made elsewhere.
    pub(crate) fn warning(&mut self, warning: &Warning) {
        self.tell(Event::Warning(warning));
    }

    /// A note that was made elsewhere.
    pub(crate) fn told(&mut self, note: &Note) {
        self.tell(Event::Note(note));
    }

    /// Whether the run is to end, as the observer says now.
    pub(crate) fn stops(&mut self) -> bool {
        self.tell(Event::Progress(Progress::Working));
        self.stopped
    }

    /// A sentence for a file of the run.
    pub(crate) fn text(&self, message: &Message) -> String {
        message.with_fields(|field| self.observer.field_name(field))
    }

    pub(crate) fn warn(&mut self, file: &str, kind: WarningKind, message: impl AsRef<str>) {
        let warning = Warning { file: file.to_owned(), residue: None, kind, message: Message::new(message) };
        self.tell(Event::Warning(&warning));
    }

    pub(crate) fn note(&mut self, about: Option<&str>, kind: NoteKind, message: impl AsRef<str>) {
        let note = Note { about: about.map(str::to_owned), kind, message: Message::new(message) };
        self.tell(Event::Note(&note));
    }

    /// Progress that was made elsewhere.
    pub(crate) fn progress(&mut self, progress: Progress<'_>) {
        self.tell(Event::Progress(progress));
    }

    pub(crate) fn start(&mut self, total: u64, unit: Unit) {
        self.tell(Event::Progress(Progress::Started { total, unit }));
    }

    pub(crate) fn input(&mut self, file: &str, index: usize, count: usize) {
        self.tell(Event::Progress(Progress::Input { file, index, count }));
    }

    pub(crate) fn inputs(&mut self, count: usize) {
        self.tell(Event::Progress(Progress::Inputs(count)));
    }

    /// Tells of progress within the work in hand; whether the run is to end.
    pub(crate) fn decoding(&mut self, progress: decode::Progress) -> bool {
        let progress = match progress {
            decode::Progress::Level { first_sample, samples, level, levels } => {
                Progress::Level { first_sample, samples, level, levels }
            }
            decode::Progress::PackingStep { step, steps } => Progress::PackingStep { step, steps },
            _ => Progress::Working,
        };
        self.tell(Event::Progress(progress));
        self.stopped
    }

    pub(crate) fn sequences(&mut self, count: usize) {
        self.tell(Event::Progress(Progress::Sequences(count)));
    }

    pub(crate) fn advance(&mut self, steps: u64) {
        self.tell(Event::Progress(Progress::Advanced(steps)));
    }

    pub(crate) fn end(&mut self) {
        self.tell(Event::Progress(Progress::Ended));
    }

    pub(crate) fn result(&mut self, outcome: &Outcome<'_>) {
        self.tell(Event::Result(outcome));
    }

    pub(crate) fn failure(&mut self, input: &str, error: &PipelineError) {
        self.tell(Event::Failure(&Failure { input, error }));
    }

    /// Which model of a file was read, where it has several, and the structure's warnings.
    pub(crate) fn structure_warnings(&mut self, file: &str, structure: &Structure) {
        let Structure { model_number, model_count, .. } = *structure;
        if model_count > 1 {
            let message = format!("read {}", model_of_several(model_number, model_count));
            self.note(Some(file), NoteKind::Models, message);
        }
        self.warnings_alone(file, structure);
    }

    /// The warnings of a structure.
    pub(crate) fn warnings_alone(&mut self, file: &str, structure: &Structure) {
        for warning in &structure.warnings {
            let warning = Warning {
                file: file.to_owned(),
                residue: warning.residue.clone(),
                kind: WarningKind::Structure,
                message: Message::of_library(&warning.to_string()),
            };
            self.tell(Event::Warning(&warning));
        }
    }

    /// The warnings of a plan.
    pub(crate) fn plan_warnings(&mut self, file: &str, warnings: &[String]) {
        for warning in warnings {
            let message = Message::of_library(warning);
            let kind = WarningKind::Specification;
            self.tell(Event::Warning(&Warning { file: file.to_owned(), residue: None, kind, message }));
        }
    }

    /// That a structure labels residues FIXED, where nobody asked for them.
    pub(crate) fn labels(&mut self, structure: &Structure, asked: bool) {
        if !asked && !structure.fixed_labels.is_empty() {
            let (count, labels) = (structure.fixed_labels.len(), Field("pdb_labels"));
            let message = format!("labels FIXED (REMARK PDBinfo-LABEL): {count}; {labels} keeps those residues");
            self.note(Some(&structure.name), NoteKind::Labels, message);
        }
    }

    /// Which atoms beside the protein the network sees.
    pub(crate) fn ligands(&mut self, file: &str, structure: &Structure, report: &LigandReport) {
        match report {
            LigandReport::Nothing => {}
            LigandReport::Seen(sentence) => self.note(Some(&structure.name), NoteKind::Ligands, sentence),
            LigandReport::Unseen(sentence) => self.warn(file, WarningKind::UnseenLigands, sentence),
        }
    }
}
