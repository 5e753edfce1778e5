//! The files that are read, and the names of their structures.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Run, command, example, fastmpnn, field, finish, records};

/// A folder with copies of an example under these names.
fn folder_of(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(example("6MRR.pdb"), path).unwrap();
    }
    folder
}

/// Runs the program in a folder.
fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = command(arguments);
    command.current_dir(folder);
    finish(command)
}

/// The names of the structures that `score` has scored, in their order.
fn names(run: Run) -> Vec<String> {
    let out = run.success();
    out.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
}

#[test]
fn equal_names_come_from_the_paths() {
    let folder = folder_of(&["model_1/pred.pdb", "model_2/pred.pdb", "other.pdb"]);
    for verb in ["design", "score", "probs"] {
        let run = run_in(folder.path(), &[verb, "model_1/pred.pdb", "other.pdb", "model_2/pred.pdb"]);
        assert!(run.err.contains("model_1/pred.pdb is model_1_pred, model_2/pred.pdb is model_2_pred."), "{}", run.err);
        assert!(run.err.contains("The random numbers depend on the seed and the name"), "{}", run.err);
        let out = run.success();
        for name in ["model_1_pred", "model_2_pred", "other"] {
            assert!(
                out.lines().any(|line| line.split([' ', '>']).any(|word| word.starts_with(&format!("{name},")))),
                "{out}"
            );
        }
    }
    // Folders hold a file for each.
    run_in(folder.path(), &["design", "model_1/pred.pdb", "model_2/pred.pdb", "-o", "out", "-q"]).success();
    for name in ["model_1_pred", "model_2_pred"] {
        let fasta = fs::read_to_string(folder.path().join(format!("out/seqs/{name}.fa"))).unwrap();
        assert!(records(&fasta)[0].0.contains(&format!(" {name}, ")), "{fasta}");
    }
    let settings: Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("out/settings.json")).unwrap()).unwrap();
    assert_eq!(settings["inputs"][1]["name"], "model_2_pred");
    assert_eq!(settings["inputs"][1]["input"], "model_2/pred.pdb");
}

#[test]
fn as_much_of_a_path_as_is_needed() {
    let folder = folder_of(&["a/x/p.pdb", "b/x/p.pdb", "p.pdb", "p.ent", "q.pdb"]);
    let of = |inputs: &[&str]| names(run_in(folder.path(), &[&["score", "-q"], inputs].concat()));
    assert_eq!(of(&["a/x/p.pdb", "b/x/p.pdb"]), ["a_x_p", "b_x_p"]);
    assert_eq!(of(&["q.pdb", "p.pdb", "p.ent"]), ["q", "p_pdb", "p_ent"]);
    assert_eq!(of(&["p.pdb", "a/x/p.pdb"]), ["p", "x_p"]);
    // A file that is given twice is one structure.
    assert_eq!(of(&["p.pdb", "./p.pdb", "q.pdb"]), ["p", "q"]);
    let run = run_in(folder.path(), &["score", "p.pdb", "a/../p.pdb"]);
    assert!(run.err.contains("a/../p.pdb is given twice, and read once"), "{}", run.err);
}

#[test]
fn the_first_of_equally_named_states_keeps_its_name() {
    let folder = folder_of(&["a/p.pdb", "b/p.pdb"]);
    let states = ["design", "--states", "a/p.pdb", "b/p.pdb"];
    let run = run_in(folder.path(), &states);
    assert!(run.err.contains("in the states p, b_p"), "{}", run.err);
    let alone = run_in(folder.path(), &["design", "a/p.pdb", "-q"]).success();
    assert_eq!(run.success(), alone);
    let Ok(packer) = std::env::var("FASTMPNN_WEIGHTS") else { return };
    if !Path::new(&packer).join("ligandmpnn_sc_v_32_002_16.pt").exists() {
        return;
    }
    let pack = ["--pack", "-o", "out", "-q", "--num-packs", "1", "--denoising-steps", "1"];
    run_in(folder.path(), &[&states[..], &pack].concat()).success();
    for name in ["p_1_1.pdb", "b_p_1_1.pdb"] {
        assert!(folder.path().join("out/packed").join(name).exists(), "{name}");
    }
}

#[test]
fn folders_inside_are_searched_when_asked() {
    let folder = folder_of(&[
        "top/a.pdb",
        "top/in/b.cif.gz",
        "top/in/deep/c.ent",
        "top/.hidden/d.pdb",
        "only/in/e.pdb",
        "as/f.pdb1",
    ]);
    let listed = |arguments: &[&str]| -> Vec<String> {
        let out = run_in(folder.path(), &[&["info", "--json"], arguments].concat()).success();
        let name = |line| serde_json::from_str::<Value>(line).unwrap()["name"].as_str().unwrap().to_owned();
        out.lines().map(name).collect()
    };
    // The content decides what a file is, so the copies are read whatever they are called.
    fs::copy(example("6MRR.pdb"), folder.path().join("top/in/b.cif.gz")).unwrap();
    assert_eq!(listed(&["top"]), ["a"]);
    assert_eq!(listed(&["as"]), ["f"]);
    assert_eq!(listed(&["top", "--recursive"]), ["a", "b", "c"]);
    let error = run_in(folder.path(), &["info", "only"]).failure(2);
    assert!(error.contains("only: the folder holds no structures"), "{error}");
    assert!(error.contains("folders inside hold some: add --recursive"), "{error}");
    assert_eq!(listed(&["only", "--recursive"]), ["e"]);
    fs::create_dir_all(folder.path().join("none/in")).unwrap();
    let error = run_in(folder.path(), &["info", "none"]).failure(2);
    assert!(error.contains("holds no structures") && !error.contains("--recursive"), "{error}");
    let error = run_in(folder.path(), &["info", "top/a.pdb", "--recursive"]).failure(2);
    assert!(error.contains("--recursive searches folders, and no input is one"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_back_ends() {
    let folder = folder_of(&["top/in/a.pdb"]);
    std::os::unix::fs::symlink(folder.path().join("top"), folder.path().join("top/in/back")).unwrap();
    let run = run_in(folder.path(), &["score", "top", "--recursive", "-q"]);
    assert_eq!(names(run), ["a"]);
    assert_eq!(names(run_in(folder.path(), &["score", "top/**/*.pdb", "-q"])), ["a"]);
}

#[test]
fn a_folder_says_what_it_did_not_read() {
    let folder = folder_of(&["d/a.pdb", "d/b.pdb.xz", "d/c.sdf", "d/e.SDF", "d/f.pdb.Z", "d/.hidden", "s/a.json"]);
    for verb in ["score", "info"] {
        let run = run_in(folder.path(), &[verb, "d"]);
        assert!(run.err.contains("d: 4 other files were not read (2 .sdf, 1 .xz, 1 .z)"), "{}", run.err);
        run.success();
    }
    assert_eq!(run_in(folder.path(), &["score", "d", "-q"]).err, "");
    let error = run_in(folder.path(), &["score", "s"]).failure(2);
    assert!(
        error.contains("s: the folder holds no structures") && error.contains("1 other file was not read (1 .json)")
    );
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = folder_of(&["g/xa.pdb", "g/back\\slash.pdb"]);
    let bytes = folder.path().join("g").join(OsStr::from_bytes(b"x\xff.pdb"));
    // Some file systems take text only.
    if fs::copy(example("6MRR.pdb"), &bytes).is_ok() {
        assert_eq!(names(run_in(folder.path(), &["score", "g/x*.pdb", "-q"])), ["xa", "x\u{fffd}"]);
        assert_eq!(names(run_in(folder.path(), &["score", "g/x?.pdb", "-q"])), ["xa", "x\u{fffd}"]);
    }
    assert_eq!(names(run_in(folder.path(), &["score", "g/xa*.pdb", "-q"])), ["xa"]);
    assert_eq!(names(run_in(folder.path(), &["score", "g/back\\slash.pdb", "-q"])), ["back\\slash"]);
}

#[cfg(unix)]
#[test]
fn control_characters_of_names_are_escaped() {
    let evil = "red\u{1b}[31m\nline.pdb";
    let folder = folder_of(&[evil]);
    fs::write(folder.path().join("bad\u{1b}]0;x\u{7}.pdb"), "nothing\n").unwrap();
    for arguments in [
        &["info"][..],
        &["info", "--json"],
        &["score"],
        &["design", "-n", "2"],
        &["design", "--fix", "\u{1b}[2J"],
        &["design", "-n", "\u{1b}[2J"],
    ] {
        let run = run_in(folder.path(), &[arguments, &["."]].concat());
        for text in [&run.out, &run.err] {
            assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{arguments:?}: {text:?}");
        }
    }
    // A line break in a name would break the records.
    let out = run_in(folder.path(), &["design", evil, "-q"]).success();
    let records = records(&out);
    assert_eq!(records.len(), 2);
    assert!(records[1].0.contains("red_[31m_line, "), "{out}");
    assert_eq!(field(records[1].0, "sample"), "1");
}

#[test]
fn a_pattern_is_matched_as_in_a_shell() {
    let folder = folder_of(&["m/a1.pdb", "m/a2.pdb", "m/b1.cif", "m/.h.pdb", "n/a3.pdb", "m/in/a4.pdb"]);
    let of = |pattern: &str| names(run_in(folder.path(), &["score", "-q", pattern]));
    assert_eq!(of("m/*"), ["a1", "a2", "b1"]);
    assert_eq!(of("*/a[0-9].pdb"), ["a1", "a2", "a3"]);
    assert_eq!(of("./m/[!a]?.*"), ["b1"]);
    assert_eq!(of("**/a?.pdb"), ["a1", "a2", "a4", "a3"]);
    assert_eq!(of(&format!("{}/n/*.pdb", folder.path().display())), ["a3"]);
    let error = fastmpnn(&["score", "m/[a.pdb"]).failure(2);
    assert!(error.contains("m/[a.pdb: not a pattern: a [ has no ]"), "{error}");
}
