//! Options for reading a structure.

use super::{BackboneAtoms, Gaps, LigandChoice};

/// Options for reading a structure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The number of the model to read, as in the file; `None` is the first model.
    pub model_number: Option<i32>,
    /// Which alternate location of a residue is read.
    pub altloc: AltlocChoice,
    /// How residue numbers that are skipped along an unbroken chain are counted.
    pub gaps: Gaps,
    /// The atoms that residues must have, which depends on the family of the network.
    pub needs: BackboneAtoms,
    /// Residues to read as ligands even where they would be protein.
    pub ligands: Vec<LigandChoice>,
    /// Leave out protein and ligand atoms whose occupancy is 0 or less, as if the file did not have them. The published
    /// LigandMPNN does so unless `--parse_atoms_with_zero_occupancy` is given.
    pub leave_out_unoccupied: bool,
    /// The biological assembly to build, by its id in the file, such as `1`; or `models`, to take the models of the
    /// file as its copies. `None` reads the atoms as they are in the file.
    pub assembly: Option<String>,
}

impl ReadOptions {
    /// With another [`ReadOptions::model_number`].
    #[must_use]
    pub fn with_model_number(self, model_number: Option<i32>) -> ReadOptions {
        ReadOptions { model_number, ..self }
    }

    /// With another [`ReadOptions::altloc`].
    #[must_use]
    pub fn with_altloc(self, altloc: AltlocChoice) -> ReadOptions {
        ReadOptions { altloc, ..self }
    }

    /// With another [`ReadOptions::gaps`].
    #[must_use]
    pub fn with_gaps(self, gaps: Gaps) -> ReadOptions {
        ReadOptions { gaps, ..self }
    }

    /// With another [`ReadOptions::needs`].
    #[must_use]
    pub fn with_needs(self, needs: BackboneAtoms) -> ReadOptions {
        ReadOptions { needs, ..self }
    }

    /// With another [`ReadOptions::ligands`].
    #[must_use]
    pub fn with_ligands(self, ligands: Vec<LigandChoice>) -> ReadOptions {
        ReadOptions { ligands, ..self }
    }

    /// With another [`ReadOptions::leave_out_unoccupied`].
    #[must_use]
    pub fn with_leave_out_unoccupied(self, leave_out_unoccupied: bool) -> ReadOptions {
        ReadOptions { leave_out_unoccupied, ..self }
    }

    /// With another [`ReadOptions::assembly`].
    #[must_use]
    pub fn with_assembly(self, assembly: Option<String>) -> ReadOptions {
        ReadOptions { assembly, ..self }
    }
}

/// Which alternate location of a residue or ligand is read. One location is read of each; only heavy atoms decide
/// which.
///
/// Atoms without a letter belong to every location, unless lettered atoms repeat their names: then they are a location of
/// their own. Atoms that only other locations have are left out, as the published LigandMPNN does; a location that lacks N, CA
/// or C is passed over for one that has them, unless it is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AltlocChoice {
    /// The first one in the file, as in the published code.
    #[default]
    First,
    /// The one with the highest mean occupancy; the first of equal ones.
    Occupancy,
    /// The one with this letter where the residue has it, otherwise the first.
    Named(char),
}
