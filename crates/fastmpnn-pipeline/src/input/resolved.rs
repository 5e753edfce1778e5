//! Requests with their files read and their inputs expanded.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use fastmpnn::spec::{DesignSpec, MembraneLabels};
use fastmpnn::structure::{ReadOptions, Structure};
use sha2::{Digest, Sha256};

use super::{Input, InputList, Inputs, Naming, Sources, TrbSource, expand, is_standard_input, with_files};
use crate::error::{InFile, PipelineError, refusal, unreadable};
use crate::message::Field;
use crate::request::{
    ContextSettings, DesignRequest, InputSettings, MembraneSettings, ProbsRequest, ResidueSettings, ScanRequest,
    ScoreRequest,
};

/// What every run reads.
#[derive(Debug)]
pub(crate) struct ResolvedInputs {
    pub(crate) inputs: InputList,
    /// What is to be said of the inputs as a whole.
    pub(crate) notes: Vec<String>,
    pub(crate) read: ReadOptions,
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
}

impl ResolvedInputs {
    pub(crate) fn new(
        settings: &InputSettings,
        naming: Naming,
        sources: &Sources,
    ) -> Result<ResolvedInputs, PipelineError> {
        let Inputs { list, notes } = expand(&settings.inputs, settings.recursive, naming, sources)?;
        if list.is_empty() {
            return Err(refusal(format!("{}: there is none", Field("inputs"))));
        }
        Ok(ResolvedInputs { inputs: list, notes, read: settings.read_options() })
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
        Ok(ResolvedDesign { run, spec: with_files(spec, sources)?, labels, trb: settings.residues.trb.clone() })
    }

    /// Of `design`.
    pub(crate) fn of_design(request: &DesignRequest, sources: &Sources) -> Result<ResolvedDesign, PipelineError> {
        let DesignRequest { residues, cyclic, context, membrane, letters, .. } = request;
        let settings = SpecSettings { residues, cyclic, context, membrane, seed: request.sampling.seed };
        let labels = membrane.read_labels(sources)?;
        let letters = letters.clone();
        let spec = DesignSpec {
            tie: letters.tie,
            homo_oligomer: letters.homo_oligomer,
            omit: letters.omit,
            omit_at: letters.omit_at,
            bias: letters.bias,
            bias_at: letters.bias_at,
            ..settings.spec()
        };
        // The designs of states are named by the first.
        let states = request.states.states;
        let naming = if states { Naming::FirstKept } else { Naming::Distinct };
        let run = ResolvedInputs::new(&request.input, naming, sources)?;
        if let Some(trb) = &residues.trb {
            // One file is of all states.
            trb.check(&run.inputs, if states { 1 } else { run.inputs.len() })?;
        }
        ResolvedDesign::new(&settings, spec, run, labels, sources)
    }

    /// Of `score`.
    pub(crate) fn of_score(request: &ScoreRequest, sources: &Sources) -> Result<ResolvedDesign, PipelineError> {
        let ScoreRequest { residues, cyclic, context, membrane, .. } = request;
        let resolved = ResolvedDesign::of_all(
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
        let run = ResolvedInputs::new(&request.input, Naming::Distinct, sources)?;
        run.check_fasta(request.fasta.as_deref())?;
        let labels = membrane.read_labels(sources)?;
        ResolvedDesign::new(&settings, settings.spec(), run, labels, sources)
    }

    fn of_all(
        input: &InputSettings,
        settings: &SpecSettings<'_>,
        sources: &Sources,
    ) -> Result<ResolvedDesign, PipelineError> {
        let labels = settings.membrane.read_labels(sources)?;
        let run = ResolvedInputs::new(input, Naming::Distinct, sources)?;
        if let Some(trb) = &settings.residues.trb {
            trb.check(&run.inputs, run.inputs.len())?;
        }
        ResolvedDesign::new(settings, settings.spec(), run, labels, sources)
    }

    /// The request for one input. All settings of the work on it come from here and from [`ResolvedDesign::spec_of`].
    pub(crate) fn request_of<'r>(&'r self, request: &'r DesignRequest, _: &Input) -> Cow<'r, DesignRequest> {
        Cow::Borrowed(request)
    }

    /// The files beside an input that its settings read.
    pub(crate) fn beside(&self, input: &Input) -> Vec<PathBuf> {
        self.trb.iter().map(|trb| trb.path_of(input)).collect()
    }

    /// The specification of one structure: with its labels and the residues of its .trb file, where there are some.
    pub(crate) fn spec_of(
        &self,
        input: &Input,
        structure: &Structure,
        sources: &Sources,
    ) -> Result<DesignSpec, PipelineError> {
        let file = input.display_name();
        let spec = match &self.labels {
            None => self.spec.clone(),
            Some(labels) => labels.labels.applied_to(&self.spec, structure).in_file(&file)?,
        };
        match &self.trb {
            None => Ok(spec),
            Some(trb) => trb.applied_to(&spec, input, structure, sources).in_file(&file),
        }
    }
}
