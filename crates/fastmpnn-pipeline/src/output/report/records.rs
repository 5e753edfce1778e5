//! The data of a report. N residues of the structure, in the order of its file; letters are one string without separators
//! between chains; values are in nats unless they say otherwise.

use fastmpnn::chemistry::{Letter, VOCABULARY, sequence_string};
use fastmpnn::structure::{StructureSummary, describe};
use fastmpnn::write::{WrittenStructure, choose_format};
use serde::Serialize;
use serde_json::{Map, Value};

use super::settings::of_designs;
use crate::error::PipelineError;
use crate::measure::Measures;
use crate::output::{DesignResult, DesignTarget, NativeOutcome};

/// Probabilities are given in these parts of 1.
const PARTS_OF_P: f32 = 1000.0;
/// Those of the heat map, of which many are small.
const PARTS_OF_HEAT: f32 = 10_000.0;
/// The largest file of a structure that a report has, bytes. Without it the report shows no picture.
const MOST_PICTURED: usize = 16 << 20;

/// What made a report.
#[derive(Debug, Serialize)]
pub(super) struct RunRecord {
    pub(super) version: &'static str,
    /// The published name of the network, or its file's.
    pub(super) network: String,
    /// Whether the run was given arrays or functions, which no command line has.
    pub(super) has_values: bool,
}

/// The measures of a sequence, with six decimals.
#[derive(Debug, Serialize)]
pub(super) struct MeasureRecord {
    /// Mean −ln p over the designed residues.
    pub(super) score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rescored: Option<f64>,
    /// Mean −ln p over all residues with a backbone.
    pub(super) global_score: Option<f64>,
    /// The fraction of designed residues with the native letter.
    pub(super) recovery: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overall_confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ligand_confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ligand_recovery: Option<f64>,
}

impl MeasureRecord {
    fn of(measures: &Measures, rescored: Option<f64>) -> MeasureRecord {
        let rounded = |value: Option<f64>| value.map(|value| (value * 1e6).round() / 1e6);
        let Measures { score, global_score, recovery, ligand } = *measures;
        MeasureRecord {
            score: rounded(score),
            rescored: rounded(rescored),
            global_score: rounded(global_score),
            recovery: rounded(recovery),
            overall_confidence: rounded(ligand.and_then(|ligand| ligand.overall_confidence)),
            ligand_confidence: rounded(ligand.and_then(|ligand| ligand.ligand_confidence)),
            ligand_recovery: rounded(ligand.and_then(|ligand| ligand.ligand_recovery)),
        }
    }
}

/// The native sequence.
#[derive(Debug, Serialize)]
pub(super) struct NativeRecord {
    pub(super) sequence: String,
    #[serde(flatten)]
    pub(super) measures: MeasureRecord,
    /// Its record of the FASTA file that the program writes.
    pub(super) fasta: String,
}

/// The file of a structure as it was read.
#[derive(Debug, Serialize)]
pub(super) struct PictureRecord {
    /// `pdb` or `cif`.
    ending: &'static str,
    text: String,
}

/// A structure that is designed.
#[derive(Debug, Serialize)]
pub(super) struct StructureRecord {
    /// What messages call the input.
    pub(super) input: String,
    pub(super) structure: StructureSummary,
    /// What is designed, fixed, tied, omitted and biased, in words.
    pub(super) plan: String,
    pub(super) warnings: Vec<String>,
    /// Whether each residue is designed, 1 or 0. `[N]`
    designed: String,
    pub(super) seed: u64,
    /// The settings that differ from the defaults.
    pub(super) settings: Map<String, Value>,
    /// The paths of the command line.
    pub(super) inputs: Vec<String>,
    pub(super) native: NativeRecord,
    /// p of the 20 amino acids given the backbone alone, in ten thousandths; none where the structure is too large for it.
    /// `[N, 20]`
    probabilities: Option<Vec<Vec<u16>>>,
    /// None where it is too large.
    picture: Option<PictureRecord>,
}

/// ln p of all letters at each residue, given the backbone alone. `[N, V]`
pub(super) type LogProbabilities = [[f32; VOCABULARY]];

impl StructureRecord {
    pub(super) fn of(
        native: &NativeOutcome<'_>,
        log_p: Option<&LogProbabilities>,
    ) -> Result<StructureRecord, PipelineError> {
        let target = native.target;
        let mut structure = describe(target.structure);
        // The page has no use for them, and they are many.
        structure.chains.iter_mut().flat_map(|chain| &mut chain.residues).for_each(|residue| residue.backbone = None);
        let amino_acids = |row: &[f32; VOCABULARY]| -> Vec<u16> {
            row[..Letter::X.index()].iter().map(|value| parts(value.exp(), PARTS_OF_HEAT)).collect()
        };
        Ok(StructureRecord {
            input: target.input.input.clone(),
            structure,
            plan: target.summary.to_owned(),
            warnings: target.input.warnings.clone(),
            designed: target.plan.designed.iter().map(|&designed| if designed { '1' } else { '0' }).collect(),
            seed: target.request.sampling.seed,
            settings: of_designs(target.request),
            inputs: match target.request.states.states {
                true => target.request.input.inputs.iter().map(|path| path.display().to_string()).collect(),
                false => vec![target.input.input.clone()],
            },
            native: NativeRecord {
                sequence: sequence_string(native.sequence),
                measures: MeasureRecord::of(&native.measures, native.rescored),
                fasta: text(|out| native.write_fasta(out)),
            },
            probabilities: log_p.map(|rows| rows.iter().map(amino_acids).collect()),
            picture: picture(target)?,
        })
    }
}

/// The structure as it was read: one model, one place for each atom, no water.
fn picture(target: &DesignTarget<'_>) -> Result<Option<PictureRecord>, PipelineError> {
    let structure = target.structure;
    let residues = structure.residues.len();
    let letters: Vec<Letter> = structure.residues.iter().map(|residue| residue.letter).collect();
    let atoms = structure.residues.iter().map(|residue| residue.atoms.len()).sum::<usize>();
    let (format, _) = choose_format(None, structure, atoms + structure.ligand_atoms.len());
    let mut bytes = Vec::new();
    WrittenStructure::of_design(structure, &vec![false; residues], &letters, &vec![0.0; residues])
        .and_then(|written| written.write(&mut bytes, format))
        .map_err(PipelineError::Unwritable)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok((text.len() <= MOST_PICTURED).then_some(PictureRecord { ending: format.ending(), text }))
}

/// A design.
#[derive(Debug, Serialize)]
pub(super) struct DesignRecord {
    /// The sample's number, from 1.
    pub(super) sample: u64,
    pub(super) temperature: f32,
    pub(super) sequence: String,
    #[serde(flatten)]
    pub(super) measures: MeasureRecord,
    #[serde(skip_serializing_if = "Option::is_none")]
    charge: Option<i32>,
    /// p of each letter given those decoded before it, in thousandths. `[N]`
    p: Vec<u16>,
    pub(super) fasta: String,
}

impl DesignRecord {
    pub(super) fn of(target: &DesignTarget<'_>, result: &DesignResult) -> DesignRecord {
        let design = &result.design;
        DesignRecord {
            sample: design.sample + 1,
            temperature: design.temperature,
            sequence: sequence_string(&design.sequence),
            measures: MeasureRecord::of(&result.measures, result.rescored),
            charge: target.goals(design).map(|goals| goals.charge),
            p: design.negative_log_likelihood.iter().map(|value| parts((-value).exp(), PARTS_OF_P)).collect(),
            fasta: text(|out| target.write_design(out, result)),
        }
    }
}

/// What is said at the end of a report.
#[derive(Debug, Default, Serialize)]
pub(super) struct EndRecord {
    /// Designs that the report has no room for.
    pub(super) designs_left_out: u64,
    /// Structures that the report has no room for.
    pub(super) structures_left_out: u64,
    /// A report of this size takes no more.
    pub(super) most_bytes: u64,
    /// Whether the run was stopped before its end.
    pub(super) stopped: bool,
    /// Inputs that could not be used, with the reason.
    pub(super) failed: Vec<FailedRecord>,
}

/// An input that could not be used.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FailedRecord {
    pub(super) input: String,
    pub(super) error: String,
}

impl EndRecord {
    /// What the reader has to know.
    pub(super) fn sentences(&self) -> Vec<String> {
        let EndRecord { designs_left_out, structures_left_out, most_bytes, stopped, failed } = self;
        let mut sentences = Vec::new();
        if *stopped {
            sentences.push("The run was stopped before its end.".to_owned());
        }
        if *designs_left_out > 0 {
            let of = match structures_left_out {
                0 => String::new(),
                1 => " and a structure".to_owned(),
                count => format!(" and {count} structures"),
            };
            let megabytes = *most_bytes as f64 / 1e6;
            sentences
                .push(format!("{designs_left_out} more designs{of} are left out: a report ends at {megabytes} MB."));
        }
        sentences.extend(failed.iter().map(|failed| format!("{} could not be used: {}", failed.input, failed.error)));
        sentences
    }
}

/// A probability in parts of 1; 0 for what is none.
fn parts(p: f32, of: f32) -> u16 {
    // A number that is not finite becomes 0.
    (p.clamp(0.0, 1.0) * of).round() as u16
}

/// What is written into memory, which takes all.
fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    let _ = write(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
