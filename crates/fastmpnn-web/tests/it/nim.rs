//! Clients of NVIDIA's ProteinMPNN microservice.

use serde_json::{Value, json};

use crate::client::{Served, example, with_example};

/// Headers and sequences of FASTA text.
fn records(text: &str) -> Vec<(&str, &str)> {
    let lines: Vec<&str> = text.lines().collect();
    lines.chunks(2).map(|pair| (pair[0].strip_prefix('>').expect("a header"), pair[1])).collect()
}

fn predict(served: &Served, request: Value) -> Value {
    served.post("/biology/ipd/proteinmpnn/predict", &request).of(200)
}

/// The published client's example: it waits until the service is ready, posts the atoms of a PDB file, and prints `mfasta`.
#[test]
fn the_published_example_runs_on_another_host() {
    let served = Served::new();
    assert_eq!(served.get("/v1/health/ready").of(200), json!({ "status": "ready" }));
    let pdb = example("5L33.pdb");
    let atoms: Vec<&str> = pdb.lines().filter(|line| line.starts_with("ATOM")).take(400).collect();
    let request = json!({
        "input_pdb": atoms.join("\n"),
        "ca_only": false,
        "use_soluble_model": false,
        "sampling_temp": [0.1],
    });
    let answer = predict(&served, request.clone());
    let found = records(answer["mfasta"].as_str().unwrap());
    assert_eq!(found.len(), 2);
    let (native, design) = (found[0], found[1]);
    assert!(native.0.starts_with("input, score="), "{native:?}");
    assert!(native.0.contains("fixed_chains=[], designed_chains=['A'], model_name=v_48_020, seed=37"), "{native:?}");
    assert!(design.0.starts_with("T=0.1, sample=1, score="), "{design:?}");
    assert_eq!(native.1.len(), design.1.len());
    assert_eq!(answer["scores"].as_array().unwrap().len(), 1);
    let probabilities = answer["probs"][0].as_array().unwrap();
    assert_eq!(probabilities.len(), design.1.len());
    let sum: f64 = probabilities[0].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-4, "{sum}");
    // Its cloud has another address.
    assert_eq!(served.post("/v1/biology/ipd/proteinmpnn/predict", &request).of(200), answer);
}

#[test]
fn designs_are_those_of_our_own_interface() {
    let served = Served::new();
    let settings = json!({ "num_seqs": 3, "temperature": [0.2], "seed": 11, "chains": "A", "omit": "CM" });
    let mut own = with_example("6MRR.pdb", settings);
    // The name keys the random numbers.
    own["files"][0]["name"] = "input".into();
    let own = served.post("/v1/design", &own).of(200);
    let designs = own["structures"][0]["designs"].as_array().unwrap();
    for letters in [json!("CM"), json!(["C", "M"])] {
        let answer = predict(
            &served,
            json!({
                "input_pdb": example("6MRR.pdb"),
                "input_pdb_chains": ["A"],
                "num_seq_per_target": 3,
                "sampling_temp": [0.2],
                "random_seed": 11,
                "omit_AAs": letters,
                "pssm_jsonl": null,
            }),
        );
        let found = records(answer["mfasta"].as_str().unwrap());
        let sequences: Vec<&str> = found[1..].iter().map(|(_, sequence)| *sequence).collect();
        assert_eq!(sequences, designs.iter().map(|one| one["sequence"].as_str().unwrap()).collect::<Vec<_>>());
        assert_eq!(answer["scores"][0], designs[0]["score"]);
    }
}

#[test]
fn dictionaries_are_of_the_structure_that_is_sent() {
    let served = Served::new();
    let fixed: Vec<u32> = (1..=20).collect();
    let answer = predict(
        &served,
        json!({
            "input_pdb": example("5L33.pdb"),
            "fixed_positions_jsonl": json!({ "5L33": { "A": fixed } }).to_string(),
            "bias_AA_jsonl": "{\"W\": 20.0}",
        }),
    );
    let found = records(answer["mfasta"].as_str().unwrap());
    assert_eq!(found[0].1[..20], found[1].1[..20]);
    assert!(found[1].1[20..].chars().all(|letter| letter == 'W'), "{found:?}");
    let refuse = |request: Value| served.post("/biology/ipd/proteinmpnn/predict", &request).problem(422);
    assert!(refuse(json!({})).contains("input_pdb"));
    assert!(refuse(json!({ "input_pdb_asset": "x" })).contains("no assets"));
    assert!(refuse(json!({ "input_pdb": "x", "num_seq_per_target": 101 })).contains("between 1 and 100"));
    assert!(refuse(json!({ "input_pdb": "x", "fixed_positions_jsonl": "/etc/passwd" })).contains("is no dictionary"));
    assert!(refuse(json!({ "input_pdb": "x", "checkpoint": "x" })).contains("checkpoint"));
}
