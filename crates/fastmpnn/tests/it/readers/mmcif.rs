//! mmCIF files: ids, models, polymers, and errors in a file.

use fastmpnn::structure::{ReadOptions, read_bytes};

use super::{ids, letters, read_cif};

pub(crate) const CIF: &str = "\
# a comment
data_test
_struct.title 'it's a test'
_struct.text
;two lines
loop_
;
loop_
_atom_site.Cartn_x
_atom_site.Cartn_y
_atom_site.Cartn_z
_atom_site.group_PDB
_atom_site.type_symbol
_atom_site.label_atom_id
_atom_site.label_alt_id
_atom_site.label_comp_id
_atom_site.label_asym_id
_atom_site.label_seq_id
_atom_site.auth_seq_id
_atom_site.auth_asym_id
_atom_site.pdbx_PDB_ins_code
_atom_site.pdbx_PDB_model_num
0.0 0.0 0.0 ATOM N N . ALA A 1 -3 Heavy ? 5
1.3 0.7 0.0 ATOM C CA . ALA A 1 -3 Heavy ? 5
2.5 0.0 0.0 ATOM C C . ALA A 1 -3 Heavy ? 5
2.5 -1.2 0.0 ATOM O O . ALA A 1 -3 Heavy ? 5
3.8 0.0 0.0 HETATM N N . MSE A 2 -2 Heavy C 5
5.1 0.7 0.0 HETATM C CA . MSE A 2 -2 Heavy C 5
6.3 0.0 0.0 HETATM C C . MSE A 2 -2 Heavy C 5
6.3 -1.2 0.0 HETATM O O . MSE A 2 -2 Heavy C 5
9.0 9.0 9.0 HETATM O \"O5'\" . NAG B . 1 Heavy ? 5
1.0 0.0 0.0 ATOM N N . TRP A 1 1 Heavy ? 6
";

#[test]
fn mmcif_ids_models_and_polymers() {
    let structure = read_cif(CIF);
    assert_eq!(ids(&structure), ["Heavy:-3", "Heavy:-2C"]);
    assert_eq!(letters(&structure), "AM");
    assert_eq!((structure.model_number, structure.model_count), (5, 2));
    assert_eq!(structure.chains[0].label_id.as_deref(), Some("A"));
    assert_eq!(structure.residues[1].label_number, Some(2));
    assert_eq!(structure.ligand_atoms[0].atom.name, "O5'");
    let options = ReadOptions::default().with_model_number(Some(6));
    assert_eq!(letters(&read_bytes("x.cif", CIF.as_bytes(), &options).unwrap()), "W");
    // Columns that predictors leave out: author ids and models.
    let bare = CIF.replace("auth_seq_id", "a").replace("auth_asym_id", "b").replace("PDB_model", "c");
    assert_eq!(ids(&read_cif(&bare.replace("NAG B .", "NAG B 1")))[..2], ["A1", "A2C"]);
}

#[test]
fn mmcif_faults_are_named() {
    let cases = [
        (
            CIF.replace("_atom_site.Cartn_y", "_atom_site.y"),
            "line 9: the _atom_site loop has no column _atom_site.Cartn_y",
        ),
        (
            CIF.replace("asym_id", "asym"),
            "line 9: the _atom_site loop has no column _atom_site.auth_asym_id (or label_asym_id)",
        ),
        (CIF.replace("atom_site", "atoms"), "holds no atoms: none of its data blocks has an _atom_site category"),
        (
            CIF.replacen("1.3 0.7", "1.3 zero", 1),
            "line 24: chain Heavy, residue ALA -3: the y coordinate \"zero\" is not a number",
        ),
        (
            CIF.replacen("ATOM N N . ALA A 1 -3", "ATOM N N . ALA A 1 x", 1),
            "line 23: chain Heavy: the residue number \"x\" is not a number",
        ),
        (
            CIF.replacen("Heavy ? 6", "Heavy", 1),
            "line 32: the last row of the _atom_site loop has 12 values for its 14 columns",
        ),
        (CIF.replacen("'it's a test'", "'it", 1), "line 3: a quoted value has no closing quote on its line"),
        (CIF.replacen("\n;\nloop_\n_atom", "\nloop_\n_atom", 1), "line 5: the text field that begins here"),
    ];
    for (text, sentence) in cases {
        let error = read_bytes("x.cif", text.as_bytes(), &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("x.cif: {sentence}")), "{error}\n{sentence}");
    }
}
