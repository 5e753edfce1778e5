//! Results as data for the page. N residues of the structure, in the order of its file; letters are one string without
//! separators between chains; values are in nats.

use fastmpnn_pipeline::fastmpnn::chemistry::{Letter, VOCABULARY, sequence_string};
use serde::Serialize;

use fastmpnn_pipeline::event::{
    DesignOutcome, NativeOutcome, Note, ProbabilityOutcome, ScanResult, ScoreResult, Warning,
};
use fastmpnn_pipeline::measure::Measures;

/// The measures of a sequence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct MeasureRecord {
    /// Mean −ln p over the designed residues, nats.
    pub(crate) score: Option<f64>,
    /// The mean of that score over random decoding orders, if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rescored: Option<f64>,
    /// Mean −ln p over all residues with a backbone, nats.
    pub(crate) global_score: Option<f64>,
    /// The fraction of designed residues with a known native letter that have that letter.
    pub(crate) recovery: Option<f64>,
    /// The geometric mean of the letters' probabilities over the designed residues, where the network sees ligands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) overall_confidence: Option<f64>,
    /// The same over those near a ligand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ligand_confidence: Option<f64>,
    /// The recovery of those near a ligand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ligand_recovery: Option<f64>,
}

impl MeasureRecord {
    fn of(measures: &Measures, rescored: Option<f64>) -> MeasureRecord {
        let Measures { score, global_score, recovery, ligand } = *measures;
        MeasureRecord {
            score,
            rescored,
            global_score,
            recovery,
            overall_confidence: ligand.and_then(|ligand| ligand.overall_confidence),
            ligand_confidence: ligand.and_then(|ligand| ligand.ligand_confidence),
            ligand_recovery: ligand.and_then(|ligand| ligand.ligand_recovery),
        }
    }
}

/// The protein of a design, with its native sequence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct NativeRecord {
    /// The structure's name.
    pub(crate) structure: String,
    /// The published name of the network, or its file's.
    pub(crate) checkpoint: String,
    /// The seed.
    pub(crate) seed: u64,
    /// What is designed, fixed, tied, omitted and biased, in words.
    pub(crate) plan: String,
    /// Whether each residue is designed. `[N]`
    pub(crate) designed: Vec<bool>,
    /// The native letters. `[N]`
    pub(crate) sequence: String,
    #[serde(flatten)]
    pub(crate) measures: MeasureRecord,
    /// Its record of the FASTA file that the program writes.
    pub(crate) fasta: String,
}

impl NativeRecord {
    /// Of a result.
    pub(crate) fn of(native: &NativeOutcome<'_>) -> NativeRecord {
        let target = native.target;
        NativeRecord {
            structure: target.structure.name.clone(),
            checkpoint: target.checkpoint.to_owned(),
            seed: target.request.sampling.seed,
            plan: target.summary.to_owned(),
            designed: target.plan.designed.clone(),
            sequence: sequence_string(native.sequence),
            measures: MeasureRecord::of(&native.measures, native.rescored),
            fasta: text(|out| native.write_fasta(out)),
        }
    }
}

/// A design.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct DesignRecord {
    /// The structure's name.
    pub(crate) structure: String,
    /// The sample's number, from 1.
    pub(crate) sample: u64,
    /// The sampling temperature.
    pub(crate) temperature: f32,
    /// A letter for each residue. `[N]`
    pub(crate) sequence: String,
    #[serde(flatten)]
    pub(crate) measures: MeasureRecord,
    /// The net charge, where the request has goals for whole sequences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) charge: Option<i32>,
    /// What these goals cost, nats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) constraint_cost: Option<f64>,
    /// −ln p of each letter given those decoded before it, at T = 1 and without biases, nats. `[N]`
    pub(crate) negative_log_likelihood: Vec<f32>,
    /// Its record of the FASTA file that the program writes.
    pub(crate) fasta: String,
}

impl DesignRecord {
    /// Of a result.
    pub(crate) fn of(outcome: &DesignOutcome<'_>) -> DesignRecord {
        let (target, result) = (outcome.target, outcome.result);
        let goals = target.goals(&result.design);
        DesignRecord {
            structure: target.structure.name.clone(),
            sample: result.design.sample + 1,
            temperature: result.design.temperature,
            sequence: sequence_string(&result.design.sequence),
            measures: MeasureRecord::of(&result.measures, result.rescored),
            charge: goals.map(|goals| goals.charge),
            constraint_cost: goals.map(|goals| goals.constraint_cost),
            negative_log_likelihood: result.design.negative_log_likelihood.clone(),
            fasta: text(|out| outcome.write_fasta(out)),
        }
    }
}

/// A scored sequence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ScoreRecord {
    /// The structure's name.
    pub(crate) structure: String,
    /// `native`, or the header of the FASTA record.
    pub(crate) record: String,
    /// The letters. `[N]`
    pub(crate) sequence: String,
    /// Mean −ln p over the designed residues, nats; the mean over the decoding orders.
    pub(crate) score: Option<f64>,
    /// Standard deviation of the score over the decoding orders; with one order there is none.
    pub(crate) score_deviation: Option<f64>,
    /// Mean −ln p over all residues with a backbone, nats.
    pub(crate) global_score: Option<f64>,
    /// The fraction of designed residues with a known native letter that have that letter.
    pub(crate) recovery: Option<f64>,
    /// −ln p of each letter, nats; null without a backbone. `[N]`
    pub(crate) negative_log_likelihood: Vec<Option<f64>>,
}

impl ScoreRecord {
    /// Of a result.
    pub(crate) fn of(result: &ScoreResult) -> ScoreRecord {
        let row = &result.row;
        ScoreRecord {
            structure: row.name.clone(),
            record: row.record.clone(),
            sequence: sequence_string(&result.sequence),
            score: row.score,
            score_deviation: row.score_deviation,
            global_score: row.global_score,
            recovery: row.recovery,
            negative_log_likelihood: result.residues.iter().map(|residue| residue.score).collect(),
        }
    }
}

/// The probabilities of a structure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ProbabilityRecord {
    /// The structure's name.
    pub(crate) structure: String,
    /// The letters of the columns.
    pub(crate) letters: String,
    /// ln p of every letter at each residue, nats, or p if requested. `[N, V]`
    pub(crate) values: Vec<[f32; VOCABULARY]>,
}

impl ProbabilityRecord {
    /// Of a result.
    pub(crate) fn of(outcome: &ProbabilityOutcome<'_>) -> ProbabilityRecord {
        let structure = outcome.structure.name.clone();
        ProbabilityRecord { structure, letters: alphabet(), values: outcome.values.to_vec() }
    }
}

/// The effect of mutations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ScanRecord {
    /// The structure's name.
    pub(crate) structure: String,
    /// The letters of the columns.
    pub(crate) letters: String,
    /// The residues that were scanned, such as `A12`; none where mutants were given. `[M]`
    pub(crate) residues: Vec<String>,
    /// Their native letters. `[M]`
    pub(crate) native: String,
    /// ln p of each letter minus ln p of the native one, nats. `[M, V]`
    pub(crate) change: Vec<[f32; VOCABULARY]>,
    /// The mutants that were given, in their order.
    pub(crate) mutants: Vec<MutantRecord>,
}

/// A mutant compared with the native sequence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct MutantRecord {
    /// `A:I23V+A:T24I`
    pub(crate) mutant: String,
    /// ln p of the mutant's sequence minus ln p of the native one, nats.
    pub(crate) change: f64,
    /// The standard deviation of the change over the decoding orders; none with one order.
    pub(crate) deviation: Option<f64>,
    /// The change minus the sum of the changes of its single mutations, nats; none for a single mutation.
    pub(crate) coupling: Option<f64>,
}

impl ScanRecord {
    /// Of a result.
    pub(crate) fn of(result: &ScanResult) -> ScanRecord {
        let mutants = result.mutants.iter().map(|mutant| MutantRecord {
            mutant: mutant.name(),
            change: mutant.change,
            deviation: mutant.deviation,
            coupling: mutant.coupling,
        });
        ScanRecord {
            structure: result.name.clone(),
            letters: alphabet(),
            residues: result.residues.iter().map(ToString::to_string).collect(),
            native: sequence_string(&result.native),
            change: result.change.clone(),
            mutants: mutants.collect(),
        }
    }
}

/// A warning or a note.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct NoticeRecord {
    /// The file or structure that it concerns, if any.
    pub(crate) about: Option<String>,
    /// The residue that it concerns, if any.
    pub(crate) residue: Option<String>,
    /// The message, without the name.
    pub(crate) text: String,
}

impl NoticeRecord {
    /// Of a warning.
    pub(crate) fn of_warning(warning: &Warning) -> NoticeRecord {
        NoticeRecord {
            about: Some(warning.file.clone()),
            residue: warning.residue.as_ref().map(ToString::to_string),
            text: warning.message.to_string(),
        }
    }

    /// Of a note.
    pub(crate) fn of_note(note: &Note) -> NoticeRecord {
        NoticeRecord { about: note.about.clone(), residue: None, text: note.message.to_string() }
    }
}

fn alphabet() -> String {
    Letter::all().map(Letter::to_char).collect()
}

/// What is written to memory.
fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    // Memory takes everything.
    let _ = write(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
