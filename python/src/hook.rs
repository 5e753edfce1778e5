//! A Python function that sees the logits before letters are drawn.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use fastmpnn_pipeline::fastmpnn::LogitsHook;
use fastmpnn_pipeline::fastmpnn::chemistry::VOCABULARY;
use fastmpnn_pipeline::fastmpnn::decode;
use fastmpnn_pipeline::fastmpnn::error::HookFailure;
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods, ToPyArray};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What is drawn next: residues that do not wait for each other, of all samples that are decoded together.
#[pyclass(frozen, module = "fastmpnn")]
pub(crate) struct Level {
    #[pyo3(get)]
    samples: Py<PyArray1<i64>>,
    #[pyo3(get)]
    residues: Vec<Vec<usize>>,
    #[pyo3(get)]
    letters: Py<PyArray2<i8>>,
    #[pyo3(get)]
    logits: Py<PyArray2<f32>>,
}

/// A function that was given as a hook, and the exception it has raised.
#[derive(Clone)]
pub(crate) struct PythonHook {
    function: Arc<Py<PyAny>>,
    raised: Arc<Mutex<Option<PyErr>>>,
}

impl PythonHook {
    pub(crate) fn new(function: Py<PyAny>) -> PythonHook {
        PythonHook { function: Arc::new(function), raised: Arc::default() }
    }

    /// The exception of the function, once.
    pub(crate) fn raised(&self) -> Option<PyErr> {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn call(&self, py: Python<'_>, level: &mut decode::Level<'_>) -> PyResult<()> {
        let items = level.items();
        let samples: Vec<i64> = items.iter().map(|item| item.sample as i64).collect();
        let residues = items.iter().map(|item| item.residues.to_vec()).collect();
        let width = items.first().map_or(0, |item| item.letters.len());
        let unknown = |letter: Option<_>| {
            letter.map_or(-1, |letter: fastmpnn_pipeline::fastmpnn::chemistry::Letter| letter.index() as i8)
        };
        let letters: Vec<i8> = items.iter().flat_map(|item| item.letters.iter().map(unknown)).collect();
        let logits = PyArray1::from_vec(py, level.logits().as_flattened().to_vec());
        let logits = logits.reshape([items.len(), VOCABULARY])?;
        let shown = Level {
            samples: samples.to_pyarray(py).unbind(),
            residues,
            letters: PyArray1::from_vec(py, letters).reshape([items.len(), width])?.unbind(),
            logits: logits.clone().unbind(),
        };
        let answer = self.function.bind(py).call1((shown,))?;
        let changed: PyReadonlyArray2<'_, f32> = match answer.is_none() {
            true => logits.readonly(),
            false => {
                let array = py.import("numpy")?.call_method1("asarray", (&answer, "float32"));
                match array.and_then(|array| array.extract()) {
                    Ok(array) => array,
                    Err(_) => {
                        let message =
                            format!("the hook returned {answer}, not an array of shape (items, {VOCABULARY})");
                        return Err(PyValueError::new_err(message));
                    }
                }
            }
        };
        if changed.shape() != [level.items().len(), VOCABULARY] {
            let (found, items) = (changed.shape(), level.items().len());
            let message = format!("the hook returned an array of shape {found:?}, not ({items}, {VOCABULARY})");
            return Err(PyValueError::new_err(message));
        }
        let values = changed.as_array();
        for (row, values) in level.logits_mut().iter_mut().zip(values.rows()) {
            row.iter_mut().zip(values).for_each(|(logit, value)| *logit = *value);
        }
        Ok(())
    }
}

impl LogitsHook for PythonHook {
    fn adjust(&self, level: &mut decode::Level<'_>) -> Result<(), HookFailure> {
        Python::attach(|py| {
            self.call(py, level).map_err(|error| {
                let failure = HookFailure::from(error.to_string());
                *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                failure
            })
        })
    }
}

impl fmt::Debug for PythonHook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PythonHook").finish_non_exhaustive()
    }
}
