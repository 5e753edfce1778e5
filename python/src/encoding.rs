//! A structure, or the states of one, with a network: the tasks of the pipeline in Python.

use std::path::PathBuf;
use std::sync::Arc;

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::event::Observer;
use fastmpnn_pipeline::fastmpnn::error::EngineError;
use fastmpnn_pipeline::fastmpnn::{Conditioning, structure as library};
use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::measure::native_sequence;
use fastmpnn_pipeline::request::{
    DesignRequest, InputSettings, PackRequest, ProbabilityMode, ProbsRequest, Request, ScanRequest, ScoreRequest,
};
use fastmpnn_pipeline::run::{Encoded, Encodings, Resources, encoded};
use fastmpnn_pipeline::{design, pack, probs, scan, score};
use numpy::{PyArray1, PyArray2, PyArray3, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{ErrorData, Raise, unexpected};
use crate::hook::PythonHook;
use crate::model::{Model, WarmEngines};
use crate::results::{Collector, letter_table, scan_into_python, scores_into_python};
use crate::runner::{Stop, detached};
use crate::structure::{Structure, letters_of, path_of};
use crate::values::GivenValues;

/// Environments that encodings are kept of: those of different fixed residues, where their side chains are seen.
const KEPT: usize = 4;

/// What a request calls the sequences that it is given.
const SEQUENCES: &str = "sequences";

#[pyclass(frozen, module = "fastmpnn._fastmpnn")]
pub(crate) struct Encoding {
    model: Py<Model>,
    /// One, or the states of a protein.
    structures: Vec<PlacedStructure>,
    encodings: Encodings,
}

/// A structure and the path that requests call it by.
#[derive(Clone)]
struct PlacedStructure {
    path: PathBuf,
    structure: Arc<library::Structure>,
}

/// What a call is given.
struct Call {
    engines: WarmEngines,
    sources: Sources,
    paths: Vec<PathBuf>,
    encodings: Encodings,
    given: GivenValues,
}

/// What a call comes to.
type Done<T> = Result<(T, Collector), ErrorData>;

/// A request of the pipeline that has inputs.
trait WithInputs: Request + 'static {
    fn inputs(&mut self) -> &mut InputSettings;
}

macro_rules! with_inputs {
    ($($request:ty),+) => {
        $(impl WithInputs for $request {
            fn inputs(&mut self) -> &mut InputSettings {
                &mut self.input
            }
        })+
    };
}
with_inputs!(DesignRequest, ScoreRequest, ProbsRequest, ScanRequest, PackRequest);

/// A task of the pipeline.
type Task<R, T> = fn(&R, &mut Resources<'_>, &mut dyn Observer) -> Result<T, PipelineError>;

impl Call {
    /// Carries out a request on the inputs of the call, while other Python threads run; `edit` adds what the call knows.
    fn carry_out<R: WithInputs, T: Send + 'static>(
        self,
        py: Python<'_>,
        request: String,
        edit: impl FnOnce(&mut R) + Send + 'static,
        task: Task<R, T>,
    ) -> PyResult<Done<T>> {
        detached(py, move |stop| self.run(&request, stop, edit, task))
    }

    fn run<R: WithInputs, T>(
        mut self,
        request: &str,
        stop: Stop,
        edit: impl FnOnce(&mut R),
        task: Task<R, T>,
    ) -> Done<T> {
        let refused = |error: PipelineError| ErrorData::from(&error);
        let mut request = R::from_json(request).map_err(refused)?;
        request.inputs().inputs = self.paths;
        edit(&mut request);
        let mut resources = Resources::new(self.sources, &mut self.engines)
            .with_encodings(self.encodings)
            .with_values(self.given.values);
        let mut collector = Collector::new(stop);
        let done = task(&request, &mut resources, &mut collector).map_err(refused)?;
        match collector.failure.take() {
            Some(failure) => Err(failure),
            None => Ok((done, collector)),
        }
    }
}

/// The exception of the hook where it has raised one, else what the pipeline says.
fn raise_hook(hook: Option<&PythonHook>, error: &ErrorData, py: Python<'_>) -> PyErr {
    hook.and_then(PythonHook::raised).unwrap_or_else(|| error.raise(py))
}

impl Encoding {
    fn call(&self, py: Python<'_>, values: &Bound<'_, PyDict>, sequences: Option<Vec<u8>>) -> PyResult<Call> {
        let given = GivenValues::of(values)?;
        let engines = self.model.get().engines(py)?;
        let mut sources = Sources::disk();
        for PlacedStructure { path, structure } in &self.structures {
            sources = sources.with_structure(path.clone(), structure.clone());
        }
        if let Some(sequences) = sequences {
            sources = sources.with_file(SEQUENCES, sequences);
        }
        let paths = self.structures.iter().map(|placed| placed.path.clone()).collect();
        Ok(Call { engines, sources, paths, encodings: self.encodings.clone(), given })
    }

    fn encoded(&self, py: Python<'_>, request: &str) -> PyResult<Encoded> {
        let call = self.call(py, &PyDict::new(py), None)?;
        Ok(call.carry_out(py, request.to_owned(), |_| {}, encoded)?.or_raise(py)?.0)
    }
}

#[pymethods]
impl Encoding {
    /// Checks that the network can use the structures; the encoder runs when something is asked.
    #[new]
    fn new(py: Python<'_>, model: Py<Model>, structures: Vec<Py<Structure>>) -> PyResult<Encoding> {
        let engine = model.get().engine(py)?;
        let needs = engine.model().config().family.backbone_atoms();
        let mut placed = Vec::with_capacity(structures.len());
        for (index, structure) in structures.iter().enumerate() {
            let structure = structure.get();
            let path = path_of(index, &structure.source.label);
            placed.push(PlacedStructure { path, structure: structure.for_needs(needs).or_raise(py)? });
        }
        let encodings = model.get().encodings(py, KEPT)?;
        Ok(Encoding { model, structures: placed, encodings })
    }

    fn design<'py>(
        &self,
        py: Python<'py>,
        request: String,
        values: &Bound<'py, PyDict>,
    ) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
        let call = self.call(py, values, None)?;
        let hook = call.given.hook.clone();
        let states = self.structures.len() > 1;
        let edit = move |request: &mut DesignRequest| request.states.states = states;
        match call.carry_out(py, request, edit, design)? {
            Ok((_, collector)) => {
                let said = said(py, &collector)?;
                Ok((collector.designs.into_python(py)?, said))
            }
            Err(error) => Err(raise_hook(hook.as_ref(), &error, py)),
        }
    }

    /// `fasta` holds the sequences; the native one when `None`.
    #[pyo3(signature = (request, values, fasta))]
    fn score<'py>(
        &self,
        py: Python<'py>,
        request: String,
        values: &Bound<'py, PyDict>,
        fasta: Option<Vec<u8>>,
    ) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
        let sequences = fasta.is_some().then(|| PathBuf::from(SEQUENCES));
        let call = self.call(py, values, fasta)?;
        let edit = move |request: &mut ScoreRequest| request.fasta = sequences;
        let (_, mut collector) = call.carry_out(py, request, edit, score)?.or_raise(py)?;
        let scores = std::mem::take(&mut collector.scores);
        Ok((scores_into_python(py, scores)?, said(py, &collector)?))
    }

    /// ln p, or p. `[N, V]`
    #[pyo3(signature = (request, values, fasta))]
    fn probs<'py>(
        &self,
        py: Python<'py>,
        request: String,
        values: &Bound<'py, PyDict>,
        fasta: Option<Vec<u8>>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let sequences = fasta.is_some().then(|| PathBuf::from(SEQUENCES));
        let call = self.call(py, values, fasta)?;
        let edit = move |request: &mut ProbsRequest| request.fasta = sequences;
        let (_, collector) = call.carry_out(py, request, edit, probs)?.or_raise(py)?;
        letter_table(py, &collector.probabilities)
    }

    fn scan<'py>(
        &self,
        py: Python<'py>,
        request: String,
        values: &Bound<'py, PyDict>,
    ) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
        let call = self.call(py, values, None)?;
        let (_, collector) = call.carry_out(py, request, |_: &mut ScanRequest| {}, scan)?.or_raise(py)?;
        match &collector.scan {
            Some(scan) => Ok((scan_into_python(py, scan)?, said(py, &collector)?)),
            None => Err(unexpected("the scan ended without a result")),
        }
    }

    #[pyo3(signature = (request, fasta))]
    fn pack<'py>(
        &self,
        py: Python<'py>,
        request: String,
        fasta: Option<Vec<u8>>,
    ) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
        let sequences = fasta.is_some().then(|| PathBuf::from(SEQUENCES));
        let call = self.call(py, &PyDict::new(py), fasta)?;
        let edit = move |request: &mut PackRequest| request.fasta = sequences;
        let (_, collector) = call.carry_out(py, request, edit, pack)?.or_raise(py)?;
        let said = said(py, &collector)?;
        Ok((collector.packings.into_python(py)?, said))
    }

    /// h_V of the encoder. `[N, H]`
    fn nodes<'py>(&self, py: Python<'py>, request: &str) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let Encoded { engine, encoding, .. } = self.encoded(py, request)?;
        let hidden = engine.model().config().hidden;
        let values = engine.encoder_nodes(&encoding).or_raise(py)?;
        PyArray1::from_vec(py, values).reshape([encoding.residues(), hidden])
    }

    /// h_E of the encoder. `[N, K, H]`
    fn edges<'py>(&self, py: Python<'py>, request: &str) -> PyResult<Bound<'py, PyArray3<f32>>> {
        let Encoded { engine, encoding, .. } = self.encoded(py, request)?;
        let (hidden, degree) = (engine.model().config().hidden, encoding.graph().degree());
        let values = engine.encoder_edges(&encoding).or_raise(py)?;
        PyArray1::from_vec(py, values).reshape([encoding.residues(), degree, hidden])
    }

    /// The neighbors of each residue, itself first; −1 at residues without a backbone. `[N, K]`
    fn neighbors<'py>(&self, py: Python<'py>, request: &str) -> PyResult<Bound<'py, PyArray2<i32>>> {
        let Encoded { encoding, .. } = self.encoded(py, request)?;
        let graph = encoding.graph();
        let of_residue = |residue: usize| -> Vec<i32> {
            match graph.resolved()[residue] {
                true => graph.neighbors(residue).iter().map(|&neighbor| neighbor as i32).collect(),
                false => vec![-1; graph.degree()],
            }
        };
        let values: Vec<i32> = (0..graph.len()).flat_map(of_residue).collect();
        PyArray1::from_vec(py, values).reshape([graph.len(), graph.degree()])
    }

    /// The logits of each residue, given what the mode of the request shows it of `letters`, in the order of `rank`.
    #[pyo3(signature = (request, letters, rank))]
    fn logits<'py>(
        &self,
        py: Python<'py>,
        request: &str,
        letters: Option<Vec<i64>>,
        rank: Option<Vec<u32>>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let (encoded, given) = self.conditioned(py, request, letters, rank)?;
        let work = move |_| encoded.engine.logits(&encoded.encoding, &encoded.structure, &given);
        let values = detached(py, work)?.or_raise(py)?;
        letter_table(py, &values)
    }

    /// The logits of each residue, given the letters of the columns that are true in its row of `known`, `[N, N]`.
    #[pyo3(signature = (request, letters, known))]
    fn logits_of_known<'py>(
        &self,
        py: Python<'py>,
        request: &str,
        letters: Option<Vec<i64>>,
        known: PyReadonlyArray2<'py, bool>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let encoded = self.encoded(py, request)?;
        let sequence = match letters {
            Some(letters) => letters_of(&letters, encoded.structure.residues.len()).or_raise(py)?,
            None => native_sequence(&encoded.structure),
        };
        let given = Conditioning::Known { sequence, known: known.as_array().iter().copied().collect() };
        let work = move |_| encoded.engine.logits(&encoded.encoding, &encoded.structure, &given);
        let values = detached(py, work)?.or_raise(py)?;
        letter_table(py, &values)
    }

    /// h_V after a layer of the decoder; the last one for −1, the one before for −2. `[N, H]`
    #[pyo3(signature = (request, letters, rank, layer))]
    fn decoder_states<'py>(
        &self,
        py: Python<'py>,
        request: &str,
        letters: Option<Vec<i64>>,
        rank: Option<Vec<u32>>,
        layer: i64,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let (encoded, given) = self.conditioned(py, request, letters, rank)?;
        let layers = encoded.engine.model().config().decoder_layers;
        let depth = if layer < 0 { layers as i64 + layer + 1 } else { layer + 1 };
        let Some(depth) = usize::try_from(depth).ok().filter(|depth| (1..=layers).contains(depth)) else {
            let message = format!("layer: {layer}, and the decoder has {layers}");
            return Err(ErrorData::setting(message).raise(py));
        };
        let shape = [encoded.encoding.residues(), encoded.engine.model().config().hidden];
        let work = move |_| encoded.engine.decoder_states(&encoded.encoding, &encoded.structure, &given, depth);
        let values: Result<Vec<f32>, EngineError> = detached(py, work)?;
        PyArray1::from_vec(py, values.or_raise(py)?).reshape(shape)
    }
}

impl Encoding {
    /// The encoding and what a residue is shown of the letters.
    fn conditioned(
        &self,
        py: Python<'_>,
        request: &str,
        letters: Option<Vec<i64>>,
        rank: Option<Vec<u32>>,
    ) -> PyResult<(Encoded, Conditioning)> {
        let encoded = self.encoded(py, request)?;
        let settings = ProbsRequest::from_json(request).or_raise(py)?;
        if settings.mode == ProbabilityMode::Unconditional {
            return Ok((encoded, Conditioning::Backbone));
        }
        let sequence = match letters {
            Some(letters) => letters_of(&letters, encoded.structure.residues.len()).or_raise(py)?,
            None => native_sequence(&encoded.structure),
        };
        let rank = match rank {
            Some(rank) => rank,
            None => {
                let Encoded { engine, encoding, structure, plan } = &encoded;
                engine.decoding_rank(encoding, structure, plan, 0).or_raise(py)?
            }
        };
        let given = match settings.mode {
            ProbabilityMode::Conditional => {
                let before = vec![rank.len() as u32; rank.len()];
                Conditioning::Moved { sequence, rank, before }
            }
            _ => Conditioning::Earlier { sequence, rank },
        };
        Ok((encoded, given))
    }
}

/// The warnings and notes of a run.
fn said<'py>(py: Python<'py>, collector: &Collector) -> PyResult<Bound<'py, PyDict>> {
    let said = PyDict::new(py);
    said.set_item("warnings", &collector.warnings)?;
    said.set_item("notes", &collector.notes)?;
    Ok(said)
}
