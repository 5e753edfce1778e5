//! Errors of the pipeline as exceptions of the package.

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::error::{EngineError, StructureError, WeightsError};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// An exception that is yet to be raised, without anything of the interpreter's.
#[derive(Clone, Debug, Default)]
pub(crate) struct ErrorData {
    class: &'static str,
    message: String,
    file: Option<String>,
    line: Option<usize>,
    chain: Option<String>,
    residue: Option<String>,
}

impl ErrorData {
    fn new(class: &'static str, message: String) -> ErrorData {
        ErrorData { class, message, ..ErrorData::default() }
    }

    /// A value that a setting cannot have.
    pub(crate) fn setting(message: impl Into<String>) -> ErrorData {
        ErrorData::new("SettingError", message.into())
    }

    /// A file that is read well, but holds no protein.
    pub(crate) fn no_protein(file: &str) -> ErrorData {
        let message = format!("{file}: holds no protein residues");
        ErrorData { file: Some(file.to_owned()), ..ErrorData::new("InputError", message) }
    }

    /// The exception.
    pub(crate) fn raise(&self, py: Python<'_>) -> PyErr {
        self.exception(py).unwrap_or_else(|error| error)
    }

    fn exception(&self, py: Python<'_>) -> PyResult<PyErr> {
        let class = py.import("fastmpnn._errors")?.getattr(self.class)?;
        let places = PyDict::new(py);
        for (name, value) in [("file", &self.file), ("chain", &self.chain), ("residue", &self.residue)] {
            if let Some(value) = value {
                places.set_item(name, value)?;
            }
        }
        if let Some(line) = self.line {
            places.set_item("line", line)?;
        }
        Ok(PyErr::from_value(class.call((&self.message,), Some(&places))?))
    }
}

impl From<&PipelineError> for ErrorData {
    fn from(error: &PipelineError) -> ErrorData {
        let message = error.message().to_string();
        match error {
            PipelineError::Request(_) => ErrorData::new("SettingError", message),
            PipelineError::Input(_) | PipelineError::Unreadable { .. } | PipelineError::Unwritable(_) => {
                ErrorData::new("InputError", message)
            }
            PipelineError::Structure(error) => ErrorData { message, ..ErrorData::from(error) },
            PipelineError::Specification(_) => ErrorData::new("SelectionError", message),
            PipelineError::Weights(error) => ErrorData { message, ..ErrorData::from(error) },
            PipelineError::Engine(error) | PipelineError::Packer(error) => {
                ErrorData { message, ..ErrorData::from(error) }
            }
            PipelineError::InFile { file, source } => {
                ErrorData { message, file: Some(file.clone()), ..ErrorData::from(&**source) }
            }
            _ => ErrorData::new("Error", message),
        }
    }
}

impl From<&EngineError> for ErrorData {
    fn from(error: &EngineError) -> ErrorData {
        let class = match error {
            EngineError::Weights(error) => return ErrorData::from(error),
            EngineError::NoResidues { .. } | EngineError::Position { .. } | EngineError::Chain { .. } => "InputError",
            EngineError::Plan { .. } => "SelectionError",
            EngineError::Setting { .. } | EngineError::Order { .. } => "SettingError",
            _ => "Error",
        };
        ErrorData::new(class, error.to_string())
    }
}

impl From<&WeightsError> for ErrorData {
    fn from(error: &WeightsError) -> ErrorData {
        ErrorData::new("CheckpointError", error.to_string())
    }
}

impl From<&StructureError> for ErrorData {
    fn from(error: &StructureError) -> ErrorData {
        let data = ErrorData::new("InputError", error.to_string());
        match error {
            StructureError::Unreadable { path, .. } => ErrorData { file: Some(path.clone()), ..data },
            StructureError::BadAtom { file, line, chain, residue, .. } => ErrorData {
                file: Some(file.clone()),
                line: Some(*line),
                chain: Some(chain.clone()),
                residue: Some(residue.clone()),
                ..data
            },
            StructureError::BadRow { file, residue, .. } => {
                ErrorData { file: Some(file.clone()), residue: Some(residue.clone()), ..data }
            }
            StructureError::Malformed { file, line, .. } | StructureError::MissingColumn { file, line, .. } => {
                ErrorData { file: Some(file.clone()), line: Some(*line), ..data }
            }
            StructureError::UnsupportedFormat { file, .. }
            | StructureError::NoAtoms { file, .. }
            | StructureError::MissingLigand { file, .. }
            | StructureError::NoAssembly { file, .. }
            | StructureError::MissingModel { file, .. } => ErrorData { file: Some(file.clone()), ..data },
            _ => data,
        }
    }
}

/// Raises errors of the pipeline.
pub(crate) trait Raise<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> Raise<T> for Result<T, PipelineError> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| ErrorData::from(&error).raise(py))
    }
}

impl<T> Raise<T> for Result<T, EngineError> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| ErrorData::from(&error).raise(py))
    }
}

impl<T> Raise<T> for Result<T, ErrorData> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| error.raise(py))
    }
}

/// What should not happen, as an exception all the same.
pub(crate) fn unexpected(what: &str) -> PyErr {
    PyRuntimeError::new_err(what.to_owned())
}
