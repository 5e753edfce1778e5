//! A folder holds the results of one run, and finished results are not lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::program::{command, example, fastmpnn, finished, records, rows};

/// Files of a folder and those inside, relative, with `/`.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name().into_string().unwrap())).unwrap();
        match path.is_dir() {
            true => found.extend(files(&path).iter().map(|inside| format!("{name}/{inside}"))),
            false => found.push(name),
        }
    }
    found.sort();
    found
}

fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    files(folder).into_iter().map(|file| (file.clone(), fs::read(folder.join(file)).unwrap())).collect()
}

fn text(path: PathBuf) -> String {
    fs::read_to_string(path).unwrap()
}

/// Waits until the table has designs.
fn wait_for_rows(folder: &Path, child: &mut Child) {
    let table = folder.join("designs.csv");
    while fs::read_to_string(&table).map_or(0, |text| text.lines().count()) < 3 {
        assert!(child.try_wait().unwrap().is_none(), "it has ended before it could be stopped");
        sleep(Duration::from_millis(5));
    }
}

/// Far more designs than any machine makes before a signal reaches it.
fn endless(out: &str) -> Vec<String> {
    let arguments = ["design", &example("6MRR.pdb"), "-n", "5000000", "-T", "0.1,0.5", "-o", out].map(str::to_owned);
    arguments.to_vec()
}

fn start(arguments: &[String]) -> Child {
    command(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).spawn().unwrap()
}

#[test]
fn the_results_of_another_run_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let file = example("6MRR.pdb");
    fastmpnn(&["design", &file, "-n", "3", "--structures", "-q", "-o", out]).success();
    let before = contents(folder.path());
    let seqs = folder.path().join("seqs/6MRR.fa");
    let refused: [&[&str]; 4] = [
        &["design", &file, "--seed", "1", "-q", "-o", out],
        &["design", &example("5L33.pdb"), "-q", "-o", out],
        &["pack", &file, "-q", "-o", out],
        &["pack", &file, "--fasta", seqs.to_str().unwrap(), "-q", "-o", out],
    ];
    for arguments in refused {
        let error = fastmpnn(arguments).failure(2);
        assert!(error.contains(&format!("{out} holds the results of `fastmpnn design` (6 files, written ")), "{error}");
        assert!(error.contains("name another folder, or add --overwrite") && error.lines().count() == 1, "{error}");
        assert!(contents(folder.path()) == before, "{arguments:?} has changed the folder");
    }
    // What was designed is not removed to pack it.
    let arguments = [refused[3], &["--overwrite"]].concat();
    let error = fastmpnn(&arguments).failure(2);
    assert!(error.contains("6MRR.fa is an input and one of the files that --overwrite would remove"), "{error}");
    assert!(contents(folder.path()) == before);
}

#[test]
fn overwriting_removes_the_files_of_the_run_before_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let (first, second) = (example("6MRR.pdb"), example("5L33.pdb"));
    fastmpnn(&["design", &first, &second, "-n", "3", "--structures", "-q", "-o", out]).success();
    let settings: Value = serde_json::from_str(&text(folder.path().join("settings.json"))).unwrap();
    assert_eq!(settings["run"]["state"], "finished");
    let mut listed: Vec<String> = serde_json::from_value(settings["run"]["files"].clone()).unwrap();
    listed.sort();
    assert_eq!(listed, files(folder.path()));
    for mine in ["notes.txt", "seqs/mine.fa", "structures/6MRR.pdb"] {
        fs::write(folder.path().join(mine), "mine").unwrap();
    }
    let before = contents(folder.path());
    // A run without results removes nothing.
    fastmpnn(&["design", "nosuch.pdb", "--overwrite", "-q", "-o", out]).failure(2);
    fastmpnn(&["design", &first, "--checkpoint", "nosuch.pt", "--overwrite", "-q", "-o", out]).failure(2);
    assert!(contents(folder.path()) == before);
    fastmpnn(&["design", &first, "-n", "1", "--structures", "--overwrite", "-q", "-o", out]).success();
    let expected = [
        "designs.csv",
        "notes.txt",
        "seqs/6MRR.fa",
        "seqs/mine.fa",
        "settings.json",
        "structures/6MRR.pdb",
        "structures/6MRR_1.pdb",
    ];
    assert_eq!(files(folder.path()), expected);
    assert_eq!(rows(&text(folder.path().join("designs.csv"))).len(), 1);
}

#[test]
fn files_that_no_run_has_listed_are_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    for mine in ["designs.csv", "settings.json", "seqs/6MRR.fa", "structures/6MRR_1.pdb"] {
        let path = folder.path().join(mine);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "mine").unwrap();
        for more in [&[][..], &["--overwrite"]] {
            let file = example("6MRR.pdb");
            let arguments = ["design", &file, "--structures", "-q", "-o", out];
            let error = fastmpnn(&[&arguments[..], more].concat()).failure(2);
            assert!(error.contains("is there already, and no record tells which run made it"), "{error}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn of_processes_started_at_the_same_time_one_gets_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let (inputs, path) = (["5L33.pdb", "6MRR.pdb", "4GYT.pdb"], out.to_str().unwrap().to_owned());
    let children: Vec<(Child, &str)> = inputs
        .iter()
        .map(|name| (command(&["design", &example(name), "-n", "4", "-q", "-o", &path]).spawn().unwrap(), *name))
        .collect();
    let ended: Vec<_> =
        children.into_iter().map(|(child, name)| (finished(child.wait_with_output().unwrap()), name)).collect();
    let winners: Vec<&str> = ended.iter().filter(|(run, _)| run.code == 0).map(|(_, name)| *name).collect();
    let [winner] = winners[..] else { panic!("{winners:?} have the folder") };
    for (run, _) in ended.iter().filter(|(run, _)| run.code != 0) {
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains("is in use") || run.err.contains("holds the results"), "{}", run.err);
    }
    let table = rows(&text(out.join("designs.csv")));
    assert_eq!(table.len(), 4);
    let name = winner.trim_end_matches(".pdb");
    assert!(table.iter().all(|row| row["name"] == name));
    assert_eq!(files(&out), ["designs.csv".to_owned(), format!("seqs/{name}.fa"), "settings.json".to_owned()]);
}

#[test]
fn a_running_process_keeps_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let mut child = start(&endless(out));
    wait_for_rows(folder.path(), &mut child);
    for more in [&[][..], &["--overwrite"]] {
        let file = example("5L33.pdb");
        let arguments = ["design", &file, "-q", "-o", out];
        let error = fastmpnn(&[&arguments[..], more].concat()).failure(2);
        let holder = format!("{out} is in use: another process (fastmpnn design, process {})", child.id());
        assert!(error.contains(&holder), "{error}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_killed_run_leaves_its_designs_and_blocks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let mut child = start(&endless(out));
    wait_for_rows(folder.path(), &mut child);
    child.kill().unwrap();
    child.wait().unwrap();
    let table = text(folder.path().join("designs.csv"));
    assert!(table.ends_with('\n'));
    let designs = rows(&table);
    assert!(designs.len() >= 2);
    for (index, row) in designs.iter().enumerate() {
        assert_eq!((row["sample"].clone(), row["sequence"].len()), ((index + 1).to_string(), 68));
    }
    assert!(!folder.path().join("seqs/6MRR.fa").exists());
    let settings: Value = serde_json::from_str(&text(folder.path().join("settings.json"))).unwrap();
    assert_eq!(settings["run"]["state"], "running");

    let next = ["design", &example("5L33.pdb"), "-q", "-o", out];
    let error = fastmpnn(&next).failure(2);
    assert!(error.contains("holds the unfinished results of `fastmpnn design` ("), "{error}");
    assert!(error.contains("--overwrite"), "{error}");
    fastmpnn(&[&next[..], &["--overwrite"]].concat()).success();
    assert_eq!(files(folder.path()), ["designs.csv", "seqs/5L33.fa", "settings.json"]);
}

#[cfg(unix)]
mod signals {
    use super::*;

    fn signal(name: &str, child: &Child) {
        let status = std::process::Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    #[test]
    fn an_interrupted_run_writes_what_there_is_and_says_so() {
        for name in ["-INT", "-TERM"] {
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().to_str().unwrap();
            let mut child = start(&endless(out));
            wait_for_rows(folder.path(), &mut child);
            signal(name, &child);
            let run = finished(child.wait_with_output().unwrap());
            assert_eq!(run.code, 130, "{}", run.err);
            let designs = rows(&text(folder.path().join("designs.csv")));
            let sentence = format!("interrupted: {} of 10000000 designs written to {out}", designs.len());
            assert!(run.err.ends_with(&format!("{sentence}\n")), "{}", run.err);
            let scores: Vec<f64> = designs.iter().map(|row| row["score"].parse().unwrap()).collect();
            assert!(scores.is_sorted());
            let fasta = text(folder.path().join("seqs/6MRR.fa"));
            assert_eq!(records(&fasta).len(), designs.len() + 1);
            let settings: Value = serde_json::from_str(&text(folder.path().join("settings.json"))).unwrap();
            assert_eq!(settings["run"]["state"], "interrupted");
            let error = fastmpnn(&["design", &example("6MRR.pdb"), "-q", "-o", out]).failure(2);
            assert!(error.contains("holds the unfinished results"), "{error}");
        }
    }

    #[test]
    fn a_second_interruption_ends_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_str().unwrap();
        let mut child = start(&endless(out));
        wait_for_rows(folder.path(), &mut child);
        // A stopped process gets both before it can act on the first; the two are different, or they would be one.
        signal("-STOP", &child);
        signal("-INT", &child);
        signal("-TERM", &child);
        signal("-CONT", &child);
        let run = finished(child.wait_with_output().unwrap());
        assert_eq!(run.code, 130, "{}", run.err);
        assert!(!run.err.contains("interrupted") && !folder.path().join("seqs/6MRR.fa").exists(), "{}", run.err);
    }

    #[test]
    fn designs_on_standard_output_end_with_a_whole_record() {
        let mut child = command(&["design", &example("6MRR.pdb"), "-n", "5000000", "-q"]).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let mut text = vec![0; 100];
        std::io::Read::read_exact(&mut out, &mut text).unwrap();
        signal("-INT", &child);
        std::io::Read::read_to_end(&mut out, &mut text).unwrap();
        let run = finished(child.wait_with_output().unwrap());
        assert_eq!(run.code, 130, "{}", run.err);
        let text = String::from_utf8(text).unwrap();
        let designs = records(&text).len() - 1;
        assert!(records(&text).iter().all(|(_, sequence)| sequence.len() == 68));
        assert!(run.err.contains(&format!("interrupted: {designs} of 5000000 designs written to standard output")));
    }
}
