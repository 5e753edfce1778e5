//! Biological assemblies, and the models of a file.

use std::path::Path;

use fastmpnn::spec::{DesignSpec, States, parse_selection};
use fastmpnn::structure::{ReadOptions, ResidueId, Structure, read_bytes, read_models};

use super::{assert_says, atom, ids, letters, read, residue, warnings};

fn assembly(name: &str, text: &str, id: &str) -> Result<Structure, String> {
    let options = ReadOptions::default().with_assembly(Some(id.to_owned()));
    read_bytes(name, text.as_bytes(), &options).map_err(|error| error.to_string())
}

fn built(text: &str, id: &str) -> Structure {
    assembly("x.pdb", text, id).unwrap_or_else(|error| panic!("{error}"))
}

/// Two residues of a chain.
fn chain(id: char) -> String {
    residue("ATOM", &format!(" ALA {id}   1"), 0) + &residue("ATOM", &format!(" GLY {id}   2"), 1) + "TER\n"
}

/// Rows of operator `number`: a half turn around z, or none, and a shift along x and z.
fn biomt(number: usize, turned: bool, [x, z]: [f32; 2]) -> String {
    let sign = if turned { -1.0 } else { 1.0 };
    let rows = [[sign, 0.0, 0.0, x], [0.0, sign, 0.0, 0.0], [0.0, 0.0, 1.0, z]];
    let row = |(place, [a, b, c, d]): (usize, [f32; 4])| {
        format!("REMARK 350   BIOMT{place} {number:>3} {a:9.6} {b:9.6} {c:9.6}     {d:10.5}            \n")
    };
    (1..).zip(rows).map(row).collect()
}

fn alpha(structure: &Structure, chain: &str, number: i32) -> [f32; 3] {
    let named = |id: &ResidueId| &*id.chain == chain && id.number == number;
    let residue = structure.residues.iter().find(|residue| named(&residue.id));
    let residue = residue.unwrap_or_else(|| panic!("no {number} of {chain} among {:?}", ids(structure)));
    residue.atom("CA").unwrap().position
}

fn chains(structure: &Structure) -> Vec<&str> {
    structure.chains.iter().map(|chain| &*chain.id).collect()
}

#[test]
fn operators_of_remark_350_copy_chains_ligands_and_nucleotides() {
    let zinc = |number: u32, position| atom("HETATM", "ZN", &format!("  ZN A {number:>3}"), position, "ZN");
    let text = String::from("REMARK 350\nREMARK 350 COORDINATES FOR A COMPLETE MULTIMER\n")
        + "REMARK 350 BIOMOLECULE: 1\nREMARK 350 AUTHOR DETERMINED BIOLOGICAL UNIT: TETRAMERIC\n"
        + "REMARK 350 APPLY THE FOLLOWING TO CHAINS: A,\nREMARK 350                    AND CHAINS: B\n"
        + &biomt(1, false, [0.0, 0.0])
        + &biomt(2, true, [0.0, 0.0])
        + "REMARK 350 APPLY THE FOLLOWING TO CHAINS: N\n"
        + &biomt(1, false, [0.0, 0.0])
        + &biomt(2, true, [0.0, 0.0])
        + &biomt(3, false, [0.0, 50.0])
        + "REMARK 350 BIOMOLECULE: 2\nREMARK 350 APPLY THE FOLLOWING TO CHAINS: B\n"
        + &biomt(1, false, [7.0, 0.0])
        + &chain('A')
        + &chain('B').replace("   0.000  1.00", "  20.000  1.00")
        + &atom("ATOM", "P", "  DA N   1", [5.0, 5.0, 5.0], "P")
        + &zinc(101, [0.0, 0.0, 3.0])
        + &zinc(102, [4.0, 0.0, 3.0]);
    let structure = built(&text, "1");
    assert_eq!(chains(&structure), ["A", "B", "A-2", "B-2"]);
    assert_eq!(letters(&structure), "AGAGAGAG");
    let [x, y, z] = alpha(&structure, "A", 1);
    assert_eq!(alpha(&structure, "A-2", 1), [-x, -y, z]);
    assert_eq!(structure.residues[4].chain, 2);
    assert_eq!(structure.chains[2].residues, 4..6);
    let ligands: Vec<String> = structure
        .ligand_atoms
        .iter()
        .map(|ligand| format!("{} {} {:?}", ligand.residue_name, ligand.residue.chain, ligand.atom.position))
        .collect();
    // The zinc on the axis occurs once; the nucleotide is copied by an operator that the chains do not have.
    assert_eq!(
        ligands,
        [
            "DA N [5.0, 5.0, 5.0]",
            "ZN A [0.0, 0.0, 3.0]",
            "ZN A [4.0, 0.0, 3.0]",
            "DA N-2 [-5.0, -5.0, 5.0]",
            "ZN A-2 [-4.0, 0.0, 3.0]",
            "DA N-3 [5.0, 5.0, 55.0]",
        ]
    );
    assert_says(&structure, "ZN A101: lies on an axis of symmetry, kept once");
    let second = built(&text, "2");
    assert_eq!(chains(&second), ["B"]);
    assert_eq!(alpha(&second, "B", 1), [x + 7.0, y, 20.0]);
    assert_says(&second, "the assembly leaves out atoms of chain A, N");
    let error = assembly("x.pdb", &text, "3").unwrap_err();
    assert_eq!(error, "x.pdb: it has no assembly 3; its assemblies are 1, 2");
}

#[test]
fn copies_do_not_lie_on_themselves() {
    let text = String::from("REMARK 350 BIOMOLECULE: 1\nREMARK 350 APPLY THE FOLLOWING TO CHAINS: A\n")
        + &biomt(1, false, [0.0, 0.0])
        + &biomt(2, false, [0.0, 0.0])
        + &biomt(3, true, [0.0, 30.0])
        + "REMARK 350 APPLY THE FOLLOWING TO CHAINS: A\n"
        + &biomt(1, false, [0.0, 0.0])
        + &chain('A');
    assert_eq!(chains(&built(&text, "1")), ["A", "A-2"]);
}

#[test]
fn files_that_say_nothing_of_assemblies_are_refused() {
    let error = assembly("x.pdb", &chain('A'), "1").unwrap_err();
    assert!(error.starts_with("x.pdb: it says nothing of assemblies (REMARK 350)"), "{error}");
    let damaged = format!("REMARK 350 BIOMOLECULE: 1\nREMARK 350   BIOMT1   1  1.0 x\n{}", chain('A'));
    let error = assembly("x.pdb", &damaged, "1").unwrap_err();
    assert!(error.starts_with("x.pdb: line 2: ") && error.contains("is not a matrix row"), "{error}");
}

/// An mmCIF file of protein chain A (label A), of a zinc of the same author chain (label B) and of chain C.
fn cif(expression: &str) -> String {
    let mut text = String::from(
        "data_x\nloop_\n_pdbx_struct_assembly_gen.assembly_id\n_pdbx_struct_assembly_gen.oper_expression\n\
         _pdbx_struct_assembly_gen.asym_id_list\n",
    );
    text += &format!("1 {expression} A\n1 1 B\nPAU '(1,2)(3-4)' A,B,C\nXAU 9 C\n");
    text += "loop_\n_pdbx_struct_oper_list.id\n";
    for row in 1..=3 {
        for column in 1..=3 {
            text += &format!("_pdbx_struct_oper_list.matrix[{row}][{column}]\n");
        }
        text += &format!("_pdbx_struct_oper_list.vector[{row}]\n");
    }
    for (id, x) in [("1", 0), ("2", 100), ("3", 1000), ("4", 2000)] {
        text += &format!("{id} 1 0 0 {x} 0 1 0 0 0 0 1 0\n");
    }
    text += "loop_\n_atom_site.group_PDB\n_atom_site.label_atom_id\n_atom_site.label_comp_id\n_atom_site.label_asym_id\n\
             _atom_site.auth_asym_id\n_atom_site.auth_seq_id\n_atom_site.label_seq_id\n_atom_site.Cartn_x\n\
             _atom_site.Cartn_y\n_atom_site.Cartn_z\n_atom_site.type_symbol\n";
    for (label, chain) in [("A", "A"), ("C", "C")] {
        for (name, x, y) in [("N", 0.0, 0.0), ("CA", 1.3, 0.7), ("C", 2.5, 0.0), ("O", 2.5, -1.23)] {
            let z = if chain == "A" { 0.0 } else { 20.0 };
            text += &format!("ATOM {name} ALA {label} {chain} 5 1 {x} {y} {z} {}\n", &name[..1]);
        }
    }
    text + "HETATM ZN ZN B A 301 . 9.0 9.0 9.0 ZN\n"
}

#[test]
fn expressions_of_mmcif_apply_to_label_chains() {
    let structure = assembly("x.cif", &cif("1,2"), "1").unwrap();
    assert_eq!(chains(&structure), ["A", "A-2"]);
    assert_eq!(alpha(&structure, "A-2", 5), [101.3, 0.7, 0.0]);
    assert_eq!(structure.chains[1].label_id.as_deref(), Some("A-2"));
    // The zinc's label is copied by the identity alone.
    let zincs: Vec<_> =
        structure.ligand_atoms.iter().map(|ligand| (&*ligand.residue.chain, ligand.atom.position)).collect();
    assert_eq!(zincs, [("A", [9.0; 3])]);
    assert_says(&structure, "the assembly leaves out atoms of chain C");
    let product = assembly("x.cif", &cif("1"), "PAU").unwrap();
    assert_eq!(chains(&product), ["A", "C", "A-2", "C-2", "A-3", "C-3", "A-4", "C-4"]);
    let xs = product.residues.iter().filter(|residue| residue.id.chain.starts_with('A'));
    let xs: Vec<f32> = xs.map(|residue| residue.atom("CA").unwrap().position[0]).collect();
    assert_eq!(xs, [1001.3, 2001.3, 1101.3, 2101.3]);
    assert_eq!(product.ligand_atoms.len(), 4);
    let error = assembly("x.cif", &cif("1"), "2").unwrap_err();
    assert_eq!(error, "x.cif: it has no assembly 2; its assemblies are 1, PAU, XAU");
    let error = assembly("x.cif", &cif("1"), "XAU").unwrap_err();
    assert!(error.contains("line 9: there is no operator \"9\""), "{error}");
    let error = assembly("x.cif", &cif("'(1'"), "1").unwrap_err();
    assert!(error.contains("line 6: the operator expression \"(1\" cannot be read"), "{error}");
}

fn models(names: [&str; 2], second: &str) -> String {
    format!("MODEL {:>8}\n{}ENDMDL\nMODEL {:>8}\n{second}ENDMDL\n", names[0], chain('A'), names[1])
}

#[test]
fn models_are_the_copies_of_an_assembly_file() {
    let text = models(["1", "2"], &chain('A').replace("   0.000  1.00", "  20.000  1.00"));
    let structure = assembly("x.pdb1", &text, "1").unwrap();
    assert_eq!(chains(&structure), ["A", "A-2"]);
    assert_eq!((structure.model_number, structure.model_count), (1, 1));
    assert_eq!(alpha(&structure, "A-2", 1)[2], 20.0);
    assert_eq!(assembly("x.pdb", &text, "models").unwrap().residues.len(), 4);
    let error = assembly("x.pdb1", &text, "2").unwrap_err();
    assert_eq!(error, "x.pdb1: by its name it holds assembly 1, not 2");
    let error = assembly("x.pdb1", &models(["1", "2"], &chain('A')), "1").unwrap_err();
    assert!(error.contains("models 1 and 2 lie on each other, as those of an ensemble do"), "{error}");
}

#[test]
fn copies_are_selected_and_tied() {
    let text = String::from("REMARK 350 BIOMOLECULE: 1\nREMARK 350 APPLY THE FOLLOWING TO CHAINS: A\n")
        + &biomt(1, false, [0.0, 0.0])
        + &biomt(2, true, [0.0, 30.0])
        + &chain('A');
    let structure = built(&text, "1");
    for (selection, expected) in [("A-2:2", vec![3]), ("A-2", vec![2, 3]), ("A:1", vec![0]), ("A-2:1-2", vec![2, 3])] {
        assert_eq!(parse_selection(selection, &structure).unwrap(), expected, "{selection}");
    }
    let plan = DesignSpec { homo_oligomer: true, ..DesignSpec::default() }.resolve(&structure).unwrap();
    let members: Vec<&[usize]> = plan.ties.iter().map(|tie| tie.members.as_slice()).collect();
    assert_eq!(members, [[0, 2], [1, 3]]);
}

#[test]
fn all_models_of_a_file_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ensemble.pdb");
    let more = residue("ATOM", " SER A   3", 2);
    let text = models(["1", "10"], &(residue("ATOM", " ALA A   1", 0) + &more));
    std::fs::write(&path, &text).unwrap();
    let read_all =
        |path: &Path, model_number| read_models(path, &ReadOptions::default().with_model_number(model_number)).unwrap();
    let all = read_all(&path, None);
    assert_eq!(all.iter().map(letters).collect::<Vec<_>>(), ["AG", "AS"]);
    assert_eq!(all.iter().map(|model| (model.model_number, model.model_count)).collect::<Vec<_>>(), [(1, 2), (10, 2)]);
    assert_eq!(letters(&read_all(&path, Some(10))[0]), "AS");
    assert_eq!(read_all(&path, Some(10)).len(), 1);
    // As states they have all residues, those they lack without atoms.
    let states = States::of_models(all, None).unwrap();
    let names: Vec<&str> = states.structures().iter().map(|state| state.name.as_str()).collect();
    assert_eq!(names, ["ensemble", "ensemble_model_10"]);
    for (state, absent) in states.structures().iter().zip([2, 1]) {
        assert_eq!(ids(state), ["A1", "A2", "A3"]);
        assert_eq!(letters(state), "AGS");
        let resolved: Vec<bool> = (0..3).map(|index| state.is_resolved(index)).collect();
        assert_eq!(resolved, [0, 1, 2].map(|index| index != absent));
        assert_says(state, &format!("has no A{}; other models do", absent + 1));
    }
    let single = folder.path().join("single.pdb");
    std::fs::write(&single, chain('A')).unwrap();
    assert_eq!(read_all(&single, None).len(), 1);
    assert_eq!(warnings(&read(&chain('A'))), "");
    let cif = folder.path().join("ensemble.cif");
    let rows = [("1", "ALA", 0.0), ("2", "ALA", 9.0)].map(|(model, name, z)| {
        format!("ATOM CA {name} A 1 0.0 0.0 {z} {model}\nATOM CA {name} A 2 3.8 0.0 {z} {model}\n")
    });
    let head = "data_x\nloop_\n_atom_site.group_PDB\n_atom_site.label_atom_id\n_atom_site.label_comp_id\n\
                _atom_site.auth_asym_id\n_atom_site.auth_seq_id\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n\
                _atom_site.Cartn_z\n_atom_site.pdbx_PDB_model_num\n";
    std::fs::write(&cif, format!("{head}{}", rows.concat())).unwrap();
    let heights: Vec<f32> = read_all(&cif, None).iter().map(|model| alpha(model, "A", 1)[2]).collect();
    assert_eq!(heights, [0.0, 9.0]);
}
