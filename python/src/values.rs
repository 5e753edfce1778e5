//! What a request is given in arrays and functions beside its text.

use fastmpnn_pipeline::fastmpnn::chemistry::VOCABULARY;
use fastmpnn_pipeline::fastmpnn::spec::{PairBias, Pssm, ResidueSet};
use fastmpnn_pipeline::run::Values;
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::hook::PythonHook;

/// The values of a call, and its hook.
#[derive(Default)]
pub(crate) struct GivenValues {
    pub(crate) values: Values,
    pub(crate) hook: Option<PythonHook>,
}

impl GivenValues {
    /// Of a dictionary whose keys are those that the package writes.
    pub(crate) fn of(given: &Bound<'_, PyDict>) -> PyResult<GivenValues> {
        let mut values = Values::default();
        let by_residue = &mut values.by_residue;
        if let Some(indexes) = item::<Vec<usize>>(given, "fix")? {
            by_residue.fix = Some(ResidueSet::Indexes(indexes));
        }
        if let Some(indexes) = item::<Vec<usize>>(given, "redesign")? {
            by_residue.redesign = Some(ResidueSet::Indexes(indexes));
        }
        if let Some(table) = item::<PyReadonlyArray2<'_, f32>>(given, "bias")? {
            by_residue.bias = rows("bias", &table)?;
        }
        if let Some(table) = item::<PyReadonlyArray2<'_, bool>>(given, "omit")? {
            by_residue.omit = rows("omit", &table)?;
        }
        if let Some(order) = item::<Vec<u32>>(given, "order")? {
            by_residue.order = order;
        }
        if let Some(own) = item::<PyReadonlyArray1<'_, f32>>(given, "residue_temperature")? {
            by_residue.temperature = own.as_array().iter().map(|&own| (!own.is_nan()).then_some(own)).collect();
        }
        let pairs = item::<Vec<(usize, usize, PyReadonlyArray2<'_, f32>)>>(given, "pair_bias")?.unwrap_or_default();
        for (first, second, table) in pairs {
            let table: [[f32; VOCABULARY]; VOCABULARY] = rows("pair_bias", &table)?.try_into().map_err(|_| {
                PyValueError::new_err(format!("pair_bias: a table is of shape ({VOCABULARY}, {VOCABULARY})"))
            })?;
            by_residue.pair_bias.push(PairBias { residues: [first, second], bias: Box::new(table) });
        }
        if let Some(pssm) = item::<Bound<'_, PyDict>>(given, "pssm")? {
            by_residue.pssm = Some(pssm_of(&pssm)?);
        }
        values.no_native_scores = item::<bool>(given, "no_native_scores")?.unwrap_or(false);
        let hook = item::<Py<PyAny>>(given, "hook")?.map(PythonHook::new);
        if let Some(hook) = &hook {
            values.hooks.push(std::sync::Arc::new(hook.clone()));
        }
        Ok(GivenValues { values, hook })
    }
}

fn pssm_of(given: &Bound<'_, PyDict>) -> PyResult<Pssm> {
    let mut pssm = Pssm::default();
    if let Some(weight) = item(given, "weight")? {
        pssm.weight = weight;
    }
    if let Some(threshold) = item(given, "threshold")? {
        pssm.threshold = threshold;
    }
    if let Some(coefficient) = item::<PyReadonlyArray1<'_, f32>>(given, "coefficient")? {
        pssm.coefficient = coefficient.as_array().to_vec();
    }
    if let Some(probabilities) = item::<PyReadonlyArray2<'_, f32>>(given, "probabilities")? {
        pssm.probabilities = rows("pssm", &probabilities)?;
    }
    if let Some(log_odds) = item::<PyReadonlyArray2<'_, f32>>(given, "log_odds")? {
        pssm.log_odds = rows("pssm", &log_odds)?;
    }
    Ok(pssm)
}

fn item<'py, T>(given: &Bound<'py, PyDict>, key: &str) -> PyResult<Option<T>>
where
    T: for<'a> FromPyObject<'a, 'py>,
{
    match given.get_item(key)? {
        Some(value) if !value.is_none() => match value.extract::<T>() {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(PyValueError::new_err(format!("{key}: {}", error.into()))),
        },
        _ => Ok(None),
    }
}

/// The rows of a table with a column for each letter.
fn rows<T: numpy::Element + Copy + Default>(
    name: &str,
    table: &PyReadonlyArray2<'_, T>,
) -> PyResult<Vec<[T; VOCABULARY]>> {
    let table = table.as_array();
    if table.ncols() != VOCABULARY {
        let message = format!("{name}: {} columns, and there are {VOCABULARY} letters", table.ncols());
        return Err(PyValueError::new_err(message));
    }
    Ok(table.rows().into_iter().map(|row| std::array::from_fn(|letter| row[letter])).collect())
}
