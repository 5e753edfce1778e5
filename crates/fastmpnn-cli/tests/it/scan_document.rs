//! The commands of docs/scan.md, run one after the other in a folder with the examples.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{command, finish};

/// The commands of a document's blocks of shell: a backslash continues a line.
fn commands(document: &str) -> Vec<Vec<String>> {
    let blocks = document.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    let joined: Vec<String> = blocks.map(|block| block.replace("\\\n", " ")).collect();
    let lines = joined.iter().flat_map(|block| block.lines()).filter(|line| !line.trim().is_empty());
    lines.map(words).collect()
}

/// The words of a line, of which quotes hold some together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.trim().chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn the_commands_of_the_document_run() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let document = fs::read_to_string(root.join("docs/scan.md")).unwrap();
    let commands = commands(&document);
    assert!(commands.len() >= 8, "{}", commands.len());
    let place = tempfile::tempdir().unwrap();
    let examples = place.path().join("examples");
    fs::create_dir(&examples).unwrap();
    for name in ["5L33.pdb", "4GYT.pdb", "6MRR.pdb"] {
        fs::copy(root.join("examples").join(name), examples.join(name)).unwrap();
    }
    fs::write(place.path().join("mutants.txt"), block(&document, "text")).unwrap();
    for words in &commands {
        let (words, out) = match words.iter().position(|word| word == ">") {
            Some(at) => (&words[..at], Some(place.path().join(&words[at + 1]))),
            None => (&words[..], None),
        };
        assert_eq!(words[0], "fastmpnn", "{words:?}");
        let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let mut command = command(&arguments);
        command.current_dir(place.path());
        let printed = finish(command).success();
        match out {
            Some(path) => fs::write(path, printed).unwrap(),
            None => assert!(!printed.is_empty() || words.contains(&"-o".to_owned()), "{words:?}"),
        }
    }
    for name in ["scan.svg", "scan.parquet", "scan.csv", "matrix.csv", "doubles.csv", "logo.svg", "designs.svg"] {
        assert!(written(place.path(), name), "{name}");
    }
}

fn block<'a>(document: &'a str, kind: &str) -> &'a str {
    let start = document.find(&format!("```{kind}\n")).unwrap() + 4 + kind.len();
    document[start..].split("```").next().unwrap()
}

fn written(folder: &Path, name: &str) -> bool {
    fs::metadata(folder.join(name)).is_ok_and(|file| file.len() > 0)
}
