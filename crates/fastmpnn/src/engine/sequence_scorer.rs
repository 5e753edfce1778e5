//! The likelihoods of many sequences on one structure.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::Engine;
use super::checks::{check_length, check_order};
use crate::chemistry::{Sequence, VOCABULARY};
use crate::decode::{Allowance, Designer, Reuse, Reused, SAMPLES_TOGETHER, Sampler};
use crate::error::EngineError;
use crate::model::{BLOCKS_A_SEQUENCE, EncodedGraph, Encoding, GivenGroup, Model, Network, Reservation};
use crate::score::log_likelihood;
use crate::structure::Structure;

/// Scores given sequences of one encoded structure, and keeps what they have in common from one call to the next. The
/// numbers are those of [`Engine::autoregressive`], bit for bit. It owns its data; clones share it.
#[derive(Clone, Debug)]
pub struct SequenceScorer(Arc<Prepared>);

/// The data that all sequences share.
#[derive(Debug)]
struct Prepared {
    network: Network,
    encoding: Arc<EncodedGraph>,
    structure: String,
    allowance: Allowance,
    reused: Arc<Reused>,
    /// The sequences and orders that were asked for so far, and those that are known to follow.
    asked: AtomicUsize,
}

/// The likelihoods of one sequence in one order: ln p of every letter at every residue, nats. `[N, V]`
pub type LogProbabilities = Vec<[f32; VOCABULARY]>;

/// How the sequences of an order are divided among the threads.
struct Shares {
    /// Sequences a group.
    together: usize,
    /// Groups that are decoded at a time.
    at_once: usize,
    /// Threads that work on a layer of a group.
    helpers: usize,
    _memory: Reservation,
}

impl Engine {
    /// Prepares to score sequences.
    ///
    /// # Errors
    /// [`EngineError::OtherNetwork`] and [`EngineError::OtherStructure`] if the encoding does not fit.
    pub fn sequence_scorer(&self, encoding: &Encoding, structure: &Structure) -> Result<SequenceScorer, EngineError> {
        let prepared = Prepared {
            network: self.network.clone(),
            encoding: self.states_of(encoding, structure)?.clone(),
            structure: structure.name.clone(),
            allowance: self.allowance(),
            reused: Arc::default(),
            asked: AtomicUsize::new(0),
        };
        Ok(SequenceScorer(Arc::new(prepared)))
    }
}

impl Designer {
    /// A scorer of sequences of the structure that shares with the samples what they have in common. `following` is the
    /// number of sequences that are going to be drawn or scored: what they share is kept from the first one on.
    pub fn sequence_scorer(&self, following: usize) -> SequenceScorer {
        let Sampler { network, encoding, allowance, reused, .. } = self.sampler();
        let prepared = Prepared {
            network: network.clone(),
            encoding: encoding.clone(),
            structure: self.structure().to_owned(),
            allowance: allowance.clone(),
            reused: reused.clone(),
            // More than this make no difference.
            asked: AtomicUsize::new(following.min(1 << 20)),
        };
        SequenceScorer(Arc::new(prepared))
    }
}

impl SequenceScorer {
    /// ln p of every letter at every residue of each of S sequences, in each of R decoding orders, which are given as the
    /// rank of each residue: a residue sees the letters of those with a smaller rank. `[S, R]` of `[N, V]`, nats
    ///
    /// Sequences that differ in a few letters, such as mutants, take less time than unrelated ones if they are in one call.
    ///
    /// # Errors
    /// [`EngineError::SequenceLength`] and [`EngineError::Order`] if a sequence or an order does not fit the structure.
    pub fn log_probabilities(
        &self,
        sequences: &[Sequence],
        ranks: &[Vec<u32>],
    ) -> Result<Vec<Vec<LogProbabilities>>, EngineError> {
        let Prepared { network, encoding, structure, allowance, reused, asked } = &*self.0;
        let residues = encoding.graph.len();
        sequences.iter().try_for_each(|sequence| check_length(structure, residues, sequence))?;
        ranks.iter().try_for_each(|rank| check_order(structure, residues, rank))?;
        let passes = sequences.len() * ranks.len();
        let asked = asked.fetch_add(passes, Ordering::Relaxed) + passes;
        reused.keep(network, encoding, allowance, asked, Reuse::default());
        let Shares { together, at_once, helpers, _memory } = self.shares(sequences.len(), ranks.len());
        // Every group of mutants begins with the same sequence, so that only the states that differ from it are computed.
        let first = sequences.first().filter(|first| are_mutants(first, sequences));
        let groups: Vec<(&[u32], &[Sequence])> = ranks
            .iter()
            .flat_map(|rank| sequences.chunks(together).map(move |sequences| (&rank[..], sequences)))
            .collect();
        let of_group = |&(rank, sequences): &(&[u32], &[Sequence])| -> Vec<LogProbabilities> {
            let added = first.filter(|first| sequences.first() != Some(first));
            let all: Vec<Sequence> = added.into_iter().chain(sequences).cloned().collect();
            let group = GivenGroup { sequences: &all, rank, helpers, memo: reused.memo() };
            let logits = Model::teacher_force_group(network, encoding, group);
            let of_sequences = logits.into_iter().skip(all.len() - sequences.len());
            of_sequences.map(|rows| rows.iter().map(log_likelihood).collect()).collect()
        };
        // Where memory allows less than a group for each thread, one wave after another.
        let wave = if at_once < network.workers.threads() { at_once } else { groups.len().max(1) };
        let mut results: Vec<Vec<LogProbabilities>> =
            sequences.iter().map(|_| Vec::with_capacity(ranks.len())).collect();
        let mut place = 0;
        network.workers.install(|| {
            for wave in groups.chunks(wave) {
                let computed: Vec<Vec<LogProbabilities>> = wave.par_iter().map(of_group).collect();
                for log_p in computed.into_iter().flatten() {
                    results[place % sequences.len()].push(log_p);
                    place += 1;
                }
            }
        });
        Ok(results)
    }

    /// Few groups: each thread a share. Many: as many sequences together as fit the caches, and memory.
    fn shares(&self, sequences: usize, orders: usize) -> Shares {
        let Prepared { network, encoding, allowance, .. } = &*self.0;
        let threads = network.workers.threads();
        let block = (encoding.nodes.len() * size_of::<f32>()).max(1) as u64;
        // A group has the terms without letters and the blocks of its sequences.
        let of_groups =
            |groups: usize, together: usize| groups as u64 * (1 + BLOCKS_A_SEQUENCE * (together as u64 + 1)) * block;
        let mut memory = allowance.for_samples(of_groups(threads, SAMPLES_TOGETHER));
        let blocks = memory.bytes() / block;
        let at_once = ((blocks / (1 + BLOCKS_A_SEQUENCE)) as usize).clamp(1, threads);
        let affordable = ((blocks / at_once as u64).saturating_sub(1) / BLOCKS_A_SEQUENCE).saturating_sub(1);
        let affordable = affordable.clamp(1, SAMPLES_TOGETHER as u64) as usize;
        // Mutants save more the more of them are together: groups are divided only for threads without work.
        let wanted = sequences.div_ceil(at_once.div_ceil(orders.max(1)).max(1)).max(1);
        let together = sequences.div_ceil(sequences.div_ceil(wanted.min(affordable)).max(1)).max(1);
        let groups = (sequences.div_ceil(together) * orders).max(1);
        memory.resize(of_groups(groups.min(at_once), together));
        Shares { together, at_once, helpers: threads.div_ceil(groups.min(at_once)), _memory: memory }
    }
}

/// Whether most letters of the sequences are those of the first.
fn are_mutants(first: &Sequence, sequences: &[Sequence]) -> bool {
    const OF_RESIDUES: usize = 8;
    let differences = |sequence: &Sequence| sequence.iter().zip(first).filter(|(one, other)| one != other).count();
    let total: usize = sequences.iter().map(differences).sum();
    OF_RESIDUES * total <= first.len() * (sequences.len() - 1)
}
