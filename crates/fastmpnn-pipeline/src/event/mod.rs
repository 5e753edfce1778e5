//! The events of a run: warnings, notes, progress, results, failures. The answer to any of them may stop the run.

mod ligand_report;
mod observer;
mod reporter;
mod results;

pub(crate) use ligand_report::LigandReport;
pub use observer::{Event, Failure, Note, NoteKind, Observer, Progress, Unit, Unobserved, Warning, WarningKind};
pub(crate) use reporter::Reporter;
pub use reporter::tell_warnings;
pub use results::{
    MutantChange, MutatedResidue, Mutation, Outcome, PackOutcome, ProbabilityOutcome, ScanResult, ScoreResult,
};

pub use crate::output::{DesignOutcome, DesignResult, NativeOutcome, RankedPacking};
