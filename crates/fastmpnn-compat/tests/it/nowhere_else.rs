//! Code that exists only for the published scripts is in this crate and in no other.

use std::fs;
use std::path::{Path, PathBuf};

use crate::captured::root;

/// Names that this crate has for the scripts alone, and words that only they print.
const OWN: [&str; 15] = [
    "torch_random",
    "TorchRandom",
    "MT19937",
    "multinomial_of_one",
    "by_number::",
    "argparse",
    "torch_file",
    "numpy_text",
    "decoding_orders::",
    "ProDy",
    "AtomGroup",
    "EndOfModel",
    "git_hash=",
    "CUDA not available",
    "is NOT loaded",
];

/// Names that the library once had for the scripts alone.
const FORMER: [&str; 4] = ["Arrangement::", "ByNumber", "LaterBackbone", "with_earlier_hidden"];

/// Folders in which such a word means something else, with the word.
const ELSEWHERE: [(&str, &str); 1] = [
    // A checkpoint that was saved with its training options names the class of these.
    ("crates/fastmpnn/src/weights/torch/", "argparse"),
];

/// The one entrance of the command line: its arguments, with the help that lists the scripts, the command, and the shims.
fn is_entrance(path: &Path) -> bool {
    let path = path.to_string_lossy();
    path.contains("fastmpnn-cli/src/") && ["args", "compat", "shim"].iter().any(|part| path.contains(part))
}

fn is_known(path: &Path, word: &str) -> bool {
    ELSEWHERE.iter().any(|(folder, known)| path.to_string_lossy().contains(folder) && *known == word)
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// Every use of these words in the sources, as `path: word`.
fn uses(files: &[PathBuf], words: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for file in files {
        let content = fs::read_to_string(file).expect("a readable source");
        for word in words.iter().filter(|&&word| content.contains(word)) {
            found.push((file.clone(), (*word).to_owned()));
        }
    }
    found
}

fn sources_of_others() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join("crates")).expect("the crates") {
        let path = entry.expect("a crate").path();
        if path.is_dir() && !path.ends_with("fastmpnn-compat") {
            sources(&path.join("src"), &mut files);
        }
    }
    assert!(files.len() > 150, "only {} sources", files.len());
    files
}

#[test]
fn what_is_the_scripts_alone_is_in_this_crate_and_no_other() {
    let found = uses(&sources_of_others(), &[&OWN[..], &FORMER].concat());
    let wrong: Vec<String> = found
        .iter()
        .filter(|(path, word)| !is_known(path, word))
        .map(|(path, word)| format!("{}: {word}", path.display()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A word that this crate does not use would prove nothing.
    let mut own = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut own);
    for word in OWN {
        assert!(!uses(&own, &[word]).is_empty(), "{word} is not in this crate");
    }
}

#[test]
fn scripts_are_named_at_the_entrance_of_the_command_line_alone() {
    let names = fastmpnn_compat::script_names();
    assert_eq!(names.len(), 13);
    // As a word of its own: `run.py` is no part of `protein_mpnn_run.py` here.
    let named = |content: &str, name: &str| {
        content.match_indices(name).any(|(at, _)| {
            let before = content[..at].chars().next_back();
            !before.is_some_and(|before| before.is_alphanumeric() || before == '_')
        })
    };
    let mut wrong = Vec::new();
    let mut entrances = 0;
    for file in sources_of_others() {
        let mut content = fs::read_to_string(&file).expect("a readable source");
        if !is_entrance(&file) {
            // A comment may cite a script as its source.
            content =
                content.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        }
        for name in names.iter().filter(|name| named(&content, name)) {
            if is_known(&file, name) {
                continue;
            }
            if is_entrance(&file) {
                entrances += 1;
            } else {
                wrong.push(format!("{}: {name}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(entrances >= 13, "the help lists {entrances} scripts");
}

/// It depends on the library alone, and only the front ends depend on it.
#[test]
fn the_crate_uses_the_library_and_no_other_crate_of_ours() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("a manifest");
    let ours: Vec<&str> = manifest
        .lines()
        .filter(|line| line.starts_with("fastmpnn"))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .collect();
    assert_eq!(ours, ["fastmpnn"]);
    for below in ["fastmpnn-kernels", "fastmpnn", "fastmpnn-pipeline", "fastmpnn-study"] {
        let manifest = fs::read_to_string(root().join("crates").join(below).join("Cargo.toml")).expect("a manifest");
        assert!(!manifest.contains("fastmpnn-compat"), "{below} uses the scripts");
    }
}
