//! Runs of `design`.

use std::fs;

use fastmpnn_pipeline::design;
use fastmpnn_pipeline::event::NoteKind;
use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::request::{DesignRequest, Request};
use fastmpnn_pipeline::run::{LoadEngines, Resources};

use crate::collector::{Collector, example, with_resources};
use crate::published_checkpoint::published;

fn request(text: &str, inputs: &[&str]) -> DesignRequest {
    let mut request = DesignRequest::from_json(text).unwrap();
    request.input.inputs = inputs.iter().map(|name| example(name)).collect();
    request
}

#[test]
fn events_come_in_their_order_and_results_are_values() {
    let request = request(r#"{ "num_seqs": 2, "temperature": [0.1, 0.3] }"#, &["5L33.pdb", "nosuch.pdb", "6MRR.pdb"]);
    let mut heard = Collector::default();
    let summary = with_resources(|resources| design(&request, resources, &mut heard)).unwrap();
    assert_eq!((summary.run.inputs, summary.run.results, summary.structures, summary.wanted), (3, 8, 2, 12));
    assert!(!summary.run.stopped);
    assert_eq!(summary.run.failed.len(), 1);
    assert!(summary.run.failed[0].error.contains("nosuch.pdb: cannot be read"), "{:?}", summary.run.failed);
    let told: Vec<&str> = heard.told().into_iter().filter(|word| *word != "warning").collect();
    let of_structure =
        ["input", "note", "native", "note", "design", "design", "advanced", "design", "design", "advanced"];
    let expected: Vec<&str> =
        [&["started"][..], &of_structure, &["input", "failure"], &of_structure, &["ended"]].concat();
    assert_eq!(told, expected);
    assert!(
        heard
            .notes
            .iter()
            .any(|(kind, text)| *kind == NoteKind::Plan && text.starts_with("designs A-1-104 (106 residues)"))
    );
    let temperatures: Vec<f32> = heard.designs.iter().map(|result| result.design.temperature).collect();
    assert_eq!(temperatures, [0.1, 0.1, 0.3, 0.3, 0.1, 0.1, 0.3, 0.3]);
    for result in &heard.designs {
        assert_eq!(result.design.sequence.len(), result.design.negative_log_likelihood.len());
        assert!(result.measures.score.is_some_and(|score| score > 0.0 && score < 5.0));
    }
    let mean = heard.designs.iter().filter_map(|result| result.measures.score).sum::<f64>() / 8.0;
    assert!((summary.score.value().unwrap() - mean).abs() < 1e-12);
}

#[test]
fn the_folder_holds_what_the_values_say() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(r#"{ "num_seqs": 2, "structures": true, "pack": true, "num_packs": 1 }"#, &["5L33.pdb"]);
    request.folder.out = Some(folder.path().join("out"));
    let mut heard = Collector::default();
    if published(&request.side_chains.packer).is_none() {
        return;
    }
    let summary = with_resources(|resources| design(&request, resources, &mut heard)).unwrap();
    assert_eq!((summary.run.results, heard.packings), (2, 2));
    let path = |file: &str| folder.path().join("out").join(file);
    assert_eq!(fs::read(path("seqs/5L33.fa")).unwrap(), heard.fasta);
    for file in ["structures/5L33_1.pdb", "structures/5L33_2.pdb", "packed/5L33_1_1.pdb", "packs.csv", "settings.json"]
    {
        assert!(path(file).exists(), "{file}");
    }
    let table = fs::read_to_string(path("designs.csv")).unwrap();
    assert_eq!(table.lines().count(), 3, "{table}");
}

#[test]
fn a_structure_in_memory_needs_no_disk() {
    let bytes = fs::read(example("5L33.pdb")).unwrap();
    let mut request = DesignRequest::default();
    request.input.inputs = vec!["5L33.pdb".into()];
    let run = |sources: Sources| {
        let mut heard = Collector::default();
        let mut engines = LoadEngines::default();
        let summary = design(&request, &mut Resources::new(sources, &mut engines), &mut heard).unwrap();
        (summary.run.failed.len(), heard)
    };
    let (failed, memory) = run(Sources::memory().with_file("5L33.pdb", bytes));
    assert_eq!(failed, 0);
    let mut on_disk = request.clone();
    on_disk.input.inputs = vec![example("5L33.pdb")];
    let mut disk = Collector::default();
    with_resources(|resources| design(&on_disk, resources, &mut disk)).unwrap();
    assert_eq!(memory.designs, disk.designs);
    let (failed, nothing) = run(Sources::memory());
    assert_eq!((failed, nothing.designs.len()), (1, 0));
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let run = |seed: u64| {
        let mut request = request(r#"{ "num_seqs": 3 }"#, &["5L33.pdb"]);
        request.sampling.seed = seed;
        let mut heard = Collector::default();
        with_resources(|resources| design(&request, resources, &mut heard)).unwrap();
        heard.fasta
    };
    let alone = [run(1), run(2)];
    let together = std::thread::scope(|scope| {
        let threads = [1, 2].map(|seed| scope.spawn(move || run(seed)));
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(together, alone);
    assert_ne!(alone[0], alone[1]);
}

#[test]
fn a_folder_in_use_is_refused_to_a_second_run_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut outer = request("{}", &["5L33.pdb"]);
    outer.folder.out = Some(folder.path().join("out"));
    let inner = outer.clone();
    let mut refused = None;
    let mut observer = |event: fastmpnn_pipeline::event::Event<'_>| {
        use fastmpnn_pipeline::event::{Event, Progress};
        if let Event::Progress(Progress::Started { .. }) = event {
            let second = with_resources(|resources| design(&inner, resources, &mut Collector::default()));
            refused = second.err().map(|error| error.to_string());
        }
        std::ops::ControlFlow::Continue(())
    };
    with_resources(|resources| design(&outer, resources, &mut observer)).unwrap();
    assert!(refused.is_some_and(|text| text.contains("is in use: another process")));
}
