//! Requests with their files read and their inputs expanded.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fastmpnn::spec::{DesignSpec, MembraneLabels};
use fastmpnn::structure::{ReadOptions, Structure};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    Dictionaries, Input, InputList, Inputs, Manifest, ManifestInputs, Naming, Sources, SpecSettings, expand,
    is_standard_input, with_files,
};
use crate::error::{InFile, PipelineError, refusal, unreadable};
use crate::message::Field;
use crate::request::{
    DesignRequest, InputSettings, LetterSettings, MembraneSettings, ProbsRequest, Request, ScanRequest, ScoreRequest,
};

/// What every run reads.
#[derive(Debug)]
pub(crate) struct ResolvedInputs {
    pub(crate) inputs: InputList,
    /// What is to be said of the inputs as a whole.
    pub(crate) notes: Vec<String>,
    pub(crate) read: ReadOptions,
    /// The settings of each input, where a manifest names them.
    manifest: Option<Manifest>,
}

/// A file of membrane labels that was read.
#[derive(Debug)]
pub(crate) struct LabelFile {
    pub(crate) path: PathBuf,
    pub(crate) labels: MembraneLabels,
    /// SHA-256 of the file, in hexadecimal digits.
    pub(crate) sha256: String,
}

/// What is designed or scored, and on what.
#[derive(Debug)]
pub(crate) struct ResolvedDesign {
    pub(crate) run: ResolvedInputs,
    pub(crate) spec: DesignSpec,
    /// Membrane labels by structure, where a file has them.
    pub(crate) labels: Option<Arc<LabelFile>>,
    /// What the specification is made of, where a row of a manifest does not say otherwise.
    pub(crate) settings: SpecSettings,
    dictionaries: Dictionaries,
    /// The labels of the row that was last read.
    row_labels: Mutex<Option<Arc<LabelFile>>>,
}

impl ResolvedInputs {
    /// The inputs of a request.
    pub(crate) fn new<R: Request>(
        request: &R,
        settings: &InputSettings,
        naming: Naming,
        sources: &Sources,
    ) -> Result<ResolvedInputs, PipelineError> {
        let read = settings.read_options();
        if let Some(path) = &settings.manifest {
            let (manifest, inputs, recursive) = (Field("manifest"), Field("inputs"), Field("recursive"));
            if !settings.inputs.is_empty() {
                return Err(refusal(format!("{manifest} names the structures, and {inputs} names others: give one")));
            }
            if settings.recursive {
                return Err(refusal(format!("{recursive} searches folders, and {manifest} names structures")));
            }
            let ManifestInputs { list, manifest, notes } = Manifest::read(path, request, sources)?;
            return Ok(ResolvedInputs { inputs: list, notes, read, manifest: Some(manifest) });
        }
        let Inputs { list, notes } = expand(&settings.inputs, settings.recursive, naming, sources)?;
        if list.is_empty() {
            return Err(refusal(format!("{}: there is none", Field("inputs"))));
        }
        Ok(ResolvedInputs { inputs: list, notes, read, manifest: None })
    }

    /// The request for one input: with the settings of its row, where a manifest names it.
    pub(crate) fn request_of<'r, R: Request>(&self, request: &'r R, input: &Input) -> Cow<'r, R> {
        let own = input.row.and_then(|row| self.manifest.as_ref()?.request(row));
        own.map_or(Cow::Borrowed(request), Cow::Owned)
    }

    /// How an input is read.
    pub(crate) fn read_of(&self, input: &Input) -> ReadOptions {
        let manifest = self.manifest.as_ref().filter(|manifest| manifest.gives(InputSettings::OF_A_STRUCTURE));
        let own: Option<InputSettings> = input.row.and_then(|row| manifest?.request(row));
        own.map_or_else(|| self.read.clone(), |own| own.read_options())
    }

    /// Whether some row of a manifest gives one of these settings.
    pub(crate) fn rows_give(&self, settings: &[&str]) -> bool {
        self.manifest.as_ref().is_some_and(|manifest| manifest.gives(settings))
    }

    /// Checks a request, or a part of it; where a manifest names the inputs, that of each row.
    pub(crate) fn check_each<R: DeserializeOwned>(
        &self,
        request: &R,
        check: impl Fn(&R) -> Result<(), PipelineError>,
    ) -> Result<(), PipelineError> {
        match &self.manifest {
            None => check(request),
            Some(manifest) => manifest.check_rows(check),
        }
    }

    /// Refuses sequences for one structure where there are several, and two uses of standard input.
    pub(crate) fn check_fasta(&self, fasta: Option<&Path>) -> Result<(), PipelineError> {
        let Some(path) = fasta else { return Ok(()) };
        let fasta = Field("fasta");
        if self.inputs.len() > 1 {
            let count = self.inputs.len();
            return Err(refusal(format!("{fasta} gives sequences of one structure, and there are {count}")));
        }
        if is_standard_input(path) && self.inputs.iter().any(|input| is_standard_input(&input.path)) {
            return Err(refusal(format!("standard input (-) cannot be both the structure and {fasta}")));
        }
        Ok(())
    }
}

impl MembraneSettings {
    /// Reads the file of labels, where there is one.
    fn read_labels(&self, sources: &Sources) -> Result<Option<LabelFile>, PipelineError> {
        let Some(path) = &self.membrane_labels else { return Ok(None) };
        let shown = path.display().to_string();
        let bytes = sources.read(path);
        let bytes = bytes.map_err(|error| unreadable(format!("{shown}: the membrane labels cannot be read"), error))?;
        let sha256 = format!("{:x}", Sha256::digest(&bytes));
        Ok(Some(LabelFile { labels: MembraneLabels::parse(&shown, &bytes)?, path: path.clone(), sha256 }))
    }
}

impl ResolvedDesign {
    fn new(
        settings: SpecSettings,
        run: ResolvedInputs,
        labels: Option<LabelFile>,
        sources: &Sources,
    ) -> Result<ResolvedDesign, PipelineError> {
        Ok(ResolvedDesign {
            run,
            spec: with_files(settings.spec(), sources)?,
            labels: labels.map(Arc::new),
            settings,
            dictionaries: Dictionaries::default(),
            row_labels: Mutex::default(),
        })
    }

    /// Of `design`.
    pub(crate) fn of_design(request: &DesignRequest, sources: &Sources) -> Result<ResolvedDesign, PipelineError> {
        let settings = SpecSettings::from(request);
        let labels = settings.membrane.read_labels(sources)?;
        let dictionaries = Dictionaries::read(&request.dictionary, sources)?;
        dictionaries.check(&settings.spec())?;
        // The designs of states are named by the first.
        let states = request.states.states;
        let naming = if states { Naming::FirstKept } else { Naming::Distinct };
        let mut run = ResolvedInputs::new(request, &request.input, naming, sources)?;
        run.notes.extend(dictionaries.notes(&run.inputs));
        if let Some(share) = request.dataset.shard {
            run.inputs.take_share(share);
        }
        if let Some(trb) = &settings.residues.trb {
            // One file is of all states.
            trb.check(&run.inputs, if states { 1 } else { run.inputs.len() })?;
        }
        Ok(ResolvedDesign { dictionaries, ..ResolvedDesign::new(settings, run, labels, sources)? })
    }

    /// Of `score`.
    pub(crate) fn of_score(request: &ScoreRequest, sources: &Sources) -> Result<ResolvedDesign, PipelineError> {
        let resolved = ResolvedDesign::of_all(request, &request.input, SpecSettings::from(request), sources)?;
        resolved.run.check_fasta(request.fasta.as_deref())?;
        Ok(resolved)
    }

    /// Of `scan`.
    pub(crate) fn of_scan(request: &ScanRequest, sources: &Sources) -> Result<ResolvedDesign, PipelineError> {
        ResolvedDesign::of_all(request, &request.input, SpecSettings::from(request), sources)
    }

    /// Of `probs`.
    pub(crate) fn of_probs(request: &ProbsRequest, sources: &Sources) -> Result<ResolvedDesign, PipelineError> {
        let run = ResolvedInputs::new(request, &request.input, Naming::Distinct, sources)?;
        run.check_fasta(request.fasta.as_deref())?;
        let labels = request.membrane.read_labels(sources)?;
        ResolvedDesign::new(SpecSettings::from(request), run, labels, sources)
    }

    fn of_all<R: Request>(
        request: &R,
        input: &InputSettings,
        settings: SpecSettings,
        sources: &Sources,
    ) -> Result<ResolvedDesign, PipelineError> {
        let labels = settings.membrane.read_labels(sources)?;
        let run = ResolvedInputs::new(request, input, Naming::Distinct, sources)?;
        if let Some(trb) = &settings.residues.trb {
            trb.check(&run.inputs, run.inputs.len())?;
        }
        ResolvedDesign::new(settings, run, labels, sources)
    }

    /// The request for one input. All settings of the work on it come from here and from [`ResolvedDesign::spec_of`].
    pub(crate) fn request_of<'r, R: Request>(&self, request: &'r R, input: &Input) -> Cow<'r, R> {
        self.run.request_of(request, input)
    }

    /// The settings of an input that has some of its own.
    fn own_settings(&self, input: &Input) -> Option<SpecSettings> {
        self.run.manifest.as_ref()?.request(input.row?)
    }

    /// Whether anything is asked of whole sequences, of some input.
    pub(crate) fn has_goals(&self, request: &DesignRequest) -> bool {
        request.letters.has_goals() || self.run.rows_give(&LetterSettings::GOALS)
    }

    /// Whether designs are scored in more orders, of some input.
    pub(crate) fn is_rescored(&self, request: &DesignRequest) -> bool {
        request.rescore_orders.is_some() || self.run.rows_give(&["rescore_orders"])
    }

    /// The number of designs of an input, as [`ResolvedDesign::request_of`] has it, in less time.
    pub(crate) fn designs_of(&self, request: &DesignRequest, input: &Input) -> u64 {
        let own = input.row.and_then(|row| self.run.manifest.as_ref()?.settings(row));
        let own = own.unwrap_or_default();
        let sampling = &request.sampling;
        let number = own.get("num_seqs").and_then(Value::as_u64).unwrap_or(sampling.num_seqs);
        let temperatures = own.get("temperature").and_then(Value::as_array).map(Vec::len);
        number.saturating_mul(temperatures.unwrap_or(sampling.temperature.len()) as u64)
    }

    /// The files that the settings of an input read for it alone.
    pub(crate) fn beside(&self, input: &Input) -> Vec<PathBuf> {
        let own = self.own_settings(input);
        let settings = own.as_ref().unwrap_or(&self.settings);
        let trb = settings.residues.trb.iter().flat_map(|trb| trb.paths_of(input));
        trb.chain(self.own_labels(settings).map(Path::to_owned)).collect()
    }

    /// The entries of dictionaries that are of an input.
    pub(super) fn entries_of(&self, input: &Input) -> Vec<&str> {
        self.dictionaries.texts_of(input)
    }

    /// The files that the selections of an input call.
    pub(super) fn files_of(&self, input: &Input, sources: &Sources) -> BTreeMap<String, String> {
        let own = self.own_settings(input).map(|own| with_files(own.spec(), sources));
        match own {
            Some(Ok(spec)) => spec.files,
            // What is wrong with them is said when the specification is made.
            _ => self.spec.files.clone(),
        }
    }

    /// The file of membrane labels that settings name, where it is not that of the whole run.
    fn own_labels<'s>(&self, settings: &'s SpecSettings) -> Option<&'s Path> {
        let path = settings.membrane.membrane_labels.as_deref();
        path.filter(|&path| self.labels.as_ref().is_none_or(|labels| labels.path != path))
    }

    /// The membrane labels of settings. Rows of a manifest that follow each other often share their file, which is read once.
    fn labels_of(&self, settings: &SpecSettings, sources: &Sources) -> Result<Option<Arc<LabelFile>>, PipelineError> {
        let Some(path) = self.own_labels(settings) else { return Ok(self.labels.clone()) };
        let mut last = self.row_labels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(labels) = last.as_ref().filter(|labels| labels.path == path) {
            return Ok(Some(labels.clone()));
        }
        let labels = settings.membrane.read_labels(sources)?.map(Arc::new);
        last.clone_from(&labels);
        Ok(labels)
    }

    /// The specification of one structure: with its labels and the residues of its .trb file, where there are some.
    pub(crate) fn spec_of(
        &self,
        input: &Input,
        structure: &Structure,
        sources: &Sources,
    ) -> Result<DesignSpec, PipelineError> {
        let file = input.display_name();
        let own = self.own_settings(input);
        let settings = own.as_ref().unwrap_or(&self.settings);
        let spec = match &own {
            None => self.spec.clone(),
            Some(own) => {
                let by_residue = self.spec.by_residue.clone();
                DesignSpec { by_residue, ..with_files(own.spec(), sources).in_file(&file)? }
            }
        };
        let spec = match self.labels_of(settings, sources).in_file(&file)? {
            None => spec,
            Some(labels) => labels.labels.applied_to(&spec, structure).in_file(&file)?,
        };
        let spec = match self.dictionaries.is_empty() {
            true => spec,
            false => self.dictionaries.applied_to(spec, input, structure).in_file(&file)?,
        };
        match &settings.residues.trb {
            None => Ok(spec),
            Some(trb) => trb.applied_to(&spec, input, structure, sources).in_file(&file),
        }
    }
}
