//! Many inputs: `design` and `encode` on folders.

use std::fs;
use std::path::Path;

use crate::program::{example, fastmpnn};

/// The first residues of a structure.
fn beginning(name: &str, residues: i32) -> String {
    let text = fs::read_to_string(example(name)).unwrap();
    let atoms = text.lines().filter(|line| line.starts_with("ATOM"));
    let first = |line: &&str| line[22..26].trim().parse::<i32>().is_ok_and(|number| number <= residues);
    atoms.filter(first).map(|line| format!("{line}\n")).collect()
}

fn filled(folder: &Path, count: usize, content: &str) -> String {
    fs::create_dir(folder).unwrap();
    for number in 0..count {
        fs::write(folder.join(format!("s{number:05}.pdb")), content).unwrap();
    }
    folder.display().to_string()
}

/// The largest resident memory of a run of `design`, kB.
#[cfg(target_os = "linux")]
fn peak(folder: &Path, count: usize) -> f64 {
    let inputs = filled(&folder.join(format!("inputs_{count}")), count, &beginning("6MRR.pdb", 12));
    let out = folder.join(format!("out_{count}")).display().to_string();
    let mut command = crate::program::command(&["design", &inputs, "-o", &out, "-q", "--threads", "2"]);
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    while child.try_wait().unwrap().is_none() {
        // It is gone from the table when the process has ended.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = peak.max(line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0.0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    assert_eq!(fs::read_to_string(Path::new(&out).join("designs.csv")).unwrap().lines().count(), count + 1);
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_number_of_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let [few, many] = [100, 1000].map(|count| peak(folder.path(), count));
    assert!(few > 10_000.0 && many < few * 1.2, "{few} kB for 100 inputs, {many} kB for 1000");
}

#[test]
fn standard_output_and_messages_do_not_depend_on_threads() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = filled(&folder.path().join("inputs"), 6, &beginning("5L33.pdb", 40));
    fs::write(folder.path().join("inputs/s00002.pdb"), "ATOM nonsense\n").unwrap();
    let run = |threads: &str| {
        // 3HTN has all threads, and 3MHT ligands that are not seen.
        let files = [example("3HTN.pdb"), example("3MHT.pdb")];
        let run = fastmpnn(&["design", &inputs, &files[0], &files[1], "-n", "2", "-v", "--threads", threads]);
        assert_eq!(run.code, 2, "{}", run.err);
        // The last line has the time.
        let lines = run.err.lines().filter(|line| !line.contains(" a second)")).map(str::to_owned).collect::<Vec<_>>();
        (run.out, lines)
    };
    let one = run("1");
    assert!(one.1.iter().any(|line| line.contains("s00002.pdb")), "{:?}", one.1);
    assert_eq!(one.0.matches('>').count(), 7 * 3);
    for threads in ["2", "4"] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}

#[test]
fn a_cache_is_filled_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (cache, bad) = (path("cache"), path("bad.pdb"));
    fs::write(&bad, "ATOM nonsense\n").unwrap();
    let run = fastmpnn(&["encode", &example("5L33.pdb"), &bad, "-o", &cache]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("1 encoding in") && run.err.contains("bad.pdb"), "{}", run.err);
    let plain = fastmpnn(&["design", &example("5L33.pdb"), "-n", "2", "-q"]).success();
    assert_eq!(fastmpnn(&["design", &example("5L33.pdb"), "-n", "2", "-q", "--cache", &cache]).success(), plain);
    let score = |more: &[&str]| fastmpnn(&[&["score", &example("5L33.pdb"), "-q"], more].concat()).success();
    assert_eq!(score(&["--cache", &cache]), score(&[]));
    let entries = fs::read_dir(&cache).unwrap().flat_map(|inside| fs::read_dir(inside.unwrap().path()).unwrap());
    assert_eq!(entries.count(), 1);
    // Where there is a file in the place of the folder.
    let error = fastmpnn(&["encode", &example("5L33.pdb"), "-o", &bad]).failure(1);
    assert!(error.contains("bad.pdb cannot be written"), "{error}");
    let error = fastmpnn(&["design", &example("5L33.pdb"), "--cache-precision", "f16"]).failure(2);
    assert!(error.contains("--cache"), "{error}");
}
