//! Errors of the pipeline as exceptions of the package.

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::error::{EngineError, SpecError, StructureError, WeightsError};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// An exception that is yet to be raised, without anything of the interpreter's.
#[derive(Clone, Debug, Default)]
pub(crate) struct ErrorData {
    class: &'static str,
    message: String,
    place: Box<Place>,
}

/// Where in which file something is wrong, as far as that is known.
#[derive(Clone, Debug, Default)]
struct Place {
    file: Option<String>,
    line: Option<usize>,
    chain: Option<String>,
    residue: Option<String>,
}

impl ErrorData {
    fn new(class: &'static str, message: String) -> ErrorData {
        ErrorData { class, message, place: Box::default() }
    }

    /// The same at a place.
    fn at(self, place: Place) -> ErrorData {
        ErrorData { place: Box::new(place), ..self }
    }

    /// A value that a setting cannot have.
    pub(crate) fn setting(message: impl Into<String>) -> ErrorData {
        ErrorData::new("SettingError", message.into())
    }

    /// The exception.
    pub(crate) fn raise(&self, py: Python<'_>) -> PyErr {
        self.exception(py).unwrap_or_else(|error| error)
    }

    fn exception(&self, py: Python<'_>) -> PyResult<PyErr> {
        let class = py.import("fastmpnn._errors")?.getattr(self.class)?;
        let Place { file, line, chain, residue } = &*self.place;
        let places = PyDict::new(py);
        for (name, value) in [("file", file), ("chain", chain), ("residue", residue)] {
            if let Some(value) = value {
                places.set_item(name, value)?;
            }
        }
        if let Some(line) = line {
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
            PipelineError::Specification(error) => ErrorData { message, ..ErrorData::from(error) },
            PipelineError::Weights(error) => ErrorData { message, ..ErrorData::from(error) },
            PipelineError::Engine(error) | PipelineError::Packer(error) => {
                ErrorData { message, ..ErrorData::from(error) }
            }
            PipelineError::InFile { file, source } => {
                let mut data = ErrorData { message, ..ErrorData::from(&**source) };
                data.place.file = Some(file.clone());
                data
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

impl From<&SpecError> for ErrorData {
    fn from(error: &SpecError) -> ErrorData {
        let data = ErrorData::new("SelectionError", error.to_string());
        match error {
            SpecError::UnknownChain { chain, .. } => data.at(Place { chain: Some(chain.clone()), ..Place::default() }),
            SpecError::UnknownResidue { residue, .. }
            | SpecError::NoSuchResidue { residue, .. }
            | SpecError::AllOmitted { residue, .. }
            | SpecError::RepeatedInOrder { residue, .. }
            | SpecError::NotFinite { residue, .. } => {
                data.at(Place { residue: Some(residue.clone()), ..Place::default() })
            }
            _ => data,
        }
    }
}

impl From<&WeightsError> for ErrorData {
    fn from(error: &WeightsError) -> ErrorData {
        ErrorData::new("CheckpointError", error.to_string())
    }
}

impl From<&StructureError> for ErrorData {
    fn from(error: &StructureError) -> ErrorData {
        let place = match error {
            StructureError::Unreadable { path, .. } => Place { file: Some(path.clone()), ..Place::default() },
            StructureError::BadAtom { file, line, chain, residue, .. } => Place {
                file: Some(file.clone()),
                line: Some(*line),
                chain: Some(chain.clone()),
                residue: Some(residue.clone()),
            },
            StructureError::BadRow { file, residue, .. } => {
                Place { file: Some(file.clone()), residue: Some(residue.clone()), ..Place::default() }
            }
            StructureError::Malformed { file, line, .. } | StructureError::MissingColumn { file, line, .. } => {
                Place { file: Some(file.clone()), line: Some(*line), ..Place::default() }
            }
            StructureError::UnsupportedFormat { file, .. }
            | StructureError::NoAtoms { file, .. }
            | StructureError::MissingLigand { file, .. }
            | StructureError::NoAssembly { file, .. }
            | StructureError::MissingModel { file, .. } => Place { file: Some(file.clone()), ..Place::default() },
            _ => Place::default(),
        };
        ErrorData::new("InputError", error.to_string()).at(place)
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
