//! Scripts that run inside another program's process.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use fastmpnn_compat::{Outcome, OutputFailure, PublishedScript, ScriptError, python_literal, run, scripts};

use crate::captured::{Captured, example, script, text};

fn design(folder: &Path, seed: &str) -> (String, String) {
    let (structure, out) = (example("6MRR.pdb"), text(folder));
    let arguments = ["--pdb_path", &structure, "--out_folder", &out, "--seed", seed, "--num_seq_per_target", "3"];
    let said = script("protein_mpnn_run.py", &arguments).success();
    // The last line says how long it took.
    let said = said.lines().filter(|line| !line.contains(" generated in ")).collect::<Vec<_>>().join("\n");
    (said, fs::read_to_string(folder.join("seqs/6MRR.fa")).unwrap())
}

fn score(folder: &Path) -> (String, Vec<u8>) {
    let (structure, out) = (example("6MRR.pdb"), text(folder));
    let said = script("score.py", &["--pdb_path", &structure, "--out_folder", &out, "--seed", "7"]).success();
    (said, fs::read(folder.join("6MRR.pt")).unwrap())
}

#[test]
fn scripts_that_run_at_once_do_not_disturb_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let alone = (design(&at("a"), "1"), design(&at("b"), "2"), score(&at("c")));
    assert_ne!(alone.0.1, alone.1.1);
    let together = std::thread::scope(|scope| {
        let one = scope.spawn(|| design(&at("d"), "1"));
        let two = scope.spawn(|| design(&at("e"), "2"));
        let three = scope.spawn(|| score(&at("f")));
        (one.join().unwrap(), two.join().unwrap(), three.join().unwrap())
    });
    assert!(alone.0.0.contains("Generating sequences for: 6MRR"), "{}", alone.0.0);
    assert_eq!((&alone.0, &alone.1), (&together.0, &together.1));
    assert_eq!(alone.2.0, together.2.0);
    assert!(alone.2.1 == together.2.1, "the scores differ");
}

/// An environment variable that turns the test below into the child process that it examines.
const CHILD: &str = "FASTMPNN_COMPAT_TEST_FOLDER";

#[test]
fn nothing_is_printed_on_the_streams_of_the_process() {
    if let Some(folder) = std::env::var_os(CHILD) {
        let folder = Path::new(&folder);
        design(folder, "3");
        let _ = script("assign_fixed_chains.py", &["--help"]);
        let _ = script("assign_fixed_chains.py", &["--nothing"]);
        let _ = script("run.py", &["--pdb_path", "nothing.pdb", "--out_folder", &text(folder), "--seed", "1"]);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let name = "running::nothing_is_printed_on_the_streams_of_the_process";
    let child =
        Command::new(program).args([name, "--exact", "--nocapture"]).env(CHILD, folder.path()).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success() && folder.path().join("seqs/6MRR.fa").is_file(), "{out}{err}");
    assert_eq!(err, "");
    // All other output is the test program's own.
    let own = |line: &&str| line.is_empty() || line.starts_with("running 1 test") || line.starts_with("test ");
    let rest: Vec<&str> = out.lines().filter(|line| !own(line)).collect();
    assert!(rest.is_empty(), "{rest:?}");
}

#[test]
fn outcomes_say_how_a_program_ends() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::write(&taken, "a file, no folder").unwrap();
    let structure = example("6MRR.pdb");
    let outcome = |name: &str, arguments: &[&str], closed: Option<io::ErrorKind>| {
        let mut console = Captured { closed, ..Captured::default() };
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        run(Path::new(name), &arguments, &mut console)
    };
    let help = |closed| outcome("run.py", &["--help"], closed);
    assert!(matches!(help(None), Outcome::Finished));
    let Outcome::Unwritten(failure) = help(Some(io::ErrorKind::StorageFull)) else { panic!("it is printed") };
    assert_eq!((failure.target.as_str(), failure.source.kind()), ("standard output", io::ErrorKind::StorageFull));
    assert_eq!(help(Some(io::ErrorKind::StorageFull)).status(), 1);
    // Whoever read it has seen enough.
    assert_eq!(help(Some(io::ErrorKind::BrokenPipe)).status(), 0);
    let usage = outcome("run.py", &["--nothing"], None);
    assert!(matches!(usage, Outcome::Usage) && usage.status() == 2, "{usage:?}");
    let unknown = outcome("tools/nothing.py", &[], None);
    let Outcome::Refused(ScriptError::UnknownScript { name, known }) = &unknown else { panic!("{unknown:?}") };
    assert_eq!((name.as_str(), known.len(), unknown.status()), ("nothing.py", 13, 2));
    let refused = outcome("run.py", &["--pdb_path", &structure, "--out_folder", "x", "--batch_size", "0"], None);
    assert!(matches!(refused, Outcome::Refused(ScriptError::Input(_))) && refused.status() == 2, "{refused:?}");
    let inside = text(&taken.join("in"));
    let unwritten = outcome("run.py", &["--pdb_path", &structure, "--out_folder", &inside], None);
    assert!(matches!(unwritten, Outcome::Unwritten(_)) && unwritten.status() == 1, "{unwritten:?}");
    let out = text(folder.path());
    let incomplete = outcome("run.py", &["--pdb_path", "nothing.pdb", "--out_folder", &out], None);
    assert!(matches!(incomplete, Outcome::Incomplete { failed: 1 }) && incomplete.status() == 2, "{incomplete:?}");
}

/// If nobody reads the printed output, the files are still written.
#[test]
fn a_closed_console_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (structure, out) = (example("6MRR.pdb"), text(folder.path()));
    let arguments = ["--pdb_path", &structure, "--out_folder", &out, "--seed", "1"].map(str::to_owned);
    let mut console = Captured { closed: Some(io::ErrorKind::BrokenPipe), ..Captured::default() };
    let outcome = run(Path::new("protein_mpnn_run.py"), &arguments, &mut console);
    assert!(matches!(outcome, Outcome::Finished), "{outcome:?}");
    assert_eq!((console.out.as_str(), console.err.as_str()), ("", ""));
    assert!(folder.path().join("seqs/6MRR.fa").is_file());
}

#[test]
fn usage_is_wrapped_to_the_width_of_the_console() {
    for columns in [60, 80, 200] {
        let mut console = Captured { columns, ..Captured::default() };
        run(Path::new("assign_fixed_chains.py"), &["--help".to_owned()], &mut console);
        let usage = console.out.split("\n\n").next().unwrap();
        let widest = usage.lines().map(str::len).max().unwrap();
        assert!(widest <= columns - 2 && widest > columns / 2, "{columns} columns: {usage}");
    }
}

#[test]
fn scripts_say_where_people_find_them() {
    let names = |of: fn(&PublishedScript) -> bool| -> Vec<&str> {
        scripts().into_iter().filter(of).map(|script| script.name).collect()
    };
    assert_eq!(names(|script| script.is_common_name), ["run.py", "score.py"]);
    assert_eq!(names(|script| script.in_other_tools), ["make_omit_AA.py", "make_pssm_dict.py"]);
    assert_eq!(python_literal("it's"), "\"it's\"");
}

#[test]
fn what_a_caller_keeps_goes_to_other_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Outcome>();
    shared::<ScriptError>();
    shared::<OutputFailure>();
    shared::<PublishedScript>();
}
