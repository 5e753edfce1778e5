//! Decodes samples of one structure together, level by level. What a letter is decided by is the caller's.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::memory::{EdgeCache, MemoryLimit, Reuse};
use super::order::{Group, MaskedMember, Schedule};
use crate::chemistry::{Letter, Sequence, VOCABULARY};
use crate::model::{Decoding, Encoding, Item, MessageMemo, Model, NO_LETTER, SHARED, Seen, UNDECODED, Workers, seen};
use crate::spec::TiedGroup;

/// Decides letters while sequences are decoded.
pub trait LetterSource: Sync {
    /// The letter that is drawn for a group.
    fn letter(&self, group: &ReadyGroup<'_>) -> Letter;

    /// The letter that a member of a group carries, in turn; `before` is that of the member before it, and for the first
    /// one the letter drawn. All carry the letter drawn where this is not said otherwise.
    fn member_letter(&self, _member: usize, before: Letter) -> Letter {
        before
    }

    /// What a member without a backbone means to its group.
    fn masked_member(&self) -> MaskedMember {
        MaskedMember::Decides
    }
}

/// Residues whose letter is drawn now: one on its own, or a tied group.
#[derive(Clone, Copy, Debug)]
pub struct ReadyGroup<'a> {
    /// The sample they are part of, by the number it was asked for with.
    pub sample: u64,
    /// Which of the tied groups it is.
    pub tie: Option<usize>,
    /// Residue indexes, in the written order of the tied group.
    pub members: &'a [usize],
    /// The members' logits, at T = 1 and without biases; those of a residue without a backbone say nothing. `[members, V]`
    pub logits: &'a [[f32; VOCABULARY]],
}

/// Most samples that are decoded together. More would fill the caches; fewer would make the node products small.
const SAMPLES_TOGETHER: usize = 32;

/// From so many samples on, messages of the first layer that show letters come up often enough to be worth keeping.
const SAMPLES_TO_REMEMBER: usize = 4;

/// Most items in one task, for the same reasons.
const ITEMS_A_TASK: usize = 48;

/// What all samples of a structure have in common: among it the states of the residues that are not drawn.
#[derive(Debug)]
pub(crate) struct Sampler<'a> {
    model: &'a Model,
    workers: &'a Workers,
    encoding: &'a Encoding,
    /// Whether a residue's letter is drawn, sample by sample. `[N]`
    drawn: &'a [bool],
    ties: &'a [TiedGroup],
    native: Sequence,
    pub(crate) limit: MemoryLimit,
    pub(crate) reuse: Reuse,
    fixed_rank: Vec<u32>,
    fixed_count: usize,
    shared: Decoding,
    shared_logits: Vec<(u32, [f32; VOCABULARY])>,
    /// The first decoder layer's messages, once many samples are asked for.
    memo: OnceLock<MessageMemo>,
    /// Decode one residue after another, as the published code does.
    pub(crate) one_at_a_time: bool,
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

impl<'a> Sampler<'a> {
    /// `fixed` are the residues that are not drawn, in their decoding order.
    pub(crate) fn new(
        (model, workers): (&'a Model, &'a Workers),
        encoding: &'a Encoding,
        native: Sequence,
        (drawn, ties): (&'a [bool], &'a [TiedGroup]),
        fixed: &[u32],
    ) -> Sampler<'a> {
        let mut sampler = Sampler {
            model,
            workers,
            encoding,
            drawn,
            ties,
            native,
            limit: MemoryLimit::half_of_free(),
            reuse: Reuse::default(),
            fixed_rank: Vec::new(),
            fixed_count: fixed.len(),
            shared: model.begin_decoding(encoding),
            shared_logits: Vec::new(),
            memo: OnceLock::new(),
            one_at_a_time: false,
        };
        sampler.decode_fixed(fixed);
        sampler
    }

    /// What becomes of the decoder's edge terms when more than one sequence is drawn.
    pub(crate) fn edge_cache(&self) -> EdgeCache {
        self.limit.edge_cache(self.model.projection_bytes(self.encoding))
    }

    /// Decodes each sample in the order that comes with its number: the drawn residues, first decoded first. A tied
    /// group stands where its first member does.
    pub(crate) fn run(&self, orders: &[(u64, Vec<u32>)], source: &dyn LetterSource) -> Vec<Decoded> {
        // One sequence asks for each edge's term once: keeping them would only cost memory.
        let keep = self.reuse >= Reuse::EdgeTerms && matches!(self.edge_cache(), EdgeCache::Kept(_));
        if orders.len() > 1 && keep {
            self.model.keep_projections(self.encoding, self.workers);
        }
        let affordable = MessageMemo::bytes(self.encoding) <= self.limit.0 / 4;
        if self.reuse >= Reuse::Messages && orders.len() > 1 && affordable {
            let memo = self.memo.get_or_init(|| MessageMemo::new(self.model, self.encoding, self.workers));
            if orders.len() >= SAMPLES_TO_REMEMBER {
                memo.remember_letters(self.encoding, self.model.stride(), self.limit.0 / 4);
            }
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
            orders.par_chunks(together).flat_map_iter(|orders| self.sample_group(orders, source, helpers)).collect()
        })
    }

    fn decode_fixed(&mut self, order: &[u32]) {
        let schedule = Schedule::of_fixed(&self.encoding.graph, order);
        for level in 0..schedule.levels() {
            let items: Vec<Item> =
                schedule.states[level].iter().map(|&residue| Item { block: SHARED as u32, residue }).collect();
            let rank = &schedule.rank;
            let before = |item: Item, neighbor: u32| rank[neighbor as usize] < rank[item.residue as usize];
            let sight =
                |item: Item, neighbor: u32| (if before(item, neighbor) { SHARED } else { UNDECODED }, NO_LETTER);
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

    fn sample_group(&self, orders: &[(u64, Vec<u32>)], source: &dyn LetterSource, helpers: usize) -> Vec<Decoded> {
        let masked = source.masked_member();
        let mut samples: Vec<Sample> =
            orders.iter().map(|(number, order)| self.begin((*number, order), masked)).collect();
        let mut decoding = self.shared.with_samples(samples.len());
        for (index, sample) in samples.iter().enumerate() {
            for &residue in &sample.schedule.stateless {
                let item = Item { block: (SHARED + 1 + index) as u32, residue };
                self.model.record_undecoded(self.encoding, &mut decoding, item);
            }
        }
        let levels = samples.iter().map(|sample| sample.schedule.levels()).max().unwrap_or(0);
        let mut items = Vec::new();
        for level in 0..levels {
            items.clear();
            for (index, sample) in samples.iter().enumerate() {
                let block = (SHARED + 1 + index) as u32;
                let states = sample.schedule.states.get(level).into_iter().flatten();
                items.extend(states.map(|&residue| Item { block, residue }));
            }
            let sight = |item: Item, neighbor: u32| {
                let sample = &samples[item.block as usize - SHARED - 1];
                let (rank, neighbor) = (&sample.schedule.rank, neighbor as usize);
                if rank[neighbor] >= rank[item.residue as usize] {
                    (UNDECODED, NO_LETTER)
                } else if self.drawn[neighbor] {
                    (item.block as usize, sample.seen[neighbor])
                } else {
                    (SHARED, sample.seen[neighbor])
                }
            };
            let machine = (self.model, self.workers, helpers);
            let logits = decode_level(machine, (self.encoding, self.memo.get()), &mut decoding, &items, sight);
            for (item, logits) in items.iter().zip(logits) {
                samples[item.block as usize - SHARED - 1].logits[item.residue as usize] = logits;
            }
            for (index, sample) in samples.iter_mut().enumerate() {
                self.draw_letters(level, (SHARED + 1 + index) as u32, sample, (source, &mut decoding));
            }
        }
        let finished = samples.into_iter().map(|sample| Decoded {
            sample: sample.number,
            sequence: sample.sequence,
            rank: sample.schedule.rank,
            logits: sample.logits,
        });
        finished.collect()
    }

    fn begin(&self, (number, order): (u64, &[u32]), masked: MaskedMember) -> Sample {
        let graph = &self.encoding.graph;
        let mut schedule = Schedule::of_drawn(graph, (self.ties, masked), self.fixed_count, order);
        if self.one_at_a_time {
            schedule = schedule.one_at_a_time(self.ties);
        }
        let mut logits = vec![self.model.logits_of_masked(); graph.len()];
        for &(residue, shared) in &self.shared_logits {
            logits[residue as usize] = shared;
        }
        for (rank, &fixed) in schedule.rank.iter_mut().zip(&self.fixed_rank) {
            *rank = (*rank).min(fixed);
        }
        let letters = self.native.iter().zip(self.drawn);
        let seen = letters.map(|(&letter, &drawn)| if drawn { NO_LETTER } else { seen(letter) }).collect();
        Sample { number, schedule, sequence: self.native.clone(), seen, logits }
    }

    fn draw_letters(
        &self,
        level: usize,
        block: u32,
        sample: &mut Sample,
        (source, decoding): (&dyn LetterSource, &mut Decoding),
    ) {
        let Some(groups) = sample.schedule.letters.get(level) else { return };
        for &group in groups {
            let single = if let Group::Single(residue) = group { residue as usize } else { 0 };
            let (tie, members) = match group {
                Group::Single(_) => (None, std::slice::from_ref(&single)),
                Group::Tied(tie) => (Some(tie as usize), &self.ties[tie as usize].members[..]),
            };
            let logits: Vec<_> = members.iter().map(|&member| sample.logits[member]).collect();
            let mut letter = source.letter(&ReadyGroup { sample: sample.number, tie, members, logits: &logits });
            for &member in members {
                letter = source.member_letter(member, letter);
                sample.sequence[member] = letter;
                sample.seen[member] = seen(letter);
                self.model.record_letter(decoding, Item { block, residue: member as u32 }, letter);
            }
        }
    }
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
