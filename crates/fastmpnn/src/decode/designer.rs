//! Draws sequences for one structure under one plan.

use std::ops::Range;

use super::letter::Draw;
use super::memory::{EdgeCache, MemoryLimit, Reuse};
use super::order::{Orders, fixed_order};
use super::random::{Purpose, RandomStream};
use super::sampler::{Decoded, LetterSource, ReadyGroup, Sampler};
use crate::chemistry::{Letter, Sequence, VOCABULARY};
use crate::model::{Encoding, Model, Workers};
use crate::score::log_likelihood;
use crate::spec::DesignPlan;
use crate::structure::Structure;

/// A sequence drawn for a structure.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// Which sample it is, from 0; with the seed it determines everything else.
    pub sample: u64,
    /// The temperature it was drawn at.
    pub temperature: f32,
    /// A letter for each residue; fixed and masked ones keep their own. `[N]`
    pub sequence: Sequence,
    /// −ln p of each letter given those decoded before it, at T = 1 and without biases, nats. `[N]`
    pub negative_log_likelihood: Vec<f32>,
    /// The place of each residue in the decoding order. `[N]`
    pub rank: Vec<u32>,
}

/// Draws sequences for one encoded structure. What all samples have in common, the states of the fixed residues, is
/// computed when it is made.
#[derive(Debug)]
pub struct Designer<'a> {
    model: &'a Model,
    workers: &'a Workers,
    encoding: &'a Encoding,
    plan: &'a DesignPlan,
    stream: RandomStream,
    orders: Orders,
    pub(crate) sampler: Sampler<'a>,
}

impl<'a> Designer<'a> {
    pub(crate) fn new(
        (model, workers): (&'a Model, &'a Workers),
        encoding: &'a Encoding,
        (structure, plan): (&Structure, &'a DesignPlan),
        seed: u64,
    ) -> Designer<'a> {
        let order = fixed_order(plan, &RandomStream::new(seed, structure));
        Designer::in_order((model, workers), encoding, (structure, plan), (seed, &order))
    }

    /// With the fixed residues decoded in that order.
    pub(crate) fn in_order(
        (model, workers): (&'a Model, &'a Workers),
        encoding: &'a Encoding,
        (structure, plan): (&Structure, &'a DesignPlan),
        (seed, order): (u64, &[u32]),
    ) -> Designer<'a> {
        let native = structure.residues.iter().map(|residue| residue.letter).collect();
        let drawn = (&plan.designed[..], &plan.ties[..]);
        Designer {
            model,
            workers,
            encoding,
            plan,
            stream: RandomStream::new(seed, structure),
            orders: Orders::new(&encoding.graph, plan),
            sampler: Sampler::new((model, workers), encoding, native, drawn, order),
        }
    }

    /// With that much memory to spend; half of what is free otherwise.
    pub fn with_memory_limit(mut self, limit: MemoryLimit) -> Designer<'a> {
        self.sampler.limit = limit;
        self
    }

    /// Keeping no more than that. What is with the encoding already is used all the same.
    pub fn with_reuse(mut self, reuse: Reuse) -> Designer<'a> {
        self.sampler.reuse = reuse;
        self
    }

    /// Decoding one residue after another, as the published code does: the same designs, later.
    pub fn one_at_a_time(mut self) -> Designer<'a> {
        self.sampler.one_at_a_time = true;
        self
    }

    /// What becomes of the decoder's edge terms when more than one sequence is drawn.
    pub fn edge_cache(&self) -> EdgeCache {
        self.sampler.edge_cache()
    }

    /// Draws the samples of a range at a temperature.
    pub fn sample(&self, samples: Range<u64>, temperature: f32) -> Vec<Design> {
        let orders: Vec<(u64, Vec<u32>)> =
            samples.map(|sample| (sample, self.orders.sample(&self.stream, sample))).collect();
        self.sample_in_orders(&orders, temperature)
    }

    /// Draws each sample in the order that comes with it: the designed residues, first decoded first.
    pub(crate) fn sample_in_orders(&self, orders: &[(u64, Vec<u32>)], temperature: f32) -> Vec<Design> {
        let source = PlannedLetters { plan: self.plan, stream: &self.stream, temperature };
        let decoded = self.sampler.run(orders, &source);
        decoded.into_iter().map(|sample| self.finish(sample, temperature)).collect()
    }

    fn finish(&self, decoded: Decoded, temperature: f32) -> Design {
        let Decoded { sample, sequence, rank, mut logits } = decoded;
        if !self.plan.ties.is_empty() {
            // Tied members were decoded before the letters of their group were known: with the letters, the
            // likelihood is what scoring the finished sequence gives.
            logits = self.model.teacher_force(self.encoding, self.workers, &sequence, &rank);
        }
        let negative_log_likelihood = negative_log_likelihood(&logits, &sequence);
        Design { sample, temperature, negative_log_likelihood, sequence, rank }
    }
}

/// Letters by a plan, from our own random stream.
struct PlannedLetters<'a> {
    plan: &'a DesignPlan,
    stream: &'a RandomStream,
    temperature: f32,
}

impl LetterSource for PlannedLetters<'_> {
    fn letter(&self, group: &ReadyGroup<'_>) -> Letter {
        let key = group.members[0];
        let logits = match group.tie {
            None => group.logits[0],
            Some(tie) => weighted_mean(group.logits, &self.plan.ties[tie].weights),
        };
        Draw {
            bias: &self.plan.bias[key],
            omitted: self.plan.omitted[key],
            temperature: self.temperature,
            uniform: self.stream.uniform(Purpose::Letter, group.sample, key),
        }
        .letter(&logits)
    }
}

/// Σ weight · logits / n over the n members of a tied group.
fn weighted_mean(logits: &[[f32; VOCABULARY]], weights: &[f32]) -> [f32; VOCABULARY] {
    let mut sum = [0.0; VOCABULARY];
    for (logits, &weight) in logits.iter().zip(weights) {
        for (total, logit) in sum.iter_mut().zip(logits) {
            *total += weight * logit / weights.len() as f32;
        }
    }
    sum
}

fn negative_log_likelihood(logits: &[[f32; VOCABULARY]], sequence: &[Letter]) -> Vec<f32> {
    logits.iter().zip(sequence).map(|(logits, &letter)| -log_likelihood(logits)[letter.index()]).collect()
}
