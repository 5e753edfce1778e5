//! What the residue names of files stand for: modified amino acids, protonation states, caps' neighbours, waters.
//!
//! Two sources. `modified_residues.txt` is the wwPDB Chemical Component Dictionary's `_chem_comp.mon_nstd_parent_comp_id`
//! for every released peptide component with one standard parent (MSE → MET, SEP → SER, …). The table below is what
//! the dictionary leaves open: D-amino acids, the 21st and 22nd amino acid, and the names force fields write. Where a
//! force field's name is a component of its own, the force field wins, because nearly every file that says `HSE` means
//! CHARMM's histidine and not homoserine.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Letter;

const DICTIONARY: &str = include_str!("modified_residues.txt");

/// One line a parent, later lines overruling the dictionary.
const BY_HAND: &[(&str, &str)] = &[
    // Force fields and refinement programs: AMBER, CHARMM, GROMACS, Rosetta.
    ("ASP", "ASH ASPH ASPP"),
    ("GLU", "GLH GLUH GLUP"),
    ("HIS", "HID HIE HIP HISA HISB HISD HISE HISH HISP HSD HSE HSP HIH"),
    ("CYS", "CYX CYM CYS2 CYSH CYZ CYD"),
    ("LYS", "LYN LYSH LYSN LSN"),
    ("ARG", "ARN ARGN"),
    ("TYR", "TYM"),
    // Selenocysteine and pyrrolysine have no standard parent; these are the nearest of the twenty.
    ("CYS", "SEC"),
    ("LYS", "PYL"),
    // D-amino acids: mirror images, named for the side chain.
    ("ALA", "DAL"),
    ("ARG", "DAR"),
    ("ASN", "DSG"),
    ("ASP", "DAS"),
    ("CYS", "DCY"),
    ("GLN", "DGN"),
    ("GLU", "DGL"),
    ("HIS", "DHI"),
    ("ILE", "DIL"),
    ("LEU", "DLE"),
    ("LYS", "DLY"),
    ("MET", "MED"),
    ("PHE", "DPN"),
    ("PRO", "DPR"),
    ("SER", "DSN"),
    ("THR", "DTH"),
    ("TRP", "DTR"),
    ("TYR", "DTY"),
    ("VAL", "DVA"),
    // Amino acids that the experiment could not tell apart, or not name at all.
    ("UNK", "UNK ASX GLX"),
];

/// Water in the names of the PDB, refinement programs and force fields.
const WATERS: &[&str] = &[
    "HOH", "WAT", "DOD", "H2O", "D2O", "OH2", "TIP", "TP3", "TIP2", "TIP3", "TIP4", "TIP5", "TP4", "SOL", "SPC",
    "SPCE", "T3P", "T4P", "W",
];

/// The letter a non-standard residue name stands for: its parent's, or X for names that mean "some amino acid".
/// `None` for the twenty standard names and for everything the table does not know.
pub fn modified_residue_letter(name: &str) -> Option<Letter> {
    static TABLE: OnceLock<HashMap<&'static str, Letter>> = OnceLock::new();
    TABLE
        .get_or_init(|| {
            let dictionary = DICTIONARY.lines().filter_map(|line| line.split_once(": "));
            let by_hand = BY_HAND.iter().copied();
            let mut table = HashMap::new();
            for (parent, names) in dictionary.chain(by_hand) {
                let letter = Letter::from_standard_name(parent).unwrap_or(Letter::X);
                table.extend(names.split_whitespace().map(|name| (name, letter)));
            }
            table
        })
        .get(name)
        .copied()
}

/// Whether a residue name means water, light or heavy.
pub fn is_water(name: &str) -> bool {
    WATERS.contains(&name)
}

/// Whether a residue name is that of the dummy atoms by which the OPM database and its server PPM mark where the hydrophobic
/// part of a membrane ends: no atoms of anything.
pub fn is_membrane_mark(name: &str) -> bool {
    name == "DUM"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands_for(name: &str) -> Option<char> {
        modified_residue_letter(name).map(Letter::to_char)
    }

    #[test]
    fn common_modified_residues_stand_for_their_parents() {
        let expected = [
            ("MSE", 'M'),
            ("SEP", 'S'),
            ("TPO", 'T'),
            ("PTR", 'Y'),
            ("CSO", 'C'),
            ("CME", 'C'),
            ("KCX", 'K'),
            ("LLP", 'K'),
            ("MLY", 'K'),
            ("M3L", 'K'),
            ("HYP", 'P'),
            ("PCA", 'Q'),
            ("SEC", 'C'),
            ("PYL", 'K'),
            ("GLH", 'E'),
            ("CYX", 'C'),
            ("CYM", 'C'),
            ("HIE", 'H'),
            ("HSE", 'H'),
            ("HIP", 'H'),
            ("ASH", 'D'),
            ("LYN", 'K'),
            ("DAL", 'A'),
            ("UNK", 'X'),
            ("BP5", 'A'),
            ("OCS", 'C'),
            ("FME", 'M'),
            ("CGU", 'E'),
            ("TYS", 'Y'),
            ("NLE", 'L'),
        ];
        for (name, letter) in expected {
            assert_eq!(stands_for(name), Some(letter), "{name}");
        }
    }

    #[test]
    fn standard_names_and_ligands_are_not_in_the_table() {
        for name in ["ALA", "TYR", "HEM", "ZN", "NAG", "DA", "U", "ACE", "NH2", "HOH", "CRO", ""] {
            assert_eq!(stands_for(name), None, "{name}");
        }
        assert!(is_water("DOD") && is_water("TIP3") && !is_water("ZN"));
    }
}
