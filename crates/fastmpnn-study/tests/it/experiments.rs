//! Every experiment on a small structure: the fields of its record and whether they make sense. Times are not judged.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use fastmpnn::structure::{ReadOptions, read_path};
use fastmpnn_study::experiments::{ALL, named};
use fastmpnn_study::record::{ExperimentRecord, Row};
use fastmpnn_study::records::StudyRecords;
use fastmpnn_study::roofline::Roofline;
use fastmpnn_study::subject::Subject;
use fastmpnn_study::{Bench, Settings, document, report};

/// The first residues of 6MRR: enough for 48 neighbors and some that are none.
const RESIDUES: usize = 60;

fn bench() -> Bench {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/6MRR.pdb");
    let structure = read_path(&path, &ReadOptions::default()).expect("a structure");
    let whole = Subject::new(structure, Some(path)).expect("a subject");
    let subject = whole.of_length(RESIDUES, 40.0).expect("a shorter one");
    let settings = Settings {
        rounds: 1,
        least_rounds: 1,
        seconds_a_variant: 0.0,
        quality_sequences: 1,
        most_residues: 400,
        most_batch: 8,
        ..Settings::quick(2)
    };
    Bench::new(settings, vec![subject], |_| {}).expect("a bench")
}

/// The folder with the records of all experiments, made once.
fn records() -> &'static Path {
    static FOLDER: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_owned();
        let bench = bench();
        for experiment in &ALL {
            let record = bench.run(experiment).unwrap_or_else(|error| panic!("{}: {error}", experiment.name));
            record.write(&path).expect("a written record");
        }
        let roofline = Roofline::measure(&bench).expect("a roofline");
        fastmpnn_study::record::write_json(&path.join(fastmpnn_study::roofline::FILE_NAME), &roofline).expect("a file");
        (folder, path)
    });
    path
}

fn record(name: &str) -> ExperimentRecord {
    ExperimentRecord::read(records(), name).expect("a record")
}

fn row(name: &str, variant: &str) -> Row {
    let record = record(name);
    record.row(variant).unwrap_or_else(|| panic!("{name} has no {variant}")).clone()
}

/// One test, because it needs a run of all experiments, which a test runner with a process per test would repeat for each.
#[test]
fn the_experiments_are_what_they_say() {
    every_row_has_its_fields();
    what_must_be_equal_is_and_what_is_not_differs();
    exact_ways_to_decode_draw_the_same_letters();
    smaller_networks_and_graphs_are_what_they_say();
    padding_is_counted_and_harmless();
    scaling_is_fitted_and_kept_designs_are_the_best();
    the_report_has_every_section_and_needs_nothing_else();
    the_document_answers_every_claim();
}

fn every_row_has_its_fields() {
    for experiment in &ALL {
        let text =
            std::fs::read_to_string(records().join(ExperimentRecord::file_name(experiment.name))).expect("a file");
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        for part in ["machine", "settings", "rows"] {
            assert!(value.get(part).is_some(), "{} has no {part}", experiment.name);
        }
        let rows = value["rows"].as_array().expect("rows");
        assert!(rows.len() >= 3, "{}: {} rows", experiment.name, rows.len());
        for row in rows {
            for field in [
                "variant",
                "residues",
                "sequences",
                "threads",
                "trained",
                "median_ms",
                "mean_ms",
                "std_ms",
                "residues_per_s",
                "speedup",
                "peak_rss_mb",
                "max_abs_delta_logp",
                "mean_kl",
                "argmax_agreement",
                "recovery",
                "perplexity",
            ] {
                assert!(row.get(field).is_some(), "{}: no {field} in {row}", experiment.name);
            }
        }
        for row in record(experiment.name).rows {
            assert!(row.median_ms > 0.0 && row.speedup > 0.0 && row.residues_per_s > 0.0, "{row:?}");
            assert!(row.accuracy.recovery.is_none_or(|share| (0.0..=1.0).contains(&share)), "{row:?}");
            assert!(row.accuracy.perplexity.is_none_or(|value| (1.0..=1e3).contains(&value)), "{row:?}");
        }
    }
}

fn what_must_be_equal_is_and_what_is_not_differs() {
    let equal = row("compile", "operation by operation, as published").accuracy;
    assert!(equal.max_abs_delta_logp.expect("a deviation") < 1e-4);
    assert_eq!(equal.argmax_agreement, Some(1.0));
    let deviation = row("quantization", "q16").accuracy.max_abs_delta_logp.expect("a deviation");
    assert!((1e-5..0.1).contains(&deviation), "{deviation}");
    let (f16, bf16) = (row("precision", "f16").accuracy, row("precision", "bf16").accuracy);
    assert!(f16.max_abs_delta_logp < bf16.max_abs_delta_logp, "f16 has more bits than bf16");
    let (int8, q16) = (row("quantization", "int8, whole network"), row("quantization", "q16, whole network"));
    assert!(q16.accuracy.mean_kl < int8.accuracy.mean_kl, "12 bits are nearer than 7");
    // The emulation of the library's q16 is the library's q16, but for the nodes' order of operations.
    let library = row("quantization", "q16").accuracy.max_abs_delta_logp.expect("a deviation");
    let emulated = q16.accuracy.max_abs_delta_logp.expect("a deviation");
    assert!(emulated < 5.0 * library && library < 5.0 * emulated, "{library} {emulated}");
}

fn exact_ways_to_decode_draw_the_same_letters() {
    for variant in ["nothing cached", "node states cached", "edge projections cached", "first-layer messages memoized"]
    {
        assert_eq!(row("kv_cache", variant).accuracy.same_letters, Some(1.0), "{variant}");
    }
    for temperature in ["0", "0.1", "0.3", "1"] {
        let drafts = row("speculative", &format!("draft and verify, T = {temperature}"));
        assert_eq!(drafts.accuracy.same_letters, Some(1.0), "T = {temperature}");
        let steps = |name: &str| {
            row("speculative", &format!("{name}, T = {temperature}")).more["steps"].as_u64().expect("steps")
        };
        assert_eq!(steps("one at a time"), RESIDUES as u64);
        assert!(steps("by levels") < RESIDUES as u64);
        assert!((2..=RESIDUES as u64 + 1).contains(&steps("draft and verify")));
    }
}

fn smaller_networks_and_graphs_are_what_they_say() {
    let k = row("k_neighbors", "k = 8").quality.expect("quality");
    assert!(k.argmax_agreement < 1.0 && k.structures == 1 && k.recoveries.len() == 1);
    let full = row("pruning", "3 + 3 layers");
    assert_eq!(full.accuracy.max_abs_delta_logp, Some(0.0), "all layers kept is the network itself");
    let minimal = record("pruning").rows.into_iter().find(|row| row.variant.contains("Minimal")).expect("a row");
    assert!(!minimal.trained && minimal.quality.expect("quality").perplexity > 10.0);
    assert!(record("pruning").rows.iter().filter(|row| !row.trained).count() == 4);
}

fn padding_is_counted_and_harmless() {
    let share = |variant: &str| row("mixed_lengths", variant).more["padding_share"].as_f64().expect("a share");
    let (longest, buckets) = (share("padded to the longest"), share("padded to buckets"));
    assert!(longest > buckets && buckets > 0.0 && share("ragged: each at its own length") == 0.0);
    assert!(row("mixed_lengths", "padded to the longest").accuracy.max_abs_delta_logp.expect("a deviation") < 1e-4);
}

fn scaling_is_fitted_and_kept_designs_are_the_best() {
    // What the exponent is of times that are known is tested where it is computed; measured times are not judged.
    let exponent = record("length_scaling").findings["encode_exponent"].as_f64().expect("an exponent");
    assert!(exponent.is_finite(), "{exponent}");
    let rows = record("filtering").rows;
    let score = |row: &Row| row.more["kept_mean_score"].as_f64().expect("a score");
    assert!(rows.windows(2).all(|pair| score(&pair[1]) <= score(&pair[0])), "the best of more are no worse");
    assert!(rows.iter().all(|row| row.more["kept"] == 8));
}

fn the_report_has_every_section_and_needs_nothing_else() {
    let page = report::render(records()).expect("a page");
    for experiment in &ALL {
        assert!(page.contains(&format!("<section id=\"{}\">", experiment.name)), "no section {}", experiment.name);
    }
    for part in
        ["<section id=\"roofline\">", "<section id=\"speed-accuracy\">", "prefers-color-scheme:dark", "@media print"]
    {
        assert!(page.contains(part), "no {part}");
    }
    assert!(page.matches("<svg").count() >= 18, "{} pictures", page.matches("<svg").count());
    assert_eq!(page.matches("<svg").count(), page.matches("role=\"img\"").count());
    assert_eq!(page.matches("<svg").count(), page.matches("<desc").count());
    for foreign in ["http://", "https://", "<link", "src=", "style=", "NaN", "inf\""] {
        assert!(!page.contains(foreign), "the page contains {foreign}");
    }
    // Names of pictures are unique.
    let ids: Vec<&str> = page.split("<title id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let unique: std::collections::HashSet<&&str> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
}

fn the_document_answers_every_claim() {
    let text = document::document(&StudyRecords::read(records()).expect("records"));
    // Threads that start processes, and torch, are not here.
    assert!(!text.contains("not measured in this run"), "{text}");
    assert!(text.contains("## Memory or compute") && text.contains("## How much does a smaller graph lose?"));
    assert!(!text.contains("NaN"), "{text}");
}

#[test]
fn the_committed_document_is_that_of_the_committed_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let records = StudyRecords::read(&root.join("bench/record/study")).expect("the committed run");
    assert_eq!(records.experiments.len(), ALL.len(), "a full run has every experiment");
    assert!(records.experiments.iter().all(|record| !record.settings.quick), "a quick run is not to be quoted");
    let stages = &records.roofline.as_ref().expect("the committed stages").stages;
    assert!(stages.iter().all(|stage| stage.bound_by == stage.limit()), "{stages:?}");
    let text = std::fs::read_to_string(root.join("docs/optimization-study.md")).expect("the document");
    assert!(text == document::document(&records), "write docs/optimization-study.md again: its example says how");
}

#[test]
fn wrong_names_are_errors() {
    let error = named("prunning").expect_err("no such experiment").to_string();
    assert!(
        error.starts_with("no experiment is called \"prunning\"; the known names are baseline, precision, "),
        "{error}"
    );
    let error = bench().peak_of(named("baseline").expect("it is there"), "nosuch").expect_err("no such variant");
    assert_eq!(error.to_string(), "experiment baseline has no variant \"nosuch\"");
    assert!(
        bench()
            .peak_of(named("baseline").expect("it is there"), "forward")
            .expect("a peak")
            .is_none_or(|peak| peak > 1.0)
    );
}
