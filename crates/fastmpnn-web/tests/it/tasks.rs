//! Scores, probabilities, scans and packings; and what is wrong with a request, in one sentence.

use serde_json::{Value, json};

use crate::client::{Served, example, with_example};

#[test]
fn every_task_has_its_result() {
    let served = Served::new();
    let score = served.post("/v1/score", &with_example("5L33.pdb", json!({ "num_orders": 2 }))).of(200);
    let sequence = &score["structures"][0]["sequences"][0];
    assert_eq!((&sequence["record"], &sequence["orders"]), (&json!("native"), &json!(2)));
    assert_eq!(sequence["negative_log_likelihood"].as_array().unwrap().len(), 106);
    assert_eq!(sequence["sequence"].as_str().unwrap().len(), 106);

    let settings = json!({ "probabilities": true });
    let table = served.post("/v1/probabilities", &with_example("5L33.pdb", settings)).of(200);
    let rows = table["structures"][0]["values"].as_array().unwrap();
    assert_eq!(rows.len(), 106);
    let sum: f64 = rows[0].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-4, "{sum}");
    assert_eq!(table["alphabet"], "ACDEFGHIKLMNPQRSTVWYX");

    let scan = served.post("/v1/scan", &with_example("5L33.pdb", json!({ "redesign": ["A5-9"] }))).of(200);
    let scanned = &scan["structures"][0];
    assert_eq!(scanned["residues"].as_array().unwrap().len(), 5);
    assert_eq!(scanned["residues"][0]["id"], "A5");
    assert_eq!(scanned["change"].as_array().unwrap().len(), 5);
    let scan = served.post("/v1/scan", &with_example("5L33.pdb", json!({ "mutations": ["A5W+A6C", "A7G"] }))).of(200);
    assert_eq!(scan["structures"][0]["mutants"].as_array().unwrap().len(), 2);
}

#[test]
fn several_structures_fail_one_by_one() {
    let served = Served::new();
    let body = json!({ "files": [
        { "name": "5L33.pdb", "text": example("5L33.pdb") },
        { "name": "broken.pdb", "text": "nothing of a structure" },
        { "name": "6MRR.pdb", "text": example("6MRR.pdb") },
    ] });
    let result = served.post("/v1/design", &body).of(200);
    let names: Vec<&Value> = result["structures"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["5L33", "6MRR"]);
    assert_eq!(result["failures"][0]["input"], "broken.pdb");
    let alone = json!({ "files": [{ "name": "broken.pdb", "text": "nothing of a structure" }] });
    let refusal = served.post("/v1/design", &alone).problem(422);
    assert!(refusal.starts_with("broken.pdb: "), "{refusal}");
}

#[test]
fn what_is_wrong_is_said() {
    let served = Served::new();
    let cases = [
        (json!({ "num_seq": 3 }), "a design request has no setting num_seq; the nearest is num_seqs"),
        (json!({ "num_seqs": "x" }), "num_seqs \"x\": expected a whole number, 0 or more"),
        (json!({ "num_seqs": 0 }), "num_seqs 0: is not between 1 and 1000000000"),
        (json!({ "temperature": [-1] }), "temperature -1: a temperature is 0 or more, and finite"),
        (json!({ "wait": 3 }), "wait: expected true or false"),
        (
            json!({ "model": "protein", "noise": 0.07 }),
            "noise 0.07: the networks of model protein have 0.02, 0.10, 0.20, 0.30",
        ),
    ];
    for (settings, expected) in cases {
        assert_eq!(served.post("/v1/design", &with_example("5L33.pdb", settings)).problem(422), expected);
    }
    let refusal = served.post("/v1/design", &with_example("5L33.pdb", json!({ "fix": ["B7"] }))).problem(422);
    assert!(refusal.contains("fix") && refusal.contains("B7"), "{refusal}");
    for body in ["", "{", "[]", "null", "\"x\"", "{\"files\": 3}", "{\"files\": [{\"name\": 3}]}"] {
        let answer = served.send("POST", "/v1/design", &[("content-type", "application/json")], body.as_bytes());
        assert!(matches!(answer.status, 400 | 422), "{body}: {answer:?}");
        answer.problem(answer.status);
    }
    let deep = format!("{{\"files\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    served.send("POST", "/v1/design", &[("content-type", "application/json")], deep.as_bytes()).problem(400);
    served.get("/v1/design").problem(405);
    served.get("/v1/nothing").problem(404);
}

#[test]
fn networks_that_are_not_there_are_named() {
    if fastmpnn_pipeline::fastmpnn::weights::PublishedCheckpoint::named("ligandmpnn_v_32_010_25")
        .unwrap()
        .load()
        .is_ok()
    {
        let served = Served::new();
        let result = served.post("/v1/design", &with_example("5L33.pdb", json!({ "model": "ligand" }))).of(200);
        assert_eq!(result["model"]["name"], "ligandmpnn_v_32_010_25");
        let pack = served.post("/v1/pack", &with_example("5L33.pdb", json!({ "num_packs": 1 }))).of(200);
        let file = pack["structures"][0]["sequences"][0]["file"].as_str().unwrap();
        assert!(file.contains("\nATOM  "), "{file}");
        return;
    }
    let served = Served::new();
    let answer = served.post("/v1/design", &with_example("5L33.pdb", json!({ "model": "ligand" })));
    assert!(answer.problem(422).starts_with("the checkpoint ligandmpnn_v_32_010_25 is not on the server"));
}
