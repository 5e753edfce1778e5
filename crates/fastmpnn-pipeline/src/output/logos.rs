//! Sequence logos: of the probabilities of a structure, and of the letters of its designs.

use std::ops::ControlFlow;

use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::structure::{ResidueId, Structure};

use super::FileOfEach;
use crate::draw::{Logo, LogoAxis};
use crate::error::PipelineError;
use crate::event::{Event, Observer, Outcome};
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

/// Listens to a run of `design`, counts the letters at each residue, and draws them when the next structure begins.
pub(crate) struct DesignLogos<'a> {
    files: Option<LogoFiles<'a>>,
    observer: &'a mut dyn Observer,
    counts: Option<LetterCounts>,
    error: Option<PipelineError>,
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
    pub(crate) fn new(files: Option<LogoFiles<'a>>, observer: &'a mut dyn Observer) -> DesignLogos<'a> {
        DesignLogos { files, observer, counts: None, error: None }
    }

    /// Draws the last structure. The error is that of the first logo that could not be written.
    pub(crate) fn finish(&mut self) -> Result<(), PipelineError> {
        self.draw();
        self.error.take().map_or(Ok(()), Err)
    }

    fn listen(&mut self, outcome: &Outcome<'_>) {
        match outcome {
            Outcome::Native(native) => {
                self.draw();
                let (structure, plan) = (native.target.structure, native.target.plan);
                self.counts = Some(LetterCounts {
                    name: structure.name.clone(),
                    residues: structure.residues.iter().map(|residue| residue.id.clone()).collect(),
                    native: native.sequence.to_vec(),
                    designed: plan.designed.clone(),
                    designs: 0,
                    temperatures: Vec::new(),
                    counts: vec![[0.0; VOCABULARY]; structure.residues.len()],
                });
            }
            Outcome::Design(design) => {
                if let Some(counts) = &mut self.counts {
                    counts.add(&design.result.design.sequence, design.result.design.temperature);
                }
            }
            _ => {}
        }
    }

    fn draw(&mut self) {
        let (Some(files), Some(counts)) = (&self.files, self.counts.take()) else { return };
        if self.error.is_none() && counts.designs > 0 {
            self.error = files.files.write(&counts.name, &counts.svg(files.axis)).err();
        }
    }
}

impl Observer for DesignLogos<'_> {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        if let (Some(_), Event::Result(outcome)) = (&self.files, &event) {
            self.listen(outcome);
        }
        let answer = self.observer.observe(event);
        if self.error.is_some() { ControlFlow::Break(()) } else { answer }
    }

    fn field_name(&self, field: &str) -> String {
        self.observer.field_name(field)
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
