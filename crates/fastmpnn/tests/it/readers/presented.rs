//! Data kept from a file besides coordinates and names: kinds of records, charges, places in polymers.

use fastmpnn::structure::{ReadOptions, Structure, read_bytes};

const PDB: &str = "\
ATOM      1  P    DA B   1       0.000   0.000   5.000  1.00 10.00           P  
ATOM      2  OP2  DA B   1       0.000   1.500   5.000  1.00 10.00           O1-
ATOM      3  C1'  DA B   1       3.000   1.500   5.000  1.00 10.00           C  
HETATM    4  C1' 5CM B   2       5.000   1.500   5.000  1.00 10.00           C  
TER       5      5CM B   2
ATOM      6  N   ALA A   1      10.000   0.000   5.000  1.00 10.00           N1+
ATOM      7  CA  ALA A   1      11.400   0.000   5.000  1.00 10.00           C  
ATOM      8  C   ALA A   1      12.000   1.400   5.000  1.00 10.00           C  
ATOM      9  O   ALA A   1      11.400   2.400   5.000  1.00 10.00           O  
HETATM   10  N   MSE A   2      13.300   1.400   5.000  1.00 10.00           N  
HETATM   11  CA  MSE A   2      14.000   2.700   5.000  1.00 10.00           C  
HETATM   12  C   MSE A   2      15.500   2.600   5.000  1.00 10.00           C  
HETATM   13  O   MSE A   2      16.100   1.500   5.000  1.00 10.00           O  
TER      14      MSE A   2
HETATM   15 ZN    ZN A 101      30.000   0.000   5.000  1.00 10.00          ZN2+
HETATM   16 CL    CL A 102      35.000   0.000   5.000  1.00 10.00          CL-1
HETATM   17  N1  NH4 A 103      40.000   0.000   5.000  1.00 10.00           N +
HETATM   18  C1  UNL A 104      45.000   0.000   5.000  1.00 10.00      1ABC C12
";

fn read(name: &str, text: &str) -> Structure {
    read_bytes(name, text.as_bytes(), &ReadOptions::default()).expect("a structure")
}

/// Residue, atom, charge, HETATM or not, and in a polymer or not.
fn ligands(structure: &Structure) -> Vec<(String, i8, bool, Option<bool>)> {
    let row = |atom: &fastmpnn::structure::LigandAtom| {
        let name = format!("{} {}", atom.residue_name, atom.atom.name);
        (name, atom.atom.charge, atom.presented.hetatm, atom.presented.in_polymer)
    };
    structure.ligand_atoms.iter().map(row).collect()
}

#[test]
fn pdb_records_charges_and_polymers_are_kept() {
    let structure = read("x.pdb", PDB);
    let row = |name: &str, charge, hetatm, polymer| (name.to_owned(), charge, hetatm, Some(polymer));
    assert_eq!(
        ligands(&structure),
        [
            row("DA P", 0, false, true),
            row("DA OP2", -1, false, true),
            row("DA C1'", 0, false, true),
            row("5CM C1'", 0, true, true),
            row("ZN ZN", 2, true, false),
            row("CL CL", -1, true, false),
            row("NH4 N1", 1, true, false),
            // A line number there, as in files from the 1990s, is not a charge.
            row("UNL C1", 0, true, false),
        ]
    );
    let residues: Vec<(&str, bool, i8)> =
        structure.residues.iter().map(|r| (r.name.as_str(), r.hetatm, r.atoms[0].charge)).collect();
    assert_eq!(residues, [("ALA", false, 1), ("MSE", true, 0)]);
}

#[test]
fn mmcif_records_charges_and_polymers_are_kept() {
    let header: String = [
        "group_PDB",
        "type_symbol",
        "label_atom_id",
        "label_comp_id",
        "label_asym_id",
        "label_seq_id",
        "auth_asym_id",
        "auth_seq_id",
        "Cartn_x",
        "Cartn_y",
        "Cartn_z",
        "pdbx_formal_charge",
    ]
    .map(|item| format!("_atom_site.{item}\n"))
    .concat();
    let text = format!(
        "data_x\nloop_\n{header}\
         ATOM P P DA B 7 D 1 0 0 5 ?\nATOM O OP2 DA B 7 D 1 0 1.5 5 -1\n\
         ATOM N N ALA A 1 E 1 10 0 5 1\nATOM C CA ALA A 1 E 1 11.4 0 5 ?\nATOM C C ALA A 1 E 1 12 1.4 5 .\n\
         HETATM ZN ZN ZN C . E 101 30 0 5 2\n"
    );
    let structure = read("x.cif", &text);
    let row = |name: &str, charge, hetatm, polymer| (name.to_owned(), charge, hetatm, Some(polymer));
    assert_eq!(
        ligands(&structure),
        [row("DA P", 0, false, true), row("DA OP2", -1, false, true), row("ZN ZN", 2, true, false)]
    );
    let places: Vec<(Option<&str>, Option<i32>)> = structure
        .ligand_atoms
        .iter()
        .map(|atom| (atom.presented.label_id.as_deref(), atom.presented.label_number))
        .collect();
    assert_eq!(places, [(Some("B"), Some(7)), (Some("B"), Some(7)), (Some("C"), None)]);
    assert_eq!(structure.residues[0].atoms[0].charge, 1);
}
