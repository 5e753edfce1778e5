//! Which residues are designed: what is fixed, redesigned and tied, taken together.

use super::quotation::quoted;
use super::ranges::short_ranges;
use super::resolver::{Resolver, marked};
use super::{DesignSpec, SpecWords};
use crate::chemistry::Letter;
use crate::error::SpecError;
use crate::structure::{BackboneAtoms, Residue};

pub(super) const CHAINS: &str = "chains";
const PDB_LABELS: &str = "pdb_labels";

/// Which residues are designed, and which of them have no choice.
pub(super) struct Roles {
    pub(super) designed: Vec<bool>,
    /// Designed residues that carry the letter of a fixed partner.
    pub(super) forced: Vec<(usize, Letter)>,
}

impl Resolver<'_> {
    pub(super) fn roles(&mut self, spec: &DesignSpec, in_chains: &[bool]) -> Result<Roles, SpecError> {
        let mut fixed = self.marks(spec.words.fix, &spec.fix)?;
        if let Some(set) = &spec.by_residue.fix {
            let more = set.marks(spec.words.fix, self.structure)?;
            fixed.iter_mut().zip(more).for_each(|(fixed, more)| *fixed |= more);
        }
        if spec.pdb_labels {
            self.fix_labeled(&mut fixed)?;
        }
        let mut named = self.marks(spec.words.redesign, &spec.redesign)?;
        if let Some(set) = &spec.by_residue.redesign {
            let more = set.marks(spec.words.redesign, self.structure)?;
            named.iter_mut().zip(more).for_each(|(named, more)| *named |= more);
        }
        let named = marked(&named);
        let redesigned = self.extended(spec.words.redesign, &spec.redesign.join(","), &named);
        self.remark_on_redesign(&spec.words, &named, in_chains);
        let everything = spec.redesign.is_empty() && spec.by_residue.redesign.is_none();
        let mut designed = vec![everything; in_chains.len()];
        for &index in &redesigned {
            designed[index] = true;
        }
        let both: Vec<usize> = redesigned.iter().copied().filter(|&index| fixed[index]).collect();
        if !both.is_empty() {
            let both_ranges = self.ranges(&both);
            let SpecWords { fix, redesign, designed } = spec.words;
            self.warnings.push(format!("`{redesign}` beats `{fix}`: {both_ranges} is {designed}"));
        }
        for index in both {
            fixed[index] = false;
        }
        for (index, designed) in designed.iter_mut().enumerate() {
            *designed &= in_chains[index] && !fixed[index] && !self.masked[index];
        }
        let mut roles = Roles { designed, forced: Vec::new() };
        self.settle_groups(&fixed, &mut roles);
        if roles.designed.contains(&true) {
            return Ok(roles);
        }
        if let Some(chains) = spec.chains.as_ref().filter(|_| !named.is_empty() && !named.iter().any(|&i| in_chains[i]))
        {
            return Err(self.other_chains(&named, chains));
        }
        let masked = self.masked.iter().filter(|&&masked| masked).count();
        let count = self.masked.len();
        Err(SpecError::NothingDesigned {
            structure: self.structure.name.clone(),
            count,
            reason: format!(
                "{} are fixed and {masked} have no {}{}",
                count - masked,
                self.structure.needs.noun(),
                if self.is_trace() { "; CA atoms alone are enough for the CA-only networks" } else { "" }
            ),
        })
    }

    /// Marks the residues that the file labels FIXED.
    fn fix_labeled(&mut self, fixed: &mut [bool]) -> Result<(), SpecError> {
        let structure = self.structure;
        for label in &structure.fixed_labels {
            let id = label.residue.as_ref().map_err(|reason| SpecError::Malformed {
                field: PDB_LABELS,
                item: format!("line {}", label.line),
                reason: reason.clone(),
            })?;
            structure.residues.iter().zip(&mut *fixed).for_each(|(residue, fixed)| *fixed |= residue.id == *id);
        }
        if structure.fixed_labels.is_empty() {
            self.warnings.push(format!("`{PDB_LABELS}`: no residue is labeled FIXED in {}", structure.name));
        }
        Ok(())
    }

    /// The error where everything named for redesign is in chains that are not designed.
    fn other_chains(&self, named: &[usize], chains: &str) -> SpecError {
        let mut of: Vec<&str> = named.iter().map(|&index| self.structure.residues[index].id.chain.as_ref()).collect();
        of.dedup();
        let plural = if of.len() == 1 { "" } else { "s" };
        SpecError::OtherChains {
            structure: self.structure.name.clone(),
            residues: self.ranges(named),
            chains: quoted(chains),
            named: format!("chain{plural} {}", of.join(", ")),
        }
    }

    /// Whether there is nothing but CA atoms, and that is not enough.
    fn is_trace(&self) -> bool {
        let alpha_alone = |residue: &Residue| {
            residue.has(BackboneAtoms::Alpha) && !["N", "C"].iter().any(|name| residue.atom(name).is_some())
        };
        self.structure.needs == BackboneAtoms::All && self.structure.residues.iter().all(alpha_alone)
    }

    fn remark_on_redesign(&mut self, words: &SpecWords, named: &[usize], in_chains: &[bool]) {
        let SpecWords { redesign, designed, .. } = words;
        let outside: Vec<usize> = named.iter().copied().filter(|&i| !in_chains[i]).collect();
        if !outside.is_empty() {
            let outside = self.ranges(&outside);
            self.warnings
                .push(format!("`{redesign}` names {outside}, in chains that `{CHAINS}` leaves fixed: not {designed}"));
        }
        let masked: Vec<usize> = named.iter().copied().filter(|&i| in_chains[i] && self.masked[i]).collect();
        if !masked.is_empty() {
            let (masked, noun) = (self.ranges(&masked), self.structure.needs.long_noun());
            self.warnings.push(format!("`{redesign}` names {masked}, without a {noun}: not {designed}"));
        }
    }

    /// Gives each tied group one letter where a member is fixed, and takes note of masked members.
    fn settle_groups(&mut self, fixed: &[bool], roles: &mut Roles) {
        let (mut kept, mut forced, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        let (mut disagreeing, mut dropped) = (Vec::new(), Vec::new());
        for group in &self.groups {
            let is_designed = |&&member: &&usize| roles.designed[member];
            let designed: Vec<usize> = group.members.iter().filter(is_designed).copied().collect();
            if designed.is_empty() {
                continue;
            }
            // A masked residue says nothing of its letter unless the user fixed it by name.
            let keeps = |&&member: &&usize| !roles.designed[member] && (!self.masked[member] || fixed[member]);
            let keepers: Vec<usize> = group.members.iter().filter(keeps).copied().collect();
            let is_dropped = |member: &&usize| self.masked[**member] && !fixed[**member];
            dropped.extend(group.members.iter().filter(is_dropped));
            let decides = keepers.iter().find(|&&member| self.letter(member) != Letter::X);
            let Some(&decides) = decides else {
                unknown.extend(keepers);
                continue;
            };
            let letter = self.letter(decides);
            if keepers.iter().any(|&member| self.letter(member) != letter) {
                disagreeing.push(decides);
            }
            for member in designed {
                if self.letter(member) == letter {
                    roles.designed[member] = false;
                    kept.push(member);
                } else {
                    roles.forced.push((member, letter));
                    forced.push(format!("{} takes {letter} of {}", self.name(member), self.name(decides)));
                }
            }
        }
        let mut warn = |mut indexes: Vec<usize>, sentence: &dyn Fn(String) -> String| {
            if !indexes.is_empty() {
                indexes.sort_unstable();
                self.warnings.push(sentence(short_ranges(&indexes, self.structure)));
            }
        };
        warn(kept, &|kept| format!("{kept} is fixed as well, tied to fixed residues of the same letter"));
        warn(disagreeing, &|first| {
            format!(
                "fixed residues of one tied group have different letters; that of {first} decides for the designed members"
            )
        });
        warn(unknown, &|unknown| {
            format!("{unknown} is fixed with an unknown letter (X): the residues tied to it are designed without it")
        });
        let noun = self.structure.needs.long_noun();
        warn(dropped, &|dropped| format!("{dropped} has no {noun}: the residues tied to it are designed without it"));
        if !forced.is_empty() {
            const SHOWN: usize = 6;
            let more = match forced.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            forced.truncate(SHOWN);
            self.warnings.push(format!(
                "tied residues carry one letter, and where one is fixed its native letter holds: {}{more}",
                forced.join(", ")
            ));
        }
    }
}
