//! Element symbols, and the element of an atom whose file does not state it.

/// The symbols of the periodic table in upper case, in order of atomic number.
const SYMBOLS: [&str; 118] = [
    "H", "HE", "LI", "BE", "B", "C", "N", "O", "F", "NE", "NA", "MG", "AL", "SI", "P", "S", "CL", "AR", "K", "CA",
    "SC", "TI", "V", "CR", "MN", "FE", "CO", "NI", "CU", "ZN", "GA", "GE", "AS", "SE", "BR", "KR", "RB", "SR", "Y",
    "ZR", "NB", "MO", "TC", "RU", "RH", "PD", "AG", "CD", "IN", "SN", "SB", "TE", "I", "XE", "CS", "BA", "LA", "CE",
    "PR", "ND", "PM", "SM", "EU", "GD", "TB", "DY", "HO", "ER", "TM", "YB", "LU", "HF", "TA", "W", "RE", "OS", "IR",
    "PT", "AU", "HG", "TL", "PB", "BI", "PO", "AT", "RN", "FR", "RA", "AC", "TH", "PA", "U", "NP", "PU", "AM", "CM",
    "BK", "CF", "ES", "FM", "MD", "NO", "LR", "RF", "DB", "SG", "BH", "HS", "MT", "DS", "RG", "CN", "NH", "FL", "MC",
    "LV", "TS", "OG",
];

/// Two-letter symbols that are taken as the element when an atom name begins with them, whatever the column.
const UNMISTAKABLE: [&str; 14] = ["CL", "BR", "SI", "SE", "ZN", "FE", "MG", "MN", "CU", "LI", "AL", "AU", "PT", "RU"];

/// The symbol in upper case, with deuterium and tritium as `H`; `None` if it is not an element.
pub(crate) fn element_symbol(text: &str) -> Option<&'static str> {
    let text = text.trim();
    // Files append charges to the symbol, as in `ZN2+` or `O1-`.
    let letters = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let symbol = &text[..letters];
    if symbol.eq_ignore_ascii_case("D") || symbol.eq_ignore_ascii_case("T") {
        return Some("H");
    }
    SYMBOLS.iter().copied().find(|known| known.eq_ignore_ascii_case(symbol))
}

/// The atomic number of a symbol in upper case, as [`element_symbol`] gives it.
pub(crate) fn atomic_number(symbol: &str) -> Option<u8> {
    SYMBOLS.iter().position(|&known| known == symbol).map(|index| index as u8 + 1)
}

/// The symbol of an atomic number in upper case.
pub fn symbol_of(number: u8) -> Option<&'static str> {
    SYMBOLS.get(usize::from(number).checked_sub(1)?).copied()
}

/// Elements that the published table of symbols misspells or leaves out, so that no network has seen them: molybdenum,
/// nihonium, moscovium, tennessine and oganesson.
const UNTRAINED: [u8; 5] = [42, 113, 115, 117, 118];

/// The atomic number that LigandMPNN is shown for an element's symbol; `None` for hydrogen and for elements that
/// LigandMPNN does not know.
pub fn context_element(symbol: &str) -> Option<u8> {
    atomic_number(symbol).filter(|&number| number > 1 && !UNTRAINED.contains(&number))
}

/// Group (1 … 18) and period (1 … 7) of an atomic number, the lanthanides and actinides all in group 3; (0, 0) for a
/// number that is not an element's.
pub(crate) fn group_and_period(number: u8) -> (u8, u8) {
    /// The noble gases, which end their periods.
    const NOBLE: [u8; 7] = [2, 10, 18, 36, 54, 86, 118];
    let Some(row) = NOBLE.iter().position(|&last| (1..=last).contains(&number)) else { return (0, 0) };
    let last = NOBLE[row];
    let before = row.checked_sub(1).map_or(0, |above| NOBLE[above]);
    // Groups are counted from the left up to where the period widens, and from the right after it.
    let (from_left, from_right) = (number - before, last - number);
    let left = match row {
        0 => 1,
        1 | 2 => 2,
        _ => 3,
    };
    let group = if from_left <= left { from_left } else { 18_u8.saturating_sub(from_right).max(left) };
    (group, row as u8 + 1)
}

/// CHARMM's names of ions, which name both the residue and its atom, and AMBER's old ones. Sources:
/// `toppar_water_ions.str` of CHARMM36; `ions94.lib` of AMBER.
const IONS: [(&str, &str); 12] = [
    ("SOD", "NA"),
    ("POT", "K"),
    ("CAL", "CA"),
    ("CES", "CS"),
    ("RUB", "RB"),
    ("CAD", "CD"),
    ("BAR", "BA"),
    ("LIT", "LI"),
    ("CLA", "CL"),
    ("IP", "NA"),
    ("IM", "CL"),
    ("CIO", "CS"),
];

/// The element of an ion with one of these names. Atom and residue must both have it: the PDB has ligands of these
/// names, but none with an atom of the same name.
pub(crate) fn charmm_ion(residue_name: &str, atom_name: &str) -> Option<&'static str> {
    let (_, element) = IONS.into_iter().find(|(name, _)| residue_name.eq_ignore_ascii_case(name))?;
    let is_element = element.eq_ignore_ascii_case(atom_name.trim_end_matches(['+', '-', '1', '2']));
    (atom_name.eq_ignore_ascii_case(residue_name) || is_element).then_some(element)
}

/// A symbol as it is usually written: `Na`.
pub(crate) fn title_case(symbol: &str) -> String {
    let mut characters = symbol.chars();
    characters.next().into_iter().chain(characters.map(|c| c.to_ascii_lowercase())).collect()
}

/// The element of an atom type of AutoDock, as PDBQT files have it: `A` is an aromatic carbon, `NA` a nitrogen that
/// accepts a hydrogen bond. `None` for pseudo atoms and for unknown types.
///
/// Source: `AD4.1_bound.dat` of AutoDock; `atom_constants.h` of AutoDock Vina, where `Na` is sodium; Meeko's glue types.
pub(crate) fn autodock_element(kind: &str) -> Option<&'static str> {
    match kind {
        "A" | "CG" => Some("C"),
        "N" | "NA" | "NS" | "NX" => Some("N"),
        "O" | "OA" | "OS" | "OX" => Some("O"),
        "S" | "SA" => Some("S"),
        "H" | "HD" | "HS" => Some("H"),
        other => SYMBOLS.iter().copied().find(|known| known.eq_ignore_ascii_case(other)),
    }
}

/// Infers the element from an atom's name. `padded` is the name as in its four PDB columns, or without padding in
/// formats that have none; `amino_acid` says that the residue is an amino acid, in which `CA` is a carbon and `HG` a
/// hydrogen.
///
/// The PDB format right-justifies the symbol in the first two of the four columns: `CA  ` is calcium, ` CA ` a carbon.
/// Files that ignore this are common, so the residue name and the plausible symbols count too.
pub(crate) fn infer_element(padded: &str, residue_name: &str, amino_acid: bool) -> Option<&'static str> {
    let name = padded.trim();
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase()).collect();
    let first = element_symbol(letters.get(..1)?);
    if amino_acid {
        // The only two-letter element of an amino acid is the selenium of MSE and SEC.
        return if letters == "SE" { Some("SE") } else { first };
    }
    if let Some(ion) = charmm_ion(residue_name, name) {
        return Some(ion);
    }
    let two = letters
        .get(..2)
        .and_then(element_symbol)
        .filter(|_| name.get(..2).is_some_and(|start| start.bytes().all(|byte| byte.is_ascii_alphabetic())));
    let Some(two) = two else { return first };
    let alone = name.eq_ignore_ascii_case(residue_name) || element_symbol(residue_name) == Some(two);
    if alone || UNMISTAKABLE.contains(&two) { Some(two) } else { first.or(Some(two)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_recognized_in_any_case_with_charges() {
        assert_eq!(element_symbol("Zn"), Some("ZN"));
        assert_eq!(element_symbol(" O1-"), Some("O"));
        assert_eq!(element_symbol("D"), Some("H"));
        assert_eq!(element_symbol(""), None);
        assert_eq!(element_symbol("12"), None);
        assert_eq!(element_symbol("QQ"), None);
    }

    #[test]
    fn numbers_groups_and_periods() {
        let cases = [
            ("H", 1, 1, 1),
            ("HE", 2, 18, 1),
            ("LI", 3, 1, 2),
            ("C", 6, 14, 2),
            ("MG", 12, 2, 3),
            ("P", 15, 15, 3),
            ("SC", 21, 3, 4),
            ("FE", 26, 8, 4),
            ("ZN", 30, 12, 4),
            ("I", 53, 17, 5),
            ("BA", 56, 2, 6),
            ("LA", 57, 3, 6),
            ("GD", 64, 3, 6),
            ("LU", 71, 3, 6),
            ("HF", 72, 4, 6),
            ("HG", 80, 12, 6),
            ("U", 92, 3, 7),
            ("RF", 104, 4, 7),
            ("OG", 118, 18, 7),
        ];
        for (symbol, number, group, period) in cases {
            assert_eq!(atomic_number(symbol), Some(number), "{symbol}");
            assert_eq!(symbol_of(number), Some(symbol));
            assert_eq!(group_and_period(number), (group, period), "{symbol}");
        }
        assert_eq!((atomic_number("XX"), symbol_of(0), symbol_of(119)), (None, None, None));
        assert_eq!((group_and_period(0), group_and_period(119)), ((0, 0), (0, 0)));
    }

    #[test]
    fn networks_are_not_shown_hydrogens_and_what_they_do_not_know() {
        assert_eq!(["H", "X", "", "MO", "OG"].map(context_element), [None; 5]);
        assert_eq!(["C", "HE", "ZN", "SE", "CA", "LR"].map(context_element), [6, 2, 30, 34, 20, 103].map(Some));
    }

    #[test]
    fn elements_are_inferred_from_names() {
        let cases = [
            (" CA ", "ALA", true, "C"),
            ("CA  ", "ALA", true, "C"),
            ("HG11", "VAL", true, "H"),
            ("1HB ", "ALA", true, "H"),
            ("SE  ", "MSE", true, "SE"),
            ("CA  ", "CA", false, "CA"),
            ("ZN  ", "ZN", false, "ZN"),
            ("FE  ", "HEM", false, "FE"),
            ("CL1 ", "LIG", false, "CL"),
            (" C1 ", "LIG", false, "C"),
            ("CD  ", "LIG", false, "C"),
            ("NA  ", "HEM", false, "N"),
            (" NA ", "NA", false, "NA"),
            (" P  ", "DA", false, "P"),
            ("H5''", "DA", false, "H"),
            ("NI  ", "NI", false, "NI"),
            ("SOD ", "SOD", false, "NA"),
            (" NA ", "SOD", false, "NA"),
            ("POT ", "POT", false, "K"),
            ("CAL ", "CAL", false, "CA"),
            ("CES ", "CES", false, "CS"),
            ("RUB ", "RUB", false, "RB"),
            ("CAD ", "CAD", false, "CD"),
            ("BAR ", "BAR", false, "BA"),
            ("LIT ", "LIT", false, "LI"),
            ("CLA ", "CLA", false, "CL"),
            ("IP  ", "IP", false, "NA"),
            // The PDB's ligands CLA and CAD: chlorophyll A and cacodylic acid.
            (" C1A", "CLA", false, "C"),
            (" NA ", "CLA", false, "N"),
            (" O1 ", "CAD", false, "O"),
            ("Na+ ", "Na+", false, "NA"),
            ("K+  ", "K+", false, "K"),
            ("Cl- ", "Cl-", false, "CL"),
            ("ZN  ", "ZN2", false, "ZN"),
            ("MG  ", "MG2", false, "MG"),
            ("CD  ", "CD2", false, "CD"),
            ("I   ", "IOD", false, "I"),
        ];
        for (name, residue, amino_acid, element) in cases {
            assert_eq!(infer_element(name, residue, amino_acid), Some(element), "{name} of {residue}");
        }
        assert_eq!(infer_element("1234", "LIG", false), None);
        assert_eq!(infer_element("é   ", "LIG", false), None);
    }
}
