//! Atoms as columns, on their way in and out.

use fastmpnn_pipeline::fastmpnn::structure::AtomColumns;
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, ToPyArray};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Of the attributes of a `fastmpnn.Columns`.
pub(crate) fn columns_of(given: &Bound<'_, PyAny>) -> PyResult<AtomColumns> {
    let texts = |name: &str| -> PyResult<Vec<String>> { given.getattr(name)?.extract() };
    let codes = |name: &str| -> PyResult<Vec<Option<char>>> {
        let texts: Vec<String> = given.getattr(name)?.extract()?;
        Ok(texts.iter().map(|text| text.chars().next()).collect())
    };
    let floats = |name: &str| -> PyResult<Vec<f32>> {
        Ok(given.getattr(name)?.extract::<PyReadonlyArray1<'_, f32>>()?.as_array().to_vec())
    };
    let position = given.getattr("position")?;
    let position = position.extract::<PyReadonlyArray2<'_, f32>>()?;
    let position = position.as_array();
    if position.ncols() != 3 {
        return Err(PyValueError::new_err(format!("column position has {} columns, not 3", position.ncols())));
    }
    Ok(AtomColumns {
        chain: texts("chain")?,
        residue_number: given.getattr("residue_number")?.extract::<PyReadonlyArray1<'_, i32>>()?.as_array().to_vec(),
        residue_name: texts("residue_name")?,
        atom_name: texts("atom_name")?,
        position: position.rows().into_iter().map(|row| [row[0], row[1], row[2]]).collect(),
        insertion: codes("insertion")?,
        element: texts("element")?,
        occupancy: floats("occupancy")?,
        b_factor: floats("b_factor")?,
        hetatm: given.getattr("hetatm")?.extract::<PyReadonlyArray1<'_, bool>>()?.as_array().to_vec(),
        altloc: codes("altloc")?,
        charge: given.getattr("charge")?.extract::<PyReadonlyArray1<'_, i8>>()?.as_array().to_vec(),
        ..AtomColumns::default()
    })
}

/// The arguments of a `fastmpnn.Columns`.
pub(crate) fn arguments<'py>(py: Python<'py>, columns: &AtomColumns) -> PyResult<Bound<'py, PyDict>> {
    let given = PyDict::new(py);
    let codes = |codes: &[Option<char>]| -> Vec<String> {
        codes.iter().map(|code| code.map_or_else(String::new, |code| code.to_string())).collect()
    };
    given.set_item("chain", &columns.chain)?;
    given.set_item("residue_number", columns.residue_number.to_pyarray(py))?;
    given.set_item("residue_name", &columns.residue_name)?;
    given.set_item("atom_name", &columns.atom_name)?;
    let position = PyArray1::from_slice(py, columns.position.as_flattened());
    given.set_item("position", position.reshape([columns.position.len(), 3])?)?;
    given.set_item("insertion", codes(&columns.insertion))?;
    given.set_item("element", &columns.element)?;
    given.set_item("occupancy", columns.occupancy.to_pyarray(py))?;
    given.set_item("b_factor", columns.b_factor.to_pyarray(py))?;
    given.set_item("hetatm", columns.hetatm.to_pyarray(py))?;
    given.set_item("altloc", codes(&columns.altloc))?;
    given.set_item("charge", columns.charge.to_pyarray(py))?;
    Ok(given)
}
