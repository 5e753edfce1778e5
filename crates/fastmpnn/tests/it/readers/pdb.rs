//! PDB files, one oddity each.

use fastmpnn::structure::{AltlocChoice, DamagedLines, ReadOptions, Structure, describe, read_atom_lines, read_bytes};

use super::{
    assert_says, atom, distance, ids, letters, oxygen, positions, read, repository, residue, warnings, with_occupancy,
    without_carbonyl_oxygens,
};

#[test]
fn numbers_insertion_codes_and_gaps_count_as_in_the_published_parser() {
    let sites =
        [" ALA A  -1 ", " GLY A   0 ", " SER A   1 ", " TRP A   1A", " CYS A   2 ", " LEU A   6 ", " VAL A   3 "];
    let text: String = sites.iter().zip([0, 1, 2, 3, 4, 9, 20]).map(|(site, at)| residue("ATOM", site, at)).collect();
    let structure = read(&text);
    assert_eq!(ids(&structure), ["A-1", "A0", "A1", "A1A", "A2", "A6", "A3"]);
    assert_eq!(letters(&structure), "AGSWCLV");
    assert_eq!(positions(&structure), [0, 1, 2, 3, 4, 8, 9]);
    assert_says(&structure, "line 21: residue A6: the numbering skips 3–5 before it: 3 residues are missing");
    assert_says(&structure, "residue A3: its number is lower");
}

#[test]
fn a_number_skipped_along_an_unbroken_chain_is_a_gap_all_the_same() {
    let structure = read(&(residue("ATOM", " ALA A   1 ", 0) + &residue("ATOM", " ALA A   4 ", 1)));
    assert_eq!(positions(&structure), [0, 3]);
    assert_says(&structure, "though the chain is unbroken");
}

#[test]
fn alternate_locations_give_one_conformer() {
    let mut text = String::new();
    for (altloc, y, occupancy) in [('A', 0.0, 0.3), ('B', 5.0, 0.7)] {
        for name in ["N", "CA", "C", "O"] {
            let line = atom("ATOM", name, &format!("{altloc}SER A   5 "), [1.0, y, 0.0], &name[..1]);
            text += &with_occupancy(&line, occupancy);
        }
    }
    text += &atom("ATOM", "OG", "BSER A   5 ", [9.0, 5.0, 0.0], "O");
    let read_with = |altloc| {
        let options = ReadOptions::default().with_altloc(altloc);
        read_bytes("x", text.as_bytes(), &options).unwrap()
    };
    let y_of = |structure: &Structure| structure.residues[0].atom("CA").unwrap().position[1];
    let first = read_with(AltlocChoice::First);
    assert_eq!(y_of(&first), 0.0);
    assert!(first.residues[0].atom("OG").is_none(), "only B has it");
    assert_eq!(first.residues[0].atoms.len(), 4);
    assert_says(&first, "residue A5: several alternate locations; A was read");
    assert_eq!(y_of(&read_with(AltlocChoice::Occupancy)), 5.0);
    assert_eq!(y_of(&read_with(AltlocChoice::Named('B'))), 5.0);
    assert_eq!(y_of(&read_with(AltlocChoice::Named('Z'))), 0.0);
}

#[test]
fn of_several_names_at_one_place_one_is_read() {
    let text = residue("ATOM", "ASER A  22 ", 0) + &residue("ATOM", "BPRO A  22 ", 0);
    let structure = read(&text);
    assert_eq!(letters(&structure), "S");
    assert_says(&structure, "residue A22: stands in the file as SER and as PRO; SER was read");
    let options = ReadOptions::default().with_altloc(AltlocChoice::Named('B'));
    assert_eq!(letters(&read_bytes("x", text.as_bytes(), &options).unwrap()), "P");
}

#[test]
fn models_are_chosen_by_the_number_of_the_file() {
    let text = format!(
        "MODEL        3\n{}ENDMDL\nMODEL        7\n{}ENDMDL\n{}END\n",
        residue("ATOM", " ALA A   1 ", 0),
        residue("ATOM", " TRP A   1 ", 0),
        atom("HETATM", "ZN", "  ZN A 101 ", [5.0, 5.0, 5.0], "ZN"),
    );
    let with = |model_number| {
        let options = ReadOptions::default().with_model_number(model_number);
        read_bytes("x.pdb", text.as_bytes(), &options)
    };
    let first = with(None).unwrap();
    assert_eq!((letters(&first).as_str(), first.model_number, first.model_count), ("A", 3, 2));
    assert_eq!(first.ligand_atoms.len(), 1, "atoms after ENDMDL belong to every model");
    assert_says(&first, "line 13: atoms from here on stand after the end of the models; they were read with model 3");
    let second = with(Some(7)).unwrap();
    assert_eq!((letters(&second).as_str(), second.ligand_atoms.len()), ("W", 1));
    let error = with(Some(1)).unwrap_err().to_string();
    assert_eq!(error, "x.pdb: has no model 1; its models are 3, 7");
}

#[test]
fn models_without_model_lines_and_ligands_after_end() {
    let one = residue("ATOM", " ALA A   1 ", 0);
    let repeated = read(&format!("{one}ENDMDL\n{one}ENDMDL\n"));
    assert_eq!((repeated.model_count, repeated.residues.len()), (2, 1));
    let unclosed = read(&format!("{one}ENDMDL\n{one}END\n"));
    assert_eq!((unclosed.model_count, unclosed.residues.len()), (2, 1));
    let ligand = atom("HETATM", "C1", " LIG A   1 ", [3.0; 3], "C");
    let appended = read(&format!("{one}END\n{ligand}END\n"));
    assert_eq!((appended.model_count, appended.residues.len(), appended.ligand_atoms.len()), (1, 1, 1));
}

#[test]
fn modified_residues_are_read_as_their_parents() {
    let text = residue("ATOM", " ALA A   1 ", 0)
        + &residue("HETATM", " MSE A   2 ", 1)
        + &residue("ATOM", " HIE A   3 ", 2)
        + &residue("ATOM", " ZZZ A   4 ", 3)
        + "TER\n"
        + &residue("HETATM", " SEP A 300 ", 50)
        + &residue("HETATM", " GLU A 301 ", 60);
    let structure = read(&text);
    assert_eq!(letters(&structure), "AMHX");
    assert_eq!(structure.chains.len(), 1);
    let groups: Vec<String> = describe(&structure).ligands.iter().map(|group| group.name.clone()).collect();
    assert_eq!(groups, ["SEP", "GLU"], "amino acids that are not bonded to the chain stay ligands");
    assert_says(&structure, "residue A2: MSE read as MET");
    assert_says(&structure, "residue A3: HIE read as HIS");
    assert_says(&structure, "residue A4: ZZZ names no known amino acid: read as X");
}

#[test]
fn residues_that_come_after_their_chain_find_their_place() {
    let text = residue("ATOM", " ALA A   1 ", 0)
        + &residue("ATOM", " GLY A   3 ", 2)
        + "TER\n"
        + &residue("HETATM", " MSE A   2 ", 1)
        + &residue("HETATM", " VAL A   4 ", 3);
    let structure = read(&text);
    assert_eq!(ids(&structure), ["A1", "A2", "A3", "A4"]);
    assert_eq!(letters(&structure), "AMGV");
    assert_eq!(positions(&structure), [0, 1, 2, 3]);
    assert_says(&structure, "residue A4: VAL is a HETATM but bonded to the chain: read as protein");
}

#[test]
fn the_file_itself_may_declare_a_parent() {
    let text = "MODRES 1ABC QQQ A    2  TYR  NEW\n".to_owned()
        + &residue("ATOM", " ALA A   1 ", 0)
        + &residue("HETATM", " QQQ A   2 ", 1);
    assert_eq!(letters(&read(&text)), "AY");
}

#[test]
fn an_unknown_hetatm_in_the_chain_is_a_ligand_and_said_to_be_bonded() {
    let text = residue("ATOM", " ALA A   1 ", 0) + &residue("HETATM", " QQQ A   2 ", 1);
    let structure = read(&text);
    assert_eq!((structure.residues.len(), structure.ligand_atoms.len()), (1, 4));
    assert_says(&structure, "line 5: residue A2: QQQ is bonded to the chain, but names no known amino acid");
}

#[test]
fn ligands_nucleic_acids_and_waters() {
    let text = residue("ATOM", " ALA A   1 ", 0)
        + &atom("ATOM", "P", "  DA B   1 ", [0.0, 9.0, 0.0], "P")
        + &atom("HETATM", "C", " UNL A   1 ", [0.0, 8.0, 0.0], "")
        + &atom("HETATM", "C", " UNL A   1 ", [1.4, 8.0, 0.0], "")
        + &atom("HETATM", "O", " HOH A 201 ", [0.0; 3], "O")
        + &atom("HETATM", "D1", " DOD A 202 ", [0.0; 3], "D")
        + &atom("ATOM", "OH2", " TIP3W   1 ", [0.0; 3], "O")
        + "HETATM    1 FE   HEM A 301       1.000   2.000   3.000  0.00 10.00\n"
        + "HETATM    1  NA  HEM A 301       1.000   2.000   3.000\r\n"
        + "HETATM    1 CA    CA A 302       1.000   2.000   3.000\n";
    let structure = read(&text);
    assert_eq!(structure.residues.len(), 1);
    let ligands = structure.ligand_atoms.iter();
    let found: Vec<(&str, &str)> = ligands.map(|one| (one.residue_name.as_str(), one.atom.element.as_str())).collect();
    // Two atoms of one name are two atoms of a ligand.
    assert_eq!(found, [("DA", "P"), ("UNL", "C"), ("UNL", "C"), ("HEM", "FE"), ("HEM", "N"), ("CA", "CA")]);
    assert_eq!(structure.ligand_atoms[3].atom.occupancy, 0.0, "occupancy 0 is kept");
}

#[test]
fn atoms_of_occupancy_0_are_left_out_where_that_is_asked_for() {
    let whole = residue("ATOM", " ALA A   1 ", 0) + &residue("ATOM", " GLY A   2 ", 1);
    let ligand = atom("HETATM", "C1", " UNL A 301 ", [0.0, 8.0, 0.0], "C")
        + &atom("HETATM", "C2", " UNL A 301 ", [1.4, 8.0, 0.0], "C");
    let unoccupied = |text: &str, names: [&str; 2]| -> String {
        let empty = |line: &str| names.iter().any(|name| line[12..26].ends_with(name));
        text.lines().map(|line| if empty(line) { with_occupancy(line, 0.0) } else { line.to_owned() } + "\n").collect()
    };
    let text = unoccupied(&(whole.clone() + &ligand), ["C   GLY A   2", "C2  UNL A 301"]);
    let options = ReadOptions::default().with_leave_out_unoccupied(true);
    let read_with = |text: &str| read_bytes("test.pdb", text.as_bytes(), &options);
    let kept = read(&text);
    assert_eq!((kept.residues[1].atoms.len(), kept.ligand_atoms.len()), (4, 2));
    assert!(kept.residues[1].backbone().is_some());
    let structure = read_with(&text).unwrap();
    assert_eq!((structure.residues[1].atoms.len(), structure.ligand_atoms.len()), (3, 1));
    assert_eq!(structure.residues[1].backbone(), None);
    assert_says(&structure, "line 7: 2 atoms with occupancy 0 left out");
    assert_says(&structure, "residue A2: no C atom: kept in the sequence, masked");
    let error = read_with(&with_occupancy(&residue("ATOM", " ALA A   1 ", 0), 0.0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "test.pdb: holds no atoms: all of them have occupancy 0, and such atoms are left out"
    );
}

#[test]
fn marks_of_a_membrane_are_no_atoms_that_a_network_sees() {
    let text = residue("ATOM", " ALA A   1 ", 0)
        + "HETATM 1171  N   DUM  1171     -50.000  -6.000 -13.4233\n"
        + "HETATM 1171  O   DUM  1171     -50.000  -6.000  13.4233\n";
    let structure = read(&text);
    let heights: Vec<f32> = structure.ligand_atoms.iter().map(|mark| mark.atom.position[2]).collect();
    assert_eq!(heights, [-13.423, 13.423]);
    assert!(structure.ligand_atoms.iter().all(|mark| !mark.is_context()), "{:?}", structure.ligand_atoms);
    assert!(structure.warnings.is_empty(), "{}", warnings(&structure));
}

#[test]
fn deuterium_is_hydrogen_and_elements_are_inferred() {
    let text = residue("ATOM", " ALA A   1 ", 0)
        + &atom("ATOM", "D", " ALA A   1 ", [0.0; 3], "D")
        + &atom("ATOM", "HB1", " ALA A   1 ", [0.0; 3], "")
        + "ATOM      1 CA   GLY A   2       1.000   2.000   3.000\n";
    let structure = read(&text);
    assert_eq!(structure.residues[0].atom("D").unwrap().element, "H");
    assert_eq!(structure.residues[0].atom("HB1").unwrap().element, "H");
    assert_eq!(structure.residues[1].atom("CA").unwrap().element, "C");
    assert!(structure.residues[1].backbone().is_none());
    assert_says(&structure, "residue A2: no N, C atom: kept in the sequence, masked");
}

#[test]
fn a_missing_oxygen_is_rebuilt_beside_the_next_residue() {
    let whole = residue("ATOM", " ALA A   1 ", 0) + &residue("ATOM", " ALA A   2 ", 1);
    let structure = read(&without_carbonyl_oxygens(&whole));
    assert_eq!(warnings(&structure), "line 1: residues A1, A2: no O atom: rebuilt from N, CA and C\n");
    let off = distance(oxygen(&structure, 0), oxygen(&read(&whole), 0));
    // The toy chain is planar with O opposite the next N, but its angles are not those of a peptide.
    assert!(off < 0.3, "{off}");
    let terminal = without_carbonyl_oxygens(&residue("ATOM", " ALA A   1 ", 0))
        + &atom("ATOM", "OT1", " ALA A   1 ", [2.0, 2.0, 2.0], "O");
    assert_eq!(oxygen(&read(&terminal), 0), [2.0; 3]);
}

#[test]
fn rebuilt_oxygens_of_a_real_entry_lie_near_the_observed_ones() {
    let text = std::fs::read_to_string(repository().join("examples/5L33.pdb")).unwrap();
    let whole = read(&text);
    let rebuilt = read(&without_carbonyl_oxygens(&text));
    let deviations: Vec<f32> =
        (0..whole.residues.len() - 1).map(|index| distance(oxygen(&whole, index), oxygen(&rebuilt, index))).collect();
    let mean = deviations.iter().sum::<f32>() / deviations.len() as f32;
    let worst = deviations.iter().fold(0.0_f32, |worst, &deviation| worst.max(deviation));
    println!("rebuilt O of {} residues: mean {mean:.3} Å, worst {worst:.3} Å off", deviations.len());
    // The spread of real carbonyls about the ideal geometry: a few degrees at 1.23 Å.
    assert!(mean < 0.1 && worst < 0.4, "mean {mean}, worst {worst}");
    assert_eq!(rebuilt.warnings.iter().filter(|warning| warning.message.contains("rebuilt")).count(), 1);
}

#[test]
fn wide_numbers_long_names_and_odd_chains() {
    let text = residue("ATOM", " ALA  9999 ", 0)
        + &residue("ATOM", " GLY  A000 ", 1)
        + &residue("ATOM", " TRP  10001", 2)
        + &residue("ATOM", " HISEB   1 ", 5)
        + &residue("ATOM", " MET B   2 ", 6)
        + &residue("ATOM", " SERAC   1 ", 9);
    let structure = read(&text.replace("ATOM      1", "ATOM  A0000"));
    assert_eq!(ids(&structure), ["_9999", "_10000", "_10001", "B1", "B2", "AC:1"]);
    assert_eq!(letters(&structure), "AGWHMS");
    assert_eq!(positions(&structure), [0, 1, 2, 0, 1, 0]);
}

#[test]
fn a_chain_in_pieces_is_one_chain() {
    let text =
        residue("ATOM", " ALA A   1 ", 0) + &residue("ATOM", " GLY B   1 ", 9) + &residue("ATOM", " SER A   2 ", 1);
    let structure = read(&text);
    assert_eq!(ids(&structure), ["A1", "A2", "B1"]);
    assert_eq!(structure.chains[1].residues, 2..3);
}

#[test]
fn residues_without_a_number_get_one() {
    let text = residue("ATOM", " ALA A   7 ", 0)
        + "TER\n"
        + &atom("HETATM", "C1", " LIG A     ", [9.0; 3], "C")
        + &atom("HETATM", "C2", " LIG A     ", [8.0; 3], "C")
        + &atom("HETATM", "O", " HOH A     ", [5.0; 3], "O")
        + &atom("HETATM", "ZN", "  ZN B     ", [4.0; 3], "ZN");
    let structure = read(&text);
    let ligands: Vec<String> = describe(&structure).ligands.iter().map(|group| group.id.clone()).collect();
    assert_eq!(ligands, ["A8", "B1"]);
    assert_says(&structure, "line 6: LIG of chain A is a residue without a number: called A8");
    let lines = read_atom_lines("x.pdb", text.as_bytes(), DamagedLines::Refuse).unwrap();
    assert_eq!((lines.atoms[0].number, lines.atoms.last().unwrap().number), (Some(7), None));
}

#[test]
fn residues_of_one_number_that_are_bonded_are_two() {
    let text = residue("ATOM", " LYS A  29 ", 0)
        + &residue("ATOM", " ASP A  30 ", 1)
        + &residue("ATOM", " ARG A  30 ", 2)
        + &residue("ATOM", " GLY A  31 ", 3);
    let structure = read(&text);
    assert_eq!((letters(&structure).as_str(), positions(&structure)), ("KDRG", vec![0, 1, 2, 3]));
    assert_eq!(ids(&structure), ["A29", "A30", "A30A", "A31"]);
    assert_eq!(
        warnings(&structure),
        "line 9: ASP and ARG of one number, A30, are bonded to each other: the second called A30A\n"
    );
    let taken = text.clone() + &residue("ATOM", " SER A  30A", 4);
    assert_eq!(ids(&read(&taken)), ["A29", "A30", "A30B", "A31", "A30A"]);
    // Two conformers at one place are one residue.
    let conformers = residue("ATOM", " ASP A  30 ", 1) + &residue("ATOM", " ARG A  30 ", 1);
    assert_eq!(letters(&read(&conformers)), "D");
    let cap = atom("HETATM", "C", " ACE A  30 ", [2.5, 0.0, 0.0], "C") + &residue("ATOM", " ASP A  30 ", 1);
    assert_eq!(ids(&read(&cap)), ["A30"]);
}

#[test]
fn broken_lines_are_named() {
    let good = residue("ATOM", " ALA A  15B", 0);
    let of_residue = |reason: &str| format!("line 1: chain A, residue ALA 15B: {reason}");
    let x = |text: &str| good.replacen("   0.000", text, 1);
    let cases = [
        (x("   0.0x0"), of_residue("the x coordinate \"0.0x0\" is not a number")),
        (x("  -1e+39"), of_residue("the x coordinate \"-1e+39\" is farther out than")),
        (x("        "), of_residue("the x coordinate is blank")),
        (x("99999999"), of_residue("the x coordinate \"99999999\" is farther out than")),
        (good[..40].to_owned(), of_residue("the line ends at column 40")),
        (good.replacen(" N  ", "    ", 1), of_residue("the atom has no name")),
        (
            good.replacen("  15B", "  1x ", 1),
            "line 1: chain A: the residue number \"1x\" (columns 23–26) is not a number".to_owned(),
        ),
        (
            good.replacen("ATOM  ", "atom  ", 1),
            "line 1: the record name must be ATOM or HETATM in upper case".to_owned(),
        ),
        (good.replacen("1  N  ", "1\t N  ", 1), "line 1: column 12 holds a tab".to_owned()),
        ("HEADER only\n".to_owned(), "holds no atoms".to_owned()),
        (String::new(), "holds no atoms: it is empty".to_owned()),
        ("MODEL x\n".to_owned() + &good, "line 1: the model number \"x\" is not a whole number".to_owned()),
    ];
    for (text, sentence) in cases {
        let error = read_bytes("test.pdb", text.as_bytes(), &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("test.pdb: {sentence}")), "{error}\n{sentence}");
    }
}
