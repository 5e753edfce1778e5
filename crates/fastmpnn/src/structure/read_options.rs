//! What to read of a file, and how.

use super::{BackboneAtoms, Gaps, LigandChoice};

/// What to read of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The model, by the file's number; `None` is the first.
    pub model_number: Option<i32>,
    /// Which alternate location of a residue counts.
    pub altloc: AltlocChoice,
    /// How residue numbers are counted that are skipped along an unbroken chain.
    pub gaps: Gaps,
    /// The atoms that residues must have, which depends on the family of the network.
    pub needs: BackboneAtoms,
    /// Residues that are ligands, whatever the file makes of them.
    pub ligands: Vec<LigandChoice>,
    /// Leave out atoms whose occupancy is 0 or less, of protein and ligands, as though the file did not have them. So the
    /// published LigandMPNN reads unless `--parse_atoms_with_zero_occupancy` is given.
    pub leave_out_unoccupied: bool,
    /// The biological assembly to build of the file's chains, by the file's id for it, such as `1`; or `models`, which are
    /// taken for its copies. The atoms as they stand in the file when `None`.
    pub assembly: Option<String>,
}

/// Which alternate location of a residue or ligand counts. One location is read of each; heavy atoms alone decide which.
///
/// Atoms without a letter belong to every location, unless lettered atoms repeat their names: then they are a location of
/// their own. Atoms that only other locations have are left out, as the published LigandMPNN does; a location that lacks N, CA
/// or C is passed over for one that has them, unless it is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AltlocChoice {
    /// The one the file names first, as the published code reads.
    #[default]
    First,
    /// The one of the highest mean occupancy; the first of equal ones.
    Occupancy,
    /// This one where the residue has it, else the first.
    Named(char),
}
