//! Requests that would read or write files of the server.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::client::{Served, example, with_example};

/// A file of this machine that holds a structure, and would be read if anything were.
fn on_disk() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/6MRR.pdb");
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn names_are_no_paths() {
    let served = Served::new();
    for name in ["../x.pdb", "/etc/passwd", "..\\x.pdb", "a/b.pdb", "", ".", "..", "x\u{0}.pdb", "-", "@list", "*.pdb"]
    {
        let body = json!({ "files": [{ "name": name, "text": example("5L33.pdb") }] });
        let answer = served.post("/v1/design", &body);
        assert_eq!(answer.of(422)["setting"], "files");
    }
    let twice = json!({ "name": "x.pdb", "text": "" });
    served.post("/v1/design", &json!({ "files": [twice, twice] })).problem(422);
    served.post("/v1/design", &json!({ "files": [] })).problem(422);
    served.post("/v1/design", &json!({})).problem(422);
}

#[test]
fn files_of_the_server_are_not_read() {
    let served = Served::new();
    let disk = on_disk();
    let inputs = [
        ("inputs", json!([disk])),
        ("inputs", json!([format!("@{disk}")])),
        ("inputs", json!([format!("file://{disk}")])),
        ("inputs", json!(["s3://bucket/x.pdb"])),
        ("inputs", json!(["-"])),
        ("inputs", json!(["examples/*.pdb"])),
        ("membrane_labels", json!(disk)),
        ("trb", json!(disk)),
        ("manifest", json!(disk)),
        ("checkpoint", json!(disk)),
        ("packer", json!(disk)),
        ("packer", json!("../x.pt")),
        ("recursive", json!(true)),
    ];
    for (setting, value) in inputs {
        let answer = served.post("/v1/design", &with_example("5L33.pdb", json!({ setting: value })));
        assert_eq!(answer.of(422)["setting"], setting);
    }
    for path in ["/v1/score", "/v1/probabilities", "/v1/pack"] {
        let answer = served.post(path, &with_example("5L33.pdb", json!({ "fasta": disk })));
        assert_eq!(answer.of(422)["setting"], "fasta");
    }
    let answer = served.post("/v1/score", &with_example("5L33.pdb", json!({ "fasta_dir": "/tmp" })));
    assert_eq!(answer.of(422)["setting"], "fasta_dir");
    // These name files within texts: what is not among the request's is not there.
    let hidden = [
        ("/v1/design", json!({ "fix": [format!("@{disk}")] })),
        ("/v1/design", json!({ "redesign": [format!("@{disk}")] })),
        ("/v1/design", json!({ "dictionary": [format!("fixed_positions={disk}")] })),
        ("/v1/design", json!({ "fix": [format!("@file://{disk}")] })),
        ("/v1/design", json!({ "dictionary": [format!("fixed_positions=file://{disk}")] })),
        ("/v1/design", json!({ "trb": true })),
        ("/v1/scan", json!({ "mutations": [format!("@{disk}")] })),
    ];
    for (path, settings) in hidden {
        let refusal = served.post(path, &with_example("5L33.pdb", settings.clone())).problem(422);
        assert!(!refusal.contains("ATOM"), "{refusal}");
        assert!(refusal.contains("cannot be read") || refusal.contains("no such"), "{settings}: {refusal}");
    }
}

#[test]
fn files_of_the_server_are_not_written() {
    let served = Served::new();
    let out = std::env::temp_dir().join(format!("fastmpnn-web-{}", std::process::id()));
    let name = out.to_str().unwrap();
    let settings = [
        ("/v1/design", "out", json!(name)),
        ("/v1/design", "table", json!("csv")),
        ("/v1/design", "logo", json!(name)),
        ("/v1/design", "structures", json!(true)),
        ("/v1/design", "overwrite", json!(true)),
        ("/v1/design", "shard", json!("1/2")),
        ("/v1/probabilities", "out", json!(name)),
        ("/v1/probabilities", "logo", json!(name)),
        ("/v1/scan", "table", json!(name)),
        ("/v1/scan", "matrix", json!(name)),
        ("/v1/scan", "heat_map", json!(name)),
        ("/v1/pack", "out", json!(name)),
    ];
    for (path, setting, value) in settings {
        let answer = served.post(path, &with_example("5L33.pdb", json!({ setting: value })));
        assert_eq!(answer.of(422)["setting"], setting, "{path}");
        assert!(!out.exists());
    }
    // What is said as it is anyway is no wish.
    let defaults = json!({ "out": null, "overwrite": false, "structures": false, "checkpoint": null });
    served.post("/v1/design", &with_example("5L33.pdb", defaults)).of(200);
}

#[test]
fn files_of_the_request_are_read() {
    let served = Served::new();
    let files = json!([
        { "name": "5L33.pdb", "text": example("5L33.pdb") },
        { "name": "fixed.txt", "text": "A1-10 # the first ten\n" },
    ]);
    let body = json!({ "files": files, "inputs": ["5L33.pdb"], "fix": ["@fixed.txt"] });
    let result = served.post("/v1/design", &body).of(200);
    let residues = result["structures"][0]["residues"].as_array().unwrap();
    assert_eq!(residues.iter().filter(|residue| residue["designed"] == false).count(), 10);
    let native = result["structures"][0]["native"]["sequence"].as_str().unwrap();
    let fasta = format!(">one\n{native}\n>two\n{native}\n");
    let files = json!([
        { "name": "5L33.pdb", "text": example("5L33.pdb") },
        { "name": "x.fa", "text": fasta },
    ]);
    let scored = served.post("/v1/score", &json!({ "files": files, "fasta": "x.fa" })).of(200);
    let sequences = scored["structures"][0]["sequences"].as_array().unwrap();
    let records: Vec<&Value> = sequences.iter().map(|sequence| &sequence["record"]).collect();
    assert_eq!(records, ["one", "two"]);
}
