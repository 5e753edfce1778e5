//! The meaning of residue names in files: modified amino acids, protonation states, waters.
//!
//! Two sources. `modified_residues.txt` is the wwPDB Chemical Component Dictionary's
//! `_chem_comp.mon_nstd_parent_comp_id` for every released peptide component with one standard parent (MSE → MET, SEP →
//! SER, …). The table below has what the dictionary leaves open: D-amino acids, and the 21st and 22nd amino acids.
//! Names of force fields have a table of their own, which wins over the dictionary, because nearly every file with
//! `HSE` means CHARMM's histidine and not homoserine.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::Letter;
use super::force_field_names::{FORCE_FIELD_NAMES, LIPIDS, base_name, variant_of};

const DICTIONARY: &str = include_str!("modified_residues.txt");

/// One line per parent; these names overrule the dictionary.
const BY_HAND: &[(&str, &str)] = &[
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
    // Amino acids that the experiment could not tell apart or identify.
    ("UNK", "UNK ASX GLX"),
];

/// Names of water in the PDB, refinement programs and force fields.
const WATERS: &[&str] = &[
    "HOH", "WAT", "DOD", "H2O", "D2O", "OH2", "TIP", "TP3", "TIP2", "TIP3", "TIP4", "TIP5", "TP4", "SOL", "SPC",
    "SPCE", "T3P", "T4P", "W",
];

/// The names of the tables, each with the letter it stands for.
fn table() -> &'static HashMap<&'static str, Letter> {
    static TABLE: OnceLock<HashMap<&'static str, Letter>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let dictionary = DICTIONARY.lines().filter_map(|line| line.split_once(": "));
        let by_hand = BY_HAND.iter().chain(FORCE_FIELD_NAMES).copied();
        let mut table = HashMap::new();
        for (parent, names) in dictionary.chain(by_hand) {
            let letter = Letter::from_standard_name(parent).unwrap_or(Letter::X);
            table.extend(names.split_whitespace().map(|name| (name, letter)));
        }
        table
    })
}

/// The letter a non-standard residue name stands for: its parent's, or X for names that mean "some amino acid".
/// `None` for the twenty standard names and for everything the tables do not know.
pub fn modified_residue_letter(name: &str) -> Option<Letter> {
    let of = |name: &str| Letter::from_standard_name(name).or_else(|| table().get(name).copied());
    let form = |base: &str| is_base_of_forms(base);
    table()
        .get(name)
        .copied()
        .or_else(|| base_name(name, form).and_then(of))
        .or_else(|| variant_of(name).filter(|_| !is_lipid(name)).and_then(Letter::from_standard_name))
}

/// Whether a name is that of a modified amino acid, and not a force field's name for one of the twenty.
pub(crate) fn is_modified_component(name: &str) -> bool {
    table().contains_key(name) && !is_force_field_name(name)
}

fn is_force_field_name(name: &str) -> bool {
    FORCE_FIELD_NAMES.iter().any(|(_, names)| names.split(' ').any(|known| known == name))
}

/// Whether terminal and charged forms are derived from this name: from the twenty and from those of force fields.
fn is_base_of_forms(name: &str) -> bool {
    Letter::from_standard_name(name).is_some() || name == "HYP" || is_force_field_name(name)
}

fn is_lipid(name: &str) -> bool {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| LIPIDS.split_whitespace().collect()).contains(name)
}

/// Whether a residue name is one of the twenty or in the tables.
pub(crate) fn is_amino_acid_name(name: &str) -> bool {
    Letter::from_standard_name(name).is_some() || modified_residue_letter(name).is_some()
}

/// Whether a name of more than three letters is known, to tell it from a three-letter name that runs into its chain's
/// id.
pub(crate) fn is_long_residue_name(name: &str) -> bool {
    name.len() > 3 && (table().contains_key(name) || base_name(name, is_base_of_forms).is_some() || is_lipid(name))
}

/// The upper-case name of an amino acid or of water, if only that form is known.
pub(crate) fn canonical_residue_name(name: &str) -> Option<&'static str> {
    if !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let capitals = name.to_ascii_uppercase();
    let standard = Letter::from_standard_name(&capitals).map(Letter::residue_name);
    let listed = || table().get_key_value(capitals.as_str()).map(|(&known, _)| known);
    standard.or_else(listed).or_else(|| WATERS.iter().copied().find(|&water| water == capitals))
}

/// Whether a residue name means water, light or heavy.
pub(crate) fn is_water(name: &str) -> bool {
    WATERS.contains(&name)
}

/// Whether a residue name is that of the dummy atoms with which the OPM database and its server PPM mark the borders of
/// a membrane's hydrophobic core; they are not real atoms.
pub(crate) fn is_membrane_mark(name: &str) -> bool {
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
    fn names_of_force_fields_stand_for_their_residues() {
        let expected = [
            // AMBER
            ("NHIS", 'H'),
            ("CTHR", 'T'),
            ("NALA", 'A'),
            ("NHIE", 'H'),
            ("CCYX", 'C'),
            ("CPRO", 'P'),
            ("NASN", 'N'),
            ("AS4", 'D'),
            // CHARMM
            ("HSD", 'H'),
            ("ASPP", 'D'),
            ("LSN", 'K'),
            ("DTRP", 'W'),
            ("CYSP", 'C'),
            ("SERP", 'S'),
            // GROMACS
            ("LYSH", 'K'),
            ("ARGN", 'R'),
            ("CYS2", 'C'),
            ("HISB", 'H'),
            ("NLYSH", 'K'),
            ("GLUH", 'E'),
            ("LYP", 'K'),
            // CYANA
            ("ARG+", 'R'),
            ("GLU-", 'E'),
            ("ASP-", 'D'),
            ("LYS+", 'K'),
            ("HIS+", 'H'),
            ("HIST", 'H'),
            ("CYSS", 'C'),
            // X-PLOR, Rosetta, Schrödinger
            ("CISP", 'P'),
            ("CYZ", 'C'),
            ("HIS_D", 'H'),
            ("ARN", 'R'),
        ];
        for (name, letter) in expected {
            assert_eq!(stands_for(name), Some(letter), "{name}");
        }
        // The PDB's ligands, lipids, solvents, ions and bases whose names look like one.
        let ligands = [
            "CYN", "CYT", "SRO", "CLE", "NAG", "NAD", "NAP", "NDP", "CLA", "CLR", "CA", "NA+", "CL-", "ZN2+", "NHE",
            "NME", "DPPC", "POPC", "SDPC", "DOPE", "CHL1", "TIP3", "DADE", "CYT5", "DA5", "RU3", "NPRX", "A1LU6",
            "A1AAA", "SO4",
        ];
        for name in ligands {
            assert_eq!(stands_for(name), None, "{name}");
        }
        assert_eq!(canonical_residue_name("ala"), Some("ALA"));
        assert_eq!(canonical_residue_name("Mse"), Some("MSE"));
        assert_eq!(canonical_residue_name("hoh"), Some("HOH"));
        assert_eq!((canonical_residue_name("ALA"), canonical_residue_name("lig")), (None, None));
    }

    #[test]
    fn standard_names_and_ligands_are_not_in_the_table() {
        for name in ["ALA", "TYR", "HEM", "ZN", "NAG", "DA", "U", "ACE", "NH2", "HOH", "CRO", ""] {
            assert_eq!(stands_for(name), None, "{name}");
        }
        assert!(is_water("DOD") && is_water("TIP3") && !is_water("ZN"));
    }
}
