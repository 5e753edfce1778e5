//! The numbers of a checkpoint, for heads and other programs that need a network's parameters.

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::error::WeightsError;
use fastmpnn_pipeline::request::{DesignRequest, Request};
use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::Raise;

/// One tensor: its name, its sizes, its numbers.
type NamedTensor = (String, Vec<usize>, Vec<f32>);

/// The tensors of a network under their published names. `settings` are those of a request's network, as JSON.
#[pyfunction]
pub(crate) fn checkpoint_tensors<'py>(py: Python<'py>, settings: &str) -> PyResult<Bound<'py, PyDict>> {
    let tensors = py.detach(|| read(settings)).or_raise(py)?;
    let table = PyDict::new(py);
    for (name, shape, values) in tensors {
        table.set_item(name, PyArray1::from_vec(py, values).reshape(shape)?)?;
    }
    Ok(table)
}

fn read(settings: &str) -> Result<Vec<NamedTensor>, PipelineError> {
    let network = DesignRequest::from_json(settings)?.network;
    let checkpoint = network.network()?.checkpoint()?;
    let named = |name: &str| -> Result<NamedTensor, WeightsError> {
        let tensor = checkpoint.tensor(name)?;
        Ok((name.to_owned(), tensor.shape.clone(), tensor.values().into_owned()))
    };
    Ok(checkpoint.tensor_names().into_iter().map(named).collect::<Result<_, _>>()?)
}
