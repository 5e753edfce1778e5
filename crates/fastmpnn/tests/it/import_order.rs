//! A stage uses only the stages before it.

use std::path::Path;

/// The stages in the order of the flow; `error` is open to all.
const FLOW: [&str; 9] = ["chemistry", "structure", "spec", "featurize", "weights", "model", "decode", "score", "write"];

/// What breaks the order, and why: (stage, the later stage it uses).
const EXCEPTIONS: [(&str, &str); 3] = [
    // The features' trained part is loaded with the model's layers, and is the model's first.
    ("featurize", "model"),
    ("featurize", "weights"),
    // A design carries the likelihoods of its letters.
    ("decode", "score"),
];

fn sources(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn nothing_flows_back() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (place, stage) in FLOW.iter().enumerate() {
        let mut files = Vec::new();
        sources(&root.join(stage), &mut files);
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a readable source");
            for later in &FLOW[place + 1..] {
                seen += 1;
                if text.contains(&format!("crate::{later}")) && !EXCEPTIONS.contains(&(stage, later)) {
                    wrong.push(format!("{} uses {later}", file.display()));
                }
            }
        }
    }
    assert!(seen > 50, "only {seen} pairs looked at");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
