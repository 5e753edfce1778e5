//! `--trb`: fixed residues from RFdiffusion.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{example, fastmpnn};

/// The first residues of 6MRR, numbered from 1, with a .trb file beside them.
fn design(folder: &Path, residues: usize, trb: &str) -> PathBuf {
    let text = fs::read_to_string(example("6MRR.pdb")).unwrap();
    let first = |line: &&str| {
        line.starts_with("ATOM")
            && line[22..26].trim().parse().is_ok_and(|number: usize| (1..=residues).contains(&number))
    };
    let path = folder.join("design.pdb");
    fs::write(&path, text.lines().filter(first).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/trb").join(trb);
    fs::copy(golden, folder.join("design.trb")).unwrap();
    path
}

fn refused(arguments: &[&str]) -> String {
    fastmpnn(arguments).failure(2)
}

#[test]
fn residues_that_rfdiffusion_kept_are_fixed() {
    let folder = tempfile::tempdir().unwrap();
    for trb in ["protocol_4.trb", "places.trb"] {
        let path = design(folder.path(), 5, trb);
        let path = path.to_str().unwrap();
        let file = format!("--trb={}", folder.path().join("design.trb").display());
        let design = |options: &[&str]| fastmpnn(&[&["design", path, "-q", "-n", "3"], options].concat()).success();
        let expected = design(&["--fix", "A2,A4,A5"]);
        assert_ne!(expected, design(&[]));
        assert_eq!(expected, design(&["--trb"]), "{trb}");
        assert_eq!(expected, design(&[&file, "--fix", "A5"]), "{trb}");
        let score = |options: &[&str]| fastmpnn(&[&["score", path, "-q"], options].concat()).success();
        assert_eq!(score(&["--trb"]), score(&["--fix", "A2,A4,A5"]), "{trb}");
    }
}

#[test]
fn residues_that_rfdiffusion_3_mapped_are_fixed() {
    let folder = tempfile::tempdir().unwrap();
    let path = design(folder.path(), 5, "protocol_4.trb");
    fs::remove_file(folder.path().join("design.trb")).unwrap();
    let json = r#"{ "diffused_index_map": { "B17": "A2", "B20": "A4" }, "metrics": { "non_loop_fraction": NaN } }"#;
    fs::write(folder.path().join("design.json"), json).unwrap();
    let path = path.to_str().unwrap();
    let file = format!("--trb={}", folder.path().join("design.json").display());
    let design = |options: &[&str]| fastmpnn(&[&["design", path, "-q", "-n", "3"], options].concat()).success();
    let expected = design(&["--fix", "A2,A4"]);
    assert_ne!(expected, design(&[]));
    assert_eq!(expected, design(&["--trb"]));
    assert_eq!(expected, design(&[&file]));
    fs::write(folder.path().join("design.json"), r#"{ "diffused_index_map": { "B17": "A9" } }"#).unwrap();
    let error = refused(&["design", path, "--trb"]);
    assert!(error.contains("design.json: diffused_index_map names residue 9 of chain A"), "{error}");
}

#[test]
fn what_does_not_fit_is_refused_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = design(folder.path(), 4, "protocol_4.trb");
    let path = path.to_str().unwrap();
    let error = refused(&["design", path, "--trb"]);
    assert!(error.contains("design.trb: con_hal_pdb_idx names residue 5 of chain A"), "{error}");
    fs::write(folder.path().join("design.trb"), b"\x80\x04}").unwrap();
    let error = refused(&["design", path, "--trb"]);
    assert!(
        error.contains("design.trb: cannot be read as a .trb file of RFdiffusion: byte 3: the pickle ends early"),
        "{error}"
    );
    fs::remove_file(folder.path().join("design.trb")).unwrap();
    let error = refused(&["design", path, "--trb"]);
    assert!(error.contains("--trb: ") && error.contains("design.trb cannot be read: "), "{error}");
    let error = refused(&["design", path, &example("5L33.pdb"), "--trb=x.trb"]);
    assert!(error.contains("--trb=x.trb is of one design, and there are 2 inputs"), "{error}");
    let error = refused(&["design", "-", "--trb"]);
    assert!(error.contains("nothing is beside standard input"), "{error}");
}
