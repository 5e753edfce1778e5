//! The commands of docs/inputs.md, run from top to bottom.

use std::fs;
use std::path::Path;
use std::process::Command;

use fastmpnn_pipeline::request::{DesignRequest, PackRequest, ProbsRequest, Request, ScanRequest, ScoreRequest};

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/inputs.md");
    fs::read_to_string(path).unwrap()
}

/// The designs of a folder: the sequences of its table, by structure and sample.
fn designs(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("designs.csv")).unwrap();
    let mut rows: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
    rows.sort();
    rows
}

#[cfg(unix)]
#[test]
fn the_commands_of_the_document_run() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    std::os::unix::fs::symlink(root.join("examples"), folder.path().join("examples")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_fastmpnn")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let document = document();
    let blocks: Vec<&str> = document.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 5);
    for block in blocks {
        let mut command = Command::new("sh");
        command.args(["-euc", block]).current_dir(folder.path()).env("PATH", &path);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{block}\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let at = |name: &str| folder.path().join(name);
    assert_eq!(designs(&at("from_archive")).len(), 4);
    assert_eq!(designs(&at("from_parsed")).len(), 4);
    // Two temperatures of two sequences, beside those of the command line.
    let rows = designs(&at("from_manifest"));
    let of = |name: &str| rows.iter().filter(|row| row.starts_with(&format!("{name},"))).count();
    assert_eq!((of("cool"), of("warm"), of("6MRR")), (2, 4, 4), "{rows:?}");
}

#[test]
fn the_document_lists_the_columns_of_a_manifest() {
    let document = document();
    let named = |command: &str| -> Vec<String> {
        let (_, row) = document.split_once(&format!("| {command} | `model_number`")).unwrap();
        let (row, _) = row.split_once(" |\n").unwrap();
        ["model_number"].into_iter().chain(row.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
    };
    assert_eq!(named("`design`"), DesignRequest::OF_A_STRUCTURE.concat());
    assert_eq!(named("`score`"), ScoreRequest::OF_A_STRUCTURE.concat());
    assert_eq!(named("`scan`"), ScanRequest::OF_A_STRUCTURE.concat());
    assert_eq!(named("`probs`, `encode`"), ProbsRequest::OF_A_STRUCTURE.concat());
    assert_eq!(named("`pack`"), PackRequest::OF_A_STRUCTURE.concat());
}
