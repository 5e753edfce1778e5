//! The program in the extension, and what requests have by default.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use fastmpnn_compat::{Console, Outcome};
use fastmpnn_pipeline::request::{DesignRequest, PackRequest, ProbsRequest, Request, ScanRequest, ScoreRequest};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors::ErrorData;
use crate::runner::detached;

/// Runs the program `fastmpnn` with these arguments, its own name first; the number is its exit code.
#[pyfunction]
pub(crate) fn run_program(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| fastmpnn_cli::run(arguments))
}

/// What a published script prints.
#[derive(Default)]
struct Printed {
    output: String,
    errors: String,
}

impl Console for Printed {
    fn print(&mut self, text: &str) -> io::Result<()> {
        self.output.push_str(text);
        Ok(())
    }

    fn print_usage(&mut self, text: &str) {
        self.errors.push_str(text);
    }

    fn warn(&mut self, message: &str) {
        self.errors.push_str(&format!("warning: {message}\n"));
    }

    fn error(&mut self, message: &str) {
        self.errors.push_str(&format!("{message}\n"));
    }
}

/// Runs a published script, by its name, with these arguments: its exit status, and what it prints on standard output and
/// standard error.
#[pyfunction]
pub(crate) fn run_script(py: Python<'_>, script: String, arguments: Vec<String>) -> PyResult<(u8, String, String)> {
    let work = move |_| {
        let mut printed = Printed::default();
        let outcome = fastmpnn_compat::run(Path::new(&script), &arguments, &mut printed);
        match &outcome {
            Outcome::Refused(error) => printed.error(&error.to_string()),
            Outcome::Unwritten(failure) => printed.error(&failure.to_string()),
            _ => {}
        }
        (outcome.status(), printed.output, printed.errors)
    };
    detached(py, work)
}

/// The version of the package.
#[pyfunction]
pub(crate) fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// All settings of a task with their defaults, as JSON.
#[pyfunction]
pub(crate) fn default_settings(task: &str) -> PyResult<String> {
    match task {
        DesignRequest::NAME => Ok(defaults::<DesignRequest>()),
        ScoreRequest::NAME => Ok(defaults::<ScoreRequest>()),
        ProbsRequest::NAME => Ok(defaults::<ProbsRequest>()),
        ScanRequest::NAME => Ok(defaults::<ScanRequest>()),
        PackRequest::NAME => Ok(defaults::<PackRequest>()),
        _ => Err(PyValueError::new_err(format!("there is no task {task}"))),
    }
}

/// Refuses settings of designs that do not exist, are out of range or contradict each other; they are an object of JSON.
#[pyfunction]
pub(crate) fn check_settings(py: Python<'_>, settings: &str) -> PyResult<()> {
    let checked = DesignRequest::from_json(settings).and_then(|request| request.check());
    checked.map_err(|error| ErrorData::from(&error).raise(py))
}

fn defaults<R: Request>() -> String {
    R::default().to_json()
}
