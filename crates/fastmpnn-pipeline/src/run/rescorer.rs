//! Scores of sequences in decoding orders that they were not drawn in.

use fastmpnn::chemistry::{Letter, Sequence, VOCABULARY};
use fastmpnn::model::Encoding;
use fastmpnn::spec::{States, StatesPlan};
use fastmpnn::{Engine, SequenceScorer};

use crate::error::{InFile, PipelineError};
use crate::measure::{Measures, ScoreMask, mean};

/// The orders in which a group of sequences is scored at a time.
const ORDERS_TOGETHER: usize = 32;

/// Scores sequences of all states in orders of its own, as `score` does.
pub(super) struct Rescorer<'a> {
    pub(super) engine: &'a Engine,
    pub(super) states: &'a States,
    pub(super) tied: &'a StatesPlan,
    pub(super) encoding: &'a Encoding,
    pub(super) mask: &'a ScoreMask,
    pub(super) sequences: SequenceScorer,
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
    pub(super) fn measures(&self, sequence: &Sequence, rank: &[u32]) -> Result<Measures, PipelineError> {
        let orders = &[rank.to_vec()];
        let log_p = self.sequences.log_probabilities(std::slice::from_ref(sequence), orders).in_file(self.file)?;
        Ok(self.measured(sequence, &log_p[0][0]))
    }

    fn measured(&self, sequence: &[Letter], log_p: &[[f32; VOCABULARY]]) -> Measures {
        let negative: Vec<f32> = log_p.iter().zip(sequence).map(|(row, letter)| -row[letter.index()]).collect();
        let of_protein = self.states.sequence(self.tied, sequence);
        self.mask.measure(&of_protein, &self.states.mean(&negative))
    }

    /// The mean score of each sequence in several orders; none where there is none.
    pub(super) fn mean_scores(
        &self,
        sequences: &[Sequence],
        ranks: &[Vec<u32>],
    ) -> Result<Vec<Option<f64>>, PipelineError> {
        let mut scores: Vec<Vec<f64>> = vec![Vec::new(); sequences.len()];
        for ranks in ranks.chunks(ORDERS_TOGETHER) {
            let log_p = self.sequences.log_probabilities(sequences, ranks).in_file(self.file)?;
            for ((sequence, orders), scores) in sequences.iter().zip(&log_p).zip(&mut scores) {
                scores.extend(orders.iter().filter_map(|log_p| self.measured(sequence, log_p).score));
            }
        }
        Ok(scores.iter().map(|scores| mean(scores)).collect())
    }
}
