//! Draws sequences for one structure under one plan, level by level.

use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::letter::Draw;
use super::memory::{EdgeCache, MemoryLimit};
use super::order::{Group, Orders, Schedule, fixed_order};
use super::random::{Purpose, RandomStream};
use crate::chemistry::{Letter, Sequence, VOCABULARY};
use crate::model::{Decoding, Encoding, Item, MessageMemo, Model, NO_LETTER, SHARED, Seen, UNDECODED, Workers, seen};
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

/// Most samples that are decoded together. More would fill the caches; fewer would make the node products small.
const SAMPLES_TOGETHER: usize = 32;

/// From so many samples on, messages of the first layer come up often enough to be worth remembering.
const SAMPLES_TO_REMEMBER: usize = 4;

/// Most items in one task, for the same reasons.
const ITEMS_A_TASK: usize = 48;

/// Draws sequences for one encoded structure. What all samples have in common, the states of the fixed residues, is
/// computed when it is made.
#[derive(Debug)]
pub struct Designer<'a> {
    model: &'a Model,
    workers: &'a Workers,
    encoding: &'a Encoding,
    plan: &'a DesignPlan,
    native: Sequence,
    stream: RandomStream,
    orders: Orders,
    limit: MemoryLimit,
    fixed_rank: Vec<u32>,
    fixed_count: usize,
    shared: Decoding,
    shared_logits: Vec<(u32, [f32; VOCABULARY])>,
    /// The first decoder layer's messages, once many samples are asked for.
    memo: OnceLock<MessageMemo>,
    /// Decode one residue after another, as the published code does.
    #[cfg(test)]
    pub(crate) one_at_a_time: bool,
}

/// A sample on its way.
struct Sample {
    number: u64,
    schedule: Schedule,
    sequence: Sequence,
    /// What later residues see of each one's letter.
    seen: Vec<Seen>,
    logits: Vec<[f32; VOCABULARY]>,
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
        let mut designer = Designer {
            model,
            workers,
            encoding,
            plan,
            native: structure.residues.iter().map(|residue| residue.letter).collect(),
            stream: RandomStream::new(seed, structure),
            orders: Orders::new(&encoding.graph, plan),
            limit: MemoryLimit::half_of_free(),
            fixed_rank: Vec::new(),
            fixed_count: order.len(),
            shared: model.begin_decoding(encoding),
            shared_logits: Vec::new(),
            memo: OnceLock::new(),
            #[cfg(test)]
            one_at_a_time: false,
        };
        designer.decode_fixed(order);
        designer
    }

    /// With that much memory to spend; half of what is free otherwise.
    pub fn with_memory_limit(self, limit: MemoryLimit) -> Designer<'a> {
        Designer { limit, ..self }
    }

    /// What becomes of the decoder's edge terms when more than one sequence is drawn.
    pub fn edge_cache(&self) -> EdgeCache {
        self.limit.edge_cache(self.model.projection_bytes(self.encoding))
    }

    /// Draws the samples of a range at a temperature.
    pub fn sample(&self, samples: Range<u64>, temperature: f32) -> Vec<Design> {
        let orders: Vec<(u64, Vec<u32>)> =
            samples.map(|sample| (sample, self.orders.sample(&self.stream, sample))).collect();
        self.sample_in_orders(orders, temperature)
    }

    /// Draws each sample in the order that comes with it: the designed residues, first decoded first.
    pub(crate) fn sample_in_orders(&self, orders: Vec<(u64, Vec<u32>)>, temperature: f32) -> Vec<Design> {
        // One sequence asks for each edge's term once: keeping them would only cost memory.
        if orders.len() > 1 && matches!(self.edge_cache(), EdgeCache::Kept(_)) {
            self.model.keep_projections(self.encoding, self.workers);
        }
        if orders.len() >= SAMPLES_TO_REMEMBER {
            let graph = &self.encoding.graph;
            let edges = graph.len() * graph.degree();
            let most = self.limit.0 / 2 / MessageMemo::bytes_a_message(self.model.stride());
            self.memo.get_or_init(|| MessageMemo::new(edges, most as usize));
        }
        // Few samples: each thread a share. Many: as many together as fit the caches, and memory.
        let bytes = Decoding::bytes_a_sample(self.model, self.encoding) * self.workers.threads() as u64;
        let affordable = (self.limit.0 / 2 / bytes.max(1)).clamp(1, SAMPLES_TOGETHER as u64) as usize;
        // As many groups for each thread, and all of a size: they end together.
        let threads = self.workers.threads();
        let rounds = orders.len().div_ceil(threads * affordable).max(1);
        let together = orders.len().div_ceil(threads * rounds).max(1);
        let groups = orders.len().div_ceil(together);
        // Threads that have no group of their own help with the levels of the others. More tasks than that would read
        // the weights more often than there is work for them.
        let helpers = threads.div_ceil(groups.max(1));
        self.workers.install(|| {
            orders
                .par_chunks(together)
                .flat_map_iter(|orders| self.sample_group(orders, temperature, helpers))
                .collect()
        })
    }

    fn decode_fixed(&mut self, order: &[u32]) {
        let schedule = Schedule::of_fixed(&self.encoding.graph, order);
        for level in 0..schedule.levels() {
            let items: Vec<Item> =
                schedule.states[level].iter().map(|&residue| Item { block: SHARED as u32, residue }).collect();
            let rank = &schedule.rank;
            let before = |item: Item, neighbour: u32| rank[neighbour as usize] < rank[item.residue as usize];
            let sight =
                |item: Item, neighbour: u32| (if before(item, neighbour) { SHARED } else { UNDECODED }, NO_LETTER);
            let logits = self.workers.install(|| {
                let machine = (self.model, self.workers, self.workers.threads());
                decode_level(machine, (self.encoding, None), &mut self.shared, &items, sight)
            });
            self.shared_logits.extend(items.iter().map(|item| item.residue).zip(logits));
            for group in &schedule.letters[level] {
                if let Group::Single(residue) = *group {
                    let item = Item { block: SHARED as u32, residue };
                    self.model.record_letter(&mut self.shared, item, self.native[residue as usize]);
                }
            }
        }
        self.fixed_rank = schedule.rank;
    }

    fn sample_group(&self, orders: &[(u64, Vec<u32>)], temperature: f32, helpers: usize) -> Vec<Design> {
        let mut samples: Vec<Sample> = orders.iter().map(|(number, order)| self.begin(*number, order)).collect();
        let mut decoding = self.shared.with_samples(samples.len());
        let levels = samples.iter().map(|sample| sample.schedule.levels()).max().unwrap_or(0);
        let mut items = Vec::new();
        for level in 0..levels {
            items.clear();
            for (index, sample) in samples.iter().enumerate() {
                let block = (SHARED + 1 + index) as u32;
                let states = sample.schedule.states.get(level).into_iter().flatten();
                items.extend(states.map(|&residue| Item { block, residue }));
            }
            let sight = |item: Item, neighbour: u32| {
                let sample = &samples[item.block as usize - SHARED - 1];
                let (rank, neighbour) = (&sample.schedule.rank, neighbour as usize);
                if rank[neighbour] >= rank[item.residue as usize] {
                    (UNDECODED, NO_LETTER)
                } else if self.plan.designed[neighbour] {
                    (item.block as usize, sample.seen[neighbour])
                } else {
                    (SHARED, sample.seen[neighbour])
                }
            };
            let machine = (self.model, self.workers, helpers);
            let logits = decode_level(machine, (self.encoding, self.memo.get()), &mut decoding, &items, sight);
            for (item, logits) in items.iter().zip(logits) {
                samples[item.block as usize - SHARED - 1].logits[item.residue as usize] = logits;
            }
            for (index, sample) in samples.iter_mut().enumerate() {
                self.draw_letters((level, temperature), (SHARED + 1 + index) as u32, sample, &mut decoding);
            }
        }
        samples.into_iter().map(|sample| self.finish(sample, temperature)).collect()
    }

    fn begin(&self, number: u64, order: &[u32]) -> Sample {
        let graph = &self.encoding.graph;
        let mut schedule = Schedule::of_designed(graph, self.plan, self.fixed_count, order);
        #[cfg(test)]
        if self.one_at_a_time {
            schedule = schedule.one_at_a_time(self.plan);
        }
        let mut logits = vec![self.model.logits_of_masked(); graph.len()];
        for &(residue, shared) in &self.shared_logits {
            logits[residue as usize] = shared;
        }
        for (rank, &fixed) in schedule.rank.iter_mut().zip(&self.fixed_rank) {
            *rank = (*rank).min(fixed);
        }
        let letters = self.native.iter().zip(&self.plan.designed);
        let seen = letters.map(|(&letter, &designed)| if designed { NO_LETTER } else { seen(letter) }).collect();
        Sample { number, schedule, sequence: self.native.clone(), seen, logits }
    }

    fn draw_letters(
        &self,
        (level, temperature): (usize, f32),
        block: u32,
        sample: &mut Sample,
        decoding: &mut Decoding,
    ) {
        let Some(groups) = sample.schedule.letters.get(level) else { return };
        for &group in groups {
            let (key, logits, members) = match group {
                Group::Single(residue) => (residue as usize, sample.logits[residue as usize], &[residue as usize][..]),
                Group::Tied(tie) => {
                    let tie = &self.plan.ties[tie as usize];
                    let mut sum = [0.0; VOCABULARY];
                    for (&member, &weight) in tie.members.iter().zip(&tie.weights) {
                        for (total, logit) in sum.iter_mut().zip(&sample.logits[member]) {
                            *total += weight * logit / tie.members.len() as f32;
                        }
                    }
                    (tie.members[0], sum, &tie.members[..])
                }
            };
            let letter = Draw {
                bias: &self.plan.bias[key],
                omitted: self.plan.omitted[key],
                temperature,
                uniform: self.stream.uniform(Purpose::Letter, sample.number, key),
            }
            .letter(&logits);
            for &member in members {
                sample.sequence[member] = letter;
                sample.seen[member] = seen(letter);
                self.model.record_letter(decoding, Item { block, residue: member as u32 }, letter);
            }
        }
    }

    fn finish(&self, sample: Sample, temperature: f32) -> Design {
        let Sample { number, schedule, sequence, mut logits, .. } = sample;
        if !self.plan.ties.is_empty() {
            // Tied members were decoded before the letters of their group were known: with the letters, the
            // likelihood is what scoring the finished sequence gives.
            logits = self.model.teacher_force(self.encoding, self.workers, &sequence, &schedule.rank);
        }
        Design {
            sample: number,
            temperature,
            negative_log_likelihood: negative_log_likelihood(&logits, &sequence),
            sequence,
            rank: schedule.rank,
        }
    }
}

fn negative_log_likelihood(logits: &[[f32; VOCABULARY]], sequence: &[Letter]) -> Vec<f32> {
    logits.iter().zip(sequence).map(|(logits, &letter)| -log_likelihood(logits)[letter.index()]).collect()
}

/// Computes the items of a level on so many threads, records their states, and returns their logits.
fn decode_level(
    (model, workers, threads): (&Model, &Workers, usize),
    (encoding, memo): (&Encoding, Option<&MessageMemo>),
    decoding: &mut Decoding,
    items: &[Item],
    sight: impl Fn(Item, u32) -> (usize, Seen) + Sync,
) -> Vec<[f32; VOCABULARY]> {
    let task = items.len().div_ceil(threads).clamp(1, ITEMS_A_TASK);
    let before = &*decoding;
    let states: Vec<_> = items
        .par_chunks(task)
        .map(|items| model.decode_batch((encoding, memo), before, items, &sight, &mut workers.scratch()))
        .collect();
    for (items, states) in items.chunks(task).zip(&states) {
        model.record_states(encoding, decoding, items, states);
    }
    states.into_iter().flat_map(|states| states.logits).collect()
}
