//! Dictionaries of the published programs mean what the settings of the same names mean.

use std::fs;

use fastmpnn_pipeline::design;
use fastmpnn_pipeline::event::NoteKind;
use fastmpnn_pipeline::request::{DesignRequest, Request};

use crate::collector::{Collector, example, with_resources};
use crate::containers::parsed_line;

fn run(inputs: &[&str], text: &str, dictionaries: &[String]) -> Collector {
    let mut request = DesignRequest::from_json(text).unwrap();
    request.input.inputs = inputs.iter().map(|name| example(name)).collect();
    request.dictionary = dictionaries.to_vec();
    let mut heard = Collector::default();
    with_resources(|resources| design(&request, resources, &mut heard)).unwrap();
    heard
}

fn refused(dictionaries: &[&str]) -> String {
    let mut request = DesignRequest::from_json(r#"{ "chains": "A" }"#).unwrap();
    request.input.inputs = vec![example("5L33.pdb")];
    request.dictionary = dictionaries.iter().map(|&text| text.to_owned()).collect();
    let mut heard = Collector::default();
    with_resources(|resources| design(&request, resources, &mut heard)).unwrap_err().to_string()
}

/// The plans of the structures, and their designs.
fn results(heard: &Collector) -> (Vec<&str>, String) {
    let plans = heard.notes.iter().filter(|(kind, _)| *kind == NoteKind::Plan).map(|(_, text)| text.as_str());
    (plans.collect(), String::from_utf8(heard.fasta.clone()).unwrap())
}

#[test]
fn entries_say_what_settings_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = example("5L33.pdb");
    let path = path.to_str().unwrap();
    let zeros = vec!["[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,5,0,0]"; 106].join(",");
    let profile = format!(
        r#"{{"5L33": {{"A": {{"pssm_coef": [{}], "pssm_bias": [{}], "pssm_log_odds": [{zeros}]}}}}}}"#,
        vec!["0.0"; 106].join(","),
        vec!["[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0]"; 106].join(","),
    );
    let by_path = |entry: &str| format!("{{\"{path}\": {entry}}}");
    // Chain A of 5L33 begins at -1.
    for (kind, dictionary, setting) in [
        ("fixed_positions_jsonl", r#"{"5L33": {"A": [1, 2, 12]}}"#.to_owned(), r#"{ "fix": ["A-1,A0,A10"] }"#),
        ("chain_id", r#"{"5L33": [["A"], []], "6MRR": [["A"], []]}"#.to_owned(), r#"{ "chains": "A" }"#),
        (
            "tied_positions",
            r#"{"5L33": [{"A": [1, 3]}, {"A": [[4, 5], [1.0, -0.5]]}]}"#.to_owned(),
            r#"{ "tie": ["A-1=A1", "A2*1=A3*-0.5"] }"#,
        ),
        (
            "omit_AA",
            "{}\n{\"5L33\": {\"A\": [[[1, 2], \"AC\"], [[5], \"\"]]}}\n".to_owned(),
            r#"{ "omit_at": ["A-1,A0:AC"] }"#,
        ),
        ("bias_AA", r#"{"A": -1.1, "W": 2}"#.to_owned(), r#"{ "bias": ["A=-1.1", "W=2"] }"#),
        ("bias_by_res", format!(r#"{{"5L33": {{"A": [{zeros}]}}}}"#), r#"{ "bias_at": ["A:W=5"] }"#),
        ("pssm", profile, "{}"),
        ("fixed_residues_multi", by_path(r#""A-1 A0 A10""#), r#"{ "fix": ["A-1,A0,A10"] }"#),
        ("redesigned_residues_multi", by_path(r#""A-1 A0""#), r#"{ "redesign": ["A-1,A0"] }"#),
        ("omit_AA_per_residue", by_path(r#"{"A5": "AC", "A6": ""}"#), r#"{ "omit_at": ["A5:AC"] }"#),
        ("bias_AA_per_residue", by_path(r#"{"A5": {"G": -0.3, "W": 2.0}}"#), r#"{ "bias_at": ["A5:G=-0.3,W=2"] }"#),
    ] {
        let file = folder.path().join("dictionary.json");
        fs::write(&file, &dictionary).unwrap();
        let mut dictionaries = vec![format!("{kind}={}", file.display())];
        if kind == "pssm" {
            dictionaries.push("pssm_multi=0.5".to_owned());
        }
        let heard = run(&["5L33.pdb"], "{}", &dictionaries);
        assert!(heard.failures.is_empty(), "{kind}: {:?}", heard.failures);
        let expected = run(&["5L33.pdb"], setting, &[]);
        let (found, expected) = (results(&heard), results(&expected));
        assert_eq!(found.1, expected.1, "{kind}");
        if !["bias_by_res", "pssm"].contains(&kind) {
            assert_eq!(found.0, expected.0, "{kind}");
        }
    }
}

#[test]
fn structures_without_entries_have_defaults_and_entries_without_structures_a_note() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fixed.jsonl");
    fs::write(&file, r#"{"5L33": {"A": [1]}, "1ABC": {"A": [1]}, "6MRR": {"A": [1, 99999]}}"#).unwrap();
    let shown = file.display();
    let dictionary = [format!("fixed_positions={shown}")];
    let heard = run(&["5L33.pdb", "6MRR.pdb", "3MHT.pdb"], "{}", &dictionary);
    let notes: Vec<&str> =
        heard.notes.iter().filter(|(kind, _)| *kind == NoteKind::Inputs).map(|(_, text)| text.as_str()).collect();
    assert_eq!(notes[0], format!("{shown}: fixed_positions of 2 of 3 structures"));
    assert_eq!(notes[1], format!("{shown}: no structure is called 1ABC: what it says of them is not used"));
    assert_eq!(heard.failures.len(), 1);
    let expected =
        format!("{shown}: fixed_positions: 6MRR: chain A has no position 99999: it has 68, which count from 1");
    assert!(heard.failures[0].ends_with(&expected), "{:?}", heard.failures);
    let alone = run(&["3MHT.pdb"], "{}", &[]);
    assert!(String::from_utf8_lossy(&heard.fasta).ends_with(&*String::from_utf8_lossy(&alone.fasta)));
}

#[test]
fn positions_of_parsed_structures_count_what_has_no_atoms() {
    let folder = tempfile::tempdir().unwrap();
    let line = parsed_line(&example("6MRR.pdb"), "6MRR", &["N", "CA", "C", "O"]);
    // A residue without atoms before the first, one after the last, and a chain of such residues alone.
    let line = line.replace("[[", "[[NaN,NaN,NaN],[").replace("]]", "],[NaN,NaN,NaN]]");
    let line = line.replace("\"seq_chain_A\":\"", "\"seq_chain_A\":\"-");
    let (before, after) = line.split_once("\"seq_chain_A\":\"").unwrap();
    let (letters, after) = after.split_once('"').unwrap();
    let empty = "\"seq_chain_B\":\"-\",\"coords_chain_B\":{\"CA_chain_B\":[[NaN,NaN,NaN]]},";
    let line = format!("{}{empty}\"seq_chain_A\":\"{letters}-\"{after}", before);
    let parsed = folder.path().join("parsed.jsonl");
    fs::write(&parsed, line).unwrap();
    let file = folder.path().join("fixed.jsonl");
    fs::write(&file, r#"{"6MRR": {"A": [1, 2, 5, 70], "B": []}}"#).unwrap();
    let mut request = DesignRequest::default();
    request.input.inputs = vec![parsed];
    request.dictionary = vec![format!("fixed_positions={}", file.display())];
    let mut heard = Collector::default();
    with_resources(|resources| design(&request, resources, &mut heard)).unwrap();
    assert!(heard.failures.is_empty(), "{:?}", heard.failures);
    let (plans, _) = results(&heard);
    assert_eq!(plans, ["designs A3-4,A6-69 (66 residues); fixes A2,A5 (2 residues)"]);
}

#[test]
fn what_is_no_dictionary_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = |text: &str| {
        let path = folder.path().join("x.json");
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    assert!(refused(&["fixed=x"]).starts_with("dictionary fixed=x: there is no such dictionary; there are chain_id, "));
    assert!(refused(&["fixed_positions=nosuch.json"]).starts_with("dictionary nosuch.json: cannot be read: "));
    let path = file("{\"5L33\": [[\"A\"], []]}");
    assert_eq!(refused(&[&format!("chain_id={path}")]), "chains and dictionary chain_id say the same: give one");
    let twice = format!("omit_AA={path}");
    assert_eq!(refused(&[&twice, &twice]), "dictionary omit_AA is given twice");
    assert!(refused(&[&format!("pssm={path}")]).contains("pssm_multi=0.3"));
    assert!(refused(&["pssm_multi=0.3"]).ends_with("are of profiles: add pssm=FILE"));
    let path = file("{\"a\": 1}\n[1]\n");
    assert_eq!(refused(&[&format!("omit_AA={path}")]), format!("{path}: line 2: is not a dictionary"));
    assert_eq!(refused(&[&format!("omit_AA={}", file("\n"))]), format!("{path}: the dictionary is empty"));
    // A value of another form is an error of its structure.
    let path = file("{\"5L33\": {\"A\": \"GPL\"}}");
    let heard = run(&["5L33.pdb"], "{}", &[format!("omit_AA={path}")]);
    assert!(
        heard.failures[0].contains("omit_AA: 5L33: expected positions and letters of each chain"),
        "{:?}",
        heard.failures
    );
}
