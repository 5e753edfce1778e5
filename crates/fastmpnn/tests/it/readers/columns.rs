//! Structures that come as columns: the same as from a file, and errors that name the wrong row.

use std::path::Path;

use fastmpnn::error::StructureError;
use fastmpnn::structure::{AltlocChoice, AtomColumns, Gaps, ReadOptions, Structure, from_columns, read_models};

use super::entries::structure_files;
use super::hostile::check_invariants;
use super::{assert_says, ids, letters, positions, read, repository, residue};
use crate::shared::shared;

/// The parts of a structure that columns and files share. Label ids and numbers, model numbers and the words of
/// warnings are the file's alone.
fn describe(structure: &Structure) -> Vec<String> {
    let mut lines = vec![format!("{} {:?}", structure.name, structure.needs)];
    lines.extend(structure.chains.iter().map(|chain| format!("chain {} {:?}", chain.id, chain.residues)));
    lines.extend(structure.residues.iter().map(|residue| {
        let (place, letter) = (residue.sequence_position, residue.letter);
        let (id, name, hetatm) = (&residue.id, &residue.name, residue.hetatm);
        format!("{id} {name} {letter} {} {place} {hetatm} {:?}", residue.chain, residue.atoms)
    }));
    lines.extend(structure.ligand_atoms.iter().map(|ligand| {
        let (hetatm, in_polymer) = (ligand.presented.hetatm, ligand.presented.in_polymer);
        format!("{} {} {hetatm} {in_polymer:?} {:?}", ligand.residue, ligand.residue_name, ligand.atom)
    }));
    lines
}

fn assert_same(before: &Structure, after: &Structure, of: &Path) {
    let (before, after) = (describe(before), describe(after));
    let differing = before.iter().zip(&after).find(|(before, after)| before != after);
    assert!(differing.is_none(), "{}:\n{differing:#?}", of.display());
    assert_eq!(before.len(), after.len(), "{}", of.display());
}

/// Reads the columns of every model again.
fn assert_comes_back(file: &Path, options: &ReadOptions) {
    for structure in read_models(file, options).expect("a structure") {
        let columns = structure.to_columns();
        // The choice is made; a letter that no atom has would be warned of.
        let options = options.clone().with_model_number(None).with_altloc(AltlocChoice::First);
        let again = from_columns(&structure.name, &columns, &options).expect("the same structure");
        check_invariants(&again);
        assert_same(&structure, &again, file);
        assert_eq!(again.to_columns(), columns, "{}", file.display());
        assert!(again.warnings.iter().all(|warning| warning.line.is_none()));
    }
}

#[test]
fn columns_of_the_examples_read_again_give_the_same_structure() {
    let files = structure_files(&repository().join("examples"));
    assert!(files.len() > 5, "only {} examples", files.len());
    for file in files {
        assert_comes_back(&file, &ReadOptions::default());
        assert_comes_back(&file, &ReadOptions::default().with_gaps(Gaps::Ignore));
        assert_comes_back(&file, &ReadOptions::default().with_altloc(AltlocChoice::Occupancy));
    }
}

#[test]
fn columns_of_real_entries_read_again_give_the_same_structure() {
    let Some(folder) = shared("structures") else { return };
    for file in structure_files(&folder) {
        assert_comes_back(&file, &ReadOptions::default());
    }
}

/// ALA 1 and MSE 2 in two locations, a gap, GLY 5 with an insertion code, a zinc, a water.
fn columns() -> AtomColumns {
    let mut columns = AtomColumns::default();
    let mut push = |name: &str, number: i32, atom: &str, position: [f32; 3], code: Option<char>| {
        columns.chain.push("A".to_owned());
        columns.residue_number.push(number);
        columns.residue_name.push(name.to_owned());
        columns.atom_name.push(atom.to_owned());
        columns.position.push(position);
        columns.altloc.push(code);
        columns.insertion.push((name == "GLY").then_some('C'));
    };
    for (name, number, at, code) in
        [("ALA", 1, 0.0, None), ("MSE", 2, 3.8, Some('A')), ("MSE", 2, 3.81, Some('B')), ("GLY", 5, 14.0, None)]
    {
        for (atom, x, y) in [("N", 0.0, 0.0), ("CA", 1.3, 0.7), ("C", 2.5, 0.0), ("O", 2.5, -1.23)] {
            push(name, number, atom, [at + x, y, 0.0], code);
        }
    }
    push("ZN", 101, "ZN", [0.0, 20.0, 0.0], None);
    push("HOH", 201, "O", [0.0, 30.0, 0.0], None);
    columns
}

fn made(columns: &AtomColumns) -> Structure {
    from_columns("made", columns, &ReadOptions::default()).expect("a structure")
}

fn refused(columns: &AtomColumns) -> StructureError {
    from_columns("made", columns, &ReadOptions::default()).expect_err("an error")
}

#[test]
fn the_rules_for_files_hold_for_columns() {
    let structure = made(&columns());
    check_invariants(&structure);
    assert_eq!((structure.name.as_str(), structure.model_number, structure.model_count), ("made", 1, 1));
    assert_eq!((letters(&structure).as_str(), ids(&structure).join(" ").as_str()), ("AMG", "A1 A2 A5C"));
    assert_eq!(positions(&structure), [0, 1, 4]);
    assert_eq!(structure.residues[1].atoms.len(), 4);
    assert_eq!(structure.residues[1].atoms[0].position[0], 3.8);
    let ligands: Vec<&str> = structure.ligand_atoms.iter().map(|ligand| ligand.residue_name.as_str()).collect();
    assert_eq!(ligands, ["ZN"]);
    assert!(structure.ligand_atoms[0].presented.hetatm && !structure.residues[1].hetatm);
    assert_eq!(structure.ligand_atoms[0].atom.element, "ZN");
    assert_says(&structure, "residue A2: MSE read as MET");
    assert_says(&structure, "residue A2: several alternate locations; A was read");
    assert_says(&structure, "residue A5C: the numbering skips 3–4 before it: 2 residues are missing");
    let second = ReadOptions::default().with_altloc(AltlocChoice::Named('B'));
    let structure = from_columns("made", &columns(), &second).expect("a structure");
    assert_eq!(structure.residues[1].atoms[0].position[0], 3.81);
}

#[test]
fn empty_columns_say_nothing_and_blank_values_are_none() {
    let few = made(&columns());
    let mut full = columns();
    let rows = full.position.len();
    full.chain = vec![" ".to_owned(); rows];
    full.occupancy = vec![f32::NAN; rows];
    full.b_factor = vec![f32::INFINITY; rows];
    full.charge = vec![0; rows];
    full.in_polymer = vec![None; rows];
    full.element = vec![" ".to_owned(); rows];
    for code in full.altloc.iter_mut().chain(&mut full.insertion).filter(|code| code.is_none()) {
        *code = Some(' ');
    }
    let full = made(&full);
    assert_eq!(ids(&full).join(" "), "_1 _2 _5C");
    for (few, full) in few.residues.iter().zip(&full.residues) {
        assert_eq!(format!("{:?}", few.atoms), format!("{:?}", full.atoms));
        assert_eq!((few.atoms[0].occupancy, few.atoms[0].b_factor), (1.0, 0.0));
    }
}

#[test]
fn a_chain_that_comes_again_becomes_a_chain_of_its_own() {
    let once = read(&(residue("ATOM", " ALA A   1 ", 0) + &residue("ATOM", " GLY A   2 ", 1))).to_columns();
    let rows = once.position.len();
    let mut twice = AtomColumns {
        chain: [once.chain.clone(), once.chain].concat(),
        residue_number: once.residue_number.repeat(2),
        residue_name: [once.residue_name.clone(), once.residue_name].concat(),
        atom_name: [once.atom_name.clone(), once.atom_name].concat(),
        position: once.position.repeat(2),
        ..AtomColumns::default()
    };
    for position in &mut twice.position[rows..] {
        position[2] += 20.0;
    }
    assert_eq!(ids(&made(&twice)).join(" "), "A1 A2 B1 B2");
}

#[test]
fn columns_of_unequal_length_are_an_error_that_names_the_column() {
    let mut short = columns();
    short.atom_name.pop();
    assert_eq!(refused(&short).to_string(), "made: column atom_name has 17 rows, column position 18");
    let mut long = columns();
    long.charge = vec![0; 19];
    assert!(matches!(refused(&long), StructureError::ColumnLength { column: "charge", found: 19, expected: 18, .. }));
    let positions = AtomColumns { position: vec![[0.0; 3]], ..AtomColumns::default() };
    assert!(matches!(refused(&positions), StructureError::ColumnLength { column: "chain", found: 0, .. }));
}

/// The reason why a value cannot be used.
type Damage = fn(&mut AtomColumns);

#[test]
fn values_that_cannot_be_used_are_errors_that_name_row_and_residue() {
    let cases: [(&str, Damage); 8] = [
        ("made: column position, row 13, residue A5C: the y coordinate is NaN", |columns| {
            columns.position[13][1] = f32::NAN;
        }),
        ("made: column position, row 0, residue A1: the z coordinate is -inf", |columns| {
            columns.position[0][2] = f32::NEG_INFINITY;
        }),
        (
            "made: column position, row 1, residue A1: the x coordinate 20000000 is farther out than 1000000 Å",
            |columns| {
                columns.position[1][0] = 2e7;
            },
        ),
        ("made: column residue_name, row 4, residue A2: an atom has no residue name", |columns| {
            columns.residue_name[4] = String::new();
        }),
        ("made: column atom_name, row 5, residue A2: an atom has no name", |columns| {
            columns.atom_name[5] = "  ".to_owned();
        }),
        (r"made: column chain, row 2, residue A\nB:1: holds a control character", |columns| {
            columns.chain[2] = "A\nB".to_owned();
        }),
        ("made: column element, row 2, residue A1: holds a control character", |columns| {
            columns.element = vec!["C\0C".to_owned(); 18];
            columns.element[0].clear();
            columns.element[1].clear();
        }),
        ("made: column altloc, row 3, residue A1: holds a control character", |columns| {
            columns.altloc[3] = Some('\u{7}');
        }),
    ];
    for (sentence, damage) in cases {
        let mut damaged = columns();
        damage(&mut damaged);
        let error = refused(&damaged);
        assert!(matches!(error, StructureError::BadRow { .. }));
        assert_eq!(error.to_string(), sentence);
    }
}

#[test]
fn what_columns_cannot_give_is_an_error() {
    assert_eq!(refused(&AtomColumns::default()).to_string(), "made: holds no atoms: its columns are empty");
    let refused = |options: ReadOptions| from_columns("made", &columns(), &options).expect_err("an error");
    let model = refused(ReadOptions::default().with_model_number(Some(2)));
    assert!(matches!(model, StructureError::MissingModel { asked: 2, .. }));
    let assembly = refused(ReadOptions::default().with_assembly(Some("1".to_owned())));
    assert!(matches!(assembly, StructureError::NoAssembly { .. }), "{assembly}");
    let mut unoccupied = columns();
    unoccupied.occupancy = vec![0.0; 18];
    let options = ReadOptions::default().with_leave_out_unoccupied(true);
    assert!(matches!(from_columns("made", &unoccupied, &options), Err(StructureError::NoAtoms { .. })));
}
