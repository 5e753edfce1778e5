//! What is around the protein, residue by residue: the part of a plan that the features see.

/// Where a residue is, for the membrane networks; the numbers are the published ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum MembraneClass {
    /// Neither of the others: outside the membrane. With the network of global labels: a soluble protein.
    #[default]
    Outside = 0,
    /// In the membrane's interface. With the network of global labels: a transmembrane protein.
    Interface = 1,
    /// Buried.
    Buried = 2,
}

impl MembraneClass {
    /// Every class, by its number.
    pub const ALL: [MembraneClass; 3] = [MembraneClass::Outside, MembraneClass::Interface, MembraneClass::Buried];
}

/// What surrounds each of N residues. Its default is what the published programs assume where nothing is said.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings {
    /// Whether networks with a context encoder see the atoms of ligands.
    pub ligands: bool,
    /// The residues whose side chains such networks see as well, `[N]`; none when empty.
    pub side_chains_of: Vec<bool>,
    /// The class of each residue, `[N]`; all [`MembraneClass::Outside`] when empty.
    pub membrane: Vec<MembraneClass>,
}

impl Default for Surroundings {
    fn default() -> Surroundings {
        Surroundings { ligands: true, side_chains_of: Vec::new(), membrane: Vec::new() }
    }
}

impl Surroundings {
    /// The number of each of `residues` classes.
    pub(crate) fn membrane_classes(&self, residues: usize) -> Vec<u8> {
        (0..residues).map(|index| self.membrane.get(index).copied().unwrap_or_default() as u8).collect()
    }
}
