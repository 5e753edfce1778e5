//! Goals of whole sequences on the command line, and the commands of docs/constraints.md.

use std::path::Path;

use crate::program::{command, example, fastmpnn, field, finish, records};

/// D and E count −1, K and R +1.
fn charge(sequence: &str) -> i32 {
    sequence.chars().map(|code| i32::from("KR".contains(code)) - i32::from("DE".contains(code))).sum()
}

fn has_sequon(sequence: &str) -> bool {
    let is = |three: &[u8]| three[0] == b'N' && three[1] != b'P' && matches!(three[2], b'S' | b'T');
    sequence.split('/').any(|chain| chain.as_bytes().windows(3).any(is))
}

#[test]
fn designs_meet_their_goals_and_say_what_it_cost() {
    let pdb = example("6MRR.pdb");
    let arguments = ["design", &pdb, "-n", "5", "-T", "0,0.2", "--charge", "-9..-8", "--count", "C=0,W>=1"];
    let run = fastmpnn(&[&arguments[..], &["--no-motif", "N[^P][ST]"]].concat());
    assert!(run.err.contains("; charge -9..-8; count C=0; count W>=1; no motif N[^P][ST]"), "{}", run.err);
    let out = run.success();
    let records = records(&out);
    assert!(!records[0].0.contains("charge"), "the native sequence is what it is");
    assert_eq!(records.len(), 11);
    for (header, sequence) in &records[1..] {
        assert!([-9, -8].contains(&charge(sequence)), "{sequence}");
        assert_eq!(field(header, "charge"), charge(sequence).to_string());
        assert!(field(header, "constraint_cost").parse::<f64>().is_ok(), "{header}");
        assert!(!sequence.contains('C') && sequence.contains('W') && !has_sequon(sequence), "{sequence}");
    }
}

#[test]
fn the_table_has_columns_for_goals_where_there_are_some() {
    let (pdb, folder) = (example("6MRR.pdb"), tempfile::tempdir().unwrap());
    let design = |name: &str, goals: &[&str]| {
        let out = folder.path().join(name);
        let out = out.to_str().unwrap();
        fastmpnn(&[&["design", &pdb, "-n", "3", "-o", out], goals].concat()).success();
        let read = |file: &str| std::fs::read_to_string(Path::new(out).join(file)).unwrap();
        [read("designs.csv"), read("settings.json")]
    };
    let [table, settings] = design("goals", &["--charge=2", "--count", "A:W=1"]);
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let headers: Vec<String> = rows.headers().unwrap().iter().map(str::to_owned).collect();
    let place = |name: &str| headers.iter().position(|header| header == name).unwrap();
    assert_eq!(place("constraint_cost"), place("charge") + 1);
    for row in rows.records() {
        let row = row.unwrap();
        assert_eq!(&row[place("charge")], "2");
        assert_eq!(charge(&row[place("sequence")]), 2);
        assert!(row[place("constraint_cost")].parse::<f64>().is_ok());
    }
    let settings: serde_json::Value = serde_json::from_str(&settings).unwrap();
    let text = settings.to_string();
    assert!(text.contains(r#""charge":["2"]"#) && text.contains(r#""count":["A:W=1"]"#), "{text}");
    let [table, settings] = design("plain", &[]);
    assert!(!table.contains("charge") && !settings.contains("charge"), "{table}{settings}");
}

#[test]
fn goals_that_cannot_be_met_are_refused_and_other_inputs_designed() {
    let (small, large) = (example("6MRR.pdb"), example("5L33.pdb"));
    let run = fastmpnn(&["design", &small, &large, "--charge", "90..99"]);
    assert!(
        run.err.contains("`--charge` `90..99` cannot be met in 6MRR: ") || run.err.contains("--charge `90..99`"),
        "{}",
        run.err
    );
    assert_eq!(records(&run.out).len(), 2, "that of 5L33 can");
    assert_eq!(run.code, 2, "{}", run.err);
    for (goal, part) in [
        (["--no-motif", "N+"], "no bounded length"),
        (["--count", "W"], "letters, =, <= or >="),
        (["--charge", "many"], "a range such as -5..0"),
    ] {
        let error = fastmpnn(&[&["design", &small], &goal[..]].concat()).failure(2);
        assert!(error.contains(part) && error.contains(goal[0]), "{error}");
    }
}

#[test]
fn the_commands_of_the_document_run() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/constraints.md");
    let document = std::fs::read_to_string(document).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("examples")).unwrap();
    for name in ["5L33.pdb", "3HTN.pdb"] {
        std::fs::copy(example(name), folder.path().join("examples").join(name)).unwrap();
    }
    let mut ran = 0;
    for block in document.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for line in block.lines().filter(|line| line.starts_with("fastmpnn ")) {
            // As a shell reads it: spaces divide, what is between apostrophes is one word. Few designs are enough here.
            let mut words = Vec::new();
            for (place, part) in line.split('\'').enumerate() {
                match place % 2 {
                    0 => words.extend(part.split_whitespace().map(str::to_owned)),
                    _ => words.push(part.to_owned()),
                }
            }
            if let Some(count) = words.iter().position(|word| word == "-n") {
                words[count + 1] = "2".to_owned();
            }
            let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
            let mut program = command(&words);
            program.current_dir(folder.path());
            let out = finish(program).success();
            let expected = if words.contains(&"-o") { 0 } else { 3 };
            assert_eq!(records(&out).len(), expected, "{line}");
            ran += 1;
        }
    }
    assert!(ran >= 6, "{ran}");
}
