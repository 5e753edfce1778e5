//! Many structures at once: the same events, files and values for any number of threads.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use fastmpnn_pipeline::event::{DesignResult, Event, Observer, Outcome, Progress};
use fastmpnn_pipeline::fastmpnn::model::StoredPrecision;
use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::request::{DesignRequest, PackRequest, ProbsRequest, Request, ScanRequest, ScoreRequest};
use fastmpnn_pipeline::run::{DesignSummary, Encodings, LoadEngines, Resources, Summary};
use fastmpnn_pipeline::{design, encode, pack, probs, scan, score};

use crate::collector::example;
use crate::published_checkpoint::published;

/// The events that an observer receives, as text, and the designs.
#[derive(Default)]
struct Told {
    lines: Vec<String>,
    fasta: Vec<u8>,
    designs: Vec<DesignResult>,
    /// The number of results but for native sequences.
    results: usize,
    /// Stops the run after this many results.
    stop_after: Option<usize>,
}

impl Observer for Told {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        self.results += usize::from(matches!(&event, Event::Result(outcome) if !matches!(outcome, Outcome::Native(_))));
        match event {
            // How often an observer may stop a run depends on what else goes on, and so does the size of its steps.
            Event::Progress(
                Progress::Working | Progress::Level { .. } | Progress::PackingStep { .. } | Progress::Advanced(_),
            ) => {}
            Event::Result(Outcome::Native(native)) => native.write_fasta(&mut self.fasta).unwrap(),
            Event::Result(Outcome::Design(design)) => {
                design.write_fasta(&mut self.fasta).unwrap();
                self.designs.push(design.result.clone());
            }
            Event::Result(Outcome::Packing(packing)) => {
                let rows: Vec<_> = packing.ranked.iter().map(|ranked| format!("{:?}", ranked.row)).collect();
                self.lines.push(format!("packing {} {rows:?}", packing.record));
            }
            Event::Result(Outcome::Probabilities(given)) => {
                self.lines.push(format!("probabilities {} {:?}", given.structure.name, given.values));
            }
            event => self.lines.push(format!("{event:?}")),
        }
        match self.stop_after {
            Some(count) if self.results >= count => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

fn with_threads<T>(threads: usize, work: impl FnOnce(&mut Resources<'_>) -> T) -> T {
    let mut engines = LoadEngines::new(NonZeroUsize::new(threads), None);
    work(&mut Resources::new(Sources::disk(), &mut engines))
}

fn run(request: &DesignRequest, threads: usize, observer: &mut Told) -> DesignSummary {
    with_threads(threads, |resources| design(request, resources, observer)).unwrap()
}

/// Runs a command with one, two and four threads, each with a folder of its own for results, and requires that it tells
/// and writes the same.
fn same_with_any_threads(mut command: impl FnMut(&mut Resources<'_>, &Path, &mut Told) -> Summary) -> (Summary, Told) {
    let mut run = |threads: usize| {
        let out = tempfile::tempdir().unwrap();
        let mut told = Told::default();
        let summary = with_threads(threads, |resources| command(resources, out.path(), &mut told));
        (summary, told, files(out.path()))
    };
    let (summary, told, written) = run(1);
    for threads in [2, 4] {
        let (other_summary, other_told, other_written) = run(threads);
        assert_eq!(other_told.lines, told.lines, "{threads} threads");
        assert_eq!(other_summary, summary, "{threads} threads");
        assert!(other_written == written, "{threads} threads: files differ");
    }
    (summary, told)
}

/// A chain of a backbone, its atoms moved by up to a tenth of an ångström.
fn moved(name: &str, residues: usize, seed: u32) -> String {
    let text = fs::read_to_string(example(name)).unwrap();
    let mut random = seed;
    let mut step = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(random >> 16) / 65_536.0 * 0.2 - 0.1
    };
    let mut seen: Vec<&str> = Vec::new();
    let mut lines = String::new();
    for line in text.lines().filter(|line| line.starts_with("ATOM")) {
        if seen.last() != Some(&&line[21..27]) {
            seen.push(&line[21..27]);
        }
        if seen.len() > residues {
            break;
        }
        let mut place = |range: std::ops::Range<usize>| line[range].trim().parse::<f64>().unwrap() + step();
        let (x, y, z) = (place(30..38), place(38..46), place(46..54));
        lines += &format!("{}{x:8.3}{y:8.3}{z:8.3}{}\n", &line[..30], &line[54..]);
    }
    lines
}

/// Small and large structures, some with warnings, and files that cannot be used.
fn inputs(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    let mut add = |name: &str, content: String| {
        fs::write(folder.join(name), content).unwrap();
        paths.push(folder.join(name));
    };
    for number in 0..4 {
        add(&format!("small_{number}.pdb"), moved("5L33.pdb", 20 + 20 * number, number as u32));
    }
    add("bad.pdb", "ATOM  nonsense\n".to_owned());
    // The network sees no ligands, and says so.
    add("ligand.pdb", fs::read_to_string(example("3MHT.pdb")).unwrap());
    add("empty.pdb", String::new());
    add("large.pdb", fs::read_to_string(example("3HTN.pdb")).unwrap());
    add("after.pdb", moved("6MRR.pdb", 60, 9));
    paths.push(folder.join("missing.pdb"));
    add_last(&mut paths, folder);
    paths
}

fn add_last(paths: &mut Vec<PathBuf>, folder: &Path) {
    for number in 0..3 {
        let path = folder.join(format!("last_{number}.pdb"));
        fs::write(&path, moved("6MRR.pdb", 30 + number, 100 + number as u32)).unwrap();
        paths.push(path);
    }
}

/// All files of a folder, but for the number of threads in the settings.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for path in fs::read_dir(inside).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            let bytes = fs::read(&path).unwrap();
            let text = String::from_utf8(bytes).unwrap_or_else(|error| format!("{:?}", error.as_bytes()));
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim().starts_with("\"threads\": ")).collect();
            files.insert(name, lines.join("\n"));
        }
    }
    files
}

#[test]
fn events_and_files_do_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = DesignRequest::from_json(
        r#"{ "num_seqs": 3, "temperature": [0.1, 0.5], "structures": true, "rescore_orders": 1 }"#,
    )
    .unwrap();
    request.input.inputs = inputs(folder.path());
    let mut results = Vec::new();
    for threads in [1, 2, 4] {
        let out = folder.path().join(format!("out_{threads}"));
        request.folder.out = Some(out.clone());
        let mut told = Told::default();
        let summary = run(&request, threads, &mut told);
        assert_eq!((summary.run.failed.len(), summary.structures, summary.run.results), (3, 10, 60));
        results.push((told.lines, told.fasta, told.designs, files(&out), summary.run.failed));
    }
    assert!(results[0].0.iter().any(|line| line.contains("UnseenLigands")));
    for other in &results[1..] {
        assert_eq!(other.0, results[0].0);
        assert_eq!(String::from_utf8_lossy(&other.1), String::from_utf8_lossy(&results[0].1));
        assert_eq!(other.2, results[0].2);
        assert_eq!(other.3, results[0].3);
        assert_eq!(other.4, results[0].4);
    }
}

#[test]
fn packings_do_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let mut request =
        DesignRequest::from_json(r#"{ "num_seqs": 2, "pack": true, "num_packs": 1, "denoising_steps": 1 }"#).unwrap();
    if published(&request.side_chains.packer).is_none() {
        return;
    }
    add_last(&mut request.input.inputs, folder.path());
    let mut results = Vec::new();
    for threads in [1, 3] {
        let out = folder.path().join(format!("out_{threads}"));
        request.folder.out = Some(out.clone());
        let mut told = Told::default();
        run(&request, threads, &mut told);
        assert_eq!(told.lines.iter().filter(|line| line.starts_with("packing")).count(), 6);
        results.push((told.lines, files(&out)));
    }
    assert_eq!(results[0], results[1]);
}

#[test]
fn a_stop_keeps_what_was_delivered_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = DesignRequest::from_json(r#"{ "num_seqs": 2 }"#).unwrap();
    request.input.inputs = inputs(folder.path());
    for threads in [1, 4] {
        let out = folder.path().join(format!("out_{threads}"));
        request.folder.out = Some(out.clone());
        let mut told = Told { stop_after: Some(4), ..Told::default() };
        let summary = run(&request, threads, &mut told);
        assert!(summary.run.stopped);
        assert_eq!((summary.structures, summary.run.results), (2, 4), "{threads} threads");
        let files = files(&out);
        let sequences: Vec<&String> = files.keys().filter(|name| name.ends_with(".fa")).collect();
        assert_eq!(sequences, ["seqs/small_0.fa", "seqs/small_1.fa"]);
        assert!(files["settings.json"].contains("interrupted"));
        assert_eq!(files["designs.csv"].lines().count(), 5);
    }
}

/// How many of the lines begin with a word.
fn count(told: &Told, word: &str) -> usize {
    told.lines.iter().filter(|line| line.starts_with(word)).count()
}

#[test]
fn scores_do_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = ScoreRequest { num_orders: 2, ..ScoreRequest::default() };
    request.input.inputs = inputs(folder.path());
    let (summary, told) = same_with_any_threads(|resources, _, told| score(&request, resources, told).unwrap());
    assert_eq!((summary.results, summary.failed.len(), count(&told, "Result(Score(")), (10, 3, 10));
    assert!(told.lines.iter().any(|line| line.contains("UnseenLigands")));
    // Several sequences each, and some without any.
    let fasta = folder.path().join("seqs");
    fs::create_dir(&fasta).unwrap();
    for (name, residues) in [("small_1", 40), ("small_3", 80), ("last_0", 30), ("last_2", 32)] {
        let record = |letter: &str| format!(">{letter}\n{}\n", letter.repeat(residues));
        fs::write(fasta.join(format!("{name}.fa")), ["A", "L", "K"].map(record).concat()).unwrap();
    }
    request.fasta_dir = Some(fasta);
    let (summary, _) = same_with_any_threads(|resources, _, told| score(&request, resources, told).unwrap());
    assert_eq!((summary.results, summary.failed.len()), (12, 9));
    // A stop after the second sequence of the second structure ends with what was scored together with it.
    for threads in [1, 4] {
        let mut told = Told { stop_after: Some(5), ..Told::default() };
        let summary = with_threads(threads, |resources| score(&request, resources, &mut told)).unwrap();
        assert!(summary.stopped);
        assert_eq!((summary.results, told.results), (6, 6), "{threads} threads");
    }
}

#[test]
fn probabilities_do_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = ProbsRequest::from_json(r#"{ "mode": "autoregressive", "probabilities": true }"#).unwrap();
    request.input.inputs = inputs(folder.path());
    let (summary, told) = same_with_any_threads(|resources, out, told| {
        request.out = Some(out.join("probs.csv"));
        request.logo.logo = Some(out.join("logos"));
        probs(&request, resources, told).unwrap()
    });
    assert_eq!((summary.results, summary.failed.len(), count(&told, "probabilities ")), (10, 3, 10));
}

#[test]
fn scans_do_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = ScanRequest::from_json(r#"{ "mode": "unconditional" }"#).unwrap();
    request.input.inputs = inputs(folder.path());
    let (summary, told) = same_with_any_threads(|resources, out, told| {
        request.table = Some(out.join("scan.parquet"));
        request.matrix = Some(out.join("matrices"));
        request.heat_map = Some(out.join("maps"));
        scan(&request, resources, told).unwrap()
    });
    assert_eq!((summary.results, summary.failed.len(), count(&told, "Result(Scan(")), (10, 3, 10));
    let mut request = ScanRequest { num_orders: 2, ..ScanRequest::default() };
    request.mutations = vec!["A5G,A6V+A7S".to_owned()];
    add_last(&mut request.input.inputs, folder.path());
    request.input.inputs.push(folder.path().join("small_0.pdb"));
    let (summary, _) = same_with_any_threads(|resources, out, told| {
        request.table = Some(out.join("scan.csv"));
        scan(&request, resources, told).unwrap()
    });
    assert_eq!((summary.results, summary.failed.len()), (4, 0));
}

#[test]
fn encodings_do_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = ProbsRequest::default();
    request.input.inputs = inputs(folder.path());
    let (summary, _) = same_with_any_threads(|resources, out, told| {
        resources.encodings = Encodings::default().in_folder(out, StoredPrecision::F32).unwrap();
        let summary = encode(&request, resources, told).unwrap();
        // The entries of a file's header have no order, so only the names of the files are compared.
        for (name, _) in files(out) {
            fs::write(out.join(name), "").unwrap();
        }
        summary
    });
    assert_eq!((summary.results, summary.failed.len()), (10, 3));
}

#[test]
fn side_chains_do_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = PackRequest::from_json(r#"{ "num_packs": 2, "denoising_steps": 1, "num_samples": 2 }"#).unwrap();
    if published(&request.side_chains.packer).is_none() {
        return;
    }
    add_last(&mut request.input.inputs, folder.path());
    request.input.inputs.insert(1, folder.path().join("missing.pdb"));
    let (summary, told) = same_with_any_threads(|resources, out, told| {
        request.folder.out = Some(out.join("packed"));
        pack(&request, resources, told).unwrap().run
    });
    assert_eq!((summary.results, summary.failed.len(), count(&told, "packing ")), (6, 1, 3));
    for threads in [1, 3] {
        let out = tempfile::tempdir().unwrap();
        request.folder.out = Some(out.path().join("packed"));
        let mut told = Told { stop_after: Some(2), ..Told::default() };
        let summary = with_threads(threads, |resources| pack(&request, resources, &mut told)).unwrap().run;
        assert!(summary.stopped);
        assert_eq!((summary.results, told.results), (4, 2), "{threads} threads");
        assert_eq!(files(out.path()).keys().filter(|name| name.ends_with(".pdb")).count(), 4);
    }
}
