//! Column 21 of PDB lines: the fourth letter of a residue name, or the first of a chain id.

use std::collections::BTreeMap;

use fastmpnn::structure::{DamagedLines, Structure, read_atom_lines};

use super::mmcif::CIF;
use super::{assert_says, atom, ids, letters, read, read_cif, residue, warnings};

/// A chain of those names; `columns` are columns 21 and 22.
fn chain(names: &[&str], columns: &str, first: i32, at: i32) -> String {
    let line = |(index, name): (usize, &&str)| {
        let site = format!(" {name}{columns}{:>4} ", first + index as i32);
        residue("ATOM", &site, at + index as i32)
    };
    names.iter().enumerate().map(line).collect()
}

const NAMES: [&str; 7] = ["SER", "LEU", "HIS", "LYS", "ASP", "GLU", "ARG"];

fn chains(structure: &Structure) -> Vec<(String, String)> {
    let of = |chain: &fastmpnn::structure::Chain| {
        let members = &structure.residues[chain.residues.clone()];
        (chain.id.to_string(), members.iter().map(|residue| residue.letter.to_char()).collect())
    };
    structure.chains.iter().map(of).collect()
}

fn expected(ids: &[(&str, &str)]) -> Vec<(String, String)> {
    ids.iter().map(|(id, letters)| ((*id).to_owned(), (*letters).to_owned())).collect()
}

#[test]
fn chain_ids_of_two_letters_hold_for_every_residue_of_the_chain() {
    // HISA, LYSN, HISP, ASPP and GLUP are names of force fields, HISE and HISD, too.
    for (first, second) in [("AA", "AB"), ("NA", "PA"), ("EX", "DX"), ("1A", "2A")] {
        for end in ["TER\n", ""] {
            let text = chain(&NAMES, first, 7, 0) + end + &chain(&NAMES, second, 7, 20) + end;
            let structure = read(&text);
            assert_eq!(chains(&structure), expected(&[(first, "SLHKDER"), (second, "SLHKDER")]));
            assert_eq!(warnings(&structure), "", "{first} {second}");
        }
    }
}

#[test]
fn one_letter_and_two_letters_are_two_chains() {
    // As complexes of more than 26 chains have them, with ligands and water of each chain at the end.
    let text = chain(&NAMES, " A", 1, 0)
        + &chain(&NAMES, "AA", 1, 20)
        + &chain(&NAMES, "BA", 1, 40)
        + &atom("HETATM", "ZN", "  ZN A 101 ", [0.0, 9.0, 0.0], "ZN")
        + &atom("HETATM", "ZN", "  ZNAA 102 ", [0.0, 8.0, 0.0], "ZN")
        + &atom("HETATM", "C1", " GOLBA 103 ", [0.0, 7.0, 0.0], "C")
        + &atom("HETATM", "O", " HOHAA 104 ", [0.0, 6.0, 0.0], "O");
    let structure = read(&text);
    assert_eq!(chains(&structure), expected(&[("A", "SLHKDER"), ("AA", "SLHKDER"), ("BA", "SLHKDER")]));
    let ligands: Vec<String> =
        structure.ligand_atoms.iter().map(|atom| format!("{} {}", atom.residue_name, atom.residue)).collect();
    assert_eq!(ligands, ["ZN A101", "ZN AA:102", "GOL BA:103"]);
}

#[test]
fn names_of_four_letters_are_names_where_the_rest_of_the_chain_has_three() {
    let text = residue("ATOM", " NHISA   1 ", 0)
        + &residue("ATOM", " ARG+A   2 ", 1)
        + &residue("ATOM", " GLU-A   3 ", 2)
        + &residue("ATOM", " MET A   4 ", 3)
        + &residue("ATOM", " HISEA   5 ", 4)
        + &residue("ATOM", " CYS2A   6 ", 5)
        + &residue("ATOM", " SERPA   7 ", 6)
        + &residue("ATOM", " CTHRA   8 ", 7)
        + "TER\n"
        + &atom("ATOM", "OH2", " TIP3W   1 ", [0.0; 3], "O")
        + &atom("ATOM", "OH2", " TIP3W   2 ", [3.0; 3], "O");
    let structure = read(&text);
    assert_eq!(chains(&structure), expected(&[("A", "HREMHCST")]));
    assert_says(&structure, "line 1: residue A1: NHIS read as HIS");
    assert_says(&structure, "residue A2: ARG+ read as ARG");
    assert_says(&structure, "residue A8: CTHR read as THR");
    assert!(structure.ligand_atoms.is_empty(), "{:?}", structure.ligand_atoms);
    // Without a chain id, and with the charge of CYANA in each name of a short peptide.
    let blank = text.replace("NHISA", "NALA ").replace("ARG+A", "ARG+ ").replace("CTHRA", "CTHR ");
    let blank: String = blank.lines().map(|line| line.replacen(" A   ", "     ", 1) + "\n").collect();
    assert_eq!(read(&blank).chains[0].id.as_ref(), "_");
    let charged = read(&(residue("ATOM", " ARG+A   1 ", 0) + &residue("ATOM", " ASP-A   2 ", 1)));
    assert_eq!(chains(&charged), expected(&[("A", "RD")]));
    let dipeptide = read(&(residue("ATOM", " NALAA   1 ", 0) + &residue("ATOM", " CGLYA   2 ", 1)));
    assert_eq!(chains(&dipeptide), expected(&[("A", "AG")]));
}

#[test]
fn lipids_and_solvents_have_names_of_four_letters() {
    let lipid = |name: &str, number: i32| -> String {
        let site = format!(" {name}L{number:>4} ");
        ["P", "O11", "C1"].iter().map(|atom_name| atom("ATOM", atom_name, &site, [9.0; 3], &atom_name[..1])).collect()
    };
    let text = chain(&NAMES, " A", 1, 0)
        + "TER\n"
        + &lipid("POPC", 1)
        + &lipid("DPPC", 2)
        + "TER\n"
        + &lipid("XYZW", 3)
        + &lipid("XYZW", 4);
    let structure = read(&text);
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for atom in &structure.ligand_atoms {
        *names.entry(format!("{} {}", atom.residue_name, atom.residue.chain)).or_default() += 1;
    }
    let expected = [("DPPC L", 3), ("POPC L", 3), ("XYZW L", 6)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(names, BTreeMap::from(expected));
    assert_eq!(letters(&structure), "SLHKDER");
}

#[test]
fn atom_lines_have_columns_18_to_20_and_22() {
    let text = chain(&NAMES, "AA", 7, 0) + "TER\n" + &chain(&NAMES, "AB", 7, 20) + &residue("ATOM", " NALAC   1 ", 40);
    let found = read_atom_lines("x.pdb", text.as_bytes(), DamagedLines::Refuse).unwrap();
    let mut names: Vec<String> =
        found.atoms.iter().map(|atom| format!("{}/{}", atom.residue_name, atom.chain)).collect();
    names.dedup();
    assert_eq!(names[2..4], ["HIS/A", "LYS/A"]);
    assert_eq!(names.last().map(String::as_str), Some("NAL/C"));
    let lines: Vec<&str> = text.lines().collect();
    assert!(found.atoms.iter().all(|atom| lines[atom.line - 1][12..16].trim() == atom.name));
    assert_eq!(found.pdb_text.as_deref(), Some(text.as_bytes()));
}

#[test]
fn an_id_of_one_letter_may_stand_in_column_21() {
    let structure = read(&chain(&NAMES, "A ", 1, 0));
    assert_eq!(chains(&structure), expected(&[("A", "SLHKDER")]));
}

#[test]
fn names_may_stand_a_column_to_the_right() {
    let moved = |name: &str, at: i32| residue("ATOM", &format!("  {name}A{:>4} ", at + 1), at);
    let structure = read(&["ALA", "SER", "HIS"].iter().zip(0..).map(|(name, at)| moved(name, at)).collect::<String>());
    assert_eq!(chains(&structure), expected(&[("A", "ASH")]));
}

#[test]
fn serial_numbers_of_six_digits_leave_the_columns_in_order() {
    let text = chain(&NAMES, " A", 1, 0);
    let moved = text.replace("ATOM      1 ", "ATOM  100001 ");
    let in_place = text.replace("ATOM      1 ", "ATOM 100001 ");
    let longer = text.replace("ATOM      1 ", "ATOM  1000001 ");
    let positions = |structure: &Structure| structure.residues.iter().map(|one| one.backbone()).collect::<Vec<_>>();
    let whole = read(&text);
    for text in [moved, in_place, longer] {
        let structure = read(&text);
        assert_eq!(ids(&structure), ids(&whole), "{}", &text[..60]);
        assert_eq!(positions(&structure), positions(&whole));
    }
}

#[test]
fn atom_lines_of_damaged_files_are_refused_or_passed_over() {
    let good = residue("ATOM", " SER A   1 ", 0);
    let count = good.lines().count();
    for damaged in ["atom      1  N   SER A   2       0.000   0.000   0.000", "ATOM 1 N SER A 2 1.0 2.0 3.0 1.00 0.00"]
    {
        let text = format!("{good}{damaged}\n");
        let read = |damaged| read_atom_lines("x.pdb", text.as_bytes(), damaged);
        let error = read(DamagedLines::Refuse).unwrap_err().to_string();
        assert!(error.starts_with(&format!("x.pdb: line {}: ", count + 1)), "{error}");
        if damaged.starts_with("atom") {
            assert_eq!(read(DamagedLines::PassOver).unwrap().atoms.len(), count);
        }
    }
    let error = read_atom_lines("x.pdb", b"REMARK\n", DamagedLines::PassOver).unwrap_err().to_string();
    assert_eq!(error, "x.pdb: holds no atoms: no line of it begins with ATOM or HETATM");
}

#[test]
fn atom_lines_of_mmcif_files_are_the_rows_of_the_first_model() {
    let found = read_atom_lines("x.cif", CIF.as_bytes(), DamagedLines::Refuse).unwrap();
    assert_eq!(found.pdb_text, None);
    let atoms = read_cif(CIF);
    let first = &found.atoms[0];
    assert_eq!((&*first.chain, first.number), (&*atoms.residues[0].id.chain, Some(atoms.residues[0].id.number)));
    assert_eq!(first.position, Some(atoms.residues[0].atoms[0].position));
    let placed = CIF.replacen("2.5 -1.2 0.0", "? ? ?", 1);
    let found = read_atom_lines("x.cif", placed.as_bytes(), DamagedLines::Refuse).unwrap();
    assert_eq!(found.atoms.iter().filter(|atom| atom.position.is_none()).count(), 1);
}
