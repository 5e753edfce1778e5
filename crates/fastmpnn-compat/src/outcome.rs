//! How a script ends.

use std::fmt::Display;
use std::io;
use std::ops::ControlFlow;

use fastmpnn::error::WeightsError;
use thiserror::Error;

use crate::console::Console;

/// How a script ended. Structures that failed one by one have been reported on the console; the error inside an outcome has
/// not, and is the caller's to show.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Everything that was asked for is written, or the help is printed.
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
    /// The exit status of a program that runs the script: 0, 1 where a result could not be written, 2 for arguments and
    /// inputs that cannot be used. A pipe that nobody reads any more is no failure, as with `head`.
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

/// Why a script cannot do what it is asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// There is no script of that file name.
    #[error("compat knows no script {name}; the known names are {}", known.join(", "))]
    UnknownScript {
        /// The file name.
        name: String,
        /// The scripts that there are.
        known: Vec<&'static str>,
    },
    /// A checkpoint cannot be used.
    #[error(transparent)]
    Checkpoint(WeightsError),
    /// An argument or an input cannot be used; the sentence names it.
    #[error("{0}")]
    Input(String),
}

/// A result that could not be written: no fault of the input, and the end of the script.
#[derive(Debug, Error)]
#[error("{target} cannot be written: {source}")]
pub struct OutputFailure {
    /// The file, or `standard output`.
    pub target: String,
    /// What the system says.
    pub source: io::Error,
}

/// Works on one structure after the other, and counts those that fail. The script would end at the first of them; here it is
/// reported and the others follow, with other random numbers than they would have alone. A result that cannot be written
/// ends everything, and so does `Break`.
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

/// Adds to an error the output that failed.
pub(crate) trait WritingTo<T> {
    /// Names the output.
    fn writing_to(self, target: impl Display) -> Result<T, OutputFailure>;
}

impl<T> WritingTo<T> for io::Result<T> {
    fn writing_to(self, target: impl Display) -> Result<T, OutputFailure> {
        self.map_err(|source| OutputFailure { target: target.to_string(), source })
    }
}

/// An error with its causes on one line; a cause that the sentence before already ends with is not said twice.
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
