//! ProteinMPNN's positions: they count the residues of a chain from 1, those that the numbering skips included.

use fastmpnn::structure::{Residue, Structure};

/// The residues of a chain.
pub(super) fn of_chain<'s>(structure: &'s Structure, id: &str) -> Result<&'s [Residue], String> {
    let chain = structure.chains.iter().find(|chain| *chain.id == *id);
    let chain = chain.ok_or_else(|| format!("there is no chain {}", id.escape_debug()))?;
    Ok(&structure.residues[chain.residues.clone()])
}

/// The number of positions of a chain.
pub(super) fn count(residues: &[Residue]) -> usize {
    residues.last().map_or(0, |last| usize::try_from(last.sequence_position).unwrap_or(0) + 1)
}

/// The residue at a position; `None` where the numbering skips it.
pub(super) fn at(residues: &[Residue], position: u64) -> Result<Option<&Residue>, String> {
    let all = count(residues);
    let there = usize::try_from(position).ok().filter(|position| (1..=all).contains(position));
    let Some(position) = there else {
        let chain = residues.first().map_or("", |residue| &residue.id.chain);
        return Err(format!("chain {chain} has no position {position}: it has {all}, which count from 1"));
    };
    let found = residues.binary_search_by_key(&position, |residue| residue.sequence_position as usize + 1);
    Ok(found.ok().map(|index| &residues[index]))
}
