//! Structures: what was read, and what they can be read of again.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::chemistry::{Letter, sequence_string};
use fastmpnn_pipeline::fastmpnn::error::StructureError;
use fastmpnn_pipeline::fastmpnn::structure::{self as library, AtomColumns, BackboneAtoms, from_columns, read_bytes};
use fastmpnn_pipeline::fastmpnn::write::{StructureFormat, WrittenStructure, chains_joined};
use fastmpnn_pipeline::input::{ManifestRow, Naming, Sources, expand, manifest_rows};
use fastmpnn_pipeline::measure::native_sequence;
use fastmpnn_pipeline::request::{DesignRequest, Request};
use fastmpnn_pipeline::run::check_protein;
use numpy::{PyArray1, PyArray3, PyArrayMethods, ToPyArray};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::columns::{arguments, columns_of};
use crate::errors::{ErrorData, Raise};

/// The files of this machine. What is known of an archive is kept for its next member.
static SOURCES: LazyLock<Sources> = LazyLock::new(Sources::disk);

/// What a structure is read of: enough to read it again for a network of other needs, or in another process.
#[derive(Clone, Debug)]
pub(crate) struct StructureSource {
    /// What messages call it: its path, or its name.
    pub(crate) label: String,
    name: Option<String>,
    content: Content,
    /// The settings of reading, as JSON.
    settings: String,
    /// Letters that take the place of the native ones.
    letters: Option<Vec<Letter>>,
}

/// What the atoms stand in.
#[derive(Clone, Debug)]
enum Content {
    /// The text of a file, as it is or compressed.
    File(Arc<[u8]>),
    Columns(Arc<AtomColumns>),
}

impl StructureSource {
    /// Reads it for a network that needs those atoms of a residue.
    pub(crate) fn read(&self, needs: BackboneAtoms) -> Result<library::Structure, ErrorData> {
        let refused = |error: PipelineError| ErrorData::from(&error);
        let settings = DesignRequest::from_json(&self.settings).map_err(refused)?.input;
        let options = settings.read_options().with_needs(needs);
        let read = match &self.content {
            Content::File(bytes) => read_bytes(&self.label, bytes, &options),
            Content::Columns(columns) => from_columns(&self.label, columns, &options),
        };
        let mut structure = read.map_err(|error| ErrorData::from(&error))?;
        if let Some(name) = &self.name {
            structure.name.clone_from(name);
        }
        if let Some(letters) = &self.letters {
            for (residue, letter) in structure.residues.iter_mut().zip(letters) {
                residue.letter = *letter;
            }
        }
        Ok(structure)
    }
}

/// One structure.
#[pyclass(frozen, module = "fastmpnn._fastmpnn")]
pub(crate) struct Structure {
    pub(crate) source: StructureSource,
    pub(crate) read: Arc<library::Structure>,
}

/// Reads a structure: the text of a PDB or mmCIF file, plain or gzipped.
#[pyfunction]
#[pyo3(signature = (bytes, label, name, settings))]
pub(crate) fn read(
    py: Python<'_>,
    bytes: &[u8],
    label: String,
    name: Option<String>,
    settings: String,
) -> PyResult<Structure> {
    let content = Content::File(bytes.into());
    Structure::of(py, StructureSource { label, name, content, settings, letters: None })
}

/// Makes a structure of a `fastmpnn.Columns`.
#[pyfunction]
#[pyo3(signature = (columns, label, name, settings))]
pub(crate) fn read_columns(
    py: Python<'_>,
    columns: &Bound<'_, PyAny>,
    label: String,
    name: Option<String>,
    settings: String,
) -> PyResult<Structure> {
    let content = Content::Columns(Arc::new(columns_of(columns)?));
    Structure::of(py, StructureSource { label, name, content, settings, letters: None })
}

/// The bytes of a file.
#[pyfunction]
pub(crate) fn read_file<'py>(py: Python<'py>, path: PathBuf) -> PyResult<Bound<'py, PyBytes>> {
    match py.detach(|| SOURCES.read(&path)) {
        Ok(bytes) => Ok(PyBytes::new(py, &bytes)),
        Err(source) => {
            let path = path.display().to_string();
            let error = StructureError::Unreadable { path, source };
            Err(ErrorData::from(&error).raise(py))
        }
    }
}

/// The structures that paths, folders, patterns and lists name.
#[pyfunction]
pub(crate) fn expand_inputs(py: Python<'_>, inputs: Vec<PathBuf>) -> PyResult<Vec<PathBuf>> {
    let expanded = expand(&inputs, false, Naming::FirstKept, &SOURCES).or_raise(py)?;
    Ok(expanded.list.iter().map(|input| input.path).collect())
}

/// The rows of a manifest of `design`: path, name, and settings as JSON.
#[pyfunction]
pub(crate) fn read_manifest(py: Python<'_>, path: PathBuf) -> PyResult<Vec<(PathBuf, String, String)>> {
    let rows = py.detach(|| manifest_rows::<DesignRequest>(&path, &SOURCES)).or_raise(py)?;
    Ok(rows.into_iter().map(|ManifestRow { path, name, settings, .. }| (path, name, settings)).collect())
}

/// What a structure of a path is called.
#[pyfunction]
pub(crate) fn structure_name(path: &str) -> String {
    library::structure_name(path)
}

impl Structure {
    fn of(py: Python<'_>, source: StructureSource) -> PyResult<Structure> {
        let read = py.detach(|| source.read(BackboneAtoms::All)).or_raise(py)?;
        check_protein(&read, &source.label).or_raise(py)?;
        Ok(Structure { source, read: Arc::new(read) })
    }

    /// The structure for a network that needs those atoms of a residue.
    pub(crate) fn for_needs(&self, needs: BackboneAtoms) -> Result<Arc<library::Structure>, ErrorData> {
        if needs == self.read.needs { Ok(self.read.clone()) } else { self.source.read(needs).map(Arc::new) }
    }
}

#[pymethods]
impl Structure {
    #[getter]
    fn name(&self) -> &str {
        &self.read.name
    }

    #[getter]
    fn label(&self) -> &str {
        &self.source.label
    }

    fn __len__(&self) -> usize {
        self.read.residues.len()
    }

    #[getter]
    fn chains(&self) -> Vec<String> {
        self.read.chains.iter().map(|chain| chain.id.to_string()).collect()
    }

    #[getter]
    fn sequence(&self) -> String {
        chains_joined(&self.read, &native_sequence(&self.read), '/')
    }

    #[getter]
    fn letters<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i8>> {
        indexes(&native_sequence(&self.read)).to_pyarray(py)
    }

    #[getter]
    fn chain_index<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i32>> {
        self.read.residues.iter().map(|residue| residue.chain as i32).collect::<Vec<_>>().to_pyarray(py)
    }

    #[getter]
    fn chain_ids(&self) -> Vec<String> {
        self.read.residues.iter().map(|residue| residue.id.chain.to_string()).collect()
    }

    #[getter]
    fn residue_numbers<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i32>> {
        self.read.residues.iter().map(|residue| residue.id.number).collect::<Vec<_>>().to_pyarray(py)
    }

    #[getter]
    fn insertion_codes(&self) -> Vec<String> {
        let code = |residue: &library::Residue| residue.id.insertion.map_or_else(String::new, |code| code.to_string());
        self.read.residues.iter().map(code).collect()
    }

    #[getter]
    fn residue_ids(&self) -> Vec<String> {
        self.read.residues.iter().map(|residue| residue.id.to_string()).collect()
    }

    #[getter]
    fn residue_names(&self) -> Vec<String> {
        self.read.residues.iter().map(|residue| residue.name.clone()).collect()
    }

    #[getter]
    fn sequence_positions<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i32>> {
        self.read.residues.iter().map(|residue| residue.sequence_position).collect::<Vec<_>>().to_pyarray(py)
    }

    #[getter]
    fn resolved<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<bool>> {
        fastmpnn_pipeline::measure::resolved(&self.read).to_pyarray(py)
    }

    /// N, CA, C, O, Å; NaN where one is missing. `[N, 4, 3]`
    #[getter]
    fn backbone<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray3<f32>>> {
        let mut positions = Vec::with_capacity(self.read.residues.len() * 12);
        for residue in &self.read.residues {
            for name in ["N", "CA", "C", "O"] {
                positions.extend(residue.atom(name).map_or([f32::NAN; 3], |atom| atom.position));
            }
        }
        PyArray1::from_vec(py, positions).reshape([self.read.residues.len(), 4, 3])
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.read.warnings.iter().map(ToString::to_string).collect()
    }

    /// The number of atoms of ligands.
    #[getter]
    fn ligand_atoms(&self) -> usize {
        self.read.ligand_atoms.len()
    }

    /// The same backbone with other native letters, indexes of the alphabet. `[N]`
    fn with_letters(&self, py: Python<'_>, letters: Vec<i64>) -> PyResult<Structure> {
        let letters = letters_of(&letters, self.read.residues.len()).or_raise(py)?;
        Structure::of(py, StructureSource { letters: Some(letters), ..self.source.clone() })
    }

    fn with_name(&self, name: String) -> Structure {
        let mut read = (*self.read).clone();
        read.name.clone_from(&name);
        Structure { source: StructureSource { name: Some(name), ..self.source.clone() }, read: Arc::new(read) }
    }

    /// The text of a file with this sequence: backbones where it is designed, all atoms elsewhere, with a number for each
    /// residue in place of B-factors.
    fn write_design<'py>(
        &self,
        py: Python<'py>,
        designed: Vec<bool>,
        letters: Vec<i64>,
        confidence: Vec<f32>,
        mmcif: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let expected = self.read.residues.len();
        let letters = letters_of(&letters, expected).or_raise(py)?;
        if designed.len() != expected || confidence.len() != expected {
            return Err(ErrorData::setting(format!("there are {expected} residues")).raise(py));
        }
        let format = if mmcif { StructureFormat::Mmcif } else { StructureFormat::Pdb };
        let mut bytes = Vec::new();
        let written = WrittenStructure::of_design(&self.read, &designed, &letters, &confidence)
            .and_then(|written| written.write(&mut bytes, format));
        written.map_err(|error| ErrorData::from(&PipelineError::Unwritable(error)).raise(py))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// All atoms, those of residues before those of ligands, as the arguments of a `fastmpnn.Columns`.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        arguments(py, &self.read.to_columns())
    }

    /// What `_restore` takes.
    fn _state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let StructureSource { label, name, content, settings, letters } = &self.source;
        let state = PyDict::new(py);
        match content {
            Content::File(bytes) => state.set_item("bytes", PyBytes::new(py, bytes))?,
            Content::Columns(columns) => state.set_item("columns", arguments(py, columns)?)?,
        }
        state.set_item("label", label)?;
        state.set_item("name", name)?;
        state.set_item("settings", settings)?;
        state.set_item("letters", letters.as_ref().map(|letters| indexes(letters)))?;
        Ok(state)
    }
}

/// A sequence as the chains of a structure, joined by `/`.
pub(crate) fn joined(structure: &library::Structure, sequence: &[Letter]) -> String {
    if sequence.len() == structure.residues.len() {
        chains_joined(structure, sequence, '/')
    } else {
        sequence_string(sequence)
    }
}

/// Indexes into the alphabet.
pub(crate) fn indexes(letters: &[Letter]) -> Vec<i8> {
    letters.iter().map(|letter| letter.index() as i8).collect()
}

/// Letters of indexes into the alphabet, one for each residue.
pub(crate) fn letters_of(indexes: &[i64], expected: usize) -> Result<Vec<Letter>, ErrorData> {
    let found = indexes.len();
    if found != expected {
        return Err(ErrorData::setting(format!("a sequence of {found} letters, for {expected} residues")));
    }
    let letter = |&index: &i64| {
        let letter = usize::try_from(index).ok().and_then(Letter::from_index);
        letter.ok_or_else(|| ErrorData::setting(format!("{index} is no letter of the alphabet, 0 to 20")))
    };
    indexes.iter().map(letter).collect()
}

/// The path that stands for a structure in a request.
pub(crate) fn path_of(index: usize, label: &str) -> PathBuf {
    // States may have one name; their paths are their own.
    if index == 0 { PathBuf::from(label) } else { PathBuf::from(format!("{label}#{}", index + 1)) }
}
