//! The order in which residues are decoded, and its division into levels of residues that can be decoded together.
//!
//! Fixed residues come first, in an order that all samples share; then the designed ones. A tied group is decoded as
//! one, where its first member stands.
//!
//! Residue i waits only for those of its K neighbors that come before it. So the order falls into levels: everything
//! in a level depends only on earlier levels, and decoding a level at once gives the same result as decoding one
//! residue after another. A random order of a few hundred residues has about 70 levels.

use super::random::{Purpose, RandomStream};
use crate::featurize::Graph;
use crate::spec::{DesignPlan, OrderKind, TiedGroup};

/// A decoding order with its levels.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule {
    /// The place of each residue in the order. `[N]`
    pub(crate) rank: Vec<u32>,
    /// Which residues are computed at each level.
    pub(crate) states: Vec<Vec<u32>>,
    /// Which groups get their letter after each level.
    pub(crate) letters: Vec<Vec<Group>>,
    /// Residues with a backbone that are not computed: those that follow one without a backbone in a tied group, where
    /// that one decides the group's letter. Later residues see their letter and the encoder's state in the first layer.
    pub(crate) stateless: Vec<u32>,
}

/// How a member of a tied group without a backbone affects the group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MaskedMember {
    /// It decides the group's letter, and the members after it are not computed: ProteinMPNN.
    #[default]
    Decides,
    /// It is decoded like the others, with the logits of a state of zeros: LigandMPNN.
    Decoded,
}

/// Residues that get one letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// A residue on its own.
    Single(u32),
    /// An index into the plan's tied groups.
    Tied(u32),
}

impl Group {
    fn members(self, ties: &[TiedGroup]) -> Vec<u32> {
        match self {
            Group::Single(residue) => vec![residue],
            Group::Tied(tie) => ties[tie as usize].members.iter().map(|&member| member as u32).collect(),
        }
    }
}

/// The rules, besides the graph, for the schedule of drawn residues.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DrawRules<'a> {
    pub(crate) ties: &'a [TiedGroup],
    pub(crate) masked: MaskedMember,
    /// Residues that each one waits for where they come before it, beside its neighbors; none when empty. `[N]`
    pub(crate) partners: &'a [Vec<u32>],
    /// The number of residues decoded before all drawn ones.
    pub(crate) fixed: usize,
}

/// The fixed residues in decoding order: the same for every sample.
pub(crate) fn fixed_order(plan: &DesignPlan, stream: &RandomStream) -> Vec<u32> {
    let mut fixed = residues(plan, false);
    if plan.order != OrderKind::Chain && plan.given_order.is_empty() {
        fixed.sort_by_cached_key(|&residue| (stream.bits(Purpose::FixedOrder, 0, residue as usize), residue));
    }
    fixed
}

/// Makes the decoding orders of samples.
#[derive(Clone, Debug)]
pub(crate) struct Orders {
    designed: Vec<u32>,
    kind: OrderKind,
    /// For each residue the first of its color, where residues are decoded by colors. `[N]`
    color: Vec<u32>,
}

impl Orders {
    pub(crate) fn new(graph: &Graph, plan: &DesignPlan) -> Orders {
        // An order that is given is kept as the chains' is.
        let kind = if plan.given_order.is_empty() { plan.order } else { OrderKind::Chain };
        let color = if kind == OrderKind::Colored { coloring(graph) } else { Vec::new() };
        Orders { designed: residues(plan, true), kind, color }
    }

    /// The designed residues of a sample in decoding order, ties not yet drawn together.
    pub(crate) fn sample(&self, stream: &RandomStream, sample: u64) -> Vec<u32> {
        let mut order = self.designed.clone();
        let key = |residue: u32| stream.bits(Purpose::Order, sample, residue as usize);
        match self.kind {
            OrderKind::Random => order.sort_by_cached_key(|&residue| (key(residue), residue)),
            OrderKind::Chain => {}
            OrderKind::Colored => order.sort_by_cached_key(|&residue| {
                let color = self.color[residue as usize];
                (key(color), color, key(residue), residue)
            }),
        }
        order
    }
}

fn residues(plan: &DesignPlan, designed: bool) -> Vec<u32> {
    let chosen = |index: &u32| plan.designed[*index as usize] == designed;
    match &plan.given_order[..] {
        [] => (0..plan.designed.len() as u32).filter(chosen).collect(),
        given => given.iter().copied().filter(chosen).collect(),
    }
}

/// Colors the residues so that no two of a color are neighbors in either direction; a color is named by its first
/// residue. Greedy, in the order of the file.
fn coloring(graph: &Graph) -> Vec<u32> {
    let count = graph.len();
    let mut adjacent = vec![Vec::new(); count];
    for residue in (0..count).filter(|&residue| graph.resolved[residue]) {
        for &neighbor in graph.neighbors(residue) {
            adjacent[residue].push(neighbor);
            adjacent[neighbor as usize].push(residue as u32);
        }
    }
    let mut first_of: Vec<u32> = Vec::new();
    let mut colors: Vec<Option<usize>> = vec![None; count];
    let mut taken_by = Vec::new();
    for residue in 0..count {
        taken_by.resize(first_of.len() + 1, usize::MAX);
        for &neighbor in &adjacent[residue] {
            if let Some(color) = colors[neighbor as usize] {
                taken_by[color] = residue;
            }
        }
        let color = (0..taken_by.len()).find(|&color| taken_by[color] != residue).unwrap_or(first_of.len());
        if color == first_of.len() {
            first_of.push(residue as u32);
        }
        colors[residue] = Some(color);
    }
    colors.into_iter().flatten().map(|color| first_of[color]).collect()
}

impl Schedule {
    /// The schedule of the fixed residues among themselves; masked ones need no computing, only their letters.
    pub(crate) fn of_fixed(graph: &Graph, order: &[u32]) -> Schedule {
        let groups = order.iter().map(|&residue| (Group::Single(residue), vec![residue])).collect();
        let rules = DrawRules { ties: &[], masked: MaskedMember::Decides, partners: &[], fixed: 0 };
        Schedule::level(graph, rules, groups)
    }

    /// The schedule of the residues that a sample draws.
    pub(crate) fn of_drawn(graph: &Graph, rules: DrawRules<'_>, order: &[u32]) -> Schedule {
        let ties = rules.ties;
        let mut tie_of = vec![None; graph.len()];
        for (tie, group) in ties.iter().enumerate() {
            for &member in &group.members {
                tie_of[member] = Some(tie as u32);
            }
        }
        let mut done = vec![false; ties.len()];
        let mut groups = Vec::with_capacity(order.len());
        for &residue in order {
            let group = match tie_of[residue as usize] {
                None => Group::Single(residue),
                Some(tie) if std::mem::replace(&mut done[tie as usize], true) => continue,
                Some(tie) => Group::Tied(tie),
            };
            groups.push((group, group.members(ties)));
        }
        Schedule::level(graph, rules, groups)
    }

    fn level(graph: &Graph, rules: DrawRules<'_>, groups: Vec<(Group, Vec<u32>)>) -> Schedule {
        const NEVER: u32 = u32::MAX;
        let mut rank = vec![NEVER; graph.len()];
        // The level at which a residue's state is computed, at which its letter is known, and its group.
        let mut state_level = vec![0; graph.len()];
        let mut letter_level = vec![0; graph.len()];
        let mut group_of = vec![NEVER; graph.len()];
        let mut schedule = Schedule::default();
        let mut next_rank = rules.fixed as u32;
        for (index, (group, members)) in groups.into_iter().enumerate() {
            let mut last = 0;
            let mut decided = false;
            for &member in &members {
                let i = member as usize;
                rank[i] = next_rank;
                group_of[i] = index as u32;
                next_rank += 1;
                if !graph.resolved[i] {
                    decided = rules.masked == MaskedMember::Decides;
                    continue;
                }
                if decided {
                    schedule.stateless.push(member);
                    continue;
                }
                // Fellow members are seen as decoded, without their letters; others with.
                let wait = |&j: &u32| {
                    let j = j as usize;
                    if rank[j] == NEVER || j == i {
                        0
                    } else if group_of[j] == index as u32 {
                        state_level[j] + 1
                    } else {
                        letter_level[j] + 1
                    }
                };
                let partners = rules.partners.get(i).into_iter().flatten();
                let level = graph.neighbors(i).iter().chain(partners).map(wait).max().unwrap_or(0);
                state_level[i] = level;
                last = last.max(level);
                push(&mut schedule.states, level, member);
            }
            for &member in &members {
                letter_level[member as usize] = last;
            }
            push(&mut schedule.letters, last, group);
        }
        let levels = schedule.states.len().max(schedule.letters.len());
        schedule.states.resize(levels, Vec::new());
        schedule.letters.resize(levels, Vec::new());
        schedule.rank = rank;
        schedule
    }

    /// The same order with one residue per level, which must give the same designs. `in_levels` keeps groups in the order
    /// of the levels, where letters depend on all that are drawn before.
    pub(crate) fn one_at_a_time(self, ties: &[TiedGroup], in_levels: bool) -> Schedule {
        let mut groups: Vec<Group> = self.letters.into_iter().flatten().collect();
        if !in_levels {
            groups.sort_by_key(|group| group.members(ties).iter().map(|&member| self.rank[member as usize]).min());
        }
        let resolved: std::collections::HashSet<u32> = self.states.into_iter().flatten().collect();
        let mut schedule = Schedule { rank: self.rank, stateless: self.stateless, ..Schedule::default() };
        for group in groups {
            for member in group.members(ties) {
                let state = if resolved.contains(&member) { vec![member] } else { Vec::new() };
                schedule.states.push(state);
                schedule.letters.push(Vec::new());
            }
            // A group has members, and so there is a last level.
            schedule.letters.last_mut().into_iter().for_each(|level| level.push(group));
        }
        schedule
    }

    /// The number of levels.
    pub(crate) fn levels(&self) -> usize {
        self.states.len()
    }
}

fn push<T>(levels: &mut Vec<Vec<T>>, level: usize, value: T) {
    if levels.len() <= level {
        levels.resize_with(level + 1, Vec::new);
    }
    levels[level].push(value);
}
