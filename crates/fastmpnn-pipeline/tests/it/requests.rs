//! Requests and their JSON.

use std::fs;
use std::path::PathBuf;

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::request::{
    DesignRequest, PackRequest, ProbabilityMode, ProbsRequest, RankRequest, Request, ScanRequest, ScoreRequest,
    schema_of,
};
use serde_json::{Value, json};

/// If set, the schemas are rewritten instead of compared.
const UPDATE: &str = "FASTMPNN_UPDATE_SNAPSHOTS";

fn round_trip<R: Request + std::fmt::Debug>(changed: &R) {
    for request in [&R::default(), changed] {
        let text = serde_json::to_string(request).unwrap();
        assert_eq!(R::from_json(&text).unwrap(), *request, "{text}");
    }
    assert_eq!(R::from_json("{}").unwrap(), R::default());
    let Value::Object(map) = serde_json::to_value(R::default()).unwrap() else { panic!("no object") };
    assert!(map.values().all(|value| !value.is_object()), "a request is flat: {map:?}");
    assert_eq!(R::fields(), map.into_iter().map(|(name, _)| name).collect::<Vec<_>>());
    R::default().check().expect("the defaults are allowed");
}

#[test]
fn requests_read_back_with_their_defaults() {
    let mut design = DesignRequest::from_json(
        r#"{ "inputs": ["a.pdb"], "num_seqs": 8, "temperature": [0.1, 0.25], "fix": ["A1-10"], "trb": true,
             "altloc": "B", "gaps": "ignore", "ligand": ["HEM:A:5"], "order": "colored", "model": "ligand",
             "noise": 0.05, "precision": "bf16", "structure_format": "cif", "chain_separator": ":",
             "membrane_global": "transmembrane", "pack": true, "state_weights": null, "ligand_cutoff": 5.5 }"#,
    )
    .unwrap();
    round_trip(&design);
    design.residues.trb = Some(fastmpnn_pipeline::input::TrbSource::File("x.trb".into()));
    round_trip(&design);
    round_trip(&ScoreRequest { num_orders: 3, ..ScoreRequest::default() });
    round_trip(&ProbsRequest { mode: ProbabilityMode::Autoregressive, ..ProbsRequest::default() });
    round_trip(&PackRequest { seed: u64::MAX, ..PackRequest::default() });
    round_trip(&RankRequest { per_structure: true, ..RankRequest::default() });
    round_trip(&ScanRequest { mode: ProbabilityMode::Unconditional, ..ScanRequest::default() });
}

#[test]
fn the_published_defaults_stay() {
    let design = serde_json::to_value(DesignRequest::default()).unwrap();
    let text = serde_json::to_string(&DesignRequest::default()).unwrap();
    for (name, expected) in [
        ("num_seqs", json!(1)),
        ("seed", json!(37)),
        ("model", json!("protein")),
        ("noise", json!(null)),
        ("order", json!("random")),
        ("altloc", json!("first")),
        ("gaps", json!("break")),
        ("chain_separator", json!("/")),
        ("packer", json!("ligandmpnn_sc_v_32_002_16")),
        ("num_packs", json!(4)),
    ] {
        assert_eq!(design[name], expected, "{name}");
    }
    assert!(text.contains("\"temperature\":[0.1]"), "{text}");
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    for (text, expected) in [
        (r#"{ "num_seq": 8 }"#, "a design request has no setting num_seq; the nearest is num_seqs"),
        (r#"{ "homo-oligomer": true }"#, "a design request has no setting homo-oligomer; the nearest is homo_oligomer"),
        (r#"{ "Temperature": [1] }"#, "a design request has no setting Temperature; the nearest is temperature"),
    ] {
        assert_eq!(DesignRequest::from_json(text).unwrap_err().to_string(), expected);
        assert!(serde_json::from_str::<DesignRequest>(text).unwrap_err().to_string().starts_with(expected));
    }
    let error = DesignRequest::from_json(r#"{ "precision": "f8" }"#).unwrap_err().to_string();
    assert_eq!(error, "precision: no precision is called \"f8\"; the known names are f32, bf16x3, bf16, f16 and q16");
    let error = DesignRequest::from_json("{").unwrap_err().to_string();
    assert!(error.starts_with("not JSON: "), "{error}");
}

#[test]
fn settings_out_of_range_or_at_odds_are_refused_by_name() {
    for (text, fields) in [
        (r#"{ "num_seqs": 0 }"#, vec!["num_seqs"]),
        (r#"{ "temperature": [0.1, 0.1] }"#, vec!["temperature"]),
        (r#"{ "temperature": [-1.0] }"#, vec!["temperature"]),
        (r#"{ "temperature": [] }"#, vec!["temperature"]),
        (r#"{ "ligand_cutoff": 0.0 }"#, vec!["ligand_cutoff"]),
        (r#"{ "rescore_orders": 0 }"#, vec!["rescore_orders"]),
        (r#"{ "top": 0 }"#, vec!["top"]),
        (r#"{ "min_distance": -0.1 }"#, vec!["min_distance"]),
        (r#"{ "by": "score" }"#, vec!["by", "top", "min_distance"]),
        (r#"{ "motif": ["x"] }"#, vec!["motif"]),
        (r#"{ "chain_separator": "x" }"#, vec!["chain_separator"]),
        (r#"{ "noise": 0.025 }"#, vec!["noise"]),
        (r#"{ "model": "ca", "noise": 0.3 }"#, vec!["noise", "model"]),
        (r#"{ "structures": true }"#, vec!["structures", "out"]),
        (r#"{ "pdb_labels": true, "assembly": "1" }"#, vec!["pdb_labels", "assembly"]),
        (r#"{ "num_samples": 0 }"#, vec!["num_samples"]),
        (r#"{ "state_weights": [1.0] }"#, vec!["state_weights", "states"]),
        (r#"{ "checkpoint": "x.pt", "noise": 0.1 }"#, vec!["checkpoint", "noise"]),
    ] {
        let error = DesignRequest::from_json(text).unwrap().check().expect_err(text);
        assert!(matches!(error, PipelineError::Request(_)), "{error:?}");
        assert_eq!(error.message().fields().collect::<Vec<_>>(), fields, "{error}");
    }
    let scan = ScanRequest { mode: ProbabilityMode::Autoregressive, ..ScanRequest::default() };
    assert!(scan.check().is_err());
}

fn compare<R: Request>() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schema").join(format!("{}.json", R::NAME));
    let mut schema = serde_json::to_string_pretty(&schema_of::<R>()).unwrap();
    schema.push('\n');
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, schema).unwrap();
        return;
    }
    // A checkout may have converted the line ends.
    let expected = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(schema == expected, "{} differs; {UPDATE}=1 cargo test writes it anew", path.display());
}

#[test]
fn the_committed_schemas_are_current() {
    compare::<DesignRequest>();
    compare::<ScoreRequest>();
    compare::<ProbsRequest>();
    compare::<PackRequest>();
    compare::<ScanRequest>();
    compare::<RankRequest>();
}

#[test]
fn a_schema_describes_every_setting_with_its_default() {
    fn check<R: Request>() {
        let schema = schema_of::<R>();
        assert_eq!(schema["additionalProperties"], json!(false));
        let properties = schema["properties"].as_object().unwrap();
        let defaults = serde_json::to_string(&R::default()).unwrap();
        let defaults: Value = serde_json::from_str(&defaults).unwrap();
        assert_eq!(properties.keys().cloned().collect::<Vec<_>>(), R::fields());
        for (name, property) in properties {
            assert!(property["description"].as_str().is_some_and(|text| text.len() > 10), "{name}: {property}");
            assert_eq!(property["default"], defaults[name], "{name}");
        }
    }
    check::<DesignRequest>();
    check::<ScoreRequest>();
    check::<ProbsRequest>();
    check::<PackRequest>();
    check::<ScanRequest>();
    check::<RankRequest>();
}

#[test]
fn a_value_of_the_wrong_kind_is_named() {
    let refusals = [
        (r#"{ "num_seqs": -1 }"#, "num_seqs -1: expected a whole number, 0 or more"),
        (r#"{ "seed": 1.5 }"#, "seed 1.5: expected a whole number, 0 or more"),
        (r#"{ "inputs": ["a.pdb"], "temperature": ["hot"] }"#, r#"temperature ["hot"]: expected a number"#),
        (r#"{ "fix": "A1" }"#, r#"fix "A1": expected a list"#),
        (r#"{ "homo_oligomer": 1 }"#, "homo_oligomer 1: expected true or false"),
        (r#"{ "order": "zigzag" }"#, "order: no decoding order `zigzag`; the orders are random, chain, colored"),
    ];
    for (json, message) in refusals {
        assert_eq!(DesignRequest::from_json(json).unwrap_err().to_string(), message);
    }
}
