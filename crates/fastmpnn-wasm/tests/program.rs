//! A program as the workers of a page have it.

use std::fs;
use std::path::Path;

use fastmpnn_wasm::Program;
use serde_json::{Value, json};

fn file(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn program() -> Program {
    let mut program = Program::default();
    program.add_file("5L33.pdb", file("examples/5L33.pdb"));
    program
}

fn with_network() -> Program {
    let mut program = program();
    let network = file("crates/fastmpnn/weights/v_48_020.safetensors");
    let added: Value = serde_json::from_str(&program.add_checkpoint("default", &network).unwrap()).unwrap();
    assert_eq!(
        (&added["model"], &added["noise"], &added["sees_ligands"]),
        (&json!("protein"), &json!(0.2), &json!(false))
    );
    program
}

fn of(answer: Result<String, fastmpnn_wasm::ProgramError>) -> Value {
    serde_json::from_str(&answer.unwrap()).unwrap()
}

const REQUEST: &str = r#"{ "inputs": ["5L33.pdb"], "num_seqs": 2, "fix": ["A4-6"] }"#;

#[test]
fn structures_and_plans_need_no_network() {
    let mut program = program();
    let found = of(program.describe(REQUEST));
    assert_eq!((&found["name"], found["chains"][0]["residues"].as_array().unwrap().len()), (&json!("5L33"), 106));
    let shown = of(program.shown(REQUEST));
    let alphas =
        shown["text"].as_str().unwrap().lines().filter(|line| line.starts_with("ATOM") && line.contains("  CA  "));
    assert_eq!((&shown["ending"], alphas.count()), (&json!("pdb"), 106));
    let plan = of(program.plan(REQUEST));
    assert_eq!(plan["designed"].as_array().unwrap().iter().filter(|designed| **designed == json!(false)).count(), 3);
    assert_eq!(plan["allowed"][50], json!("ACDEFGHIKLMNPQRSTVWY"));
    let error = program.plan(r#"{ "inputs": ["5L33.pdb"], "fix": ["A900"] }"#).unwrap_err().to_string();
    assert!(error.contains("A900"), "{error}");
    let error = program.design(REQUEST, 0).unwrap_err().to_string();
    assert!(error.contains("proteinmpnn_v_48_020"), "{error}");
    assert!(program.plan("{").is_err() && program.describe(r#"{ "inputs": ["x.pdb"] }"#).is_err());
}

#[test]
fn workers_share_the_samples() {
    let (mut first, mut second) = (with_network(), with_network());
    let all = of(first.design(&REQUEST.replace('2', "4"), 0));
    let (one, other) = (of(first.design(REQUEST, 0)), of(second.design(REQUEST, 2)));
    let of_both = [one["designs"].as_array().unwrap().clone(), other["designs"].as_array().unwrap().clone()].concat();
    assert_eq!(all["designs"], json!(of_both));
    assert_eq!(all["native"], one["native"]);
    let native = all["native"]["sequence"].as_str().unwrap();
    assert!(all["native"]["fasta"].as_str().unwrap().contains("model=v_48_020"));
    for design in of_both {
        let sequence = design["sequence"].as_str().unwrap();
        assert_eq!(sequence[5..8], native[5..8]);
        assert!(design["fasta"].as_str().unwrap().ends_with(&format!("\n{sequence}\n")));
        let confidence = vec![0.5; 106];
        let file = of(first.structure_file(REQUEST, sequence, &confidence));
        assert_eq!(file["ending"], "pdb");
        assert!(file["text"].as_str().unwrap().lines().any(|line| line.starts_with("ATOM") && line.contains("  0.50")));
    }
}

#[test]
fn scores_probabilities_and_mutations() {
    let mut program = with_network();
    let inputs = r#""inputs": ["5L33.pdb"]"#;
    let scored = of(program.score(&format!("{{{inputs}}}")));
    assert_eq!(scored["scores"][0]["negative_log_likelihood"].as_array().unwrap().len(), 106);
    let found = of(program.probabilities(&format!("{{{inputs}}}")));
    assert_eq!(found["probabilities"][0]["values"][105].as_array().unwrap().len(), 21);
    let scanned = of(program.scan(&format!(r#"{{{inputs}, "redesign": ["A5,A7"]}}"#)));
    assert_eq!(scanned["scans"][0]["residues"], json!(["A5", "A7"]));
    let mutants = of(program.scan(&format!(r#"{{{inputs}, "mutations": ["A5W"]}}"#)));
    assert!(mutants["scans"][0]["mutants"][0]["mutant"].as_str().unwrap().ends_with("5W"));
}
