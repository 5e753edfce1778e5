//! Datasets that a run continues.

use std::fs;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use fastmpnn_pipeline::design;
use fastmpnn_pipeline::event::{Event, Progress, Unobserved};
use fastmpnn_pipeline::request::{DesignRequest, Request};
use fastmpnn_pipeline::run::DesignSummary;
use serde_json::Value;

use crate::collector::{example, with_resources};

/// A third of the designs are removed by their numbers, and of the others the best is kept.
const SETTINGS: &str = r#"{
    "num_seqs": 6, "temperature": [0.5], "filter": ["sample > 2", "charge > -100"], "top": 1, "table": "csv",
    "part_rows": 2
}"#;

fn request(folder: &Path) -> DesignRequest {
    let mut request = DesignRequest::from_json(SETTINGS).unwrap();
    request.input.inputs = vec![example("5L33.pdb"), example("6MRR.pdb"), example("3HTN.pdb")];
    request.residues.chains = Some("A".to_owned());
    request.folder.out = Some(folder.join("out"));
    request.logo.logo = Some(folder.join("logos"));
    request
}

fn run(request: &DesignRequest) -> DesignSummary {
    with_resources(|resources| design(request, resources, &mut Unobserved)).unwrap()
}

fn logos(folder: &Path) -> Vec<String> {
    ["5L33", "6MRR", "3HTN"].map(|name| fs::read_to_string(folder.join(format!("logos/{name}.svg"))).unwrap()).into()
}

fn summary(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("out/summary.json")).unwrap()).unwrap()
}

#[test]
fn a_run_that_was_killed_and_continued_has_the_logos_and_counts_of_all_structures() {
    let (whole, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let of_whole = run(&request(whole.path()));
    let expected = summary(whole.path());
    let steps = expected["selection"].as_array().unwrap();
    assert_eq!(steps.len(), 3);
    assert_eq!(steps[0]["of"], 18);
    let removed: u64 = steps.iter().map(|step| step["removed"].as_u64().unwrap()).sum();
    assert_eq!(removed, 18 - of_whole.run.results as u64);
    assert_eq!(serde_json::to_value(&of_whole.selection).unwrap(), expected["selection"]);
    // Killed as the second and as the third structure begin: the first kill leaves a structure in the journal, the
    // logo of which is there.
    let request = request(killed.path());
    for begun in [1, 2] {
        let mut killing = |event: Event<'_>| match event {
            Event::Progress(Progress::Input { index, .. }) if index == begun => panic!("killed"),
            _ => ControlFlow::Continue(()),
        };
        let work = || with_resources(|resources| design(&request, resources, &mut killing));
        assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
        assert!(!killed.path().join("out/summary.json").exists());
    }
    let last = run(&request);
    assert_eq!((last.resumed, last.structures), (2, 1));
    assert_eq!(summary(killed.path()), expected);
    assert_eq!(logos(killed.path()), logos(whole.path()));
}
