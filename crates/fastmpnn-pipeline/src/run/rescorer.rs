//! Scores of sequences in decoding orders that they were not drawn in.

use fastmpnn::Engine;
use fastmpnn::chemistry::Letter;
use fastmpnn::model::Encoding;
use fastmpnn::spec::{States, StatesPlan};

use crate::error::{InFile, PipelineError};
use crate::measure::{Measures, ScoreMask, mean};

/// Scores sequences of all states in orders of its own, as `score` does.
pub(super) struct Rescorer<'a> {
    pub(super) engine: &'a Engine,
    pub(super) states: &'a States,
    pub(super) tied: &'a StatesPlan,
    pub(super) encoding: &'a Encoding,
    pub(super) mask: &'a ScoreMask,
    /// What messages call the input.
    pub(super) file: &'a str,
}

impl Rescorer<'_> {
    /// The order that a sample is drawn in.
    pub(super) fn rank(&self, sample: u64) -> Result<Vec<u32>, PipelineError> {
        self.engine.decoding_rank(self.encoding, self.states.all(), &self.tied.all, sample).in_file(self.file)
    }

    /// The orders of the first samples.
    pub(super) fn ranks(&self, count: u32) -> Result<Vec<Vec<u32>>, PipelineError> {
        (0..u64::from(count)).map(|sample| self.rank(sample)).collect()
    }

    /// What is measured of a sequence of all states in an order.
    pub(super) fn measures(&self, sequence: &[Letter], rank: &[u32]) -> Result<Measures, PipelineError> {
        let states = self.states;
        let log_p = self.engine.autoregressive(self.encoding, states.all(), sequence, rank).in_file(self.file)?;
        let negative: Vec<f32> = log_p.iter().zip(sequence).map(|(row, letter)| -row[letter.index()]).collect();
        let of_protein = states.sequence(self.tied, sequence);
        Ok(self.mask.measure(&of_protein, &states.mean(&negative)))
    }

    /// The mean score in several orders; none where there is none.
    pub(super) fn mean_score(&self, sequence: &[Letter], ranks: &[Vec<u32>]) -> Result<Option<f64>, PipelineError> {
        let mut scores = Vec::new();
        for rank in ranks {
            scores.extend(self.measures(sequence, rank)?.score);
        }
        Ok(mean(&scores))
    }
}
