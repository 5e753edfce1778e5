//! Which atoms are protein, its backbone, water, or anything else, by ProDy's definitions; and ProDy's name for a
//! selection of atoms, which is in the first line of the files that it writes.
//!
//! Source: ProDy 2.6.1 (behavior only), `atomic/flags.py`, `atomic/select.py`.

use super::atoms::AtomGroup;

/// Names of residues that are protein if they have a CA: the twenty, and those that ProDy adds.
const AMINO_ACIDS: [&str; 48] = [
    "ALA", "ARG", "ASN", "ASP", "CYS", "GLN", "GLU", "GLY", "HIS", "ILE", "LEU", "LYS", "MET", "PHE", "PRO", "SER",
    "THR", "TRP", "TYR", "VAL", "ASX", "GLX", "ASH", "GLH", "CSO", "CYX", "HIP", "HID", "HIE", "HSD", "HSE", "HSP",
    "HISD", "HISE", "HISP", "LYN", "TYM", "ARN", "MSE", "CME", "SEC", "SEP", "TPO", "PTR", "PHD", "XLE", "XAA", "MEN",
];

/// One more residue that ProDy adds.
const CSB: &str = "CSB";

const WATERS: [&str; 12] = ["HOH", "DOD", "WAT", "TIP3", "H2O", "OH2", "TIP", "TIP2", "TIP4", "SPC", "SOL", "T3P"];

const IONS: [&str; 34] = [
    "AL", "BA", "CA", "CD", "CL", "CO", "CS", "CU", "CU1", "CUA", "HG", "IN", "IOD", "K", "MG", "MN", "MN3", "NA",
    "PB", "PT", "RB", "TB", "TL", "WO4", "YB", "ZN", "CAL", "CES", "CLA", "POT", "SOD", "ZN2", "CU2", "CU2P",
];

/// Names of nucleic acids and their building blocks.
pub(crate) const NUCLEIC: [&str; 59] = [
    "2MA", "2MG", "2YR", "3TD", "4OC", "5GP", "5MC", "5MU", "6MA", "7MG", "A", "A2P", "A3P", "ADE", "ADN", "ADP",
    "AGS", "AMP", "ATP", "C", "C2P", "C3P", "C5P", "CDP", "CMP", "CP1", "CTN", "CTP", "CYT", "DA", "DC", "DG", "DT",
    "DU", "G", "GDP", "GMP", "GTP", "GUA", "GUN", "MA6", "MIA", "OMC", "OMG", "OMU", "PSU", "T", "THM", "THY", "TMP",
    "TPP", "TTP", "U", "UDP", "UMP", "UR3", "URA", "URI", "UTP",
];

/// N, CA, C and O, by name.
pub(crate) const BACKBONE: [&str; 4] = ["CA", "C", "O", "N"];

/// Some atoms of a group.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// Indices into the group's atoms, ascending.
    pub(crate) atoms: Vec<usize>,
    /// How it was chosen; empty for all atoms.
    text: String,
}

impl Selection {
    /// All atoms.
    pub(crate) fn all(group: &AtomGroup) -> Selection {
        Selection { atoms: (0..group.atoms.len()).collect(), text: String::new() }
    }

    /// The atoms of this selection that meet a condition, which ProDy calls `text`.
    pub(crate) fn select(&self, text: &str, wanted: impl Fn(usize) -> bool) -> Selection {
        let atoms = self.atoms.iter().copied().filter(|&atom| wanted(atom)).collect();
        let text = if self.text.is_empty() { text.to_owned() } else { format!("({text}) and ({})", self.text) };
        Selection { atoms, text }
    }

    /// Its name in the first line of a file.
    pub(crate) fn title(&self) -> String {
        const ENDS: usize = 15;
        let characters: Vec<char> = self.text.chars().collect();
        let shown = if characters.len() > 33 {
            let (start, end) = (&characters[..ENDS], &characters[characters.len() - ENDS..]);
            format!("{}...{}", start.iter().collect::<String>(), end.iter().collect::<String>())
        } else {
            self.text.clone()
        };
        format!("Selection {}", crate::python::text::quoted(&shown))
    }
}

/// What each atom of a group is part of.
#[derive(Clone, Debug)]
pub(crate) struct Kinds {
    /// `protein`. `[A]`
    pub(crate) protein: Vec<bool>,
    /// `water`. `[A]`
    pub(crate) water: Vec<bool>,
    /// `ion`. `[A]`
    pub(crate) ion: Vec<bool>,
}

impl Kinds {
    pub(crate) fn of(group: &AtomGroup) -> Kinds {
        let mut has_alpha = vec![false; group.residue.iter().max().map_or(0, |last| last + 1)];
        for (atom, &residue) in group.atoms.iter().zip(&group.residue) {
            let name = &*atom.residue_name;
            if atom.name == "CA" && (AMINO_ACIDS.contains(&name) || name == CSB) {
                has_alpha[residue] = true;
            }
        }
        let named = |list: &[&str]| -> Vec<bool> {
            group.atoms.iter().map(|atom| list.contains(&&*atom.residue_name)).collect()
        };
        let (water, ion) = (named(&WATERS), named(&IONS));
        let part = |(index, &residue): (usize, &usize)| has_alpha[residue] && !water[index] && !ion[index];
        let protein = group.residue.iter().enumerate().map(part).collect();
        Kinds { protein, water, ion }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_choices_are_called_by_their_ends() {
        let all = Selection::all(&AtomGroup::default());
        let protein = all.select("occupancy > 0", |_| true).select("protein", |_| true);
        assert_eq!(protein.title(), "Selection '(protein) and (occupancy > 0)'");
        let backbone = protein.select("backbone", |_| true);
        assert_eq!(backbone.title(), "Selection '(backbone) and ...occupancy > 0))'");
    }
}
