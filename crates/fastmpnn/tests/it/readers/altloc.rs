//! Alternate locations: one a residue or ligand, chosen from heavy atoms.

use fastmpnn::structure::{AltlocChoice, ReadOptions, Structure, describe, read_bytes};

use super::{assert_says, atom, letters, read, residue, warnings, with_occupancy};

/// An atom of a location at the height `y`, by which the tests know it.
fn at(record: &str, name: &str, site: &str, y: f32, occupancy: f32) -> String {
    let element = &name[..1];
    const PLACES: [(&str, f32); 8] =
        [("N", 0.0), ("CA", 1.4), ("C", 2.8), ("O", 4.0), ("CB", 2.9), ("CG", 4.3), ("CD", 5.6), ("CE", 6.9)];
    let x = PLACES.iter().find(|(known, _)| *known == name).map_or(3.0, |(_, x)| *x);
    with_occupancy(&atom(record, name, site, [x, y, 0.0], element), occupancy)
}

/// The atoms `names` of residue A5 at a location.
fn lysine(letter: char, names: &[&str], y: f32, occupancy: f32) -> String {
    names.iter().map(|name| at("ATOM", name, &format!("{letter}LYS A   5 "), y, occupancy)).collect()
}

fn read_with(text: &str, altloc: AltlocChoice) -> Structure {
    let options = ReadOptions::default().with_altloc(altloc);
    read_bytes("x.pdb", text.as_bytes(), &options).unwrap()
}

/// Name and height of each atom of the first residue.
fn atoms(structure: &Structure) -> Vec<(String, f32)> {
    structure.residues[0].atoms.iter().map(|atom| (atom.name.clone(), atom.position[1])).collect()
}

fn heights(structure: &Structure) -> Vec<f32> {
    atoms(structure).into_iter().map(|(_, y)| y).collect()
}

const WHOLE: [&str; 5] = ["N", "CA", "C", "O", "CB"];

#[test]
fn a_blank_location_is_one_where_another_repeats_its_names() {
    let text = lysine(' ', &WHOLE, 0.0, 0.3) + &lysine('B', &WHOLE, 2.0, 0.7);
    let first = read_with(&text, AltlocChoice::First);
    assert_eq!(heights(&first), [0.0; 5]);
    assert_says(&first, "residue A5: several alternate locations; the one without a letter was read");
    for choice in [AltlocChoice::Occupancy, AltlocChoice::Named('B')] {
        let structure = read_with(&text, choice);
        assert_eq!(heights(&structure), [2.0; 5], "{choice:?}");
        assert_says(&structure, "residue A5: several alternate locations; B was read");
    }
    let reversed = lysine('B', &WHOLE, 2.0, 0.7) + &lysine(' ', &WHOLE, 0.0, 0.3);
    assert_eq!(heights(&read(&reversed)), [2.0; 5]);
}

#[test]
fn atoms_that_only_another_location_has_are_left_out_and_common_ones_are_kept() {
    let text =
        lysine(' ', &WHOLE, 0.0, 1.0) + &lysine('A', &["CG", "CD"], 1.0, 0.4) + &lysine('B', &["CG", "CE"], 2.0, 0.6);
    let names = |choice| atoms(&read_with(&text, choice)).into_iter().skip(5).collect::<Vec<_>>();
    let named = |pairs: [(&str, f32); 2]| pairs.map(|(name, y)| (name.to_owned(), y));
    assert_eq!(names(AltlocChoice::First), named([("CG", 1.0), ("CD", 1.0)]));
    assert_eq!(names(AltlocChoice::Occupancy), named([("CG", 2.0), ("CE", 2.0)]));
    assert_eq!(names(AltlocChoice::Named('B')), named([("CG", 2.0), ("CE", 2.0)]));
    assert_eq!(names(AltlocChoice::Named('C')), named([("CG", 1.0), ("CD", 1.0)]));
    // A letter that has no other beside it is no choice.
    let single = lysine(' ', &WHOLE, 0.0, 1.0) + &lysine('B', &["CG", "CD"], 2.0, 0.5);
    let structure = read(&single);
    assert_eq!(structure.residues[0].atoms.len(), 7);
    assert!(structure.warnings.is_empty(), "{}", warnings(&structure));
    // What a location does not repeat of the blank one is common to both.
    let part = lysine(' ', &WHOLE, 0.0, 0.5) + &lysine('B', &["CA", "CB"], 2.0, 0.5);
    assert_eq!(heights(&read_with(&part, AltlocChoice::Named('B'))), [0.0, 0.0, 0.0, 2.0, 2.0]);
}

#[test]
fn a_location_without_its_backbone_is_passed_over_unless_it_is_named() {
    let text = lysine('A', &["N", "CA", "O", "CB"], 0.0, 0.6) + &lysine('B', &WHOLE, 2.0, 0.4);
    for choice in [AltlocChoice::First, AltlocChoice::Occupancy] {
        let structure = read_with(&text, choice);
        assert_eq!(heights(&structure), [2.0; 5], "{choice:?}");
        assert!(structure.is_resolved(0));
    }
    let named = read_with(&text, AltlocChoice::Named('A'));
    assert_eq!(heights(&named), [0.0; 4]);
    assert_says(&named, "residue A5: no C atom: kept in the sequence, masked");
}

#[test]
fn hydrogens_and_deuteriums_do_not_decide() {
    let heavy = lysine('A', &WHOLE, 0.0, 0.55) + &lysine('B', &WHOLE, 2.0, 0.45);
    let text = lysine('B', &["D", "D2", "D3", "HA"], 2.0, 1.0) + &heavy;
    for choice in [AltlocChoice::First, AltlocChoice::Occupancy] {
        let structure = read_with(&text, choice);
        assert_eq!(heights(&structure), [0.0; 5], "{choice:?}");
        assert_says(&structure, "residue A5: several alternate locations; A was read");
    }
    let named = read_with(&text, AltlocChoice::Named('B'));
    assert_eq!(heights(&named), [2.0; 9]);
    // The names of one place are alternate locations, too.
    let names = lysine('B', &["D"], 2.0, 1.0).replace("LYS", "ARG")
        + &lysine('A', &WHOLE, 0.0, 0.6)
        + &lysine('B', &WHOLE, 2.0, 0.4).replace("LYS", "ARG");
    assert_eq!(letters(&read_with(&names, AltlocChoice::Occupancy)), "K");
    assert_eq!(letters(&read_with(&names, AltlocChoice::Named('B'))), "R");
}

/// A ligand beside a residue: atoms with letter, height and occupancy.
fn ligand(atoms: &[(&str, char, f32, f32)]) -> String {
    let atoms = atoms
        .iter()
        .map(|&(name, letter, y, occupancy)| at("HETATM", name, &format!("{letter}LGA A 301 "), y, occupancy));
    residue("ATOM", " ALA A   1 ", 0) + "TER\n" + &atoms.collect::<String>()
}

fn ligand_atoms(structure: &Structure) -> Vec<(&str, f32)> {
    structure.ligand_atoms.iter().map(|ligand| (ligand.atom.name.as_str(), ligand.atom.position[1])).collect()
}

#[test]
fn a_ligand_is_read_at_one_location() {
    let blank = ligand(&[("C1", ' ', 8.0, 0.3), ("C1", 'B', 9.0, 0.7), ("C2", ' ', 8.0, 0.3), ("C2", 'B', 9.0, 0.7)]);
    let first = read(&blank);
    assert_eq!(ligand_atoms(&first), [("C1", 8.0), ("C2", 8.0)]);
    assert_says(&first, "residue A301: LGA has several alternate locations; the one without a letter was read");
    assert_eq!(ligand_atoms(&read_with(&blank, AltlocChoice::Occupancy)), [("C1", 9.0), ("C2", 9.0)]);
    let common = ligand(&[
        ("C0", ' ', 7.0, 1.0),
        ("C1", 'A', 8.0, 0.3),
        ("C1", 'B', 9.0, 0.7),
        ("C2", 'A', 8.0, 0.3),
        ("C3", 'B', 9.0, 0.7),
    ]);
    let first = read(&common);
    assert_eq!(ligand_atoms(&first), [("C0", 7.0), ("C1", 8.0), ("C2", 8.0)]);
    assert_says(&first, "residue A301: LGA has several alternate locations; A was read");
    let of_b = [("C0", 7.0), ("C1", 9.0), ("C3", 9.0)];
    assert_eq!(ligand_atoms(&read_with(&common, AltlocChoice::Named('B'))), of_b);
    assert_eq!(ligand_atoms(&read_with(&common, AltlocChoice::Occupancy)), of_b);
    // Docking programs give many atoms one name, and no letters.
    let docked = read(&ligand(&[("C", ' ', 8.0, 1.0), ("C", ' ', 9.0, 1.0)]));
    assert_eq!(docked.ligand_atoms.len(), 2);
    assert!(docked.warnings.is_empty());
}

#[test]
fn of_two_ligands_at_one_place_one_is_read() {
    let names = |text: &str, choice| -> Vec<String> {
        describe(&read_with(text, choice)).ligands.iter().map(|group| group.name.clone()).collect()
    };
    for letter in ['A', ' '] {
        let text = ligand(&[("C1", letter, 8.0, 0.3), ("C2", letter, 8.0, 0.3)])
            + &at("HETATM", "C1", "BLGB A 301 ", 9.0, 0.7)
            + &at("HETATM", "C9", "BLGB A 301 ", 9.0, 0.7);
        assert_eq!(names(&text, AltlocChoice::First), ["LGA"], "{letter:?}");
        assert_eq!(names(&text, AltlocChoice::Occupancy), ["LGB"], "{letter:?}");
        assert_says(&read(&text), "residue A301: stands in the file as LGA and as LGB; LGA was read");
    }
    // Two ligands that share a number and nothing else.
    let both = ligand(&[("C1", ' ', 8.0, 1.0)]) + &at("HETATM", "ZN", "  ZN A 301 ", 9.0, 1.0);
    assert_eq!(names(&both, AltlocChoice::First), ["LGA", "ZN"]);
}

#[test]
fn a_location_that_the_file_does_not_have_is_named() {
    let sentence = "no atom has the alternate location Z; the first of each residue was read";
    let several = lysine('A', &WHOLE, 0.0, 0.5) + &lysine('B', &WHOLE, 2.0, 0.5);
    for text in [several.clone(), residue("ATOM", " ALA A   1 ", 0)] {
        assert_says(&read_with(&text, AltlocChoice::Named('Z')), sentence);
    }
    // It is enough that some residue has it.
    assert!(!warnings(&read_with(&several, AltlocChoice::Named('B'))).contains("no atom"));
}

#[test]
fn residues_of_occupancy_0_are_named_once() {
    let text = residue("ATOM", " ALA A   1 ", 0)
        + &with_occupancy(&residue("ATOM", "AGLY A   2 ", 1), 0.0)
        + &with_occupancy(&residue("ATOM", " SER A   3 ", 2), 0.0)
        + &with_occupancy(&residue("ATOM", " VAL B   1 ", 9), 0.0);
    let structure = read(&text);
    assert_eq!(letters(&structure), "AGSV");
    assert_eq!(warnings(&structure), "line 5: residues A2, A3, B1: the backbone has occupancy 0: kept\n");
    // Side chains without occupancy are common and say nothing of the backbone.
    let side_chain = residue("ATOM", " ALA A   1 ", 0) + &at("ATOM", "CB", " ALA A   1 ", 1.9, 0.0);
    assert!(!warnings(&read(&side_chain)).contains("occupancy"));
}
