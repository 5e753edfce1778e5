//! Which crate uses which.

use std::fs;
use std::path::Path;

/// Each crate, and those of ours that it may use.
const MAY_USE: [(&str, &[&str]); 6] = [
    ("fastmpnn-kernels", &[]),
    ("fastmpnn", &["fastmpnn-kernels"]),
    ("fastmpnn-pipeline", &["fastmpnn"]),
    ("fastmpnn-compat", &["fastmpnn"]),
    // They measure and check operations one by one.
    ("fastmpnn-study", &["fastmpnn", "fastmpnn-kernels"]),
    ("fastmpnn-cli", &["fastmpnn", "fastmpnn-pipeline", "fastmpnn-compat", "fastmpnn-study", "fastmpnn-kernels"]),
];

#[test]
fn crates_use_only_those_below_them() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (name, may) in MAY_USE {
        let manifest = fs::read_to_string(crates.join(name).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dependencies]").nth(1).expect("dependencies");
        let dependencies = dependencies.split("\n[").next().unwrap_or_default();
        for line in dependencies.lines() {
            let used = line.split([' ', '.', '=']).next().unwrap_or_default();
            if used.starts_with("fastmpnn") {
                assert!(may.contains(&used), "{name} uses {used}");
            }
        }
    }
    let there = fs::read_dir(&crates).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for name in there.filter(|name| crates.join(name).join("Cargo.toml").exists()) {
        assert!(MAY_USE.iter().any(|(known, _)| *known == name), "{name} is not in the list");
    }
}

#[test]
fn the_pipeline_neither_prints_nor_exits() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            seen += 1;
            let text = fs::read_to_string(&path).unwrap();
            for word in ["println!", "print!(", "eprint", "process::exit", "io::stdin", "io::stdout", "io::stderr"] {
                assert!(!text.contains(word), "{} has {word}", path.display());
            }
        }
    }
    assert!(seen > 30, "only {seen} files");
}
