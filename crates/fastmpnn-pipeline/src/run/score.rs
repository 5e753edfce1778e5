//! `score`: the likelihood of sequences on a backbone.

use fastmpnn::chemistry::{Letter, Sequence, VOCABULARY};
use fastmpnn::model::Encoding;
use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::Structure;
use fastmpnn::write::{ResidueScoreRow, ScoreRow};
use fastmpnn::{Engine, SequenceScorer};

use super::batch::{Batch, BatchEnd, Ended, Planned, Planner, Worker, note_inputs};
use super::lanes::Size;
use super::network_options::NetworkOptions;
use super::{Encodings, Resources, Summary};
use crate::error::{InFile, PipelineError};
use crate::event::{LigandReport, Observer, Outcome, Reporter, ScoreResult, Unit, WarningKind};
use crate::input::{FastaFolder, Input, ResolvedDesign, SequenceRecord, Sources, read_fasta};
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
    let engine = resources.engine(&request.network, &mut reporter)?;
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
    let planner = Planner::new(&resolved, &resources.sources).with_nothing_designed();
    let (sources, encodings) = (&resources.sources, &resources.encodings);
    let run = ScoreRun { request, resolved: &resolved, planner, sources, encodings, folder };
    let batch = Batch { run: &resolved.run, sources, needs };
    let work = |input: &Input, structure, worker: &ScoreWorker<'_, '_>| run.structure(input, &structure, worker);
    let mut results = 0;
    let BatchEnd { failed, stopped } = batch.work(&engine, &mut reporter, work, |scored, reporter| {
        for scored in scored {
            results += 1;
            reporter.result(&Outcome::Score(scored));
            if request.fasta.is_some() {
                reporter.advance(1);
            }
        }
        Ok(())
    })?;
    Ok(Summary { inputs: inputs.len(), failed, stopped, results })
}

/// Hands over sequences that were scored together.
type ScoreWorker<'w, 'l> = Worker<'w, 'l, Vec<ScoreResult>>;

/// A run of `score` on its way.
struct ScoreRun<'a> {
    request: &'a ScoreRequest,
    resolved: &'a ResolvedDesign,
    planner: Planner<'a>,
    sources: &'a Sources,
    encodings: &'a Encodings,
    folder: Option<FastaFolder>,
}

impl ScoreRun<'_> {
    fn structure(&self, input: &Input, structure: &Structure, worker: &ScoreWorker<'_, '_>) -> Result<(), Ended> {
        let request = &*self.resolved.request_of(self.request, input);
        let file = input.display_name();
        let mut told = worker.told();
        let reporter = &mut Reporter::new(&mut told);
        let Planned { spec, plan } = self.planner.plan(input, structure, reporter)?;
        reporter.labels(structure, request.residues.pdb_labels);
        if !plan.designed.contains(&true) {
            let message = "no residue is left to design, so there is no score, only a global_score";
            reporter.warn(&file, WarningKind::NothingScored, message);
        }
        let fasta = match &self.folder {
            Some(folder) => Some(folder.file_of(&input.name).in_file(&file)?),
            None => request.fasta.as_deref(),
        };
        let records = match fasta {
            Some(path) => read_fasta(path, self.sources, structure, &spec)?,
            None => vec![SequenceRecord { name: "native".to_owned(), sequence: native_sequence(structure) }],
        };
        let sees = worker.network().model().config().context_atoms.is_some();
        reporter.ligands(&file, structure, &LigandReport::of(structure, &plan.environment, sees));
        let residues = structure.residues.len();
        let engine = worker.admit(Size::decoded(
            worker.network(),
            residues,
            residues,
            (records.len() * residues * BYTES_A_RESIDUE) as u64,
        ))?;
        let encoding = self.encodings.of_structure(engine, structure, &plan.environment).in_file(&file)?;
        if self.request.fasta.is_some() {
            reporter.start(records.len() as u64, Unit::Sequences);
        }
        let sequences = engine.sequence_scorer(&encoding, structure).in_file(&file)?;
        let scorer = Scorer { request, engine, sequences, encoding: &encoding, structure, plan: &plan, file: &file };
        let passes = passes_together(engine.threads(), residues);
        let orders = request.num_orders as usize;
        for records in records.chunks((passes / orders).max(1)) {
            let Some(scored) = scorer.score(records, passes, reporter)? else { return Err(Ended::Stopped) };
            worker.made(scored);
        }
        if self.request.fasta.is_none() {
            reporter.advance(1);
        }
        Ok(())
    }
}

/// The bytes of a residue of a scored sequence, with the texts of its row.
const BYTES_A_RESIDUE: usize = size_of::<ResidueScoreRow>() + size_of::<[f32; VOCABULARY]>() + 64;

/// Passes of the decoder over a structure of that many residues that are made in one go: enough for all threads, and
/// few enough that their results take little memory and that a run stops soon after it is to.
pub(super) fn passes_together(threads: usize, residues: usize) -> usize {
    const OF_A_THREAD: usize = 32;
    const MOST_BYTES: usize = 64 << 20;
    let bytes = residues * size_of::<[f32; VOCABULARY]>();
    (OF_A_THREAD * threads).min(MOST_BYTES / bytes.max(1)).max(1)
}

/// Scores sequences on one structure.
struct Scorer<'a> {
    request: &'a ScoreRequest,
    engine: &'a Engine,
    sequences: SequenceScorer,
    encoding: &'a Encoding,
    structure: &'a Structure,
    plan: &'a DesignPlan,
    /// What messages call the input.
    file: &'a str,
}

/// What is known of a sequence after some of the decoding orders.
struct ScoreSums {
    /// `[N]`
    residues: Vec<ResidueSums>,
    scores: Vec<f64>,
    global_scores: Vec<f64>,
    recovery: Option<f64>,
}

impl Scorer<'_> {
    /// Scores sequences together; none where the run is to end before.
    fn score(
        &self,
        records: &[SequenceRecord],
        passes: usize,
        reporter: &mut Reporter<'_>,
    ) -> Result<Option<Vec<ScoreResult>>, PipelineError> {
        let orders = self.request.num_orders;
        let mask = ScoreMask::new(self.structure, &self.plan.designed);
        let sequences: Vec<Sequence> = records.iter().map(|record| record.sequence.clone()).collect();
        let mut sums: Vec<ScoreSums> = sequences.iter().map(|sequence| ScoreSums::new(sequence.len())).collect();
        let together = (passes / records.len().max(1)).max(1);
        let mut done = 0;
        while done < orders {
            if reporter.stops() {
                return Ok(None);
            }
            let end = orders.min(done.saturating_add(together as u32));
            let ranks: Vec<Vec<u32>> =
                (done..end).map(|order| self.rank(order)).collect::<Result<_, PipelineError>>()?;
            let log_p = self.sequences.log_probabilities(&sequences, &ranks).in_file(self.file)?;
            for ((sequence, log_p), sums) in sequences.iter().zip(&log_p).zip(&mut sums) {
                log_p.iter().for_each(|log_p| sums.add(&mask, sequence, log_p));
            }
            done = end;
        }
        let finished = records.iter().zip(sums).map(|(record, sums)| self.finish(record, sums, &mask));
        Ok(Some(finished.collect()))
    }

    fn rank(&self, order: u32) -> Result<Vec<u32>, PipelineError> {
        self.engine.decoding_rank(self.encoding, self.structure, self.plan, u64::from(order)).in_file(self.file)
    }

    fn finish(&self, record: &SequenceRecord, sums: ScoreSums, mask: &ScoreMask) -> ScoreResult {
        let orders = self.request.num_orders;
        let designed = self.plan.designed.iter().zip(&mask.resolved);
        let row = ScoreRow {
            name: self.structure.name.clone(),
            record: record.name.clone(),
            score: mean(&sums.scores),
            score_deviation: deviation(&sums.scores),
            global_score: mean(&sums.global_scores),
            recovery: sums.recovery,
            residues: designed.filter(|(designed, resolved)| **designed && **resolved).count(),
            orders,
        };
        let residues = sums.residues.iter().enumerate().map(|(index, sums)| {
            let sums = mask.resolved[index].then_some(sums);
            self.residue_row(index, record, sums, f64::from(orders))
        });
        let residues = residues.collect();
        let mean_of = |sums: &ResidueSums| sums.log_probabilities.map(|sum| (sum / f64::from(orders)) as f32);
        let log_probabilities = sums.residues.iter().map(mean_of).collect();
        ScoreResult { residues, row, sequence: record.sequence.clone(), log_probabilities }
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

impl ScoreSums {
    fn new(residues: usize) -> ScoreSums {
        let residues = vec![ResidueSums::default(); residues];
        ScoreSums { residues, scores: Vec::new(), global_scores: Vec::new(), recovery: None }
    }

    /// Adds an order: ln p of every letter at each residue. `[N, V]`
    fn add(&mut self, mask: &ScoreMask, sequence: &[Letter], log_p: &[[f32; VOCABULARY]]) {
        let negative: Vec<f32> = log_p.iter().zip(sequence).map(|(row, letter)| -row[letter.index()]).collect();
        let measures = mask.measure(sequence, &negative);
        self.scores.extend(measures.score);
        self.global_scores.extend(measures.global_score);
        self.recovery = measures.recovery;
        for ((sums, row), negative) in self.residues.iter_mut().zip(log_p).zip(&negative) {
            sums.add(row, *negative);
        }
    }
}
