//! mmCIF files of several data blocks or loops, with residues that have no number or share one.

use fastmpnn::structure::{ReadOptions, Structure, describe, read_bytes};

use super::hostile::check_invariants;
use super::{CIF_ITEMS, assert_says, cif_residue, cif_table, ids, letters, read_cif, warnings};

fn hetatm(name: &str, atom: &str, ids: &str, at: f32) -> String {
    format!("HETATM {} {atom} {name} {ids} {at} 9.0 0.0\n", &atom[..1])
}

fn protein() -> String {
    cif_residue("ATOM", "ALA", "A 1 11 A", 0)
        + &cif_residue("ATOM", "GLY", "A 2 12 A", 1)
        + &cif_residue("ATOM", "TRP", "A 3 13 A", 2)
}

fn ligands(structure: &Structure) -> Vec<String> {
    let group = |group: &fastmpnn::structure::LigandSummary| format!("{} {} {}", group.name, group.id, group.atoms);
    describe(structure).ligands.iter().map(group).collect()
}

#[test]
fn every_data_block_is_read() {
    let ligand = hetatm("FK5", "C1", "B . 1001 A", 0.0) + &hetatm("FK5", "C2", "B . 1001 A", 1.5);
    let (protein, ligand) = (cif_table(&protein()), cif_table(&ligand));
    for text in [format!("data_prot\n{protein}data_lig\n{ligand}"), format!("data_lig\n{ligand}data_prot\n{protein}")] {
        let structure = read_cif(&text);
        assert_eq!(
            (letters(&structure).as_str(), ligands(&structure).as_slice()),
            ("AGW", &["FK5 A1001 2".to_owned()][..])
        );
        assert_eq!(warnings(&structure), "");
    }
    let other = cif_table(&(cif_residue("ATOM", "SER", "B 1 11 B", 30) + &cif_residue("ATOM", "SER", "B 2 12 B", 31)));
    assert_eq!(letters(&read_cif(&format!("data_a\n{protein}data_b\n_cell.a 1\ndata_c\n{other}"))), "AGWSS");
}

#[test]
fn a_data_block_whose_residues_are_there_is_left_out_with_a_word() {
    let text = format!(
        "data_one\n{0}data_two\n{0}data_three\n{1}",
        cif_table(&protein()),
        cif_table(&cif_residue("ATOM", "SER", "B 1 5 B", 9))
    );
    let structure = read_cif(&text);
    assert_eq!(letters(&structure), "AGWS");
    assert_says(
        &structure,
        "line 27: the data block two was left out, 3 residues with 12 atoms: its residue ALA A11 is in an earlier block, too",
    );
    // Water of one number is no reason: it is not read.
    let water = hetatm("HOH", "O", "W . 201 A", 20.0);
    let text = format!(
        "data_one\n{}data_two\n{}",
        cif_table(&(protein() + &water)),
        cif_table(&(water + &cif_residue("ATOM", "SER", "B 1 5 B", 9)))
    );
    assert_eq!(letters(&read_cif(&text)), "AGWS");
    let broken = format!("data_one\n{}data_two\n_a.b 'open\n", cif_table(&protein()));
    let structure = read_cif(&broken);
    assert_eq!(letters(&structure), "AGW");
    assert_says(&structure, "line 28: the rest of the file was left out");
}

#[test]
fn all_loops_of_a_category_are_read() {
    let rest = cif_residue("ATOM", "SER", "A 4 14 A", 3);
    let text = format!("data_x\n{}{}", cif_table(&protein()), cif_table(&rest));
    let structure = read_cif(&text);
    assert_eq!((letters(&structure).as_str(), warnings(&structure).as_str()), ("AGWS", ""));
    // Their columns may stand in another order, and there may be others.
    let reordered: String = rest
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            format!("1.00 {} {}\n", words[8..].join(" "), words[..8].join(" "))
        })
        .collect();
    let items: Vec<&str> = CIF_ITEMS.split_whitespace().collect();
    let order = ["occupancy"].iter().chain(&items[8..]).chain(&items[..8]);
    let items: String = order.map(|item| format!("_atom_site.{item}\n")).collect();
    let structure = read_cif(&format!("data_x\n{}loop_\n{items}{reordered}", cif_table(&protein())));
    assert_eq!((letters(&structure).as_str(), ids(&structure)[3].as_str()), ("AGWS", "A14"));
    let missing =
        text.replacen("_atom_site.Cartn_z", "_atom_site.z", 3).replacen("_atom_site.z", "_atom_site.Cartn_z", 1);
    let error = read_bytes("x.cif", missing.as_bytes(), &ReadOptions::default()).unwrap_err().to_string();
    assert_eq!(error, "x.cif: line 28: the _atom_site loop has no column _atom_site.Cartn_z");
}

#[test]
fn residues_without_a_number_get_one() {
    let rows = protein()
        + &hetatm("FK5", "C1", "B . ? A", 0.0)
        + &hetatm("FK5", "C2", "B . ? A", 1.5)
        + &hetatm("GOL", "C1", "C . ? A", 5.0)
        + &hetatm("GOL", "C1", "C . ? A", 7.0)
        + &hetatm("HOH", "O", "D . ? A", 20.0)
        + &hetatm("HOH", "O", "D . ? A", 24.0)
        + &hetatm("ZN", "ZN", "E . ? B", 30.0);
    let structure = read_cif(&format!("data_x\n{}", cif_table(&rows)));
    assert_eq!(letters(&structure), "AGW");
    assert_eq!(ligands(&structure), ["FK5 A14 2", "GOL A15 1", "GOL A16 1", "ZN B1 1"]);
    assert_says(&structure, "line 26: FK5 of chain A is a residue without a number: called A14");
    assert_says(&structure, "line 28: 2 GOL of chain A have no numbers: called A15, A16");
    assert_says(&structure, "line 30: 2 HOH of chain A have no numbers: called A17, A18");
    check_invariants(&structure);
    // Without the column at all.
    let bare = cif_table(&rows).replace("auth_seq_id", "other");
    assert_eq!(ligands(&read_cif(&format!("data_x\n{bare}")))[0], "FK5 A4 2");
}

#[test]
fn residues_of_one_number_are_told_apart_by_label_seq_id() {
    let rows = cif_residue("ATOM", "LYS", "A 1 29 A", 0)
        + &cif_residue("ATOM", "ASP", "A 2 30 A", 1)
        + &cif_residue("ATOM", "ARG", "A 3 30 A", 2)
        + &cif_residue("ATOM", "GLY", "A 4 31 A", 3)
        + &cif_residue("ATOM", "GLY", "A 5 31 A", 4);
    let structure = read_cif(&format!("data_x\n{}", cif_table(&rows)));
    assert_eq!(letters(&structure), "KDRGG");
    assert_eq!(ids(&structure), ["A29", "A30", "A30A", "A31", "A31A"]);
    assert_says(
        &structure,
        "line 22: two residues of one author's number: A30 (label_seq_id 2 and 3), the second called A30A, A31",
    );
    check_invariants(&structure);
    // All of one number: the letters run out.
    let same: String =
        (0..60).map(|index| cif_residue("ATOM", "GLY", &format!("A {} 1 A", index + 1), index)).collect();
    let structure = read_cif(&format!("data_x\n{}", cif_table(&same)));
    assert_eq!(structure.residues.len(), 60);
    assert_eq!([0, 1, 26, 27, 59].map(|index| ids(&structure)[index].clone()), ["A1", "A1A", "A1Z", "A2", "A34"]);
    check_invariants(&structure);
}
