use super::kept_by_rfdiffusion;
use crate::structure::{ReadOptions, Structure, read_bytes};

/// A chain A of CA atoms, numbered from 1.
fn structure(count: usize) -> Structure {
    let atom = |number| {
        format!(
            "ATOM      1  CA  GLY A{number:>4}    {:8.3}   0.000   0.000  1.00  0.00           C\n",
            3.8 * number as f32
        )
    };
    let text: String = (1..=count).map(atom).collect();
    read_bytes("design.pdb", text.as_bytes(), &ReadOptions::default()).expect("a structure")
}

fn golden(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/golden/trb/{name}.trb", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn kept(bytes: &[u8], count: usize) -> Result<Vec<String>, String> {
    let ids = kept_by_rfdiffusion(bytes, &structure(count))?;
    Ok(ids.iter().map(ToString::to_string).collect())
}

#[test]
fn residues_are_those_that_python_pickled() {
    let expected: Vec<String> = ["A2", "A4", "A5"].map(str::to_owned).to_vec();
    for name in ["protocol_2", "protocol_3", "protocol_4", "protocol_5", "places"] {
        assert_eq!(kept(&golden(name), 5), Ok(expected.clone()), "{name}");
    }
    // Another number of residues: by chain and number.
    assert_eq!(kept(&golden("protocol_4"), 6), Ok(expected));
    let error = kept(&golden("protocol_4"), 4).unwrap_err();
    assert_eq!(error, "con_hal_pdb_idx names residue 5 of chain A, which design does not have");
}

#[test]
fn residues_are_those_that_rfdiffusion_3_mapped() {
    let json =
        |map: &str| format!("\n{{ \"task\": \"x\", \"diffused_index_map\": {map}, \"metrics\": {{ \"a\": 1.5 }} }}");
    let found = kept(json(r#"{ "B17": "A5", "B3": "A2", "X-1": "A2" }"#).as_bytes(), 5);
    assert_eq!(found, Ok(["A2", "A5"].map(str::to_owned).to_vec()));
    assert_eq!(kept(json("{}").as_bytes(), 5), Ok(Vec::new()));
    let refused = |text: &str| kept(text.as_bytes(), 5).unwrap_err();
    assert_eq!(
        refused(&json(r#"{ "A1": "A6" }"#)),
        "diffused_index_map names residue 6 of chain A, which design does not have"
    );
    assert_eq!(
        refused(&json(r#"{ "A1": "12" }"#)),
        "diffused_index_map: `12` is not a chain and a number, such as A12"
    );
    assert_eq!(refused("{}"), "is no file of RFdiffusion3: it has no diffused_index_map");
    assert!(refused("{\"diffused_index_map\": 1}").starts_with("cannot be read as a file of RFdiffusion3: "));
    // A ligand that was taken from the input is none of the residues.
    let zinc = "ATOM      1  CA  GLY A   1       0.000   0.000   0.000  1.00  0.00           C\n\
                HETATM    2 ZN    ZN B   1       9.000   0.000   0.000  1.00  0.00          ZN\n";
    let with_zinc = read_bytes("design.pdb", zinc.as_bytes(), &ReadOptions::default()).expect("a structure");
    let found = kept_by_rfdiffusion(json(r#"{ "A1": "A1", "L1": "B1" }"#).as_bytes(), &with_zinc).expect("residues");
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["A1"]);
}

#[test]
fn letters_that_rfdiffusion_3_left_free_are_not_kept() {
    let kept_with = |specification: &str| {
        let map = r#"{ "A10": "A1", "A11": "A2", "A12": "A3", "B7": "A4", "C101": "A5" }"#;
        let json = format!(
            r#"{{ "diffused_index_map": {map}, "metrics": {{ "a": null }}, "specification": {specification} }}"#
        );
        kept(json.as_bytes(), 5).expect("residues").join(" ")
    };
    let all = "A1 A2 A3 A4 A5";
    for (specification, expected) in [
        ("{}", all),
        ("null", all),
        (r#"{ "select_unfixed_sequence": false, "redesign_motif_sidechains": false }"#, all),
        (r#"{ "select_unfixed_sequence": true }"#, ""),
        (r#"{ "select_unfixed_sequence": "A11-12,B7" }"#, "A1 A5"),
        (r#"{ "select_unfixed_sequence": "A10, C1-101,ZN" }"#, "A2 A3 A4"),
        (r#"{ "select_unfixed_sequence": { "A10-11": "ALL", "A12": "", "B7": ["CB"], "C101": [] } }"#, "A3 A5"),
        (r#"{ "unfix_sequence": "C101-101" }"#, "A1 A2 A3 A4"),
        (r#"{ "redesign_motif_sidechains": true }"#, ""),
        (r#"{ "redesign_motif_sidechains": "B1-10" }"#, "A1 A2 A3 A5"),
    ] {
        assert_eq!(kept_with(specification), expected, "{specification}");
    }
}

#[test]
fn names_of_rfdiffusion_3_are_cut_as_the_structure_has_them() {
    let atom = |chain: &str, number| {
        format!(
            "ATOM {number} C CA . GLY {chain} 1 {number} ? {:.1} 0.0 0.0 1.0 1.0 {number} GLY {chain} CA 1\n",
            3.8 * f64::from(number)
        )
    };
    let header = "data_x\nloop_\n_atom_site.group_PDB\n_atom_site.id\n_atom_site.type_symbol\n_atom_site.label_atom_id\n\
                  _atom_site.label_alt_id\n_atom_site.label_comp_id\n_atom_site.label_asym_id\n_atom_site.label_entity_id\n\
                  _atom_site.label_seq_id\n_atom_site.pdbx_PDB_ins_code\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n\
                  _atom_site.Cartn_z\n_atom_site.occupancy\n_atom_site.B_iso_or_equiv\n_atom_site.auth_seq_id\n\
                  _atom_site.auth_comp_id\n_atom_site.auth_asym_id\n_atom_site.auth_atom_id\n_atom_site.pdbx_PDB_model_num\n";
    let text = [header.to_owned(), atom("A", 1), atom("A", 21), atom("A2", 1), atom("A2", 3)].concat();
    let structure = read_bytes("design.cif", text.as_bytes(), &ReadOptions::default()).expect("a structure");
    let json = br#"{ "diffused_index_map": { "A1": "A21", "B3": "A23" } }"#;
    let found = kept_by_rfdiffusion(json, &structure).expect("residues");
    let found: Vec<(&str, i32)> = found.iter().map(|id| (&*id.chain, id.number)).collect();
    assert_eq!(found, [("A", 21), ("A2", 3)]);
}

#[test]
fn what_is_no_such_file_is_an_error() {
    let refused = |bytes: &[u8]| kept(bytes, 5).unwrap_err();
    assert!(refused(b"").contains("does not begin as a pickle"), "{}", refused(b""));
    assert!(refused(b"\x80\x04}").contains("the pickle ends early"));
    assert!(refused(b"\x80\x04].").contains("does not hold a dictionary"));
    assert!(refused(b"\x80\x04}.").contains("neither inpaint_seq nor complex_con_hal_pdb_idx nor con_hal_pdb_idx"));
    // `os.system("…")` is a value that says nothing, and is not called.
    assert!(refused(b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.").contains("does not hold a dictionary"));
}

#[test]
fn damaged_files_are_read_or_refused_but_never_panic() {
    for name in ["protocol_2", "protocol_4", "protocol_5"] {
        let whole = golden(name);
        for length in 0..whole.len() {
            assert!(kept(&whole[..length], 5).is_err(), "{name} cut at {length}");
            for change in [1, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[length] ^= change;
                let _ = kept(&damaged, 5);
            }
        }
    }
}
