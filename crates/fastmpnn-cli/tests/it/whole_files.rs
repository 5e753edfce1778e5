//! Output files are whole or not there at all.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::program::{command, example};

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Starts a run, waits until it has written something that `begun` knows, and kills it.
fn killed(arguments: &[&str], begun: impl Fn() -> bool) {
    let mut child = command(arguments).spawn().unwrap();
    while !begun() {
        assert!(child.try_wait().unwrap().is_none(), "it has ended before it could be killed");
        sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_killed_run_leaves_no_sequences_under_their_final_name() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let seqs = folder.path().join("seqs");
    let begun = || files(&seqs).iter().any(|path| fs::metadata(path).is_ok_and(|file| file.len() > 0));
    killed(&["design", &example("5L33.pdb"), "-n", "1000000", "-q", "-o", out], begun);
    let finished = files(&seqs).into_iter().find(|path| path.extension().is_some_and(|ending| ending == "fa"));
    assert_eq!(finished, None);
}

#[test]
fn a_failed_run_replaces_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("probs.csv");
    fs::write(&table, "before\n").unwrap();
    let path = table.to_str().unwrap();
    let model = folder.path().join("big.pdb");
    fs::copy(example("4GYT.pdb"), &model).unwrap();
    // Copies enough to be killed among them.
    let mut arguments = vec!["probs".to_owned(), "-q".to_owned(), "-o".to_owned(), path.to_owned()];
    for copy in 0..200 {
        let name = folder.path().join(format!("{copy}.pdb"));
        fs::hard_link(&model, &name).unwrap();
        arguments.push(name.to_str().unwrap().to_owned());
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let written = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "part" || ending == "csv");
    let begun = || {
        let sizes =
            files(folder.path()).into_iter().filter(written).map(|path| fs::metadata(path).map(|file| file.len()));
        sizes.flatten().any(|size| size > 100)
    };
    killed(&arguments, begun);
    assert_eq!(fs::read_to_string(&table).unwrap(), "before\n");
}
