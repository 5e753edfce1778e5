//! Whether a plan, wherever it comes from, is one for a structure.

use super::letters::{AMINO_ACIDS, bit};
use super::ranges::residue_name;
use super::{DesignPlan, TiedGroup};
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
            }
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
