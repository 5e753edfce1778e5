//! Several states of one protein, for example with and without a ligand, or open and closed: one sequence for all of
//! them.
//!
//! The states are decoded as components of one graph without edges between them. Residue i of all states is a tied group:
//! its letter is drawn from the mean of the states' logits, or from their weighted sum.
//!
//! A specification refers to the residues of the first state. A residue without a backbone there is included as long as
//! another state has it; a state in which it has none contributes nothing.

use std::collections::HashMap;

use super::ranges::short_ranges;
use super::{DesignPlan, DesignSpec, Environment, PairBias, TiedGroup};
use crate::chemistry::{Letter, VOCABULARY};
use crate::error::SpecError;
use crate::structure::{Chain, Residue, ResidueId, Structure};

/// The states of a protein of N residues. A single structure is a protein with one state.
#[derive(Clone, Debug)]
pub struct States {
    /// The structures, with their residues in the order of the first.
    structures: Vec<Structure>,
    /// The first, with the atoms of other states at residues that have no backbone in it; `None` if there are none.
    completed: Option<Structure>,
    /// Names and letters of all states' residues, without atoms; a single state as it is. `[states · N]`
    all: Structure,
    weights: Option<Vec<f32>>,
}

/// A plan for several states.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StatesPlan {
    /// By residue. `[N]`
    pub plan: DesignPlan,
    /// By state and residue, corresponding residues tied. Its environment is that of one state after the other.
    /// `[states · N]`
    pub all: DesignPlan,
    /// The environment of the residues in each state. [`Engine::encode_states`](crate::Engine::encode_states) encodes
    /// the states in it, and sequences are drawn with [`StatesPlan::all`]: what is changed in one is changed in both.
    pub environment: Vec<Environment>,
}

impl States {
    /// States whose logits are averaged, or with `weights`, one a state, summed up weighted. Residues correspond by chain,
    /// number and insertion code; a state with others, or without some, is an error.
    pub fn new(structures: Vec<Structure>, weights: Option<&[f32]>) -> Result<States, SpecError> {
        if let Some(weights) = weights {
            check_weights(weights, structures.len())?;
        }
        let mut in_order: Vec<Structure> = Vec::with_capacity(structures.len());
        for structure in structures {
            let state = match in_order.first() {
                None => structure,
                Some(first) => in_the_order_of(first, structure)?,
            };
            in_order.push(state);
        }
        let Some(first) = in_order.first() else { return Err(SpecError::NoStates) };
        // A single state's encoding is that of the structure.
        let all = if in_order.len() == 1 { first.clone() } else { all_states(first, in_order.len()) };
        Ok(States { completed: completed(&in_order), all, structures: in_order, weights: weights.map(<[f32]>::to_vec) })
    }

    /// The protein that designs are written for: the first state, with the atoms of other states at residues that have no
    /// backbone in it. `[N]`
    pub fn protein(&self) -> &Structure {
        self.completed.as_ref().unwrap_or(&self.structures[0])
    }

    /// The states, their residues in the order of the first.
    pub fn structures(&self) -> &[Structure] {
        &self.structures
    }

    /// Names and letters of all states' residues, state after state, without atoms (a single state with them): what sequences of all states are
    /// drawn for. `[states · N]`
    pub fn all(&self) -> &Structure {
        &self.all
    }

    /// N.
    fn residues(&self) -> usize {
        self.structures[0].residues.len()
    }

    /// Checks a specification against the protein, and ties its states.
    pub fn resolve(&self, spec: &DesignSpec) -> Result<StatesPlan, SpecError> {
        let mut plan = spec.resolve(self.protein())?;
        // What a selection names in the first state holds in the others, whatever is near them there.
        let shown = |state: &Structure, index: usize| !plan.designed[index] && state.is_resolved(index);
        let of_state = |state: &Structure| Environment {
            side_chains_of: match spec.side_chain_context {
                true => (0..self.residues()).map(|index| shown(state, index)).collect(),
                false => Vec::new(),
            },
            ..plan.environment.clone()
        };
        let environment: Vec<Environment> = self.structures.iter().map(of_state).collect();
        plan.warnings.extend(self.other_letters(&plan));
        let all = DesignPlan { environment: joined(&environment), ..self.tied(&plan) };
        Ok(StatesPlan { all, plan, environment })
    }

    /// Fixed residues that carry another letter in another state than in the first, which decides.
    fn other_letters(&self, plan: &DesignPlan) -> Option<String> {
        let first = &self.structures[0];
        let differs = |index: usize| {
            let letter = first.residues[index].letter;
            self.structures.iter().any(|state| state.residues[index].letter != letter)
        };
        let indexes: Vec<usize> =
            (0..self.residues()).filter(|&index| !plan.designed[index] && differs(index)).collect();
        (!indexes.is_empty()).then(|| {
            let residues = short_ranges(&indexes, first);
            format!("{residues} is fixed and has other letters in other states; that of {} holds", first.name)
        })
    }

    /// The plan of all states.
    fn tied(&self, plan: &DesignPlan) -> DesignPlan {
        let (count, states) = (self.residues(), self.structures.len());
        let designed: Vec<bool> = self
            .structures
            .iter()
            .flat_map(|state| (0..count).map(|index| plan.designed[index] && state.is_resolved(index)))
            .collect();
        let mut tied = vec![false; count];
        for &member in plan.ties.iter().flat_map(|tie| &tie.members) {
            tied[member] = true;
        }
        let alone = (0..count).filter(|&index| plan.designed[index] && !tied[index]);
        let alone = alone.map(|index| TiedGroup { members: vec![index], weights: vec![1.0] });
        let groups = plan.ties.iter().cloned().chain(alone);
        let mut ties: Vec<TiedGroup> = groups
            .map(|group| self.across_states(&group, &designed))
            .filter(|group| group.members.len() > 1 || group.weights != [1.0])
            .collect();
        ties.sort_by_key(|tie| tie.members.iter().copied().min());
        // A residue's group is that of all states in which it is designed.
        let place = |residue: usize| {
            (0..states)
                .map(|state| state * count + residue)
                .find(|&place| designed.get(place) == Some(&true))
                .unwrap_or(residue)
        };
        let across = |pair: &PairBias| PairBias { residues: pair.residues.map(place), bias: pair.bias.clone() };
        let pair_bias = plan.pair_bias.iter().map(across).collect();
        DesignPlan {
            ties,
            bias: plan.bias.repeat(states),
            omitted: plan.omitted.repeat(states),
            temperature: plan.temperature.repeat(states),
            pssm: plan.pssm.as_ref().map(|pssm| pssm.repeated(states)),
            constraints: plan.constraints.moved(place),
            pair_bias,
            given_order: self.order_of_all(&plan.given_order),
            designed,
            ..plan.clone()
        }
    }

    /// A given order of the residues of one state, state after state.
    fn order_of_all(&self, order: &[u32]) -> Vec<u32> {
        let count = self.residues() as u32;
        let states = 0..self.structures.len() as u32;
        states.flat_map(|state| order.iter().map(move |&residue| state * count + residue)).collect()
    }

    /// The group in all states, with weights such that what is drawn from, Σ weight · logits over the number of members,
    /// is the mean, or the weighted sum, of what each state would draw from.
    fn across_states(&self, group: &TiedGroup, designed: &[bool]) -> TiedGroup {
        let count = self.residues();
        let members_of = |state: usize| -> Vec<(usize, f32)> {
            let pairs = group.members.iter().zip(&group.weights);
            pairs.map(|(&member, &weight)| (state * count + member, weight)).filter(|&(all, _)| designed[all]).collect()
        };
        let by_state: Vec<Vec<(usize, f32)>> = (0..self.structures.len()).map(members_of).collect();
        let members = by_state.iter().map(Vec::len).sum::<usize>();
        let states = by_state.iter().filter(|members| !members.is_empty()).count();
        let mut across = TiedGroup { members: Vec::with_capacity(members), weights: Vec::with_capacity(members) };
        for (state, of_state) in by_state.iter().enumerate() {
            let share = match &self.weights {
                None => members as f32 / (states * of_state.len()) as f32,
                Some(weights) => weights[state] * (members as f32 / of_state.len() as f32),
            };
            for &(member, weight) in of_state {
                across.members.push(member);
                across.weights.push(share * weight);
            }
        }
        across
    }

    /// The protein's sequence, of the letters of all states: at each residue that of the first state where it is designed,
    /// else that of the first. `[N]`
    pub fn sequence(&self, plan: &StatesPlan, all: &[Letter]) -> Vec<Letter> {
        let count = self.residues();
        let letter = |index: usize| {
            let mut places = (0..self.structures.len()).map(|state| state * count + index);
            all[places.find(|&place| plan.all.designed[place]).unwrap_or(index)]
        };
        (0..count).map(letter).collect()
    }

    /// The mean of each column over the states in which a residue has its backbone; the first state's row where none has.
    /// `[N, V]`
    pub fn mean_rows(&self, all: &[[f32; VOCABULARY]]) -> Vec<[f32; VOCABULARY]> {
        let column = |letter: usize| self.mean(&all.iter().map(|row| row[letter]).collect::<Vec<_>>());
        let columns: [Vec<f32>; VOCABULARY] = std::array::from_fn(column);
        (0..self.residues()).map(|index| std::array::from_fn(|letter| columns[letter][index])).collect()
    }

    /// The mean over the states in which a residue has its backbone; the first state's number where none has. `[N]`
    pub fn mean(&self, all: &[f32]) -> Vec<f32> {
        let count = self.residues();
        let mean = |index: usize| {
            let resolved = self.structures.iter().enumerate().filter(|(_, state)| state.is_resolved(index));
            let (sum, states) =
                resolved.fold((0.0, 0), |(sum, states), (state, _)| (sum + all[state * count + index], states + 1));
            if states == 0 { all[index] } else { sum / states as f32 }
        };
        (0..count).map(mean).collect()
    }
}

fn check_weights(weights: &[f32], states: usize) -> Result<(), SpecError> {
    let wrong = |reason: String| Err(SpecError::StateWeights { reason });
    if weights.len() != states {
        return wrong(format!("there are {states} states and {} weights", weights.len()));
    }
    if let Some(weight) = weights.iter().find(|weight| !weight.is_finite()) {
        return wrong(format!("{weight} is not a weight"));
    }
    if weights.iter().all(|&weight| weight == 0.0) {
        return wrong("all are 0, so no logits determine a letter".to_owned());
    }
    Ok(())
}

/// The environment of all states' residues, state after state; all see ligands or none does. `[states · N]`
fn joined(states: &[Environment]) -> Environment {
    Environment {
        ligands: states.iter().all(|state| state.ligands),
        side_chains_of: states.iter().flat_map(|state| &state.side_chains_of).copied().collect(),
        membrane: states.iter().flat_map(|state| &state.membrane).copied().collect(),
        cyclic: states.iter().flat_map(|state| &state.cyclic).copied().collect(),
    }
}

/// The state with its residues and chains in the order of the first.
fn in_the_order_of(first: &Structure, mut state: Structure) -> Result<Structure, SpecError> {
    let id = |residue: &Residue| -> ResidueId { residue.id.clone() };
    let mut places: HashMap<ResidueId, usize> =
        state.residues.iter().enumerate().map(|(index, residue)| (id(residue), index)).collect();
    let mut order = Vec::with_capacity(first.residues.len());
    let mut missing = Vec::new();
    for (index, residue) in first.residues.iter().enumerate() {
        match places.remove(&residue.id) {
            Some(place) => order.push(place),
            None => missing.push(index),
        }
    }
    let mut extra: Vec<usize> = places.into_values().collect();
    extra.sort_unstable();
    if !missing.is_empty() || !extra.is_empty() {
        let there = |indexes: &[usize], of: &Structure, other: &Structure| {
            let residues = short_ranges(indexes, of);
            (!indexes.is_empty()).then(|| format!("{residues} is in {} and not in {}", of.name, other.name))
        };
        let parts = [there(&missing, first, &state), there(&extra, &state, first)];
        return Err(SpecError::OtherResidues { how: parts.into_iter().flatten().collect::<Vec<_>>().join("; ") });
    }
    let mut residues: Vec<Option<Residue>> = std::mem::take(&mut state.residues).into_iter().map(Some).collect();
    let in_order = order.into_iter().zip(&first.residues).filter_map(|(place, of_first)| {
        let residue = residues[place].take()?;
        Some(Residue { chain: of_first.chain, ..residue })
    });
    state.residues = in_order.collect();
    state.chains = first.chains.clone();
    Ok(state)
}

/// The first state with the atoms of others where it lacks a backbone and they have it.
fn completed(states: &[Structure]) -> Option<Structure> {
    let (first, others) = states.split_first()?;
    let donor = |index: usize| others.iter().find(|state| state.is_resolved(index));
    let lacking: Vec<usize> =
        (0..first.residues.len()).filter(|&i| !first.is_resolved(i) && donor(i).is_some()).collect();
    if lacking.is_empty() {
        return None;
    }
    let mut completed = first.clone();
    for index in lacking {
        if let Some(state) = donor(index) {
            completed.residues[index].atoms = state.residues[index].atoms.clone();
        }
    }
    Some(completed)
}

/// Names and letters of `states` copies of the first state.
fn all_states(first: &Structure, states: usize) -> Structure {
    let bare = |state: usize, residue: &Residue| Residue {
        id: residue.id.clone(),
        chain: state * first.chains.len() + residue.chain,
        name: residue.name.clone(),
        hetatm: residue.hetatm,
        letter: residue.letter,
        sequence_position: residue.sequence_position,
        label_number: residue.label_number,
        atoms: Vec::new(),
    };
    let chain = |state: usize, chain: &Chain| {
        let shift = state * first.residues.len();
        Chain { residues: chain.residues.start + shift..chain.residues.end + shift, ..chain.clone() }
    };
    Structure {
        name: first.name.clone(),
        chains: (0..states).flat_map(|state| first.chains.iter().map(move |of| chain(state, of))).collect(),
        residues: (0..states).flat_map(|state| first.residues.iter().map(move |of| bare(state, of))).collect(),
        needs: first.needs,
        model_number: first.model_number,
        model_count: first.model_count,
        ..Structure::default()
    }
}
