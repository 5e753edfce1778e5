//! Encodings that are kept in a folder from one run to the next.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use fastmpnn_pipeline::event::Unobserved;
use fastmpnn_pipeline::fastmpnn::model::StoredPrecision;
use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::request::{DesignRequest, ProbsRequest, Request, ScoreRequest};
use fastmpnn_pipeline::run::{Encodings, LoadEngines, Resources};
use fastmpnn_pipeline::{design, encode, probs, score};

use crate::collector::{Collector, example};

fn with_cache<T>(cache: Option<(&Path, StoredPrecision)>, work: impl FnOnce(&mut Resources<'_>) -> T) -> T {
    let mut engines = LoadEngines::new(NonZeroUsize::new(2), None);
    let encodings = match cache {
        Some((folder, stored)) => Encodings::default().in_folder(folder, stored).unwrap(),
        None => Encodings::default(),
    };
    work(&mut Resources::new(Sources::disk(), &mut engines).with_encodings(encodings))
}

fn inputs() -> Vec<PathBuf> {
    vec![example("5L33.pdb"), example("6MRR.pdb")]
}

fn designed(cache: Option<(&Path, StoredPrecision)>, settings: &str) -> Collector {
    let mut request = DesignRequest::from_json(settings).unwrap();
    request.input.inputs = inputs();
    let mut heard = Collector::default();
    with_cache(cache, |resources| design(&request, resources, &mut heard)).unwrap();
    assert_eq!(heard.failures, [""; 0]);
    heard
}

/// The files of a cache, by name.
fn entries(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let inside = |path: &Path| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let files = inside(folder).into_iter().flat_map(|path| inside(&path));
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn designs_are_the_same_with_a_cache_whole_or_damaged() {
    const SETTINGS: &str = r#"{ "num_seqs": 2, "fix": ["A10-20"] }"#;
    let folder = tempfile::tempdir().unwrap();
    let cache = Some((folder.path(), StoredPrecision::F32));
    let plain = designed(None, SETTINGS).designs;
    let mut request = ProbsRequest::default();
    request.input.inputs = inputs();
    let summary = with_cache(cache, |resources| encode(&request, resources, &mut Unobserved)).unwrap();
    assert_eq!((summary.results, summary.failed.len()), (2, 0));
    let whole = entries(folder.path());
    assert_eq!(whole.len(), 2);
    assert_eq!(designed(cache, SETTINGS).designs, plain);
    assert_eq!(entries(folder.path()), whole);
    let mut damaged = whole.clone();
    for (number, (path, bytes)) in damaged.iter_mut().enumerate() {
        match number {
            0 => bytes.truncate(5000),
            _ => bytes[9000] ^= 4,
        }
        fs::write(path, bytes).unwrap();
    }
    assert_eq!(designed(cache, SETTINGS).designs, plain);
    // Their tensors are those from before, after a header whose entries have no order.
    let tensors = |entries: &BTreeMap<PathBuf, Vec<u8>>| -> Vec<Vec<u8>> {
        entries.values().map(|bytes| bytes[2000..].to_vec()).collect()
    };
    let anew = entries(folder.path());
    assert_eq!(tensors(&anew), tensors(&whole));
    assert_ne!(anew, damaged);
    // Another precision of the network, and another environment, are other entries.
    designed(cache, r#"{ "precision": "bf16" }"#);
    designed(cache, r#"{ "cyclic": "A" }"#);
    let more = entries(folder.path());
    assert_eq!(more.len(), 6);
    assert!(anew.iter().all(|(path, bytes)| more.get(path) == Some(bytes)));
}

#[test]
fn all_tasks_use_one_entry() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Some((folder.path(), StoredPrecision::F32));
    let run = |cache: Option<(&Path, StoredPrecision)>| {
        let (mut scored, mut given) = (Collector::default(), Collector::default());
        let request = ScoreRequest { input: ProbsRequest::default().input, ..ScoreRequest::default() };
        let mut request = ScoreRequest { num_orders: 2, ..request };
        request.input.inputs = inputs();
        with_cache(cache, |resources| score(&request, resources, &mut scored)).unwrap();
        let mut request = ProbsRequest::default();
        request.input.inputs = inputs();
        with_cache(cache, |resources| probs(&request, resources, &mut given)).unwrap();
        (scored.scores, given.probabilities)
    };
    let plain = run(None);
    for _ in 0..2 {
        assert_eq!(run(cache), plain);
        assert_eq!(entries(folder.path()).len(), 2);
    }
}

#[test]
fn halves_take_half_the_space_and_give_the_same_in_every_run() {
    const SETTINGS: &str = r#"{ "num_seqs": 2 }"#;
    let folder = tempfile::tempdir().unwrap();
    let (floats, halves) = (folder.path().join("floats"), folder.path().join("halves"));
    let plain = designed(Some((&floats, StoredPrecision::F32)), SETTINGS);
    let cache = Some((halves.as_path(), StoredPrecision::F16));
    let first = designed(cache, SETTINGS);
    let again = designed(cache, SETTINGS);
    assert_eq!(first.designs, again.designs);
    assert_ne!(first.designs, plain.designs);
    let bytes = |folder: &Path| entries(folder).values().map(Vec::len).sum::<usize>();
    assert!(bytes(&halves) < bytes(&floats) * 52 / 100, "{} and {} bytes", bytes(&halves), bytes(&floats));
    // The cost in ln p, of the same letters.
    let probabilities = |cache| {
        let mut request = ProbsRequest::default();
        request.input.inputs = inputs();
        let mut heard = Collector::default();
        with_cache(cache, |resources| probs(&request, resources, &mut heard)).unwrap();
        heard.probabilities.into_iter().flatten().flatten().collect::<Vec<f32>>()
    };
    let (exact, rounded) = (probabilities(None), probabilities(cache));
    let worst = exact.iter().zip(&rounded).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst > 0.0 && worst < 0.02, "ln p differs by {worst}");
}
