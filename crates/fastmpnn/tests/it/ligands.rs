//! Ligands as in users' files: chosen by name, after ENDMDL, at occupancy 0, without an element.

use std::path::Path;

use fastmpnn::spec::{DesignSpec, parse_selection};
use fastmpnn::structure::{ReadOptions, Structure, read_bytes, read_path};

fn read(choices: &[&str]) -> Result<Structure, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/3MHT.pdb");
    let ligands = choices.iter().map(|choice| choice.parse()).collect::<Result<_, String>>()?;
    read_path(&path, &ReadOptions::default().with_ligands(ligands)).map_err(|error| error.to_string())
}

#[test]
fn a_residue_becomes_a_ligand_and_the_others_stay_what_they_are() {
    let (plain, chosen) = (read(&[]).unwrap(), read(&["phe:A:18"]).unwrap());
    let at = plain.residues.iter().position(|residue| residue.id.number == 18).unwrap();
    assert_eq!(plain.residues[at].name, "PHE");
    assert_eq!((plain.residues.len(), chosen.residues.len()), (327, 326));
    let moved: Vec<_> = chosen.ligand_atoms[plain.ligand_atoms.len()..].iter().collect();
    assert_eq!(moved.len(), 11);
    assert!(moved.iter().all(|atom| atom.residue_name == "PHE" && atom.residue == plain.residues[at].id));
    let others = plain.residues.iter().enumerate().filter(|&(index, _)| index != at).map(|(_, residue)| residue);
    for (kept, residue) in chosen.residues.iter().zip(others) {
        assert_eq!((&kept.id, kept.sequence_position, kept.chain), (&residue.id, residue.sequence_position, 0));
    }
    assert_eq!((chosen.chains.len(), chosen.chains[0].residues.clone()), (1, 0..326));
}

#[test]
fn a_chain_of_which_nothing_is_left_is_gone() {
    let text = "\
ATOM      1  N   GLY A   1      11.104   6.134  -6.504  1.00  0.00           N
ATOM      2  CA  GLY A   1      11.639   6.071  -5.147  1.00  0.00           C
ATOM      3  C   GLY A   1      12.000   7.400  -4.500  1.00  0.00           C
ATOM      4  O   GLY A   1      12.000   8.400  -5.200  1.00  0.00           O
TER
ATOM      5  N   GLU B   9      21.104   6.134  -6.504  1.00  0.00           N
ATOM      6  CA  GLU B   9      21.639   6.071  -5.147  1.00  0.00           C
ATOM      7  C   GLU B   9      22.000   7.400  -4.500  1.00  0.00           C
ATOM      8  O   GLU B   9      22.000   8.400  -5.200  1.00  0.00           O
";
    for choice in ["GLU", "GLU:B", "GLU:B:9", ":B", ":B:9"] {
        let options = ReadOptions::default().with_ligands(vec![choice.parse().unwrap()]);
        let structure = read_bytes("x.pdb", text.as_bytes(), &options).unwrap();
        assert_eq!((structure.chains.len(), structure.residues.len(), structure.ligand_atoms.len()), (1, 1, 4));
    }
}

#[test]
fn a_whole_chain_is_a_ligand() {
    let plain = read(&[]).unwrap();
    let of_chain = |structure: &Structure| {
        structure
            .ligand_atoms
            .iter()
            .filter(|atom| atom.residue.chain.as_ref() == "A" && atom.residue_name != "SAH")
            .count()
    };
    assert_eq!(of_chain(&plain), 0);
    let heavy: usize = plain.residues.iter().map(|residue| residue.atoms.len()).sum();
    let chosen = read(&[":A"]).unwrap();
    assert_eq!((chosen.residues.len(), chosen.chains.len(), of_chain(&chosen)), (0, 0, heavy));
    assert_eq!(read(&[":A:18"]).unwrap().residues.len(), 326);
    // Chains of ligands are what they are.
    assert_eq!(read(&[":C"]).unwrap().residues.len(), 327);
    let error = read(&[":Q"]).unwrap_err();
    assert!(error.ends_with("`ligand` :Q: no chain Q; its chains are A, C, D"), "{error}");
    let error = read(&[":A:999"]).unwrap_err();
    assert!(error.contains("`ligand` :A:999: no such residue; there is "), "{error}");
}

#[test]
fn a_chain_named_by_its_label_is_hinted_at() {
    let row = |serial: usize, (label, author): (&str, &str), name: &str, x: usize| {
        format!("ATOM {serial} {} {name} GLY {label} 1 1 {author} 1 {x}.0 0.0 0.0 1.0 0.0\n", &name[..1])
    };
    let mut text = "data_x\nloop_\n".to_owned();
    for column in [
        "group_PDB",
        "id",
        "type_symbol",
        "label_atom_id",
        "label_comp_id",
        "label_asym_id",
        "label_seq_id",
        "auth_seq_id",
        "auth_asym_id",
        "pdbx_PDB_model_num",
        "Cartn_x",
        "Cartn_y",
        "Cartn_z",
        "occupancy",
        "B_iso_or_equiv",
    ] {
        text.push_str(&format!("_atom_site.{column}\n"));
    }
    for (place, chain) in [("A", "H"), ("B", "L")].into_iter().enumerate() {
        for (index, name) in ["N", "CA", "C", "O"].into_iter().enumerate() {
            text.push_str(&row(4 * place + index, chain, name, 40 * place + index));
        }
    }
    let read = |choices: &[&str]| {
        let ligands = choices.iter().map(|choice| choice.parse().unwrap()).collect();
        read_bytes("x.cif", text.as_bytes(), &ReadOptions::default().with_ligands(ligands))
    };
    let structure = read(&[]).unwrap();
    let error = parse_selection("B1", &structure).unwrap_err().to_string();
    assert_eq!(error, "selection `B1`: no chain B in x; its chains are H, L (label B is author chain L)");
    let error = read(&[":B"]).unwrap_err().to_string();
    assert!(error.ends_with("`ligand` :B: no chain B; its chains are H, L (label B is author chain L)"), "{error}");
    let error = read(&["GLY:B"]).unwrap_err().to_string();
    assert!(
        error.ends_with("`ligand` GLY:B: no such residue; there is GLY:H:1, GLY:L:1 (label B is author chain L)"),
        "{error}"
    );
}

#[test]
fn ligands_satisfy_a_choice_as_they_are_and_others_are_an_error_with_what_there_is() {
    assert_eq!(read(&["SAH", "DC:C"]).unwrap().residues.len(), 327);
    let error = read(&["SAH:B"]).unwrap_err();
    assert!(error.ends_with("`ligand` SAH:B: no such residue; there is SAH:A:328"), "{error}");
    let error = read(&["HEM"]).unwrap_err();
    assert!(error.contains("3MHT.pdb: `ligand` HEM: no such residue; there is ") && error.ends_with(", …"), "{error}");
}

#[test]
fn ligands_after_endmdl_at_occupancy_0_and_without_an_element_are_kept_with_a_warning() {
    let text = "\
MODEL        1
ATOM      1  N   GLY A   1      11.104   6.134  -6.504  1.00  0.00           N
ATOM      2  CA  GLY A   1      11.639   6.071  -5.147  1.00  0.00           C
ATOM      3  C   GLY A   1      12.000   7.400  -4.500  1.00  0.00           C
ATOM      4  O   GLY A   1      12.000   8.400  -5.200  1.00  0.00           O
ENDMDL
HETATM    5  C1  LIG A 100      10.000   5.000  -3.000  0.00  0.00
HETATM    6 CL1  LIG A 100      10.000   5.000  -2.000  0.00  0.00
HETATM    7  H1  LIG A 100      10.000   5.000  -1.000  1.00  0.00           H
HETATM    8 MO    MO A 101       9.000   5.000  -2.000  1.00  0.00          MO
";
    let structure = read_bytes("x.pdb", text.as_bytes(), &ReadOptions::default()).unwrap();
    let seen: Vec<&str> =
        structure.ligand_atoms.iter().filter(|atom| atom.is_context()).map(|atom| atom.atom.element.as_str()).collect();
    assert_eq!((structure.ligand_atoms.len(), seen), (4, vec!["C", "CL"]));
    let warnings: Vec<String> = structure.warnings.iter().map(ToString::to_string).collect();
    let has = |text: &str| warnings.iter().any(|warning| warning.contains(text));
    assert!(has("residue A100: 2 of 3 atoms of LIG have occupancy 0: kept"), "{warnings:?}");
    assert!(has("residue A100: 2 atoms of LIG have no element: read as"), "{warnings:?}");
}

#[test]
fn wishes_for_context_reach_the_plan() {
    let structure = read(&[]).unwrap();
    let plan = DesignSpec::default().resolve(&structure).unwrap();
    assert!(plan.environment.ligands && plan.environment.side_chains_of.is_empty());
    let spec = DesignSpec {
        no_ligand: true,
        side_chain_context: true,
        fix: vec!["A1-10".to_owned()],
        ..DesignSpec::default()
    };
    let plan = spec.resolve(&structure).unwrap();
    assert!(!plan.environment.ligands);
    let shown: Vec<usize> = (0..327).filter(|&index| plan.environment.side_chains_of[index]).collect();
    assert_eq!(shown, (0..10).collect::<Vec<_>>());
}
