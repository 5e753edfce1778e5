//! Ligands on the command line, with the small network of the goldens that sees them.

use std::path::PathBuf;

use crate::program::{example, fastmpnn, field, records, rows};

/// `design 3MHT.pdb` with a network that sees ligands, and more arguments.
fn design(more: &[&str]) -> crate::program::Run {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/tiny_ligand_1_1_32.safetensors");
    let file = example("3MHT.pdb");
    let mut arguments = vec!["design", &file, "--checkpoint", path.to_str().unwrap()];
    arguments.extend(more);
    fastmpnn(&arguments)
}

#[test]
fn the_atoms_that_are_seen_are_named() {
    let run = design(&[]);
    assert!(run.err.contains("; sees 535 ligand atoms ("), "{}", run.err);
    assert!(run.err.contains(", SAH 26)"), "{}", run.err);
    let run = design(&["--no-ligand", "--side-chain-context", "--fix", "A1-10"]);
    assert!(run.err.contains("; --no-ligand hides 535 ligand atoms ("), "{}", run.err);
    assert!(run.err.contains("; sees the side chains of 10 fixed residues\n"), "{}", run.err);
    let run = fastmpnn(&["design", &example("3MHT.pdb")]);
    let file = example("3MHT.pdb");
    assert!(run.err.contains(&format!("warning: {file}: the model does not see 535 ligand atoms (")), "{}", run.err);
    assert!(run.err.contains("; --model ligand does\n"), "{}", run.err);
}

#[test]
fn what_is_seen_changes_the_likelihoods() {
    let score = |more: &[&str]| {
        let out = design(&[&["-q"], more].concat()).success();
        field(records(&out)[0].0, "score").to_owned()
    };
    let plain = score(&["--fix", "A1-20"]);
    assert_ne!(score(&["--fix", "A1-20", "--no-ligand"]), plain);
    assert_ne!(score(&["--fix", "A1-20", "--side-chain-context"]), plain);
    assert_eq!(score(&["--fix", "A1-20"]), plain);
}

#[test]
fn confidences_stand_in_headers_and_in_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let out = design(&["-n", "2", "-q"]).success();
    design(&["-n", "2", "-q", "-o", folder.path().to_str().unwrap()]).success();
    let table = std::fs::read_to_string(folder.path().join("designs.csv")).unwrap();
    let records = records(&out);
    for row in rows(&table) {
        let header = records[row["sample"].parse::<usize>().unwrap()].0;
        for name in ["overall_confidence", "ligand_confidence", "ligand_recovery"] {
            let (in_table, in_header): (f64, f64) = (row[name].parse().unwrap(), field(header, name).parse().unwrap());
            assert!((in_table - in_header).abs() <= 5.1e-5 && (0.0..=1.0).contains(&in_table), "{name}: {header}");
        }
        let score: f64 = row["score"].parse().unwrap();
        assert!((row["overall_confidence"].parse::<f64>().unwrap() - (-score).exp()).abs() < 1e-5);
    }
    // Ligands are reported only for a network that sees them.
    let other = fastmpnn(&["design", &example("3MHT.pdb"), "-q"]).success();
    assert!(!other.contains("confidence"), "{other}");
}

#[test]
fn the_cutoff_chooses_the_residues_that_count() {
    let confidence = |cutoff: &str| {
        let out = design(&["-q", "--ligand-cutoff", cutoff]).success();
        field(crate::program::records(&out)[1].0, "ligand_confidence").to_owned()
    };
    assert_eq!(confidence("0.1"), "NA");
    assert_ne!(confidence("5"), confidence("20"));
    assert!(design(&["--ligand-cutoff=-3"]).failure(2).contains("a distance is a number of Å above 0"));
}

#[test]
fn residues_are_read_as_ligands_by_name() {
    let run = design(&["--ligand", "PHE:A:18"]);
    assert!(run.err.contains("; sees 546 ligand atoms ("), "{}", run.err);
    assert_eq!(records(&run.success())[0].1.len(), 326);
    let error = design(&["--ligand", "HEM"]).failure(2);
    assert!(error.contains("3MHT.pdb: --ligand HEM: no such residue; there is "), "{error}");
    let error = design(&["--ligand", "A B"]).failure(2);
    assert!(error.contains("NAME:CHAIN:NUMBER"), "{error}");
}
