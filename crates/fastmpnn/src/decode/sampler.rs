//! Decodes samples of one structure together, level by level. What a letter is decided by is the caller's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::constraints::GoalState;
use super::letter_source::{LetterSource, Letters, LevelSource, ReadyGroup, SampleGoals};
use super::level_states::LevelStates;
use super::memory::{Allowance, EdgeCache, Reuse};
use super::observer::{LettersSoFar, Progress, Watch};
use super::order::{DrawRules, Group, Schedule};
use super::reused::Reused;
use crate::chemistry::{Letter, Sequence, VOCABULARY};
use crate::error::EngineError;
use crate::model::{Decoding, EncodedGraph, Item, NO_LETTER, Network, Reservation, SHARED, Seen, UNDECODED, seen};
use crate::spec::TiedGroup;

/// Most samples that are decoded together. More would fill the caches; fewer would make the node products small.
pub(crate) const SAMPLES_TOGETHER: usize = 32;

/// Blocks of states that every group of samples has beside its own: of residues that are not decoded, and of fixed ones.
const SHARED_BLOCKS: u64 = 2;

/// What a sampler draws.
#[derive(Debug)]
pub(crate) struct SamplerTask {
    /// The letters of the residues that are not drawn. `[N]`
    pub(crate) native: Sequence,
    /// Whether a residue's letter is drawn, sample by sample. `[N]`
    pub(crate) drawn: Vec<bool>,
    pub(crate) ties: Vec<TiedGroup>,
    /// The residues that are not drawn, in their decoding order.
    pub(crate) fixed: Vec<u32>,
}

/// How a sampler goes about it. Designs do not depend on it, but for what hooks change.
#[derive(Clone, Debug, Default)]
pub(crate) struct SamplerSettings {
    pub(crate) reuse: Reuse,
    /// Decode one residue after another, as the published code does.
    pub(crate) one_at_a_time: bool,
    pub(crate) watch: Watch,
}

/// The order of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SampleOrder {
    /// The sample's number.
    pub(crate) sample: u64,
    /// The drawn residues, first decoded first.
    pub(crate) residues: Vec<u32>,
}

/// What all samples of a structure have in common: among it the states of the residues that are not drawn.
#[derive(Debug)]
pub(crate) struct Sampler {
    pub(crate) network: Network,
    pub(crate) encoding: Arc<EncodedGraph>,
    task: SamplerTask,
    pub(crate) allowance: Allowance,
    fixed_rank: Vec<u32>,
    shared: Decoding,
    shared_logits: Vec<(u32, [f32; VOCABULARY])>,
    /// What samples leave for other sequences of the structure, and those for them.
    pub(crate) reused: Arc<Reused>,
    /// What `shared` takes.
    _memory: Reservation,
}

/// A decoded sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// Which sample it is, by the number it was asked for with.
    pub sample: u64,
    /// A letter for each residue. `[N]`
    pub sequence: Sequence,
    /// The place of each residue in the decoding order. `[N]`
    pub rank: Vec<u32>,
    /// The logits of each residue when it was decoded, at T = 1 and without biases. `[N, V]`
    pub logits: Vec<[f32; VOCABULARY]>,
    /// What goals of whole sequences cost, nats; `None` without any. See
    /// [`Design::constraint_cost`](super::Design::constraint_cost).
    pub constraint_cost: Option<f64>,
}

/// How samples are divided among the threads.
struct Shares {
    /// Samples a group.
    together: usize,
    /// Groups that are decoded at a time.
    at_once: usize,
    /// Threads that work on a level of a group.
    helpers: usize,
    _memory: Reservation,
}

/// How a group of samples is decoded.
#[derive(Clone, Copy)]
struct Way<'a> {
    letters: Letters<'a>,
    helpers: usize,
    /// The residues that each one waits for beside its neighbors; none when empty. `[N]`
    partners: &'a [Vec<u32>],
    settings: &'a SamplerSettings,
    /// Set when one group has failed or is to end: so do the others.
    stopped: &'a AtomicBool,
}

/// A sample on its way.
struct Sample {
    number: u64,
    /// Its own block of the decoding.
    block: u32,
    schedule: Schedule,
    sequence: Sequence,
    /// What later residues see of each one's letter.
    seen: Vec<Seen>,
    logits: Vec<[f32; VOCABULARY]>,
    /// How far it is from its goals, if there are any.
    goals: Option<GoalState>,
}

impl Sampler {
    pub(crate) fn new(
        network: &Network,
        encoding: &Arc<EncodedGraph>,
        task: SamplerTask,
        allowance: Allowance,
    ) -> Sampler {
        let sample = Decoding::bytes_a_sample(&network.model, encoding);
        let mut sampler = Sampler {
            shared: network.model.begin_decoding(encoding),
            _memory: allowance.indispensable(SHARED_BLOCKS * sample),
            network: network.clone(),
            encoding: encoding.clone(),
            task,
            allowance,
            fixed_rank: Vec::new(),
            shared_logits: Vec::new(),
            reused: Arc::default(),
        };
        sampler.decode_fixed();
        sampler
    }

    /// Whether the decoder's edge terms are kept or computed anew when more than one sequence is drawn.
    pub(crate) fn edge_cache(&self) -> EdgeCache {
        let bytes = self.network.model.projection_bytes(&self.encoding);
        match self.encoding.projected.get() {
            Some(_) => EdgeCache::Kept(bytes),
            None => self.allowance.edge_cache(bytes),
        }
    }

    /// Decodes each sample in its order. A tied group stands where its first member does.
    pub(crate) fn run(
        &self,
        orders: &[SampleOrder],
        letters: Letters<'_>,
        settings: &SamplerSettings,
    ) -> Result<Vec<Decoded>, EngineError> {
        let Sampler { network, encoding, allowance, reused, .. } = self;
        reused.keep(network, encoding, allowance, orders.len(), settings.reuse);
        let Shares { together, at_once, helpers, _memory } = self.shares(orders.len());
        let partners = letters.partners(self.encoding.graph.len());
        let stopped = AtomicBool::new(false);
        let way = Way { letters, helpers, partners: &partners, settings, stopped: &stopped };
        // Where memory allows less than a group for each thread, one wave after another.
        let wave = if at_once < self.network.workers.threads() { together * at_once } else { orders.len().max(1) };
        self.network.workers.install(|| {
            let mut decoded = Vec::with_capacity(orders.len());
            for wave in orders.chunks(wave) {
                let groups: Vec<Vec<Decoded>> =
                    wave.par_chunks(together).map(|orders| self.sample_group(orders, way)).collect::<Result<_, _>>()?;
                decoded.extend(groups.into_iter().flatten());
            }
            Ok(decoded)
        })
    }

    /// Few samples: each thread a share. Many: as many together as fit the caches, and memory.
    fn shares(&self, samples: usize) -> Shares {
        let threads = self.network.workers.threads();
        let block = Decoding::bytes_a_sample(&self.network.model, &self.encoding).max(1);
        // A group has the shared blocks and those of its samples.
        let of_groups = |groups: usize, together: usize| groups as u64 * (SHARED_BLOCKS + together as u64) * block;
        let mut memory = self.allowance.for_samples(of_groups(threads, SAMPLES_TOGETHER));
        let blocks = memory.bytes() / block;
        let at_once = ((blocks / (SHARED_BLOCKS + 1)) as usize).clamp(1, threads);
        let affordable = (blocks / at_once as u64).saturating_sub(SHARED_BLOCKS).clamp(1, SAMPLES_TOGETHER as u64);
        // As many groups for each thread, and all of a size: they end together.
        let rounds = samples.div_ceil(at_once * affordable as usize).max(1);
        let together = samples.div_ceil(at_once * rounds).max(1);
        let groups = samples.div_ceil(together).max(1);
        memory.resize(of_groups(groups.min(at_once), together));
        // Threads that have no group of their own help with the levels of the others. More tasks than that would read
        // the weights more often than there is work for them.
        Shares { together, at_once, helpers: threads.div_ceil(groups.min(at_once)), _memory: memory }
    }

    fn decode_fixed(&mut self) {
        let schedule = Schedule::of_fixed(&self.encoding.graph, &self.task.fixed);
        for level in 0..schedule.levels() {
            let items: Vec<Item> =
                schedule.states[level].iter().map(|&residue| Item { block: SHARED as u32, residue }).collect();
            let rank = &schedule.rank;
            let before = |item: Item, neighbor: u32| rank[neighbor as usize] < rank[item.residue as usize];
            let sight =
                |item: Item, neighbor: u32| (if before(item, neighbor) { SHARED } else { UNDECODED }, NO_LETTER);
            let Network { model, workers } = &self.network;
            let states = LevelStates { encoding: &self.encoding, memo: None, decoding: &mut self.shared };
            let logits = workers.install(|| states.decode(&self.network, workers.threads(), &items, sight));
            self.shared_logits.extend(items.iter().map(|item| item.residue).zip(logits));
            for group in &schedule.letters[level] {
                if let Group::Single(residue) = *group {
                    let item = Item { block: SHARED as u32, residue };
                    model.record_letter(&mut self.shared, item, self.task.native[residue as usize]);
                }
            }
        }
        self.fixed_rank = schedule.rank;
    }

    fn sample_group(&self, orders: &[SampleOrder], way: Way<'_>) -> Result<Vec<Decoded>, EngineError> {
        let decoded = self.decode_group(orders, way);
        if decoded.is_err() {
            way.stopped.store(true, Ordering::Relaxed);
        }
        decoded
    }

    fn decode_group(&self, orders: &[SampleOrder], way: Way<'_>) -> Result<Vec<Decoded>, EngineError> {
        let model = &self.network.model;
        let mut samples: Vec<Sample> =
            (SHARED as u32 + 1..).zip(orders).map(|(block, order)| self.begin(block, order, way)).collect();
        let mut decoding = self.shared.with_samples(samples.len());
        for sample in &samples {
            for &residue in &sample.schedule.stateless {
                let item = Item { block: sample.block, residue };
                model.record_undecoded(&self.encoding, &mut decoding, item);
            }
        }
        let levels = samples.iter().map(|sample| sample.schedule.levels()).max().unwrap_or(0);
        let mut items = Vec::new();
        for level in 0..levels {
            items.clear();
            for sample in &samples {
                let states = sample.schedule.states.get(level).into_iter().flatten();
                items.extend(states.map(|&residue| Item { block: sample.block, residue }));
            }
            let sight = |item: Item, neighbor: u32| {
                let sample = &samples[item.block as usize - SHARED - 1];
                let (rank, neighbor) = (&sample.schedule.rank, neighbor as usize);
                if rank[neighbor] >= rank[item.residue as usize] {
                    (UNDECODED, NO_LETTER)
                } else if self.task.drawn[neighbor] {
                    (item.block as usize, sample.seen[neighbor])
                } else {
                    (SHARED, sample.seen[neighbor])
                }
            };
            let states = LevelStates { encoding: &self.encoding, memo: self.reused.memo(), decoding: &mut decoding };
            let logits = states.decode(&self.network, way.helpers, &items, sight);
            for (item, logits) in items.iter().zip(logits) {
                samples[item.block as usize - SHARED - 1].logits[item.residue as usize] = logits;
            }
            match way.letters {
                Letters::OneByOne(source) => {
                    for sample in &mut samples {
                        self.draw_letters(level, sample, source, &mut decoding);
                    }
                }
                Letters::ByLevel(source) => self.draw_level(level, &mut samples, source, &mut decoding)?,
            }
            let first_sample = orders.first().map_or(0, |order| order.sample);
            let progress = Progress::Level { first_sample, samples: orders.len(), level: level + 1, levels };
            if way.stopped.load(Ordering::Relaxed) || !way.settings.watch.goes_on(progress) {
                return Err(EngineError::Cancelled);
            }
        }
        let finished = samples.into_iter().map(|sample| Decoded {
            sample: sample.number,
            sequence: sample.sequence,
            rank: sample.schedule.rank,
            logits: sample.logits,
            constraint_cost: sample.goals.map(|goals| goals.cost),
        });
        Ok(finished.collect())
    }

    fn begin(&self, block: u32, order: &SampleOrder, way: Way<'_>) -> Sample {
        let SamplerTask { native, drawn, ties, fixed } = &self.task;
        let masked = way.letters.source().masked_member();
        let graph = &self.encoding.graph;
        let mut schedule = Schedule::of_drawn(
            graph,
            DrawRules { ties, masked, partners: way.partners, fixed: fixed.len() },
            &order.residues,
        );
        if way.settings.one_at_a_time {
            schedule = schedule.one_at_a_time(ties, way.letters.in_levels());
        }
        let mut logits = vec![self.network.model.logits_of_masked(); graph.len()];
        for &(residue, shared) in &self.shared_logits {
            logits[residue as usize] = shared;
        }
        for (rank, &fixed) in schedule.rank.iter_mut().zip(&self.fixed_rank) {
            *rank = (*rank).min(fixed);
        }
        let letters = native.iter().zip(drawn);
        let seen = letters.map(|(&letter, &drawn)| if drawn { NO_LETTER } else { seen(letter) }).collect();
        let goals = way.letters.begin(&|| {
            let first = |group: Group| match group {
                Group::Single(residue) => residue as usize,
                Group::Tied(tie) => ties[tie as usize].members[0],
            };
            schedule.letters.iter().flatten().map(|&group| first(group)).collect()
        });
        Sample { number: order.sample, block, schedule, sequence: native.clone(), seen, logits, goals }
    }

    fn draw_letters(&self, level: usize, sample: &mut Sample, source: &dyn LetterSource, decoding: &mut Decoding) {
        let groups = sample.schedule.letters.get(level).map_or(0, Vec::len);
        for place in 0..groups {
            let group = sample.schedule.letters[level][place];
            let single = if let Group::Single(residue) = group { residue as usize } else { 0 };
            let (tie, members) = match group {
                Group::Single(_) => (None, std::slice::from_ref(&single)),
                Group::Tied(tie) => (Some(tie as usize), &self.task.ties[tie as usize].members[..]),
            };
            let logits: Vec<_> = members.iter().map(|&member| sample.logits[member]).collect();
            let letter = source.letter(&ReadyGroup { sample: sample.number, tie, members, logits: &logits });
            self.record_letters(members, letter, source, sample, decoding);
        }
    }
}

/// A residue or tied group whose letter is drawn now.
struct Ready {
    /// Which of the samples that are decoded together.
    sample: usize,
    tie: Option<usize>,
    members: Vec<usize>,
    /// `[members, V]`
    logits: Vec<[f32; VOCABULARY]>,
}

impl Sampler {
    /// [`Sampler::draw_letters`] for all samples at once.
    fn draw_level(
        &self,
        level: usize,
        samples: &mut [Sample],
        source: &dyn LevelSource,
        decoding: &mut Decoding,
    ) -> Result<(), EngineError> {
        let mut ready = Vec::new();
        for (index, sample) in samples.iter().enumerate() {
            for &group in sample.schedule.letters.get(level).into_iter().flatten() {
                let (tie, members) = match group {
                    Group::Single(residue) => (None, vec![residue as usize]),
                    Group::Tied(tie) => (Some(tie as usize), self.task.ties[tie as usize].members.clone()),
                };
                let logits = members.iter().map(|&member| sample.logits[member]).collect();
                ready.push(Ready { sample: index, tie, members, logits });
            }
        }
        let mut goals: Vec<Option<GoalState>> = samples.iter_mut().map(|sample| sample.goals.take()).collect();
        let groups: Vec<(ReadyGroup<'_>, LettersSoFar<'_>)> = ready
            .iter()
            .map(|Ready { sample, tie, members, logits }| {
                let Sample { number, seen, .. } = &samples[*sample];
                (ReadyGroup { sample: *number, tie: *tie, members, logits }, LettersSoFar(seen))
            })
            .collect();
        let places: Vec<usize> = ready.iter().map(|group| group.sample).collect();
        let letters = source.letters(&groups, &mut SampleGoals { places: &places, goals: &mut goals })?;
        drop(groups);
        for (sample, goals) in samples.iter_mut().zip(goals) {
            sample.goals = goals;
        }
        for (Ready { sample, members, .. }, letter) in ready.into_iter().zip(letters) {
            self.record_letters(&members, letter, source, &mut samples[sample], decoding);
        }
        Ok(())
    }

    /// Gives the members of a group their letters, of which the first follows from the one drawn.
    fn record_letters(
        &self,
        members: &[usize],
        mut letter: Letter,
        source: &dyn LetterSource,
        sample: &mut Sample,
        decoding: &mut Decoding,
    ) {
        for &member in members {
            letter = source.member_letter(member, letter);
            sample.sequence[member] = letter;
            sample.seen[member] = seen(letter);
            let item = Item { block: sample.block, residue: member as u32 };
            self.network.model.record_letter(decoding, item, letter);
        }
    }
}
