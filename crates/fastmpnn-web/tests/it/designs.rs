//! Results are those of the commands.

use std::ops::ControlFlow;
use std::path::PathBuf;

use fastmpnn_pipeline::event::{Event, Outcome};
use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::request::{DesignRequest, Request};
use fastmpnn_pipeline::run::{LoadEngines, Resources};
use serde_json::json;

use crate::client::{Served, with_example};

/// The text that `fastmpnn design` prints for an example.
fn printed(name: &str, settings: &str) -> String {
    let mut request = DesignRequest::from_json(settings).unwrap();
    request.input.inputs = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)];
    let mut text = Vec::new();
    let mut observer = |event: Event<'_>| {
        match event {
            Event::Result(Outcome::Native(native)) => native.write_fasta(&mut text).unwrap(),
            Event::Result(Outcome::Design(design)) => design.write_fasta(&mut text).unwrap(),
            _ => {}
        }
        ControlFlow::Continue(())
    };
    let mut engines = LoadEngines::default();
    fastmpnn_pipeline::design(&request, &mut Resources::new(Sources::disk(), &mut engines), &mut observer).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn designs_are_those_of_the_command() {
    let served = Served::new();
    let settings = json!({ "num_seqs": 3, "temperature": [0.1, 0.3], "seed": 5, "fix": ["A1-10"] });
    let expected = printed("5L33.pdb", &settings.to_string());
    // The second time the network and the encoding are kept ones.
    for _ in 0..2 {
        let result = served.post("/v1/design", &with_example("5L33.pdb", settings.clone())).of(200);
        let structure = &result["structures"][0];
        assert_eq!(structure["fasta"].as_str().unwrap(), expected);
        assert_eq!(structure["name"], "5L33");
        let designs = structure["designs"].as_array().unwrap();
        let sequences: Vec<&str> = designs.iter().map(|design| design["sequence"].as_str().unwrap()).collect();
        let lines: Vec<&str> = expected.lines().skip(3).step_by(2).collect();
        assert_eq!(sequences, lines);
        let residues = structure["residues"].as_array().unwrap();
        assert_eq!(residues.len(), sequences[0].len());
        assert_eq!(designs[0]["negative_log_likelihood"].as_array().unwrap().len(), residues.len());
        let fixed = residues.iter().filter(|residue| residue["designed"] == false).count();
        assert_eq!(fixed, 10);
        assert_eq!(result["model"]["name"], "v_48_020");
        assert_eq!(result["settings"]["seed"], 5);
        assert_eq!(result["stopped"], false);
    }
}
