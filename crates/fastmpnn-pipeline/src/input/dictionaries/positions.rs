//! ProteinMPNN's positions: they count the residues of a chain from 1, those that the numbering skips included.

use fastmpnn::structure::{Residue, Structure};

/// The positions of a chain.
pub(super) struct Positions<'s> {
    residues: &'s [Residue],
    /// The index of its first residue in the structure.
    first: usize,
    /// The positions before that, which have no atoms.
    before: usize,
    /// Whether there may be some after the last residue.
    open: bool,
}

impl<'s> Positions<'s> {
    /// Of a chain; `None` where the structure has none of that id. In parsed structures, residues are numbered by their
    /// positions, and those without atoms are not there.
    pub(super) fn of_chain(structure: &'s Structure, id: &str, parsed: bool) -> Option<Positions<'s>> {
        let chain = structure.chains.iter().find(|chain| *chain.id == *id)?;
        let residues = &structure.residues[chain.residues.clone()];
        let number = residues.first().map_or(1, |first| first.id.number);
        let before = if parsed { usize::try_from(number - 1).unwrap_or(0) } else { 0 };
        Some(Positions { residues, first: chain.residues.start, before, open: parsed })
    }

    /// The position of a residue, from 0.
    fn of(&self, residue: &Residue) -> usize {
        self.before + usize::try_from(residue.sequence_position).unwrap_or(0)
    }

    /// The number of positions up to the last residue.
    fn count(&self) -> usize {
        self.residues.last().map_or(0, |last| self.of(last) + 1)
    }

    /// The residue at a position, from 1; `None` where there is none with atoms.
    pub(super) fn at(&self, position: u64) -> Result<Option<&'s Residue>, String> {
        let all = self.count();
        let wanted = usize::try_from(position).unwrap_or(usize::MAX);
        if wanted == 0 || wanted > all && !self.open {
            let chain = self.residues.first().map_or("", |residue| &residue.id.chain);
            return Err(format!("chain {chain} has no position {position}: it has {all}, which count from 1"));
        }
        let found = self.residues.binary_search_by_key(&wanted, |residue| self.of(residue) + 1);
        Ok(found.ok().map(|index| &self.residues[index]))
    }

    /// The index of each residue in the structure, and of its row in a table with `found` positions.
    pub(super) fn rows(&self, found: usize) -> Result<Vec<(usize, usize)>, String> {
        let expected = self.count();
        if found < expected || found > expected && !self.open {
            return Err(format!("{found} rows for {expected} positions"));
        }
        Ok(self.residues.iter().zip(self.first..).map(|(residue, index)| (index, self.of(residue))).collect())
    }
}
