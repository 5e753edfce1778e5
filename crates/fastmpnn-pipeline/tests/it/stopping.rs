//! Runs that their observer stops.

use std::fs;

use fastmpnn_pipeline::request::{DesignRequest, ScoreRequest};
use fastmpnn_pipeline::{design, score};
use serde_json::Value;

use crate::collector::{Collector, example, with_resources};

#[test]
fn a_stopped_design_leaves_what_there_is_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = DesignRequest::default();
    request.input.inputs = vec![example("5L33.pdb"), example("6MRR.pdb")];
    // Two waves of a thread's 32.
    request.sampling.num_seqs = 64;
    request.folder.out = Some(folder.path().join("out"));
    let mut heard = Collector { stop_at: Some("advanced"), ..Collector::default() };
    let summary = with_resources(|resources| design(&request, resources, &mut heard)).unwrap();
    assert!(summary.run.stopped);
    assert_eq!((summary.run.results, summary.structures, heard.designs.len()), (32, 0, 32));
    let read = |file: &str| fs::read_to_string(folder.path().join("out").join(file)).unwrap();
    let settings: Value = serde_json::from_str(&read("settings.json")).unwrap();
    assert_eq!(settings["run"]["state"], "interrupted");
    assert_eq!(settings["inputs"].as_array().unwrap().len(), 1);
    assert_eq!(settings["run"]["files"], serde_json::json!(["settings.json", "seqs/5L33.fa", "designs.csv"]));
    assert_eq!(read("designs.csv").lines().count(), 33);
    assert_eq!(read("seqs/5L33.fa").into_bytes(), heard.fasta);
    let left: Vec<String> = fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_stop_at_a_level_loses_the_samples_in_hand_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = DesignRequest::default();
    request.input.inputs = vec![example("3HTN.pdb")];
    request.sampling.num_seqs = 32;
    request.folder.out = Some(folder.path().join("out"));
    let mut heard = Collector { stop_at: Some("level"), ..Collector::default() };
    let summary = with_resources(|resources| design(&request, resources, &mut heard)).unwrap();
    assert!(summary.run.stopped);
    assert_eq!((summary.run.results, summary.structures, heard.designs.len()), (0, 0, 0));
    let read = |file: &str| fs::read_to_string(folder.path().join("out").join(file)).unwrap();
    let settings: Value = serde_json::from_str(&read("settings.json")).unwrap();
    assert_eq!(settings["run"]["state"], "interrupted");
    assert_eq!(read("designs.csv").lines().count(), 1);
    assert_eq!(read("seqs/3HTN.fa").into_bytes(), heard.fasta);
    // Not all of the levels were gone through.
    let levels = heard.order.iter().filter(|word| *word == "level").count();
    let mut whole = Collector::default();
    request.folder.out = None;
    with_resources(|resources| design(&request, resources, &mut whole)).unwrap();
    let all = whole.order.iter().filter(|word| *word == "level").count();
    assert!(levels < all && whole.designs.len() == 32, "{levels} of {all} levels");
}

#[test]
fn a_stop_after_the_last_design_stops_nothing() {
    let mut request = DesignRequest::default();
    request.input.inputs = vec![example("5L33.pdb")];
    let mut heard = Collector { stop_at: Some("advanced"), ..Collector::default() };
    let summary = with_resources(|resources| design(&request, resources, &mut heard)).unwrap();
    assert_eq!((summary.run.stopped, summary.run.results), (false, 1));
}

#[test]
fn a_stopped_score_goes_no_further() {
    let mut request = ScoreRequest::default();
    request.input.inputs = vec![example("5L33.pdb"), example("6MRR.pdb")];
    let mut heard = Collector { stop_at: Some("score"), ..Collector::default() };
    let summary = with_resources(|resources| score(&request, resources, &mut heard)).unwrap();
    assert_eq!((summary.stopped, summary.results, heard.scores.len()), (true, 1, 1));
}
