//! `fastmpnn design --states`, and membrane labels.

use std::fs;

use crate::program::{example, fastmpnn, records};

#[test]
fn one_sequence_for_two_states() {
    let folder = tempfile::tempdir().unwrap();
    let first = example("6MRR.pdb");
    // The same protein with a hole at one end: the states differ there.
    let open = fs::read_to_string(&first).unwrap();
    let number = |line: &str| line[22..26].trim().parse::<i32>().unwrap();
    let kept = |line: &&str| line.starts_with("ATOM") && (&line[12..16] == " CA " || number(line) > 20);
    let open: String = open.lines().filter(kept).map(|line| format!("{line}\n")).collect();
    let second = folder.path().join("open.pdb");
    fs::write(&second, open).unwrap();
    let second = second.to_str().unwrap();
    let run = fastmpnn(&["design", "--states", &first, second, "-n", "2"]);
    assert!(run.err.contains("in the states 6MRR, open"), "{}", run.err);
    assert!(run.err.contains("2 designs of 1 structure"), "{}", run.err);
    let out = run.success();
    let both = records(&out);
    assert_eq!(both.len(), 3);
    assert!(both.iter().all(|(header, sequence)| header.starts_with("6MRR_") && sequence.len() == 68));
    let alone = fastmpnn(&["design", &first, "-n", "2", "-q"]).success();
    assert_ne!(both[1].1, records(&alone)[1].1);
    let weighted =
        fastmpnn(&["design", "--states", &first, second, "-n", "2", "-q", "--state-weights", "1,0"]).success();
    let sequences = |out: &str| records(out).iter().map(|(_, sequence)| sequence.to_string()).collect::<Vec<_>>();
    assert_eq!(sequences(&weighted), sequences(&alone));
    let one = fastmpnn(&["design", "--states", &first, "-n", "2", "-q"]).success();
    assert_eq!(one, alone);
}

#[test]
fn what_are_no_states_is_refused() {
    let error = fastmpnn(&["design", "--states", &example("6MRR.pdb"), &example("5L33.pdb"), "-q"]).failure(2);
    assert!(error.contains("the states of a protein have the same residues") && error.lines().count() == 1, "{error}");
    let error = fastmpnn(&["design", &example("6MRR.pdb"), "--state-weights", "1"]).failure(2);
    assert!(error.contains("--states"), "{error}");
    let error = fastmpnn(&["design", "--states", &example("6MRR.pdb"), "--state-weights", "1,2", "-q"]).failure(2);
    assert!(error.contains("there are 1 states and 2 weights"), "{error}");
}

#[test]
fn membrane_labels_need_a_membrane_network() {
    for verb in ["design", "score", "probs"] {
        let error = fastmpnn(&[verb, &example("6MRR.pdb"), "--membrane-buried", "A5-9", "-q"]).failure(2);
        assert!(error.contains("takes no membrane labels") && error.lines().count() == 1, "{error}");
    }
}
