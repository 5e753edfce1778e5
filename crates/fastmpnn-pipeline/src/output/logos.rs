//! Sequence logos: of the probabilities of a structure, and of the letters of its designs.

use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::structure::{ResidueId, Structure};

use super::{DesignResult, DesignTarget, FileOfEach};
use crate::draw::{Logo, LogoAxis};
use crate::error::PipelineError;
use crate::request::{LogoSettings, ProbabilityMode};

/// The files of logos that a request asks for.
pub(crate) struct LogoFiles<'a> {
    files: FileOfEach<'a>,
    axis: LogoAxis,
}

impl<'a> LogoFiles<'a> {
    /// None where a request asks for none.
    pub(crate) fn open(settings: &'a LogoSettings, structures: usize) -> Result<Option<LogoFiles<'a>>, PipelineError> {
        let LogoSettings { logo, logo_axis: axis } = settings;
        let files = logo.as_deref().map(|path| FileOfEach::open("logo", path, "svg", structures)).transpose()?;
        Ok(files.map(|files| LogoFiles { files, axis: *axis }))
    }

    /// Draws the probabilities of a structure, given as ln p. `[N, V]`
    pub(crate) fn draw(
        &self,
        structure: &Structure,
        mode: ProbabilityMode,
        log_p: &[[f32; VOCABULARY]],
    ) -> Result<(), PipelineError> {
        let given = match mode {
            ProbabilityMode::Unconditional => "the backbone alone",
            ProbabilityMode::Conditional => "all other residues",
            ProbabilityMode::Autoregressive => "the residues before each one in a decoding order",
        };
        let resolved: Vec<bool> = (0..log_p.len()).map(|residue| structure.is_resolved(residue)).collect();
        // Without a backbone the numbers mean nothing.
        let row = |(row, &resolved): (&[f32; VOCABULARY], &bool)| match resolved {
            true => row.map(f32::exp),
            false => [0.0; VOCABULARY],
        };
        let probabilities: Vec<[f32; VOCABULARY]> = log_p.iter().zip(&resolved).map(row).collect();
        let ids: Vec<ResidueId> = structure.residues.iter().map(|residue| residue.id.clone()).collect();
        let native: Vec<Letter> = structure.residues.iter().map(|residue| residue.letter).collect();
        let logo = Logo {
            title: &format!("{}: p of the amino acids, given {given}", structure.name),
            note: "",
            residues: &ids,
            native: &native,
            designed: &vec![true; ids.len()],
            probabilities: &probabilities,
            axis: self.axis,
        };
        self.files.write(&structure.name, &logo.svg())
    }
}

/// Counts the letters at each residue of the designs of a structure, and draws them before the structure counts as
/// finished: a run that is continued later finds the logos of what it does not draw again.
pub(crate) struct DesignLogos<'a> {
    files: LogoFiles<'a>,
    counts: Option<LetterCounts>,
}

/// The letters of the designs of a structure.
struct LetterCounts {
    name: String,
    residues: Vec<ResidueId>,
    native: Vec<Letter>,
    designed: Vec<bool>,
    designs: usize,
    /// The temperatures of the designs, in their order.
    temperatures: Vec<f32>,
    /// `[N, V]`
    counts: Vec<[f32; VOCABULARY]>,
}

impl<'a> DesignLogos<'a> {
    pub(crate) fn new(files: LogoFiles<'a>) -> DesignLogos<'a> {
        DesignLogos { files, counts: None }
    }

    /// Begins a structure.
    pub(crate) fn begin(&mut self, target: &DesignTarget<'_>, native: &[Letter]) {
        let (structure, plan) = (target.structure, target.plan);
        self.counts = Some(LetterCounts {
            name: structure.name.clone(),
            residues: structure.residues.iter().map(|residue| residue.id.clone()).collect(),
            native: native.to_vec(),
            designed: plan.designed.clone(),
            designs: 0,
            temperatures: Vec::new(),
            counts: vec![[0.0; VOCABULARY]; structure.residues.len()],
        });
    }

    /// Adds some of its designs.
    pub(crate) fn add(&mut self, designs: &[DesignResult]) {
        if let Some(counts) = &mut self.counts {
            designs.iter().for_each(|result| counts.add(&result.design.sequence, result.design.temperature));
        }
    }

    /// Draws the letters of the designs that were added, where there are any.
    pub(crate) fn end(&mut self) -> Result<(), PipelineError> {
        match self.counts.take() {
            Some(counts) if counts.designs > 0 => self.files.files.write(&counts.name, &counts.svg(self.files.axis)),
            _ => Ok(()),
        }
    }
}

impl LetterCounts {
    fn add(&mut self, sequence: &[Letter], temperature: f32) {
        self.designs += 1;
        if !self.temperatures.contains(&temperature) {
            self.temperatures.push(temperature);
        }
        for (counts, letter) in self.counts.iter_mut().zip(sequence) {
            counts[letter.index()] += 1.0;
        }
    }

    fn svg(&self, axis: LogoAxis) -> String {
        let temperatures: Vec<String> = self.temperatures.iter().map(ToString::to_string).collect();
        let noun = if self.designs == 1 { "design" } else { "designs" };
        Logo {
            title: &format!("{}: letters of {} {noun}, T = {}", self.name, self.designs, temperatures.join(", ")),
            note: "",
            residues: &self.residues,
            native: &self.native,
            designed: &self.designed,
            probabilities: &self.counts,
            axis,
        }
        .svg()
    }
}
