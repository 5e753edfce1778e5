//! The atoms of a file as the published code's reader, ProDy, has them.
//!
//! - Atoms without an alternate location and those of location `A` are read; the others are left out.
//! - The atoms are those of the first model. Later models with as many atoms give only coordinates. The rest of a file
//!   after the end of a model is left out if it has fewer lines than the model has atoms.
//! - A residue is the atoms that share segment, chain, number and insertion code; atoms after its TER form another
//!   residue.
//!
//! Source: ProDy 2.6.1 (behavior only), `parsePDB`, `HierView`.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use fastmpnn::structure::Point;

use super::records::{NumberedRecord, PdbAtom, ProdyRecord, ProdyRecords};

/// The atoms of a file, `[A]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct AtomGroup {
    pub(crate) atoms: Vec<PdbAtom>,
    /// Whether TER follows the atom. `[A]`
    pub(crate) ends_chain: Vec<bool>,
    /// The six numbers of each atom's anisotropic displacement, zeros for an atom without; `None` if the file has none.
    /// `[A]`
    pub(crate) anisotropy: Option<Vec<[i32; 6]>>,
    /// The coordinates in the models after the first, Å. `[models − 1, A]`
    pub(crate) later_models: Vec<Vec<Point>>,
    /// The residue of each atom, counted in the order of the file. `[A]`
    pub(crate) residue: Vec<usize>,
    /// The chain of each atom; the same letter in two segments is two chains. `[A]`
    pub(crate) chain: Vec<usize>,
}

impl AtomGroup {
    /// Reads a PDB or mmCIF file.
    pub(crate) fn read(path: &Path) -> Result<AtomGroup> {
        let file = ProdyRecords::read(path)?;
        let mut group = AtomGroup::default();
        let mut anisotropy: Vec<Option<[i32; 6]>> = Vec::new();
        let mut later: Option<Vec<Point>> = None;
        let read = |altloc: Option<char>| altloc.is_none() || altloc == Some('A');
        for NumberedRecord { line, record } in file.records {
            match (record, &mut later) {
                (ProdyRecord::Atom(atom), None) if read(atom.altloc) => {
                    group.atoms.push(atom);
                    group.ends_chain.push(false);
                    anisotropy.push(None);
                }
                (ProdyRecord::Atom(atom), Some(points)) if read(atom.altloc) => points.push(atom.position),
                (ProdyRecord::Anisotropic { displacement, altloc }, None) if read(altloc) => {
                    if let Some(last) = anisotropy.last_mut() {
                        *last = Some(displacement);
                    }
                }
                (ProdyRecord::EndOfChain, None) => {
                    if let Some(last) = group.ends_chain.last_mut() {
                        *last = true;
                    }
                }
                (ProdyRecord::EndOfModel, None) if group.atoms.is_empty() => {}
                (ProdyRecord::EndOfModel, None) => {
                    if file.lines - line < group.atoms.len() {
                        break;
                    }
                    later = Some(Vec::new());
                }
                (ProdyRecord::EndOfModel, Some(points)) => {
                    let points = std::mem::take(points);
                    if points.len() == group.atoms.len() {
                        group.later_models.push(points);
                    }
                    if file.lines - line < group.atoms.len() {
                        break;
                    }
                }
                _ => {}
            }
        }
        if let Some(points) = later.filter(|points| !points.is_empty() && points.len() == group.atoms.len()) {
            group.later_models.push(points);
        }
        // Displacements are not kept if there are several models.
        if group.later_models.is_empty() && anisotropy.iter().any(Option::is_some) {
            group.anisotropy = Some(anisotropy.into_iter().map(Option::unwrap_or_default).collect());
        }
        group.find_residues();
        Ok(group)
    }

    fn find_residues(&mut self) {
        let mut chains: HashMap<(&str, &str), usize> = HashMap::new();
        // The residues of each place; atoms are added to an earlier residue only if it is the only one there.
        let mut places: HashMap<(&str, &str, i32, Option<char>), Vec<usize>> = HashMap::new();
        let mut last_atom: Vec<usize> = Vec::new();
        let (mut residues, mut chain_of) = (Vec::with_capacity(self.atoms.len()), Vec::with_capacity(self.atoms.len()));
        let mut previous = None;
        for (index, atom) in self.atoms.iter().enumerate() {
            let count = chains.len();
            chain_of.push(*chains.entry((&atom.segment, &atom.chain)).or_insert(count));
            let place = (&*atom.segment, &*atom.chain, atom.number, atom.insertion);
            let goes_on = previous == Some(place) && !self.ends_chain[index - 1];
            let residue = if goes_on {
                residues[index - 1]
            } else {
                let known = places.entry(place).or_default();
                match known[..] {
                    [one] if !self.ends_chain[last_atom[one]] => one,
                    _ => {
                        known.push(last_atom.len());
                        last_atom.push(index);
                        last_atom.len() - 1
                    }
                }
            };
            last_atom[residue] = index;
            residues.push(residue);
            previous = Some(place);
        }
        (self.residue, self.chain) = (residues, chain_of);
    }
}
