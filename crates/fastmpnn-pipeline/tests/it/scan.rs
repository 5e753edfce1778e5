//! Runs of `scan`, compared with the probabilities that they are based on.

use fastmpnn::chemistry::Letter;
use fastmpnn_pipeline::request::{ProbabilityMode, ProbsRequest, Request, ScanRequest};
use fastmpnn_pipeline::{probs, scan};

use crate::collector::{Collector, example, with_resources};

fn probabilities(mode: ProbabilityMode, seed: u64) -> Vec<[f32; 21]> {
    let mut request = ProbsRequest { mode, seed, ..ProbsRequest::default() };
    request.input.inputs = vec![example("5L33.pdb")];
    let mut heard = Collector::default();
    with_resources(|resources| probs(&request, resources, &mut heard)).unwrap();
    heard.probabilities.remove(0)
}

fn scanned(text: &str) -> Collector {
    let mut request = ScanRequest::from_json(text).unwrap();
    request.input.inputs = vec![example("5L33.pdb")];
    let mut heard = Collector::default();
    let summary = with_resources(|resources| scan(&request, resources, &mut heard)).unwrap();
    assert_eq!((summary.results, summary.failed.len()), (1, 0));
    heard
}

#[test]
fn changes_are_differences_of_log_probabilities() {
    for (mode, name) in
        [(ProbabilityMode::Unconditional, "unconditional"), (ProbabilityMode::Conditional, "conditional")]
    {
        let log_p = probabilities(mode, 37);
        let scan = scanned(&format!(r#"{{ "mode": "{name}" }}"#)).scans.remove(0);
        assert_eq!((scan.residues.len(), scan.change.len()), (106, 106));
        for ((row, change), native) in log_p.iter().zip(&scan.change).zip(&scan.native) {
            for letter in Letter::all() {
                let expected = row[letter.index()] - row[native.index()];
                assert_eq!(change[letter.index()], expected, "{name} {letter}");
            }
            assert_eq!(change[native.index()], 0.0);
        }
        let ranked = scan.ranked();
        assert_eq!(ranked.len(), 106 * 19);
        assert!(ranked.windows(2).all(|pair| pair[0].change >= pair[1].change));
        assert!(ranked.iter().all(|mutation| mutation.letter != scan.native[mutation.place]));
    }
}

#[test]
fn orders_are_averaged_and_only_designed_residues_scanned() {
    let scan = scanned(r#"{ "num_orders": 2, "redesign": ["A100-104"] }"#).scans.remove(0);
    let places: Vec<String> = scan.residues.iter().map(ToString::to_string).collect();
    assert_eq!(places, ["A100", "A101", "A102", "A103", "A104"]);
    let one = scanned(r#"{ "redesign": ["A100-104"] }"#).scans.remove(0);
    assert_eq!(one.residues, scan.residues);
    assert_ne!(one.change, scan.change);
}
