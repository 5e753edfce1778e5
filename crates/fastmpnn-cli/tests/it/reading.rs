//! Options that select the part of a file to read.

use std::fs;

use serde_json::Value;

use crate::program::{example, fastmpnn, fastmpnn_reading};

/// 5L33 with 7 added to the numbers from 50 on.
fn skipping() -> String {
    let text = fs::read_to_string(example("5L33.pdb")).unwrap();
    let renumber = |line: &str| match line.get(22..26).and_then(|number| number.trim().parse::<i32>().ok()) {
        Some(number) if line.starts_with("ATOM") && number >= 50 => {
            format!("{}{:>4}{}\n", &line[..22], number + 7, &line[26..])
        }
        _ => format!("{line}\n"),
    };
    text.lines().filter(|line| !line.starts_with("ANISOU")).map(renumber).collect()
}

#[test]
fn skipped_numbers_along_an_unbroken_chain_count_for_nothing_where_that_is_asked_for() {
    let original = fs::read(example("5L33.pdb")).unwrap();
    // The random order of decoding depends on the numbers, too.
    let scored = |text: &[u8], options: &[&str]| {
        fastmpnn_reading(&[&["score", "-", "--order", "chain"], options].concat(), text).success()
    };
    let skipping = skipping();
    let expected = scored(&original, &[]);
    assert_eq!(scored(skipping.as_bytes(), &["--gaps", "ignore"]), expected);
    assert_ne!(scored(skipping.as_bytes(), &[]), expected);
    assert_eq!(scored(skipping.as_bytes(), &["--gaps", "break"]), scored(skipping.as_bytes(), &[]));
    let error = fastmpnn(&["score", &example("5L33.pdb"), "--gaps", "skip"]).failure(2);
    assert!(error.contains("gaps in the numbering are break or ignore"), "{error}");
}

#[test]
fn the_settings_say_what_gaps_count_for() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fastmpnn(&["design", &example("5L33.pdb"), "--gaps", "ignore", "-o", out.to_str().unwrap()]).success();
    let settings: Value = serde_json::from_str(&fs::read_to_string(out.join("settings.json")).unwrap()).unwrap();
    assert_eq!(settings["gaps"], "ignore");
}

#[test]
fn an_alternate_location_that_is_nowhere_is_named() {
    let run = fastmpnn(&["score", &example("5L33.pdb"), "--altloc", "Z"]);
    assert!(run.err.contains("no atom has the alternate location Z"), "{}", run.err);
    run.success();
}
