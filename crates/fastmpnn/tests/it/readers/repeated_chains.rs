//! Chains that come again under their own id.

use fastmpnn::structure::{Structure, describe};

use super::{assert_says, atom, distance, ids, letters, read, read_cif, residue, warnings};

fn three(chain: char, first: i32, at: i32) -> String {
    let site = |name: &str, number: i32| format!(" {name} {chain}{number:>4} ");
    residue("ATOM", &site("ALA", first), at)
        + &residue("ATOM", &site("GLY", first + 1), at + 1)
        + &residue("ATOM", &site("TRP", first + 2), at + 2)
}

/// With columns 73 to 76.
fn in_segment(text: &str, segment: &str) -> String {
    text.lines().map(|line| format!("{}{segment:<4}{}\n", &line[..72], &line[76..])).collect()
}

fn ligands(structure: &Structure) -> Vec<String> {
    describe(structure).ligands.iter().map(|group| format!("{} {}", group.name, group.id)).collect()
}

#[test]
fn the_same_ids_after_ter_in_another_segment_or_at_a_new_beginning_are_another_chain() {
    let (first, second) = (three('A', 7, 0), three('A', 7, 20));
    let segments = in_segment(&first, "P1") + &in_segment(&second, "P2");
    let cases = [
        (format!("{first}TER\n{second}TER\n"), "line 14: ", ""),
        (format!("{first}{second}"), "line 13: ", ""),
        (segments, "line 13: ", " in segment P2"),
    ];
    for (text, line, segment) in cases {
        let structure = read(&text);
        assert_eq!(ids(&structure), ["A7", "A8", "A9", "B7", "B8", "B9"]);
        assert_eq!(letters(&structure), "AGWAGW");
        let apart = distance(
            structure.residues[0].atom("CA").unwrap().position,
            structure.residues[3].atom("CA").unwrap().position,
        );
        assert!(apart > 70.0, "{apart}");
        let sentence =
            format!("{line}residues of chain A come again from here on, A7–A9{segment}: read as another chain, B");
        assert_says(&structure, &sentence);
        assert_eq!(structure.warnings.len(), 1, "{}", warnings(&structure));
    }
}

#[test]
fn the_new_id_is_free_and_a_copy_need_not_begin_where_the_first_does() {
    // The copy begins two residues earlier, ends one later, and has other names; B is a chain of the file.
    let text = three('A', 7, 0)
        + "TER\n"
        + &three('B', 1, 40)
        + "TER\n"
        + &residue("ATOM", " LEU A   5 ", 18)
        + &residue("ATOM", " LEU A   6 ", 19)
        + &residue("ATOM", " SER A   7 ", 20)
        + &residue("ATOM", " GLY A   8 ", 21)
        + &residue("ATOM", " TRP A   9 ", 22)
        + &residue("ATOM", " LEU A  10 ", 23)
        + "TER\n"
        + &three('A', 8, 60);
    let structure = read(&text);
    assert_eq!(
        ids(&structure),
        ["A7", "A8", "A9", "B1", "B2", "B3", "C5", "C6", "C7", "C8", "C9", "C10", "D8", "D9", "D10"]
    );
    assert_eq!(letters(&structure), "AGWAGWLLSGWLAGW");
    // Sentences about residues of a copy name it, and the range of the copy is that of its protein.
    let unfinished = super::without_carbonyl_oxygens(&three('A', 1, 0));
    let shifted = super::without_carbonyl_oxygens(&three('A', 1, 20));
    let solvent =
        atom("HETATM", "CA", "  CA A 900 ", [9.0; 3], "CA") + &atom("ATOM", "O", " HOH A 950 ", [5.0; 3], "O");
    let structure = read(&(unfinished + "TER\n" + &shifted + &solvent));
    assert_says(&structure, "residues A1–A3: no O atom: rebuilt");
    assert_says(&structure, "residues B1–B3: no O atom: rebuilt");
    assert_says(&structure, "come again from here on, A1–A3: read as another chain, B");
    let nameless = three('A', 1, 20).replace("   78.500   0.000", "     nan   0.000");
    let structure = read(&(three('A', 1, 0) + "TER\n" + &nameless));
    assert_says(&structure, "1 atom of residue B1 has no coordinates: absent");
    // A blank id, as programs of molecular dynamics leave it.
    let blank = read(&format!("{}TER\n{}", three(' ', 1, 0), three(' ', 1, 20)));
    assert_eq!(ids(&blank), ["_1", "_2", "_3", "A1", "A2", "A3"]);
}

#[test]
fn ligands_and_water_go_with_their_copy() {
    let zinc = |at: f32| atom("HETATM", "ZN", "  ZN A 101 ", [at, 9.0, 0.0], "ZN");
    let text = three('A', 1, 0) + "TER\n" + &three('A', 1, 20) + "TER\n" + &zinc(0.0) + &zinc(80.0);
    // One after the other they are two atoms of one group, as docking programs name them.
    assert_eq!(ligands(&read(&text)), ["ZN A101"]);
    let apart = three('A', 1, 0) + "TER\n" + &zinc(0.0) + "TER\n" + &three('A', 1, 20) + "TER\n" + &zinc(80.0);
    assert_eq!(ligands(&read(&apart)), ["ZN A101", "ZN B101"]);
    let segments = in_segment(&three('A', 1, 0), "P1")
        + &in_segment(&three('A', 1, 20), "P2")
        + &in_segment(&zinc(80.0), "P2")
        + &in_segment(&zinc(0.0), "P1");
    let structure = read(&segments);
    assert_eq!(ligands(&structure), ["ZN B101", "ZN A101"]);
    assert_eq!(structure.ligand_atoms[0].atom.position[0], 80.0);
}

#[test]
fn strands_of_nucleic_acid_that_come_again_are_other_chains_too() {
    let strand = |at: f32| -> String {
        let nucleotide = |number: i32, name: &str| -> String {
            let site = format!("  {name} D{number:>4} ");
            let x = at + 6.0 * number as f32;
            ["P", "C4'", "C1'"]
                .iter()
                .map(|atom_name| atom("ATOM", atom_name, &site, [x, 0.0, 0.0], &atom_name[..1]))
                .collect()
        };
        nucleotide(1, "DA") + &nucleotide(2, "DG")
    };
    let structure = read(&(three('A', 1, 0) + "TER\n" + &strand(100.0) + "TER\n" + &strand(200.0)));
    assert_eq!(ligands(&structure), ["DA D1", "DG D2", "DA B1", "DG B2"]);
    assert_says(&structure, "residues of chain D come again from here on, D1–D2: read as another chain, B");
}

#[test]
fn what_the_archive_writes_of_one_chain_stays_one_chain() {
    let chain = three('A', 1, 0);
    let hydrogens: String = (0..3)
        .map(|index| {
            let site = format!(" {} A{:>4} ", ["ALA", "GLY", "TRP"][index], index + 1);
            atom("ATOM", "H", &site, [3.8 * index as f32, 0.9, 0.0], "H")
        })
        .collect();
    let conformers = |altloc: char| {
        let line = |line: &str| format!("{}{altloc}{}\n", &line[..16], &line[17..]);
        chain.lines().map(line).collect::<String>()
    };
    let interleaved: String =
        ["ASER A   4 ", "BLEU A   4 "].iter().map(|site| residue("ATOM", site, 3)).collect::<String>();
    let texts = [
        // Ligands, a modified residue and water after the chain's TER, under its id; numbers that fall.
        chain.clone()
            + "TER\n"
            + &residue("HETATM", " MSE A   4 ", 3)
            + &atom("HETATM", "ZN", "  ZN A 101 ", [9.0; 3], "ZN")
            + &atom("HETATM", "O", " HOH A   2 ", [5.0; 3], "O")
            + &atom("HETATM", "O", " HOH A   1 ", [6.0; 3], "O"),
        // A free amino acid with the number of a residue.
        chain.clone() + "TER\n" + &residue("HETATM", " GLU A   2 ", 70),
        // Hydrogens by themselves, and a chain in pieces around another.
        chain.clone() + "TER\n" + &hydrogens,
        three('A', 1, 0) + &three('B', 1, 30) + &three('A', 4, 3),
        // Insertion codes, numbers out of order, conformers one after the other and interleaved.
        chain.clone() + &residue("ATOM", " SER A   3A", 3) + &residue("ATOM", " SER A   3B", 4),
        residue("ATOM", " SER A   5 ", 0) + &residue("ATOM", " SER A   6 ", 1) + &residue("ATOM", " SER A   1 ", 2),
        conformers('A') + &conformers('B'),
        chain.clone() + &interleaved,
    ];
    for text in texts {
        let structure = read(&text);
        let ids: Vec<&str> = structure.chains.iter().map(|chain| chain.id.as_ref()).collect();
        assert!(ids == ["A"] || ids == ["A", "B"] && text.contains(" B "), "{ids:?} in\n{text}");
        assert!(!warnings(&structure).contains("come again"), "{}", warnings(&structure));
    }
}

#[test]
fn label_asym_id_tells_copies_of_one_author_chain_apart() {
    let mut text = "data_x\nloop_\n".to_owned();
    let items = "group_PDB type_symbol label_atom_id label_comp_id label_asym_id label_seq_id auth_seq_id auth_asym_id";
    for item in items.split(' ').chain(["Cartn_x", "Cartn_y", "Cartn_z"]) {
        text += &format!("_atom_site.{item}\n");
    }
    for (label, at) in [("A", 0.0), ("B", 60.0)] {
        for (index, name) in ["ALA", "GLY"].iter().enumerate() {
            for (atom_name, dx) in [("N", 0.0), ("CA", 1.3), ("C", 2.5)] {
                let (x, number) = (at + 3.8 * index as f32 + dx, index + 1);
                let element = &atom_name[..1];
                text += &format!("ATOM {element} {atom_name} {name} {label} {number} {number} A {x} 0.0 0.0\n");
            }
        }
    }
    let structure = read_cif(&text);
    assert_eq!(ids(&structure), ["A1", "A2", "B1", "B2"]);
    assert_eq!(structure.chains[1].label_id.as_deref(), Some("B"));
    assert_says(&structure, "residues of chain A come again from here on, A1–A2: read as another chain, B");
}
