//! How a script ends.

use std::fmt::Display;
use std::io;
use std::ops::ControlFlow;

use fastmpnn::error::WeightsError;
use thiserror::Error;

use crate::console::Console;

/// How a script ended. Structures that failed one by one have been reported on the console; the error inside an outcome
/// has not, and the caller should show it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// All requested files are written, or the help is printed.
    Finished,
    /// The script has no such arguments; the usage is printed on the console.
    Usage,
    /// Some structures could not be used; the results of the others are written.
    Incomplete {
        /// The number of structures that failed.
        failed: usize,
    },
    /// The arguments or an input cannot be used, and the script ended there.
    Refused(ScriptError),
    /// A result could not be written, and the script ended there.
    Unwritten(OutputFailure),
}

impl Outcome {
    /// The exit status of a program that runs the script: 0 for success, 1 if a result could not be written, 2 for
    /// arguments and inputs that cannot be used. A closed pipe is not a failure, as with `head`.
    pub fn status(&self) -> u8 {
        match self {
            Outcome::Finished => 0,
            Outcome::Unwritten(failure) if failure.source.kind() == io::ErrorKind::BrokenPipe => 0,
            Outcome::Unwritten(_) => 1,
            Outcome::Usage | Outcome::Incomplete { .. } | Outcome::Refused(_) => 2,
        }
    }

    pub(crate) fn of(result: anyhow::Result<usize>) -> Outcome {
        match result {
            Ok(0) => Outcome::Finished,
            Ok(failed) => Outcome::Incomplete { failed },
            Err(error) => match error.downcast::<OutputFailure>() {
                Ok(failure) => Outcome::Unwritten(failure),
                Err(error) => Outcome::Refused(match error.downcast::<WeightsError>() {
                    Ok(error) => ScriptError::Checkpoint(error),
                    Err(error) => ScriptError::Input(sentence(&error)),
                }),
            },
        }
    }
}

/// Why a script refuses its arguments or inputs.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// No script has this file name.
    #[error("compat knows no script {name}; the known names are {}", known.join(", "))]
    UnknownScript {
        /// The file name.
        name: String,
        /// The file names of all scripts.
        known: Vec<&'static str>,
    },
    /// A checkpoint cannot be used.
    #[error(transparent)]
    Checkpoint(WeightsError),
    /// An argument or an input cannot be used; the sentence names it.
    #[error("{0}")]
    Input(String),
}

/// A result that could not be written. It ends the script.
#[derive(Debug, Error)]
#[error("{target} cannot be written: {source}")]
pub struct OutputFailure {
    /// The file, or `standard output`.
    pub target: String,
    /// The system's error.
    pub source: io::Error,
}

/// Processes one structure after the other, and counts those that fail. The published script would end at the first
/// failure; here it is reported and the run continues, and the later structures draw other random numbers than in a run
/// of their own. A result that cannot be written ends the run, and so does `Break`.
pub(crate) fn each_structure<T>(
    structures: &[T],
    console: &mut dyn Console,
    mut work: impl FnMut(&T, &mut dyn Console) -> anyhow::Result<ControlFlow<()>>,
) -> anyhow::Result<usize> {
    let mut failed = 0;
    for structure in structures {
        match work(structure, console) {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => break,
            Err(error) if error.is::<OutputFailure>() => return Err(error),
            Err(error) => {
                console.error(&sentence(&error));
                failed += 1;
            }
        }
    }
    Ok(failed)
}

/// Adds the name of the output to an error.
pub(crate) trait WritingTo<T> {
    /// Names the output.
    fn writing_to(self, target: impl Display) -> Result<T, OutputFailure>;
}

impl<T> WritingTo<T> for io::Result<T> {
    fn writing_to(self, target: impl Display) -> Result<T, OutputFailure> {
        self.map_err(|source| OutputFailure { target: target.to_string(), source })
    }
}

/// An error with its causes on one line; a cause that the sentence before it already ends with is not repeated.
fn sentence(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}
