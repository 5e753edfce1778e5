//! The models of a file as states of its protein.

use std::collections::{HashMap, HashSet};

use super::States;
use super::ranges::short_ranges;
use crate::error::SpecError;
use crate::structure::{Residue, ResidueId, Structure, Warning};

impl States {
    /// The models of a file as states, with weights as in [`States::new`]. The first keeps the structure's name, and the
    /// others carry their numbers: `x`, `x_model_2`. Models may lack residues that others have; they then stand in them
    /// without atoms, with a warning among the model's.
    pub fn of_models(mut models: Vec<Structure>, weights: Option<&[f32]>) -> Result<States, SpecError> {
        name_apart(&mut models);
        if let Some(first) = models.first()
            && models[1..].iter().any(|model| !same_residues(model, first))
        {
            let all = all_residues(&models);
            models.iter_mut().for_each(|model| complete(model, &all));
        }
        States::new(models, weights)
    }
}

fn name_apart(models: &mut [Structure]) {
    let mut names: HashSet<String> = HashSet::new();
    for (index, model) in models.iter_mut().enumerate() {
        if index > 0 {
            let numbered = format!("{}_model_{}", model.name, model.model_number);
            // Files that were joined may repeat a number.
            model.name = if names.contains(&numbered) { format!("{numbered}_{}", index + 1) } else { numbered };
        }
        names.insert(model.name.clone());
    }
}

fn same_residues(model: &Structure, first: &Structure) -> bool {
    let ids =
        |structure: &Structure| structure.residues.iter().map(|residue| residue.id.clone()).collect::<HashSet<_>>();
    model.residues.len() == first.residues.len() && ids(model) == ids(first)
}

/// The residues of all models without atoms, chain after chain: those of the first, and what others have besides after
/// the residue that stands before it there.
fn all_residues(models: &[Structure]) -> Vec<Vec<Residue>> {
    let mut chains: Vec<Vec<Residue>> = Vec::new();
    for model in models {
        for chain in &model.chains {
            let members = &model.residues[chain.residues.clone()];
            let known = chains.iter_mut().find(|known| known.first().is_some_and(|first| first.id.chain == chain.id));
            match known {
                Some(known) => insert(known, members),
                None => chains.push(members.iter().map(bare).collect()),
            }
        }
    }
    for chain in &mut chains {
        let lowest = chain.iter().map(|residue| residue.sequence_position).min().unwrap_or(0);
        chain.iter_mut().for_each(|residue| residue.sequence_position -= lowest);
    }
    chains
}

fn bare(residue: &Residue) -> Residue {
    Residue { atoms: Vec::new(), ..residue.clone() }
}

/// Puts residues that a chain lacks at their places in it.
fn insert(chain: &mut Vec<Residue>, members: &[Residue]) {
    let known: HashSet<ResidueId> = chain.iter().map(|residue| residue.id.clone()).collect();
    let place = |chain: &[Residue], id: &ResidueId| chain.iter().position(|residue| residue.id == *id);
    // What stands before the first known residue goes before it, the rest after the residue before it.
    let lead = members.iter().take_while(|residue| !known.contains(&residue.id)).count();
    if let Some(next) = members.get(lead) {
        let at = place(chain, &next.id).unwrap_or(0);
        let shift = chain[at].sequence_position - next.sequence_position;
        let front = members[..lead].iter().map(|residue| shifted(residue, shift));
        chain.splice(at..at, front);
    }
    let own: HashSet<&ResidueId> = members.iter().map(|residue| &residue.id).collect();
    for pair in members[lead..].windows(2) {
        let [before, residue] = pair else { continue };
        if known.contains(&residue.id) {
            continue;
        }
        let at = place(chain, &before.id).unwrap_or(chain.len() - 1);
        let shift = chain[at].sequence_position - before.sequence_position;
        let shifted = shifted(residue, shift);
        // Residues that this model lacks may stand there, too: by number.
        let key = |residue: &Residue| (residue.id.number, residue.id.insertion);
        let passed = chain[at + 1..].iter().take_while(|other| !own.contains(&other.id) && key(other) < key(residue));
        let passed = passed.count();
        chain.insert(at + 1 + passed, shifted);
    }
}

fn shifted(residue: &Residue, shift: i32) -> Residue {
    Residue { sequence_position: residue.sequence_position.saturating_add(shift), ..bare(residue) }
}

/// Gives a model all residues of the chains, those it lacks without atoms.
fn complete(model: &mut Structure, all: &[Vec<Residue>]) {
    let mut own: HashMap<ResidueId, Residue> =
        std::mem::take(&mut model.residues).into_iter().map(|residue| (residue.id.clone(), residue)).collect();
    let chains = std::mem::take(&mut model.chains);
    let mut missing = Vec::new();
    for chain in all {
        let begin = model.residues.len();
        let index = model.chains.len();
        for residue in chain {
            if !own.contains_key(&residue.id) {
                missing.push(model.residues.len());
            }
            let found = own.remove(&residue.id).unwrap_or_else(|| residue.clone());
            model.residues.push(Residue { chain: index, sequence_position: residue.sequence_position, ..found });
        }
        let id = chain.first().map(|residue| residue.id.chain.clone()).unwrap_or_else(|| "_".into());
        let label_id = chains.iter().find(|chain| chain.id == id).and_then(|chain| chain.label_id.clone());
        model.chains.push(crate::structure::Chain { id, label_id, residues: begin..model.residues.len() });
    }
    if !missing.is_empty() {
        let message = format!("model {} has no {}; other models do", model.model_number, short_ranges(&missing, model));
        model.warnings.push(Warning { line: None, residue: None, message });
    }
}
