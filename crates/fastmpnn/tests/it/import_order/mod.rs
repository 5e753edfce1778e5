//! A stage of the library uses only the stages before it, no file of any crate is in a cycle of uses, and no crate uses
//! one above it.

mod circles;
mod made_up;
mod sources;

use std::path::{Path, PathBuf};
use std::process::Command;

use circles::circles;
use serde_json::Value;
use sources::{Uses, uses_of};

/// The stages in the order of the flow; `error` is open to all.
const FLOW: [&str; 10] =
    ["chemistry", "pickle", "structure", "spec", "weights", "featurize", "model", "decode", "score", "write"];

/// What each crate may use of the workspace.
const CRATES: [(&str, &[&str]); 10] = [
    ("fastmpnn-kernels", &[]),
    ("fastmpnn", &["fastmpnn-kernels"]),
    ("fastmpnn-report", &[]),
    ("fastmpnn-pipeline", &["fastmpnn", "fastmpnn-report"]),
    ("fastmpnn-compat", &["fastmpnn"]),
    ("fastmpnn-study", &["fastmpnn", "fastmpnn-report"]),
    ("fastmpnn-web", &["fastmpnn-pipeline"]),
    ("fastmpnn-cli", &["fastmpnn-pipeline", "fastmpnn-compat", "fastmpnn-study", "fastmpnn-web"]),
    ("fastmpnn-wasm", &["fastmpnn-pipeline"]),
    // The program is part of the wheel.
    ("fastmpnn-python", &["fastmpnn-pipeline", "fastmpnn-compat", "fastmpnn-cli"]),
];

/// The folder of the workspace's crates.
fn crates() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder of crates")
}

/// Uses of a later stage, as sentences.
fn uses_of_later_stages(uses: &Uses, flow: &[&str]) -> Vec<String> {
    let is_of = |file: &Path, stage: &str| {
        let first = file.components().next().and_then(|first| first.as_os_str().to_str());
        first.is_some_and(|first| first.trim_end_matches(".rs") == stage)
    };
    let stage = |file: &Path| flow.iter().position(|stage| is_of(file, stage));
    let mut wrong = Vec::new();
    for (file, used) in uses {
        let Some(own) = stage(file) else { continue };
        // Files outside all stages are above them, except for the errors.
        let later = |other: &&PathBuf| stage(other).map_or(!is_of(other, "error"), |place| place > own);
        wrong.extend(used.iter().filter(later).map(|other| format!("{} uses {}", file.display(), other.display())));
    }
    wrong
}

/// The cycles of a crate, one per line.
fn circles_of(uses: &Uses) -> Vec<String> {
    let line = |files: Vec<PathBuf>| {
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        files.join(" -> ")
    };
    circles(uses).into_iter().map(line).collect()
}

#[test]
fn nothing_flows_back() {
    let uses = uses_of(&crates().join("fastmpnn/src/lib.rs"));
    assert!(uses.values().map(|used| used.len()).sum::<usize>() > 200, "the paths are not followed: {uses:?}");
    let wrong = uses_of_later_stages(&uses, &FLOW);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_in_a_circle() {
    let mut wrong = Vec::new();
    for (name, _) in CRATES {
        let folder = if name == "fastmpnn-python" { crates().join("../python") } else { crates().join(name) };
        let root = folder.join("src/lib.rs");
        wrong.extend(circles_of(&uses_of(&root)).iter().map(|circle| format!("{name}: {circle}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_crate_uses_one_above_it() {
    let manifest = crates().join("../Cargo.toml");
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .output()
        .expect("cargo runs");
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let name_of = |entry: &Value| entry["name"].as_str().expect("a name").to_owned();
    let members: Vec<String> = packages.iter().map(name_of).collect();
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        let Some((_, allowed)) = CRATES.iter().find(|(known, _)| *known == name) else {
            wrong.push(format!("{name} has no place in the order of the crates"));
            continue;
        };
        // Tests may use any crate.
        let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
        let used = dependencies.filter(|dependency| dependency["kind"].is_null()).map(name_of);
        let used = used.filter(|used| members.contains(used));
        wrong.extend(used.filter(|used| !allowed.contains(&used.as_str())).map(|used| format!("{name} uses {used}")));
    }
    assert_eq!(packages.len(), CRATES.len(), "{members:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
