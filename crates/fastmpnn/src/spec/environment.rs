//! The environment of the protein, residue by residue: the part of a plan that the features see.

use super::MembraneClass;
use super::ranges::short_ranges;
use crate::structure::Structure;

/// The environment of each of N residues. The default is that of the published programs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Environment {
    /// Whether networks with a context encoder see the atoms of ligands.
    pub ligands: bool,
    /// The residues whose side chains such networks see as well, `[N]`; none when empty.
    pub side_chains_of: Vec<bool>,
    /// The class of each residue, `[N]`; all [`MembraneClass::Outside`] when empty.
    pub membrane: Vec<MembraneClass>,
    /// The residues of cyclic chains, whose last residue is bonded to the first, `[N]`; none when empty.
    ///
    /// Between two residues of such a chain of L positions the offset d = i − j along the chain counts as the one of
    /// smallest magnitude that equals it modulo L, in −L/2 < d ≤ L/2: the residues before the first are the last ones.
    pub cyclic: Vec<bool>,
}

impl Environment {
    /// With another [`Environment::ligands`].
    #[must_use]
    pub fn with_ligands(self, ligands: bool) -> Environment {
        Environment { ligands, ..self }
    }

    /// With another [`Environment::side_chains_of`].
    #[must_use]
    pub fn with_side_chains_of(self, side_chains_of: Vec<bool>) -> Environment {
        Environment { side_chains_of, ..self }
    }

    /// With another [`Environment::membrane`].
    #[must_use]
    pub fn with_membrane(self, membrane: Vec<MembraneClass>) -> Environment {
        Environment { membrane, ..self }
    }

    /// With another [`Environment::cyclic`].
    #[must_use]
    pub fn with_cyclic(self, cyclic: Vec<bool>) -> Environment {
        Environment { cyclic, ..self }
    }
}

impl Default for Environment {
    fn default() -> Environment {
        Environment { ligands: true, side_chains_of: Vec::new(), membrane: Vec::new(), cyclic: Vec::new() }
    }
}

impl Environment {
    /// The number of each of `residues` classes.
    pub(crate) fn membrane_classes(&self, residues: usize) -> Vec<u8> {
        (0..residues).map(|index| self.membrane.get(index).copied().unwrap_or_default() as u8).collect()
    }

    /// `labels A1-20 buried`, `takes B1-12 for cyclic`: clauses of a plan's summary.
    pub(super) fn clauses(&self, structure: &Structure) -> Vec<String> {
        let mut clauses = self.membrane_clauses(structure);
        let cyclic: Vec<usize> = (0..self.cyclic.len()).filter(|&index| self.cyclic[index]).collect();
        if !cyclic.is_empty() {
            clauses.push(format!("takes {} for cyclic", short_ranges(&cyclic, structure)));
        }
        clauses
    }

    fn membrane_clauses(&self, structure: &Structure) -> Vec<String> {
        let of_class = |class: MembraneClass| -> Vec<usize> {
            (0..self.membrane.len()).filter(|&index| self.membrane[index] == class).collect()
        };
        let names = [(MembraneClass::Buried, "buried"), (MembraneClass::Interface, "interface")];
        if self.membrane.is_empty() {
            return Vec::new();
        }
        match self.membrane.first().filter(|first| self.membrane.iter().all(|class| class == *first)) {
            Some(MembraneClass::Outside) => return vec!["labels every residue soluble".to_owned()],
            Some(MembraneClass::Interface) => return vec!["labels every residue transmembrane (1)".to_owned()],
            _ => {}
        }
        let clause = |(class, name): (MembraneClass, &str)| {
            let residues = of_class(class);
            (!residues.is_empty()).then(|| format!("labels {} {name}", short_ranges(&residues, structure)))
        };
        names.into_iter().filter_map(clause).collect()
    }
}
