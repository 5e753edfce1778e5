//! Runs of a front end that keeps things: structures that are read already, encodings, values beside the request.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastmpnn_pipeline::event::Unobserved;
use fastmpnn_pipeline::fastmpnn::decode::Level;
use fastmpnn_pipeline::fastmpnn::error::HookFailure;
use fastmpnn_pipeline::fastmpnn::spec::PairBias;
use fastmpnn_pipeline::fastmpnn::structure::{ReadOptions, Structure, read_path};
use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::request::{DesignRequest, ProbsRequest, Request, ScoreRequest};
use fastmpnn_pipeline::run::{Encodings, LoadEngines, Resources, Values, encoded};
use fastmpnn_pipeline::{design, probs, score};

use crate::collector::{Collector, example};

const REQUEST: &str = r#"{ "inputs": ["somewhere"], "num_seqs": 3, "fix": ["A1-5"] }"#;

fn structure() -> Structure {
    read_path(&example("6MRR.pdb"), &ReadOptions::default()).unwrap()
}

fn sources() -> Sources {
    Sources::memory().with_structure("somewhere", structure())
}

fn engines() -> LoadEngines {
    LoadEngines::new(NonZeroUsize::new(1), None)
}

fn designed(resources: &mut Resources<'_>) -> Collector {
    let mut heard = Collector::default();
    let summary = design(&DesignRequest::from_json(REQUEST).unwrap(), resources, &mut heard).unwrap();
    assert_eq!((summary.run.results, &heard.failures[..]), (3, &[][..]));
    heard
}

#[test]
fn a_structure_in_memory_is_designed_as_its_file_is() {
    let mut engines = engines();
    let from_memory = designed(&mut Resources::new(sources(), &mut engines));
    let request = DesignRequest::from_json(REQUEST).unwrap();
    let mut from_disk = request.clone();
    from_disk.input.inputs = vec![example("6MRR.pdb")];
    let mut heard = Collector::default();
    design(&from_disk, &mut Resources::new(Sources::disk(), &mut engines), &mut heard).unwrap();
    assert_eq!(from_memory.designs, heard.designs);
    assert_eq!(from_memory.fasta, heard.fasta);
}

#[test]
fn kept_encodings_change_no_result() {
    let mut engines = engines();
    let plain = designed(&mut Resources::new(sources(), &mut engines));
    let encodings = Encodings::keeping(2);
    for _ in 0..2 {
        let mut resources = Resources::new(sources(), &mut engines).with_encodings(encodings.clone());
        assert_eq!(designed(&mut resources).designs, plain.designs);
    }
    // One encoding serves all tasks.
    let mut values = Vec::new();
    for encodings in [Encodings::default(), encodings] {
        let request = ProbsRequest::from_json(r#"{ "inputs": ["somewhere"], "mode": "unconditional" }"#).unwrap();
        let mut resources = Resources::new(sources(), &mut engines).with_encodings(encodings);
        let mut heard = Collector::default();
        probs(&request, &mut resources, &mut heard).unwrap();
        let found = encoded(&request, &mut resources, &mut Unobserved).unwrap();
        assert_eq!(found.engine.unconditional(&found.encoding).unwrap(), heard.probabilities[0]);
        values.push(heard.probabilities);
    }
    assert_eq!(values[0], values[1]);
}

#[test]
fn a_given_order_is_that_of_every_sample_with_the_fixed_residues_first() {
    let mut engines = engines();
    let count = structure().residues.len() as u32;
    let mut values = Values::default();
    values.by_residue.order = (0..count).rev().collect();
    let heard = designed(&mut Resources::new(sources(), &mut engines).with_values(values.clone()));
    // A5 … A1 come first, then all others from the last to the first.
    let expected: Vec<u32> =
        (0..count).map(|index| if index < 5 { 4 - index } else { count - 1 - index + 5 }).collect();
    for result in &heard.designs {
        assert_eq!(result.design.rank, expected);
    }
    for (order, message) in [
        (vec![0, 0], "`order`: the table has 2 rows, and 6MRR has 68 residues"),
        ((0..count).map(|index| index / 2).collect(), "`order`: 6MRR's residue A1 is there twice"),
        ((1..=count).collect(), "`order`: 6MRR has no residue of index 68"),
    ] {
        values.by_residue.order = order;
        let mut heard = Collector::default();
        let mut resources = Resources::new(sources(), &mut engines).with_values(values.clone());
        design(&DesignRequest::from_json(REQUEST).unwrap(), &mut resources, &mut heard).unwrap();
        assert!(heard.failures[0].contains(message), "{}", heard.failures[0]);
    }
}

#[test]
fn a_pair_of_residues_that_are_not_there_is_refused() {
    let mut engines = engines();
    let mut values = Values::default();
    let bias = Box::new([[0.0; 21]; 21]);
    values.by_residue.pair_bias = vec![PairBias { residues: [0, 9999], bias }];
    let mut heard = Collector::default();
    let mut resources = Resources::new(sources(), &mut engines).with_values(values);
    design(&DesignRequest::from_json(REQUEST).unwrap(), &mut resources, &mut heard).unwrap();
    assert!(heard.failures[0].contains("9999"), "{}", heard.failures[0]);
}

#[test]
fn designs_are_the_same_without_scores_of_the_native_sequence() {
    let mut engines = engines();
    let plain = designed(&mut Resources::new(sources(), &mut engines));
    let mut values = Values::default();
    values.no_native_scores = true;
    let bare = designed(&mut Resources::new(sources(), &mut engines).with_values(values));
    assert_eq!(bare.designs, plain.designs);
    let first = |heard: &Collector| String::from_utf8_lossy(&heard.fasta).lines().next().unwrap().to_owned();
    assert!(first(&bare).contains("score=NA") && !first(&plain).contains("score=NA"), "{}", first(&bare));
}

#[test]
fn hooks_of_a_front_end_see_every_level() {
    let mut engines = engines();
    let levels = Arc::new(AtomicUsize::new(0));
    let counted = levels.clone();
    let hook = move |_: &mut Level<'_>| -> Result<(), HookFailure> {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };
    let mut values = Values::default();
    values.hooks.push(Arc::new(hook));
    let hooked = designed(&mut Resources::new(sources(), &mut engines).with_values(values));
    assert!(levels.load(Ordering::Relaxed) > 0);
    assert_eq!(hooked.designs, designed(&mut Resources::new(sources(), &mut engines)).designs);
}

#[test]
fn log_probabilities_are_those_of_the_letters() {
    let mut engines = engines();
    for result in &designed(&mut Resources::new(sources(), &mut engines)).designs {
        let design = &result.design;
        for ((row, letter), negative) in
            design.log_probabilities.iter().zip(&design.sequence).zip(&design.negative_log_likelihood)
        {
            assert_eq!(-row[letter.index()], *negative);
            let total: f64 = row.iter().map(|&value| f64::from(value).exp()).sum();
            assert!((total - 1.0).abs() < 1e-5, "{total}");
        }
    }
    let request = ScoreRequest::from_json(r#"{ "inputs": ["somewhere"], "num_orders": 2 }"#).unwrap();
    let mut rows = 0;
    let mut observer = |event: fastmpnn_pipeline::event::Event<'_>| {
        if let fastmpnn_pipeline::event::Event::Result(fastmpnn_pipeline::event::Outcome::Score(score)) = event {
            for ((row, letter), residue) in score.log_probabilities.iter().zip(&score.sequence).zip(&score.residues) {
                assert!((f64::from(row[letter.index()]) + residue.score.unwrap()).abs() < 1e-5);
                rows += 1;
            }
        }
        ControlFlow::Continue(())
    };
    score(&request, &mut Resources::new(sources(), &mut engines), &mut observer).unwrap();
    assert_eq!(rows, structure().residues.len());
}
