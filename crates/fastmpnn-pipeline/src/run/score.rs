//! `score`: the likelihood of sequences on a backbone.

use fastmpnn::Engine;
use fastmpnn::error::SpecError;
use fastmpnn::model::Encoding;
use fastmpnn::spec::{DesignPlan, DesignSpec};
use fastmpnn::structure::Structure;
use fastmpnn::write::{ResidueScoreRow, ScoreRow};

use super::batch::{Batch, Worker, check_protein, note_inputs};
use super::network_options::NetworkOptions;
use super::{Encodings, Resources, Summary};
use crate::error::{InFile, PipelineError};
use crate::event::{LigandReport, Observer, Outcome, Reporter, ScoreResult, Unit, WarningKind};
use crate::input::{FastaFolder, Input, ResolvedDesign, SequenceRecord, read_fasta};
use crate::measure::{ResidueSums, ScoreMask, deviation, mean, native_sequence};
use crate::request::{Request, ScoreRequest};

/// Scores the sequences of a request.
///
/// An input that cannot be used is a failure, told to the observer and counted in the summary. The error is one that ends
/// the run: a request that cannot be carried out.
pub fn score(
    request: &ScoreRequest,
    resources: &mut Resources<'_>,
    observer: &mut dyn Observer,
) -> Result<Summary, PipelineError> {
    request.check()?;
    let mut resolved = ResolvedDesign::of_score(request, &resources.sources)?;
    resolved.spec.by_residue = resources.values.by_residue.clone();
    let mut reporter = Reporter::new(observer);
    note_inputs(&resolved.run, &mut reporter);
    let engine = resources.engines.engine(&request.network)?;
    NetworkOptions::of(&resolved).check(&engine)?;
    let inputs = &resolved.run.inputs;
    if request.fasta.is_none() {
        reporter.start(inputs.len() as u64, Unit::Structures);
    }
    let folder = request.fasta_dir.as_deref().map(FastaFolder::open).transpose()?;
    if let Some(folder) = &folder
        && let Some(left_over) = folder.left_over(inputs)
    {
        reporter.warn(&folder.path().display().to_string(), WarningKind::Sequences, left_over);
    }
    let needs = engine.model().config().family.backbone_atoms();
    let encodings = &resources.encodings;
    let mut run = ScoreRun { request, resolved: &resolved, engine: &engine, encodings, folder, scored: 0, done: 0 };
    let mut worker = Worker { sources: &resources.sources, reporter: &mut reporter };
    let failed = Batch { run: &resolved.run, needs }
        .for_each_structure(&mut worker, |input, structure, worker| run.structure(input, &structure, worker))?;
    let stopped = reporter.stops() && run.done + failed.len() < inputs.len();
    Ok(Summary { inputs: inputs.len(), failed, stopped, results: run.scored })
}

/// A run of `score` on its way.
struct ScoreRun<'a> {
    request: &'a ScoreRequest,
    resolved: &'a ResolvedDesign,
    engine: &'a Engine,
    encodings: &'a Encodings,
    folder: Option<FastaFolder>,
    scored: usize,
    /// The structures of which all sequences are scored.
    done: usize,
}

impl ScoreRun<'_> {
    fn structure(
        &mut self,
        input: &Input,
        structure: &Structure,
        worker: &mut Worker<'_, '_>,
    ) -> Result<(), PipelineError> {
        let (request, engine) = (self.request, self.engine);
        let file = input.display_name();
        check_protein(structure, &file)?;
        worker.reporter.structure_warnings(&file, structure);
        let spec = self.resolved.spec_of(input, structure, worker.sources)?;
        let ScorePlan { plan, anything } = ScorePlan::new(&spec, structure).in_file(&file)?;
        let reporter = &mut *worker.reporter;
        reporter.plan_warnings(&file, &plan.warnings);
        reporter.labels(structure, request.residues.pdb_labels);
        if !anything {
            let message = "no residue is left to design, so there is no score, only a global_score";
            reporter.warn(&file, WarningKind::NothingScored, message);
        }
        let fasta = match &self.folder {
            Some(folder) => Some(folder.file_of(&input.name).in_file(&file)?),
            None => request.fasta.as_deref(),
        };
        let records = match fasta {
            Some(path) => read_fasta(path, worker.sources, structure, &self.resolved.spec)?,
            None => vec![SequenceRecord { name: "native".to_owned(), sequence: native_sequence(structure) }],
        };
        let sees = engine.model().config().context_atoms.is_some();
        reporter.ligands(&file, structure, &LigandReport::of(structure, &plan.environment, sees));
        let encoding = self.encodings.of_structure(engine, structure, &plan.environment).in_file(&file)?;
        if request.fasta.is_some() {
            reporter.start(records.len() as u64, Unit::Sequences);
        }
        let scorer = Scorer { request, engine, encoding: &encoding, structure, plan: &plan, file: &file };
        for record in records {
            if reporter.stops() {
                return Ok(());
            }
            let scored = scorer.score(&record)?;
            self.scored += 1;
            reporter.result(&Outcome::Score(scored));
            if request.fasta.is_some() {
                reporter.advance(1);
            }
        }
        if request.fasta.is_none() {
            reporter.advance(1);
        }
        self.done += 1;
        Ok(())
    }
}

/// What is scored of a structure.
struct ScorePlan {
    plan: DesignPlan,
    /// Whether anything is designed: a sequence can be scored as a whole where nothing is.
    anything: bool,
}

impl ScorePlan {
    fn new(spec: &DesignSpec, structure: &Structure) -> Result<ScorePlan, SpecError> {
        match spec.resolve(structure) {
            Ok(plan) => Ok(ScorePlan { plan, anything: true }),
            Err(SpecError::NothingDesigned { .. }) => {
                let (chains, fix, redesign) = Default::default();
                let everything = DesignSpec { chains, fix, redesign, ..spec.clone() };
                let mut plan = everything.resolve(structure)?;
                plan.designed.fill(false);
                Ok(ScorePlan { plan, anything: false })
            }
            Err(error) => Err(error),
        }
    }
}

/// Scores sequences on one structure.
struct Scorer<'a> {
    request: &'a ScoreRequest,
    engine: &'a Engine,
    encoding: &'a Encoding,
    structure: &'a Structure,
    plan: &'a DesignPlan,
    /// What messages call the input.
    file: &'a str,
}

impl Scorer<'_> {
    fn score(&self, record: &SequenceRecord) -> Result<ScoreResult, PipelineError> {
        let orders = self.request.num_orders;
        let mut sums = vec![ResidueSums::default(); record.sequence.len()];
        let mut scores = Vec::new();
        let mut global_scores = Vec::new();
        let mask = ScoreMask::new(self.structure, &self.plan.designed);
        let mut recovery = None;
        for order in 0..u64::from(orders) {
            let rank = self.engine.decoding_rank(self.encoding, self.structure, self.plan, order).in_file(self.file)?;
            let log_p = self.engine.autoregressive(self.encoding, self.structure, &record.sequence, &rank);
            let log_p = log_p.in_file(self.file)?;
            let negative: Vec<f32> =
                log_p.iter().zip(&record.sequence).map(|(row, letter)| -row[letter.index()]).collect();
            let measures = mask.measure(&record.sequence, &negative);
            scores.extend(measures.score);
            global_scores.extend(measures.global_score);
            recovery = measures.recovery;
            for ((sums, row), negative) in sums.iter_mut().zip(&log_p).zip(&negative) {
                sums.add(row, *negative);
            }
        }
        let designed = self.plan.designed.iter().zip(&mask.resolved);
        let row = ScoreRow {
            name: self.structure.name.clone(),
            record: record.name.clone(),
            score: mean(&scores),
            score_deviation: deviation(&scores),
            global_score: mean(&global_scores),
            recovery,
            residues: designed.filter(|(designed, resolved)| **designed && **resolved).count(),
            orders,
        };
        let residues = (0..sums.len()).map(|index| {
            let sums = mask.resolved[index].then(|| &sums[index]);
            self.residue_row(index, record, sums, f64::from(orders))
        });
        let residues = residues.collect();
        let mean_of = |sums: &ResidueSums| sums.log_probabilities.map(|sum| (sum / f64::from(orders)) as f32);
        let log_probabilities = sums.iter().map(mean_of).collect();
        Ok(ScoreResult { residues, row, sequence: record.sequence.clone(), log_probabilities })
    }

    fn residue_row(
        &self,
        index: usize,
        record: &SequenceRecord,
        sums: Option<&ResidueSums>,
        orders: f64,
    ) -> ResidueScoreRow {
        let residue = &self.structure.residues[index];
        let letter = record.sequence[index];
        ResidueScoreRow {
            name: self.structure.name.clone(),
            record: record.name.clone(),
            chain: residue.id.chain.to_string(),
            number: residue.id.number,
            insertion: residue.id.insertion,
            native: residue.letter.to_char(),
            letter: letter.to_char(),
            counted: self.plan.designed[index] && sums.is_some(),
            score: sums.map(|sums| sums.score / orders),
            probability: sums.map(|sums| sums.probabilities[letter.index()] / orders),
            entropy: sums.map(|sums| sums.entropy / orders),
            likeliest: sums.map(|sums| sums.likeliest().to_char()),
        }
    }
}
