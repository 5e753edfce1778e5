//! Checks that a plan from any source fits a structure.

use super::letters::{AMINO_ACIDS, bit};
use super::ranges::residue_name;
use super::{DesignPlan, PairBias, Pssm, TiedGroup};
use crate::chemistry::Letter;
use crate::error::PlanError;
use crate::structure::Structure;

impl DesignPlan {
    /// Whether the plan is one for this structure, of whose residues the network sees those that are `resolved`, `[N]`;
    /// the others lack what is `needed`.
    pub(crate) fn check(
        &self,
        structure: &Structure,
        resolved: &[bool],
        needed: &'static str,
    ) -> Result<(), PlanError> {
        let expected = structure.residues.len();
        let tables = [("designed", self.designed.len()), ("bias", self.bias.len()), ("omitted", self.omitted.len())];
        if let Some((table, found)) = tables.into_iter().find(|&(_, found)| found != expected) {
            return Err(PlanError::TableLength { table, found, expected });
        }
        let name = |index: usize| residue_name(&structure.residues[index].id, structure);
        for index in (0..expected).filter(|&index| self.designed[index]) {
            let residue = || name(index);
            if !resolved[index] {
                return Err(PlanError::NoBackbone { residue: residue(), needed });
            }
            if self.omitted[index] & AMINO_ACIDS == AMINO_ACIDS {
                return Err(PlanError::AllOmitted { residue: residue() });
            }
            if self.omitted[index] & bit(Letter::X) == 0 {
                return Err(PlanError::UnknownLetter { residue: residue() });
            }
            if let Some(letter) = Letter::all().find(|letter| !self.bias[index][letter.index()].is_finite()) {
                let value = self.bias[index][letter.index()];
                return Err(PlanError::Bias { residue: residue(), letter: letter.to_char(), value });
            }
        }
        if let Some(index) = self.constraints.named().checked_sub(1).filter(|&index| index >= expected) {
            return Err(PlanError::GoalResidue { index, residues: expected });
        }
        self.check_temperature(structure)?;
        self.check_pairs(structure)?;
        self.check_pssm(structure)?;
        check_ties(&self.ties, structure)?;
        for members in self.ties.iter().map(|tie| &tie.members) {
            if let Some(&fixed) = members.iter().find(|&&member| !self.designed[member]) {
                return Err(PlanError::TiedFixed { residue: name(fixed) });
            }
            for &member in members {
                let unlike = |table| PlanError::TiedUnlike { first: name(members[0]), second: name(member), table };
                if self.bias[member] != self.bias[members[0]] {
                    return Err(unlike("bias"));
                }
                if self.omitted[member] != self.omitted[members[0]] {
                    return Err(unlike("omitted"));
                }
                if self.temperature.get(member) != self.temperature.get(members[0]) {
                    return Err(unlike("temperature"));
                }
                if self.pssm.as_ref().is_some_and(|pssm| !pssm.alike(member, members[0])) {
                    return Err(unlike("pssm"));
                }
            }
        }
        Ok(())
    }

    fn check_temperature(&self, structure: &Structure) -> Result<(), PlanError> {
        let (found, expected) = (self.temperature.len(), structure.residues.len());
        if found != 0 && found != expected {
            return Err(PlanError::TableLength { table: "temperature", found, expected });
        }
        let own = self.temperature.iter().enumerate().filter_map(|(index, own)| Some((index, (*own)?)));
        match own.into_iter().find(|&(_, temperature)| !temperature.is_finite() || temperature < 0.0) {
            Some((index, temperature)) => {
                let residue = residue_name(&structure.residues[index].id, structure);
                Err(PlanError::Temperature { residue, temperature })
            }
            None => Ok(()),
        }
    }

    fn check_pairs(&self, structure: &Structure) -> Result<(), PlanError> {
        let residues = structure.residues.len();
        for (pair, PairBias { residues: indexes, bias }) in self.pair_bias.iter().enumerate() {
            if let Some(&index) = indexes.iter().find(|&&index| index >= residues) {
                return Err(PlanError::PairResidue { pair, index, residues });
            }
            let name = |index: usize| residue_name(&structure.residues[index].id, structure);
            let [first, second] = indexes.map(name);
            if indexes[0] == indexes[1] {
                return Err(PlanError::PairOfOne { residue: first });
            }
            if let Some(&value) = bias.as_flattened().iter().find(|value| !value.is_finite()) {
                return Err(PlanError::PairBias { first, second, value });
            }
        }
        Ok(())
    }

    fn check_pssm(&self, structure: &Structure) -> Result<(), PlanError> {
        let Some(Pssm { weight, coefficient, probabilities, log_odds, threshold }) = &self.pssm else { return Ok(()) };
        let expected = structure.residues.len();
        let log_odds_rows = if log_odds.is_empty() { expected } else { log_odds.len() };
        let tables = [
            ("pssm.coefficient", coefficient.len()),
            ("pssm.probabilities", probabilities.len()),
            ("pssm.log_odds", log_odds_rows),
        ];
        if let Some((table, found)) = tables.into_iter().find(|&(_, found)| found != expected) {
            return Err(PlanError::TableLength { table, found, expected });
        }
        let share = |value: f32| (0.0..=1.0).contains(&value);
        if !share(*weight) {
            return Err(PlanError::Pssm { field: "pssm.weight", value: *weight, allowed: "0 to 1" });
        }
        if threshold.is_nan() {
            return Err(PlanError::Pssm { field: "pssm.threshold", value: *threshold, allowed: "a number" });
        }
        if let Some(&value) = coefficient.iter().find(|&&value| !share(value)) {
            return Err(PlanError::Pssm { field: "pssm.coefficient", value, allowed: "0 to 1" });
        }
        if let Some(&value) = probabilities.as_flattened().iter().find(|&&value| !share(value)) {
            return Err(PlanError::Pssm { field: "pssm.probabilities", value, allowed: "0 to 1" });
        }
        if let Some(&value) = log_odds.as_flattened().iter().find(|value| value.is_nan()) {
            return Err(PlanError::Pssm { field: "pssm.log_odds", value, allowed: "a number" });
        }
        Ok(())
    }
}

/// Whether groups are disjoint ones of residues that there are, a finite weight for each member.
pub(crate) fn check_ties(ties: &[TiedGroup], structure: &Structure) -> Result<(), PlanError> {
    let residues = structure.residues.len();
    let name = |index: usize| residue_name(&structure.residues[index].id, structure);
    let mut tied = vec![false; residues];
    for (group, TiedGroup { members, weights }) in ties.iter().enumerate() {
        if members.is_empty() {
            return Err(PlanError::EmptyTie { group });
        }
        if weights.len() != members.len() {
            return Err(PlanError::TieWeights { group, found: weights.len(), expected: members.len() });
        }
        for (&index, &weight) in members.iter().zip(weights) {
            if index >= residues {
                return Err(PlanError::TiedResidue { group, index, residues });
            }
            if !weight.is_finite() {
                return Err(PlanError::TieWeight { residue: name(index), weight });
            }
            if std::mem::replace(&mut tied[index], true) {
                return Err(PlanError::TiedTwice { residue: name(index) });
            }
        }
    }
    Ok(())
}
