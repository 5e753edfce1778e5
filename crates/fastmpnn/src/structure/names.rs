//! Converts names to those of the PDB: residue names in lower case, atom names of molecular dynamics programs, ions
//! with a wrong element. Also removes atoms without coordinates.

use super::atom_record::{AtomRecord, ParsedModel};
use super::numbering::list_some;
use super::polymer::distance;
use crate::chemistry::{canonical_residue_name, charmm_ion, element_symbol, is_amino_acid_name, title_case};

/// The names of the first and second oxygen of a C terminus: AMBER's residues in GROMACS, CHARMM and X-PLOR, GROMOS and
/// OPLS, Insight. Source: `aminoacids.c.tdb` of the force fields in GROMACS 2024; the patch `CTER` of CHARMM's
/// `top_all36_prot.rtf`.
const TERMINAL_OXYGENS: [(&str, &str); 4] = [("OC1", "OC2"), ("OT1", "OT2"), ("O1", "O2"), ("O'", "O''")];

/// A C–O bond is no longer than this, Å.
const CARBONYL: f32 = 1.8;

/// Removes atoms without coordinates, with a warning.
pub(super) fn leave_out_absent(parsed: &mut ParsedModel<'_>) {
    let mut residues: Vec<String> = Vec::new();
    let mut first = None;
    let mut count = 0;
    for record in parsed.records.iter().filter(|record| !record.has_position()) {
        first.get_or_insert(record.line);
        count += 1;
        let id = record.residue_id().to_string();
        if residues.last() != Some(&id) {
            residues.push(id);
        }
    }
    let Some(line) = first else { return };
    parsed.records.retain(AtomRecord::has_position);
    let (atoms, have) = if count == 1 { ("atom", "has") } else { ("atoms", "have") };
    let of = if residues.len() == 1 { "residue" } else { "residues" };
    let message = format!("{count} {atoms} of {of} {} {have} no coordinates: absent", list_some(&residues));
    parsed.warnings.push((line, message));
}

/// Gives residues and atoms their PDB names.
pub(super) fn use_canonical_names(parsed: &mut ParsedModel<'_>) {
    capitalize(parsed);
    capitalize_atoms(parsed);
    correct_ions(parsed);
    let declared: Vec<String> = parsed.declared_parents.iter().map(|(name, _)| (*name).to_owned()).collect();
    name_terminal_oxygens(parsed, &declared);
    name_isoleucine(parsed);
}

/// Capitalizes names of amino acids and water.
fn capitalize(parsed: &mut ParsedModel<'_>) {
    let mut changed: Vec<String> = Vec::new();
    let mut first = None;
    for record in &mut parsed.records {
        let Some(name) = canonical_residue_name(record.residue_name) else { continue };
        first.get_or_insert(record.line);
        if !changed.iter().any(|known| known == record.residue_name) {
            changed.push(record.residue_name.to_owned());
        }
        record.residue_name = name;
    }
    if let Some(line) = first {
        let message = format!("residue names in small letters ({}): read as in capitals", list_some(&changed));
        parsed.warnings.push((line, message));
    }
}

/// Heavy atoms of the twenty amino acids.
const HEAVY_ATOMS: [&str; 37] = [
    "N", "CA", "C", "O", "CB", "CG", "CG1", "CG2", "CD", "CD1", "CD2", "CE", "CE1", "CE2", "CE3", "CZ", "CZ2", "CZ3",
    "CH2", "ND1", "ND2", "NE", "NE1", "NE2", "NH1", "NH2", "NZ", "OD1", "OD2", "OE1", "OE2", "OG", "OG1", "OH", "OXT",
    "SD", "SG",
];

/// Capitalizes the atom names of amino acids that have no CA in capitals.
fn capitalize_atoms(parsed: &mut ParsedModel<'_>) {
    let mut first = None;
    for residue in parsed.records.chunk_by_mut(same_residue) {
        let has = |name: &str| residue.iter().any(|record| record.name == name);
        if has("CA") || !(has("ca") || has("Ca")) || !is_amino_acid_name(residue[0].residue_name) {
            continue;
        }
        for record in residue.iter_mut() {
            let Some(name) = HEAVY_ATOMS.iter().find(|known| known.eq_ignore_ascii_case(record.name)) else { continue };
            first.get_or_insert(record.line);
            // The element of an amino acid's atom follows from the name without its padding.
            (record.name, record.padded_name) = (name, name);
        }
    }
    if let Some(line) = first {
        parsed
            .warnings
            .push((line, "atom names in small letters (n, ca, c and others): read as in capitals".to_owned()));
    }
}

/// Programs that guess an element from a first letter take CHARMM's SOD for sulfur and its CLA for carbon.
fn correct_ions(parsed: &mut ParsedModel<'_>) {
    let mut told: Vec<&str> = Vec::new();
    for record in &mut parsed.records {
        let Some(element) = charmm_ion(record.residue_name, record.name) else { continue };
        let Some(stated) = element_symbol(record.element).filter(|&stated| stated != element) else { continue };
        record.element = element;
        if !told.contains(&element) {
            told.push(element);
            let (element, stated) = (title_case(element), title_case(stated));
            let message = format!(
                "{} is read as {element}, as CHARMM calls it, though the file has {stated} for its element",
                record.residue_name
            );
            parsed.warnings.push((record.line, message));
        }
    }
}

fn same_residue(before: &AtomRecord<'_>, after: &AtomRecord<'_>) -> bool {
    (before.chain, before.number, before.insertion) == (after.chain, after.number, after.insertion)
        && before.residue_name == after.residue_name
}

/// The two oxygens of a C terminus, where no atom of the amino acid is called O.
fn name_terminal_oxygens(parsed: &mut ParsedModel<'_>, declared: &[String]) {
    let mut told: Vec<(&str, &str, usize, Vec<String>)> = Vec::new();
    for residue in parsed.records.chunk_by_mut(same_residue) {
        let has = |name: &str| residue.iter().any(|record| record.name == name);
        let name = residue[0].residue_name;
        let known = is_amino_acid_name(name) || declared.iter().any(|modified| modified == name);
        if has("O") || !has("CA") || !has("C") || !(known || has("N") && !residue[0].hetatm) {
            continue;
        }
        let is_bonded = |oxygen: &str| {
            let of = |name: &str| residue.iter().find(|record| record.name == name);
            of("C").zip(of(oxygen)).is_some_and(|(c, o)| distance(c.position, o.position) < CARBONYL)
        };
        // Unambiguous names need no bond as evidence.
        let means_it = |first: &str| first.len() == 3 || is_bonded(first);
        let found = TERMINAL_OXYGENS.into_iter().find(|(first, _)| has(first) && means_it(first));
        let Some((first, second)) = found else { continue };
        let second_is_free = !has("OXT");
        let id = residue[0].residue_id().to_string();
        for record in residue.iter_mut() {
            if record.name == first {
                (record.name, record.padded_name) = ("O", " O  ");
            } else if record.name == second && second_is_free {
                (record.name, record.padded_name) = ("OXT", " OXT");
            }
        }
        match told.iter_mut().find(|kind| kind.0 == first) {
            Some(kind) => kind.3.push(id),
            None => told.push((first, second, residue[0].line, vec![id])),
        }
    }
    for (first, second, line, ids) in told {
        let residues = if ids.len() == 1 { "residue" } else { "residues" };
        let message = format!("{residues} {}: no O atom: {first} is read as O, and {second} as OXT", list_some(&ids));
        parsed.warnings.push((line, message));
    }
}

/// CHARMM's and GROMACS's CD of isoleucine is the PDB's CD1.
fn name_isoleucine(parsed: &mut ParsedModel<'_>) {
    for residue in parsed.records.chunk_by_mut(same_residue).filter(|residue| residue[0].residue_name == "ILE") {
        if residue.iter().all(|record| record.name != "CD1") {
            for record in residue.iter_mut().filter(|record| record.name == "CD") {
                (record.name, record.padded_name) = ("CD1", " CD1");
            }
        }
    }
}
