//! A protein that is designed, and the headers of its FASTA records.

use std::io::{self, Write};

use fastmpnn::Engine;
use fastmpnn::chemistry::{Letter, net_charge};
use fastmpnn::decode::Design;
use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::Structure;
use fastmpnn::write::{GoalMeasures, write_record};

use super::design_settings::InputRecord;
use super::structure_files::StateStructures;
use super::{Sample, first_word};
use crate::input::InputIdentity;
use crate::measure::{Measures, four_decimals};
use crate::request::DesignRequest;

/// A protein that is designed.
#[derive(Debug)]
pub struct DesignTarget<'a> {
    /// The request.
    pub request: &'a DesignRequest,
    /// The published name of the network.
    pub checkpoint: &'a str,
    /// The protein, in the first of its states.
    pub structure: &'a Structure,
    /// The plan for it.
    pub plan: &'a DesignPlan,
    /// What is designed, fixed, tied, omitted and biased, in words.
    pub summary: &'a str,
    pub(crate) states: &'a StateStructures<'a>,
    pub(crate) input: InputRecord,
    /// What the designs depend on, where the output asks for it.
    pub(crate) identity: Option<&'a InputIdentity>,
}

/// What a target is made of.
pub(crate) struct TargetParts<'a> {
    pub(crate) request: &'a DesignRequest,
    pub(crate) engine: &'a Engine,
    /// What messages call the input.
    pub(crate) file: &'a str,
    pub(crate) structure: &'a Structure,
    pub(crate) states: &'a StateStructures<'a>,
    pub(crate) plan: &'a DesignPlan,
    pub(crate) summary: &'a str,
    /// The warnings of the structure and the plan, in the words of the front end.
    pub(crate) warnings: Vec<String>,
    pub(crate) identity: Option<&'a InputIdentity>,
}

impl<'a> DesignTarget<'a> {
    pub(crate) fn new(parts: TargetParts<'a>) -> DesignTarget<'a> {
        let TargetParts { request, engine, file, structure, states, plan, summary, warnings, identity } = parts;
        let input = InputRecord {
            input: file.to_owned(),
            name: structure.name.clone(),
            model_number: structure.model_number,
            residues: structure.residues.len(),
            designed: plan.designed_count(),
            plan: summary.to_owned(),
            warnings,
        };
        DesignTarget {
            request,
            checkpoint: engine.checkpoint_name(),
            structure,
            plan,
            summary,
            states,
            input,
            identity,
        }
    }

    /// What a sample is called in file names and at the beginning of a header.
    fn stem(&self, sample: Sample) -> String {
        sample.stem(&self.structure.name, self.request.several_temperatures())
    }

    /// `5L33_3 5L33`: the first word is the record's own.
    fn title(&self, sample: Sample) -> String {
        format!("{} {}", first_word(&self.stem(sample)), self.structure.name)
    }

    /// `score=0.8123, rescored=0.8342, global_score=0.8123`
    fn scores(&self, measures: &Measures, rescored: Option<f64>) -> String {
        let (score, global_score) = (four_decimals(measures.score), four_decimals(measures.global_score));
        let rescored = match self.request.rescore_orders {
            Some(_) => format!(", rescored={}", four_decimals(rescored)),
            None => String::new(),
        };
        format!("score={score}{rescored}, global_score={global_score}")
    }

    /// What the goals for whole sequences came to in a design; none without goals.
    pub fn goals(&self, design: &Design) -> Option<GoalMeasures> {
        let measures = || GoalMeasures {
            charge: net_charge(&design.sequence),
            // Goals that every sequence meets cost nothing.
            constraint_cost: design.constraint_cost.unwrap_or(0.0),
        };
        (!self.plan.constraints.is_empty()).then(measures)
    }

    pub(crate) fn write_native(&self, out: &mut dyn Write, native: &NativeOutcome<'_>) -> io::Result<()> {
        let header = format!(
            "{}, native, {}{}, designed={}, seed={}, model={}",
            self.title(Sample::NATIVE),
            self.scores(&native.measures, native.rescored),
            confidences(&native.measures),
            designed_ranges(self.summary),
            self.request.sampling.seed,
            self.checkpoint
        );
        self.write_record(out, &header, native.sequence)
    }

    pub(crate) fn write_design(&self, out: &mut dyn Write, result: &DesignResult) -> io::Result<()> {
        let DesignResult { design, measures, rescored } = result;
        let ligand_recovery = measures
            .ligand
            .map_or_else(String::new, |ligand| format!(", ligand_recovery={}", four_decimals(ligand.ligand_recovery)));
        let goals = self.goals(design).map_or_else(String::new, |goals| {
            let cost = four_decimals(Some(goals.constraint_cost));
            format!(", charge={}, constraint_cost={cost}", goals.charge)
        });
        let header = format!(
            "{}, sample={}, T={}, {}, recovery={}{}{ligand_recovery}{goals}, seed={}",
            self.title(Sample::of(design)),
            design.sample + 1,
            design.temperature,
            self.scores(measures, *rescored),
            four_decimals(measures.recovery),
            confidences(measures),
            self.request.sampling.seed
        );
        self.write_record(out, &header, &design.sequence)
    }

    fn write_record(&self, mut out: &mut dyn Write, header: &str, sequence: &[Letter]) -> io::Result<()> {
        write_record(&mut out, header, self.structure, sequence, self.request.folder.chain_separator)
    }
}

/// The native sequence of a protein that is about to be designed.
#[derive(Debug)]
pub struct NativeOutcome<'a> {
    /// The protein.
    pub target: &'a DesignTarget<'a>,
    /// Its letters. `[N]`
    pub sequence: &'a [Letter],
    /// Their measures, in the decoding order of the first sample.
    pub measures: Measures,
    /// The mean of their scores in random orders, if requested.
    pub rescored: Option<f64>,
}

impl NativeOutcome<'_> {
    /// Writes it as a FASTA record.
    pub fn write_fasta(&self, out: &mut dyn Write) -> io::Result<()> {
        self.target.write_native(out, self)
    }
}

/// A design and the protein that it is of.
#[derive(Debug)]
pub struct DesignOutcome<'a> {
    /// The protein.
    pub target: &'a DesignTarget<'a>,
    /// The design.
    pub result: &'a DesignResult,
}

impl DesignOutcome<'_> {
    /// Writes it as a FASTA record.
    pub fn write_fasta(&self, out: &mut dyn Write) -> io::Result<()> {
        self.target.write_design(out, self.result)
    }
}

/// A design with its measures.
#[derive(Clone, Debug, PartialEq)]
pub struct DesignResult {
    /// Its letters and their −ln p.
    pub design: Design,
    /// Their measures.
    pub measures: Measures,
    /// The mean of its scores in random orders, if requested.
    pub rescored: Option<f64>,
}

/// The fields of a header about ligands; none where the network does not see them.
fn confidences(measures: &Measures) -> String {
    measures.ligand.map_or_else(String::new, |ligand| {
        format!(
            ", overall_confidence={}, ligand_confidence={}",
            four_decimals(ligand.overall_confidence),
            four_decimals(ligand.ligand_confidence)
        )
    })
}

/// `A1-106` of `designs A1-106 (106 residues); fixes …`
fn designed_ranges(summary: &str) -> &str {
    let clause = summary.split(" (").next().unwrap_or_default();
    clause.strip_prefix("designs ").unwrap_or(clause)
}
