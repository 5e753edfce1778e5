//! Requests with their files read and their inputs expanded.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fastmpnn::spec::{DesignSpec, MembraneLabels};
use fastmpnn::structure::{ReadOptions, Structure};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    Dictionaries, Input, InputList, Inputs, Manifest, ManifestInputs, Naming, Sources, TrbSource, expand,
    is_standard_input, with_files,
};
use crate::error::{InFile, PipelineError, refusal, unreadable};
use crate::message::Field;
use crate::request::{
    ContextSettings, DesignRequest, InputSettings, LetterSettings, MembraneSettings, ProbsRequest, Request,
    ResidueSettings, ScanRequest, ScoreRequest,
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
    pub(crate) labels: Option<LabelFile>,
    trb: Option<TrbSource>,
    dictionaries: Dictionaries,
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

/// What a specification is made of.
struct SpecSettings<'a> {
    residues: &'a ResidueSettings,
    cyclic: &'a Option<String>,
    context: &'a ContextSettings,
    membrane: &'a MembraneSettings,
    seed: u64,
}

impl SpecSettings<'_> {
    fn spec(&self) -> DesignSpec {
        let MembraneSettings { membrane_global, membrane_buried, membrane_interface, .. } = self.membrane.clone();
        DesignSpec {
            cyclic: self.cyclic.clone(),
            no_ligand: self.context.no_ligand,
            side_chain_context: self.context.side_chain_context,
            membrane_global,
            membrane_buried,
            membrane_interface,
            seed: self.seed,
            ..self.residues.spec()
        }
    }
}

impl<'a> SpecSettings<'a> {
    fn of_design(request: &'a DesignRequest) -> SpecSettings<'a> {
        let DesignRequest { residues, cyclic, context, membrane, sampling, .. } = request;
        SpecSettings { residues, cyclic, context, membrane, seed: sampling.seed }
    }
}

impl DesignRequest {
    /// The specification without the files that its selections call.
    fn spec(&self) -> DesignSpec {
        let letters = self.letters.clone();
        let LetterSettings { tie, homo_oligomer, omit, omit_at, bias, bias_at, charge, count, no_motif } = letters;
        let settings = SpecSettings::of_design(self);
        let spec = DesignSpec { tie, homo_oligomer, omit, omit_at, bias, bias_at, ..settings.spec() };
        DesignSpec { charge, count, no_motif, ..spec }
    }
}

impl MembraneSettings {
    /// Reads the file of labels, where there is one.
    fn read_labels(&self, sources: &Sources) -> Result<Option<LabelFile>, PipelineError> {
        let Some(path) = &self.membrane_labels else { return Ok(None) };
        let by_options = !self.membrane_buried.is_empty() || !self.membrane_interface.is_empty();
        if self.membrane_global.is_some() || by_options {
            let (labels, global) = (Field("membrane_labels"), Field("membrane_global"));
            let (buried, interface) = (Field("membrane_buried"), Field("membrane_interface"));
            return Err(refusal(format!("{labels} takes the place of {global}, {buried} and {interface}: give one")));
        }
        let shown = path.display().to_string();
        let bytes = sources.read(path);
        let bytes = bytes.map_err(|error| unreadable(format!("{shown}: the membrane labels cannot be read"), error))?;
        let sha256 = format!("{:x}", Sha256::digest(&bytes));
        Ok(Some(LabelFile { labels: MembraneLabels::parse(&shown, &bytes)?, path: path.clone(), sha256 }))
    }
}

impl ResolvedDesign {
    fn new(
        settings: &SpecSettings<'_>,
        spec: DesignSpec,
        run: ResolvedInputs,
        labels: Option<LabelFile>,
        sources: &Sources,
    ) -> Result<ResolvedDesign, PipelineError> {
        let (spec, trb) = (with_files(spec, sources)?, settings.residues.trb.clone());
        Ok(ResolvedDesign { run, spec, labels, trb, dictionaries: Dictionaries::default() })
    }

    /// Of `design`.
    pub(crate) fn of_design(request: &DesignRequest, sources: &Sources) -> Result<ResolvedDesign, PipelineError> {
        let DesignRequest { residues, membrane, .. } = request;
        let settings = SpecSettings::of_design(request);
        let labels = membrane.read_labels(sources)?;
        let spec = request.spec();
        let dictionaries = Dictionaries::read(&request.dictionary, sources)?;
        dictionaries.check(&spec)?;
        // The designs of states are named by the first.
        let states = request.states.states;
        let naming = if states { Naming::FirstKept } else { Naming::Distinct };
        let mut run = ResolvedInputs::new(request, &request.input, naming, sources)?;
        run.notes.extend(dictionaries.notes(&run.inputs));
        if let Some(share) = request.dataset.shard {
            run.inputs.take_share(share);
        }
        if let Some(trb) = &residues.trb {
            // One file is of all states.
            trb.check(&run.inputs, if states { 1 } else { run.inputs.len() })?;
        }
        Ok(ResolvedDesign { dictionaries, ..ResolvedDesign::new(&settings, spec, run, labels, sources)? })
    }

    /// Of `score`.
    pub(crate) fn of_score(request: &ScoreRequest, sources: &Sources) -> Result<ResolvedDesign, PipelineError> {
        let ScoreRequest { residues, cyclic, context, membrane, .. } = request;
        let resolved = ResolvedDesign::of_all(
            request,
            &request.input,
            &SpecSettings { residues, cyclic, context, membrane, seed: request.seed },
            sources,
        )?;
        resolved.run.check_fasta(request.fasta.as_deref())?;
        Ok(resolved)
    }

    /// Of `scan`.
    pub(crate) fn of_scan(request: &ScanRequest, sources: &Sources) -> Result<ResolvedDesign, PipelineError> {
        let ScanRequest { residues, cyclic, context, membrane, .. } = request;
        ResolvedDesign::of_all(
            request,
            &request.input,
            &SpecSettings { residues, cyclic, context, membrane, seed: request.seed },
            sources,
        )
    }

    /// Of `probs`.
    pub(crate) fn of_probs(request: &ProbsRequest, sources: &Sources) -> Result<ResolvedDesign, PipelineError> {
        let residues = &ResidueSettings { chains: request.chains.clone(), order: request.order, ..Default::default() };
        let context = &ContextSettings { no_ligand: request.no_ligand, ..Default::default() };
        let ProbsRequest { cyclic, membrane, .. } = request;
        let settings = SpecSettings { residues, cyclic, context, membrane, seed: request.seed };
        let run = ResolvedInputs::new(request, &request.input, Naming::Distinct, sources)?;
        run.check_fasta(request.fasta.as_deref())?;
        let labels = membrane.read_labels(sources)?;
        ResolvedDesign::new(&settings, settings.spec(), run, labels, sources)
    }

    fn of_all<R: Request>(
        request: &R,
        input: &InputSettings,
        settings: &SpecSettings<'_>,
        sources: &Sources,
    ) -> Result<ResolvedDesign, PipelineError> {
        let labels = settings.membrane.read_labels(sources)?;
        let run = ResolvedInputs::new(request, input, Naming::Distinct, sources)?;
        if let Some(trb) = &settings.residues.trb {
            trb.check(&run.inputs, run.inputs.len())?;
        }
        ResolvedDesign::new(settings, settings.spec(), run, labels, sources)
    }

    /// The request for one input. All settings of the work on it come from here and from [`ResolvedDesign::spec_of`].
    pub(crate) fn request_of<'r>(&'r self, request: &'r DesignRequest, input: &Input) -> Cow<'r, DesignRequest> {
        self.own_request(input).map_or(Cow::Borrowed(request), Cow::Owned)
    }

    /// The request of an input that has settings of its own.
    fn own_request(&self, input: &Input) -> Option<DesignRequest> {
        self.run.manifest.as_ref()?.request(input.row?)
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

    /// The files beside an input that its settings read.
    pub(crate) fn beside(&self, input: &Input) -> Vec<PathBuf> {
        let own = self.own_request(input);
        let trb = own.as_ref().map_or(&self.trb, |own| &own.residues.trb);
        trb.iter().flat_map(|trb| trb.paths_of(input)).collect()
    }

    /// The entries of dictionaries that are of an input.
    pub(super) fn entries_of(&self, input: &Input) -> Vec<&str> {
        self.dictionaries.texts_of(input)
    }

    /// The files that the selections of an input call.
    pub(super) fn files_of(
        &self,
        request: &DesignRequest,
        input: &Input,
        sources: &Sources,
    ) -> BTreeMap<String, String> {
        let own = self.own_request(input).map(|_| with_files(request.spec(), sources));
        match own {
            Some(Ok(spec)) => spec.files,
            // What is wrong with them is said when the specification is made.
            _ => self.spec.files.clone(),
        }
    }

    /// The specification of one structure: with its labels and the residues of its .trb file, where there are some.
    pub(crate) fn spec_of(
        &self,
        input: &Input,
        structure: &Structure,
        sources: &Sources,
    ) -> Result<DesignSpec, PipelineError> {
        let file = input.display_name();
        let own = self.own_request(input);
        let spec = match &own {
            None => self.spec.clone(),
            Some(own) => {
                let by_residue = self.spec.by_residue.clone();
                DesignSpec { by_residue, ..with_files(own.spec(), sources).in_file(&file)? }
            }
        };
        let spec = match &self.labels {
            None => spec,
            Some(labels) => labels.labels.applied_to(&spec, structure).in_file(&file)?,
        };
        let spec = match self.dictionaries.is_empty() {
            true => spec,
            false => self.dictionaries.applied_to(spec, input, structure).in_file(&file)?,
        };
        match own.as_ref().map_or(&self.trb, |own| &own.residues.trb) {
            None => Ok(spec),
            Some(trb) => trb.applied_to(&spec, input, structure, sources).in_file(&file),
        }
    }
}
