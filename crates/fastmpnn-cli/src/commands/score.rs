//! `fastmpnn score`: the likelihood of sequences on a backbone.

use std::io;

use anyhow::Result;
use fastmpnn::Engine;
use fastmpnn::SampleId;
use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::error::SpecError;
use fastmpnn::model::Encoding;
use fastmpnn::spec::{DesignPlan, DesignSpec};
use fastmpnn::structure::Structure;
use fastmpnn::write::{ResidueScoreRow, ScoreRow, write_residue_scores, write_scores};

use super::network_options::{NetworkOptions, spec_of};
use super::{
    STANDARD_OUTPUT, Yardstick, about, check_protein, for_each_structure, mean, name_failures, native_sequence, shown,
};
use crate::failure::WritingTo;
use crate::printer::Printer;
use crate::settings::ScoreSettings;
use fastmpnn_pipeline::event::Context;
use fastmpnn_pipeline::input::FastaFolder;
use fastmpnn_pipeline::input::Input;
use fastmpnn_pipeline::input::{Record, read_fasta};

pub(super) fn run(settings: &ScoreSettings) -> Result<usize> {
    let mut printer = Printer::of(&settings.run);
    let engine = settings.network.engine(&settings.run.engine)?;
    let (spec, labels) = (&settings.spec, settings.labels.as_ref());
    NetworkOptions { spec, labels, ligand_cutoff: None, packing: false }.check(&engine)?;
    let needs = engine.model().config().family.backbone_atoms();
    if settings.fasta.is_none() {
        printer.start_progress(settings.run.inputs.len() as u64, "structures");
    }
    let folder = settings.fasta_dir.as_deref().map(FastaFolder::open).transpose()?;
    if let Some(folder) = &folder
        && let Some(left_over) = folder.left_over(&settings.run.inputs)
    {
        printer.warn(folder.path().display(), left_over);
    }
    let mut with_header = true;
    let failed = for_each_structure(&settings.run, needs, &mut printer, |input, structure, printer| {
        check_protein(&structure, input)?;
        let file = shown(input);
        printer.structure_warnings(&file, &structure);
        let mut spec = about(spec_of(spec, labels, &structure), input)?;
        if let Some(trb) = &settings.trb {
            spec = about(trb.applied_to(spec, input, &structure), input)?;
        }
        let (plan, anything) = about(plan(&spec, &structure), input)?;
        for warning in &plan.warnings {
            printer.warn(&file, warning);
        }
        printer.labels(&structure, settings.spec.pdb_labels);
        if !anything {
            printer.warn(&file, "no residue is left to design, so there is no score, only a global_score");
        }
        let fasta = match &folder {
            Some(folder) => Some(about(folder.file_of(&input.name), input)?),
            None => settings.fasta.as_deref(),
        };
        let records = match fasta {
            Some(path) => read_fasta(path, &structure, &settings.spec)?,
            None => vec![Record { name: "native".to_owned(), sequence: native_sequence(&structure) }],
        };
        let sees = engine.model().config().context_atoms.is_some();
        printer.context(&file, &structure, &Context::of(&structure, &plan.environment, sees));
        let encoding = about(engine.encode_with(&structure, &plan.environment), input)?;
        if settings.fasta.is_some() {
            printer.start_progress(records.len() as u64, "sequences");
        }
        let scorer = Scorer { settings, engine: &engine, encoding: &encoding, structure: &structure, plan: &plan };
        for record in records {
            let scored = scorer.score(input, &record)?;
            printer.undisturbed(|| scored.write(settings.per_residue, with_header))?;
            with_header = false;
            printer.advance(if settings.fasta.is_some() { 1 } else { 0 });
        }
        printer.advance(if settings.fasta.is_some() { 0 } else { 1 });
        Ok(())
    })?;
    Ok(name_failures(&failed, &settings.run, &printer))
}

/// The plan, and whether it designs anything: a sequence can be scored as a whole where nothing is designed.
fn plan(spec: &DesignSpec, structure: &Structure) -> Result<(DesignPlan, bool), SpecError> {
    match spec.resolve(structure) {
        Ok(plan) => Ok((plan, true)),
        Err(SpecError::NothingDesigned { .. }) => {
            let (chains, fix, redesign) = Default::default();
            let everything = DesignSpec { chains, fix, redesign, ..spec.clone() };
            let mut plan = everything.resolve(structure)?;
            plan.designed.fill(false);
            Ok((plan, false))
        }
        Err(error) => Err(error),
    }
}

/// Scores sequences on one structure.
struct Scorer<'a> {
    settings: &'a ScoreSettings,
    engine: &'a Engine,
    encoding: &'a Encoding,
    structure: &'a Structure,
    plan: &'a DesignPlan,
}

/// The rows of a sequence.
struct Scored {
    row: ScoreRow,
    residues: Vec<ResidueScoreRow>,
}

/// What is summed up at a residue over the decoding orders.
#[derive(Clone, Copy, Default)]
struct Sums {
    score: f64,
    entropy: f64,
    probabilities: [f64; VOCABULARY],
}

impl Scorer<'_> {
    fn score(&self, input: &Input, record: &Record) -> Result<Scored> {
        let orders = self.settings.orders;
        let mut sums = vec![Sums::default(); record.sequence.len()];
        let mut scores = Vec::new();
        let mut global_scores = Vec::new();
        let yardstick = Yardstick::new(self.structure, &self.plan.designed);
        let mut recovery = None;
        for order in 0..u64::from(orders) {
            let id = SampleId { seed: self.settings.seed, sample: order };
            let rank = about(self.engine.decoding_rank(self.encoding, self.structure, self.plan, id), input)?;
            let log_p = self.engine.autoregressive(self.encoding, self.structure, &record.sequence, &rank);
            let log_p = about(log_p, input)?;
            let negative: Vec<f32> =
                log_p.iter().zip(&record.sequence).map(|(row, letter)| -row[letter.index()]).collect();
            let measures = yardstick.measure(&record.sequence, &negative);
            scores.extend(measures.score);
            global_scores.extend(measures.global_score);
            recovery = measures.recovery;
            for ((sums, row), negative) in sums.iter_mut().zip(&log_p).zip(&negative) {
                sums.add(row, *negative);
            }
        }
        let designed = self.plan.designed.iter().zip(&yardstick.resolved);
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
            let sums = yardstick.resolved[index].then(|| &sums[index]);
            self.residue_row((index, record), sums, f64::from(orders))
        });
        Ok(Scored { residues: residues.collect(), row })
    }

    fn residue_row(&self, (index, record): (usize, &Record), sums: Option<&Sums>, orders: f64) -> ResidueScoreRow {
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

impl Sums {
    fn add(&mut self, log_p: &[f32; VOCABULARY], negative: f32) {
        self.score += f64::from(negative);
        for (sum, &log_p) in self.probabilities.iter_mut().zip(log_p) {
            let log_p = f64::from(log_p);
            let p = log_p.exp();
            *sum += p;
            // p ln p is 0 where p is.
            self.entropy -= if p > 0.0 { p * log_p } else { 0.0 };
        }
    }

    fn likeliest(&self) -> Letter {
        let better = |best: Letter, letter: Letter| {
            if self.probabilities[letter.index()] > self.probabilities[best.index()] { letter } else { best }
        };
        Letter::all().reduce(better).unwrap_or(Letter::X)
    }
}

impl Scored {
    fn write(&self, per_residue: bool, with_header: bool) -> Result<()> {
        let out = io::stdout().lock();
        let written = if per_residue {
            write_residue_scores(out, with_header, &self.residues)
        } else {
            write_scores(out, with_header, std::slice::from_ref(&self.row))
        };
        written.writing_to(STANDARD_OUTPUT)?;
        Ok(())
    }
}

/// The standard deviation of a sample (n − 1); none of a single value.
fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}
