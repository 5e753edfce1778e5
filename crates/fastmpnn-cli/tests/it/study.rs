//! `fastmpnn bench study`.

use serde_json::Value;

use crate::program::{example, fastmpnn};

#[test]
fn an_experiment_leaves_its_record_and_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/study");
    let arguments =
        ["bench", "study", "pipeline_parallel", "--quick", "--threads", "2", "-q", "-o", out.to_str().unwrap()];
    let files = [example("6MRR.pdb")];
    let run = fastmpnn(&[&arguments[..], &[files[0].as_str()]].concat());
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
    let text = std::fs::read_to_string(out.join("pipeline_parallel_benchmarks.json")).unwrap();
    let record: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(record["settings"]["panel"], serde_json::json!(["6MRR"]));
    let rows = record["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 6, "{text}");
    for row in rows {
        assert_eq!(row["trained"], true);
        if cfg!(target_os = "linux") {
            assert!(row["peak_rss_mb"].as_f64().unwrap() > 1.0, "{row}");
        }
        assert_eq!(row["same_letters"], 1.0, "threads and processes draw the same designs: {row}");
    }
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("<section id=\"pipeline_parallel\">") && page.contains("A quick run"), "{page}");
}

#[test]
fn what_cannot_be_studied_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let study = |words: &[&str]| fastmpnn(&[&["bench", "study", "-o", out][..], words].concat()).failure(2);
    let file = example("6MRR.pdb");
    let error = study(&["k_neighbours", &file]);
    assert!(
        error.starts_with("error: no experiment is called \"k_neighbours\"; the known names are baseline, "),
        "{error}"
    );
    assert!(study(&["baseline"]).starts_with("error: no structure to work on: "));
    assert!(study(&["nosuch.pdb"]).contains("nosuch.pdb"));
    let error = study(&["baseline", &file, "--measure-memory", "baseline=nosuch"]);
    assert_eq!(error, "error: experiment baseline has no variant \"nosuch\"\n");
    let error = study(&["compile", &file, "--python", "/nosuch/python"]);
    assert!(error.starts_with("error: --python: /nosuch/python cannot run the published code through "), "{error}");
}
