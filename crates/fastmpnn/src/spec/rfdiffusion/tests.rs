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
