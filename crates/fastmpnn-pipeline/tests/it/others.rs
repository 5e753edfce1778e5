//! Runs of `score`, `probs` and `pack`.

use std::fs;

use fastmpnn_pipeline::event::{NoteKind, Outcome, WarningKind};
use fastmpnn_pipeline::fastmpnn::Precision;
use fastmpnn_pipeline::fastmpnn::kernels::Kernels;
use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::request::{PackRequest, ProbsRequest, ScoreRequest};
use fastmpnn_pipeline::run::{LoadEngines, Resources};
use fastmpnn_pipeline::{pack, probs, score};

use crate::collector::{Collector, example, with_resources};
use crate::published_checkpoint::published;

#[test]
fn standard_input_is_what_the_front_end_gives() {
    let bytes = fs::read(example("5L33.pdb")).unwrap();
    let mut request = ScoreRequest::default();
    request.input.inputs = vec!["-".into()];
    let run = |sources: Sources| {
        let mut heard = Collector::default();
        let mut engines = LoadEngines::default();
        let summary = score(&request, &mut Resources::new(sources, &mut engines), &mut heard).unwrap();
        (summary.failed.into_iter().map(|failed| failed.error).collect::<Vec<_>>(), heard.scores)
    };
    let (failed, piped) = run(Sources::disk().with_standard_input(std::io::Cursor::new(bytes)));
    assert_eq!((failed.len(), piped.len()), (0, 1));
    let (failed, _) = run(Sources::disk());
    assert_eq!(failed, ["standard input: cannot be read: there is no standard input"]);
}

#[test]
fn a_precision_that_is_computed_in_another_way_is_said_to_be() {
    let kernels = Kernels::detect().unwrap();
    for precision in Precision::ALL {
        let mut request = ScoreRequest::default();
        request.input.inputs = vec![example("6MRR.pdb")];
        request.network.precision = precision;
        let mut heard = Collector::default();
        with_resources(|resources| score(&request, resources, &mut heard)).unwrap();
        let notes = heard.notes.into_iter().filter(|(kind, _)| *kind == NoteKind::Precision).map(|(_, text)| text);
        let expected = precision.substitute(kernels).map(|sentence| format!("precision {precision}: {sentence}"));
        assert_eq!(notes.collect::<Vec<_>>(), Vec::from_iter(expected));
        assert_eq!(heard.scores.len(), 1, "{precision}");
    }
}

#[test]
fn errors_name_the_settings_of_the_request() {
    let mut request = ScoreRequest { fasta: Some("-".into()), ..ScoreRequest::default() };
    request.input.inputs = vec!["-".into()];
    let error = with_resources(|resources| score(&request, resources, &mut Collector::default())).unwrap_err();
    assert_eq!(error.to_string(), "standard input (-) cannot be both the structure and fasta");
    assert_eq!(error.message().fields().collect::<Vec<_>>(), ["fasta"]);
    let none = ScoreRequest::default();
    let error = with_resources(|resources| score(&none, resources, &mut Collector::default())).unwrap_err();
    assert_eq!(error.to_string(), "inputs: there is none");
}

#[test]
fn probabilities_are_written_and_given() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.csv");
    let mut request = ProbsRequest { probabilities: true, out: Some(out.clone()), ..ProbsRequest::default() };
    request.input.inputs = vec![example("5L33.pdb"), example("3MHT.pdb")];
    let mut heard = Collector::default();
    let summary = with_resources(|resources| probs(&request, resources, &mut heard)).unwrap();
    assert_eq!((summary.results, heard.probabilities.len()), (2, 2));
    let rows: usize = heard.probabilities.iter().map(Vec::len).sum();
    assert_eq!(fs::read_to_string(out).unwrap().lines().count(), rows + 1);
    for row in heard.probabilities.iter().flatten() {
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-4, "{row:?}");
    }
    assert!(heard.warnings.iter().any(|(kind, _)| *kind == WarningKind::UnseenLigands), "{:?}", heard.warnings);
}

#[test]
fn packings_are_ranked_and_the_best_is_a_file() {
    let mut request = PackRequest::default();
    request.input.inputs = vec![example("6MRR.pdb")];
    request.side_chains.num_packs = 2;
    let mut files = Vec::new();
    let mut observer = |event: fastmpnn_pipeline::event::Event<'_>| {
        if let fastmpnn_pipeline::event::Event::Result(Outcome::Packing(packing)) = event {
            assert_eq!(packing.ranked.len(), 2);
            assert!(packing.ranked[0].row.clashes <= packing.ranked[1].row.clashes);
            files.push(packing.best.map(<[u8]>::to_vec));
        }
        std::ops::ControlFlow::Continue(())
    };
    if published(&request.side_chains.packer).is_none() {
        return;
    }
    let summary = with_resources(|resources| pack(&request, resources, &mut observer)).unwrap();
    assert_eq!(summary.run.results, 2);
    let text = String::from_utf8(files.remove(0).unwrap()).unwrap();
    assert!(text.lines().any(|line| line.starts_with("ATOM")), "{text}");
}
