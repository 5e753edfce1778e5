//! The lines of a run on standard error.

use std::fs;

use crate::program::{example, fastmpnn, field, records, rows};

/// An example with a ligand in it.
fn with_ligand(folder: &tempfile::TempDir, name: &str) -> String {
    let zinc = "HETATM 9001 ZN    ZN A 900      10.000  10.000  10.000  1.00  0.00          ZN\n";
    let path = folder.path().join(name);
    let text = fs::read_to_string(example("6MRR.pdb")).unwrap();
    fs::write(&path, text.replace("END", "") + zinc).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn one_line_a_structure() {
    let run = fastmpnn(&["design", &example("6MRR.pdb"), "nosuch.pdb", &example("5L33.pdb"), "-n", "2"]);
    let lines: Vec<&str> = run.err.lines().collect();
    let of = |name: &str| lines.iter().filter(|line| line.contains(name)).copied().collect::<Vec<_>>();
    assert_eq!(of("6MRR:"), ["(1 of 3) 6MRR: designs A1-68 (68 residues); fixes nothing"]);
    assert!(of("5L33:")[0].starts_with("(3 of 3) 5L33: designs A"), "{}", run.err);
    assert_eq!(of("5L33:").len(), 1, "{}", run.err);
    // What failed is named once more at the end.
    assert_eq!(lines.last(), Some(&"error: 1 of 3 inputs could not be used: nosuch.pdb"));
    run.failure(2);
    // Alone there is nothing to count.
    let run = fastmpnn(&["design", &example("6MRR.pdb"), "-n", "2"]);
    assert!(run.err.lines().any(|line| line == "6MRR: designs A1-68 (68 residues); fixes nothing"), "{}", run.err);
    assert!(!run.err.contains("edge terms"), "{}", run.err);
    let verbose = fastmpnn(&["design", &example("6MRR.pdb"), "-n", "2", "--verbose"]);
    assert!(verbose.err.contains("6MRR: decoder edge terms are kept"), "{}", verbose.err);
    assert_eq!(verbose.out, run.out);
}

#[test]
fn what_is_true_of_every_structure_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<String> = ["a.pdb", "b.pdb", "c.pdb"].map(|name| with_ligand(&folder, name)).to_vec();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for verb in ["design", "score", "probs"] {
        let run = fastmpnn(&[&[verb], &files[..]].concat());
        assert_eq!(run.err.matches("the model does not see 1 ligand atom (ZN 1)").count(), 1, "{}", run.err);
        assert!(
            run.err.contains("warning: 2 more structures have ligand atoms that the model does not see"),
            "{}",
            run.err
        );
        let verbose = fastmpnn(&[&[verb, "-v"], &files[..]].concat());
        assert_eq!(verbose.err.matches("the model does not see 1 ligand atom (ZN 1)").count(), 3, "{}", verbose.err);
        assert!(!verbose.err.contains("more structures"), "{}", verbose.err);
        assert_eq!(fastmpnn(&[&[verb, "-q"], &files[..]].concat()).err, "");
    }
}

/// An example whose residues all have this name, but for those of the given numbers.
fn all_of(folder: &tempfile::TempDir, residue: &str, kept: std::ops::Range<i32>) -> String {
    let text = fs::read_to_string(example("6MRR.pdb")).unwrap();
    let backbone = ["N", "CA", "C", "O"];
    let lines = text.lines().filter(|line| line.starts_with("ATOM") && backbone.contains(&line[12..16].trim()));
    let renamed = lines.map(|line| match kept.contains(&line[22..26].trim().parse().unwrap()) {
        true => format!("{line}\n"),
        false => format!("{}{residue}{}\n", &line[..17], &line[20..]),
    });
    let path = folder.path().join(format!("{residue}{}.pdb", kept.len()));
    fs::write(&path, renamed.collect::<String>()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_native_letters_of_a_designed_backbone_are_not_recovered() {
    let folder = tempfile::tempdir().unwrap();
    for residue in ["GLY", "ALA", "UNK"] {
        let run = fastmpnn(&["design", &all_of(&folder, residue, 0..0)]);
        assert!(run.err.contains("mean score") && !run.err.contains("recovery"), "{}", run.err);
        let out = run.success();
        assert_eq!(field(records(&out)[1].0, "recovery"), "NA");
    }
    // A motif that is kept does not make the rest native.
    let motif = all_of(&folder, "GLY", 20..30);
    let run = fastmpnn(&["design", &motif, "--fix", "A20-29"]);
    assert!(!run.err.contains("recovery"), "{}", run.err);
    let table = rows(&fastmpnn(&["score", &motif, "--fix", "A20-29", "-q"]).success());
    assert_eq!(table[0]["recovery"], "");
    // In a run of several only the others count.
    let alone = fastmpnn(&["design", &example("6MRR.pdb")]);
    let mean = alone.err.split("mean recovery ").nth(1).unwrap().trim().to_owned();
    let both = fastmpnn(&["design", &example("6MRR.pdb"), &all_of(&folder, "ALA", 0..0)]);
    assert!(both.err.contains(&format!("mean recovery {mean}")), "{}", both.err);
    // A single residue, or a few, may well be glycine.
    let few = fastmpnn(&["design", &all_of(&folder, "GLY", 0..0), "--redesign", "A5-8"]);
    assert!(few.err.contains("mean recovery"), "{}", few.err);
}
