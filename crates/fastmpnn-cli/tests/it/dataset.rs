//! Datasets: `design --table`, stops of every kind, shards.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use fastmpnn_pipeline::table::TableReader;

use crate::program::{command, example, fastmpnn, rows};

/// A folder of small backbones under different names.
fn backbones(folder: &Path, count: usize) -> String {
    let path = folder.join("in");
    fs::create_dir(&path).unwrap();
    let text = fs::read_to_string(example("6MRR.pdb")).unwrap();
    for index in 0..count {
        // The last residues are left out, so that no two have the same content.
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("ATOM")).collect();
        let kept = lines[..lines.len() - 8 * (index % 5)].join("\n");
        fs::write(path.join(format!("b{index:02}.pdb")), format!("REMARK {index}\n{kept}\nEND\n")).unwrap();
    }
    path.to_str().unwrap().to_owned()
}

/// All files of a folder by their paths in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in fs::read_dir(&inside).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn shown(files: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<&str> {
    files.keys().map(|path| path.to_str().unwrap()).collect()
}

fn start(arguments: &[&str]) -> Child {
    command(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn rows_are_the_designs_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = backbones(folder.path(), 3);
    let out = folder.path().join("plain");
    let common = ["-n", "2", "-T", "0.1,0.3", "--rescore-orders", "2", "-q"];
    fastmpnn(&[&["design", &inputs, "-o", out.to_str().unwrap()], &common[..]].concat()).success();
    let mut plain = rows(&fs::read_to_string(out.join("designs.csv")).unwrap());
    let key = |row: &std::collections::HashMap<String, String>| {
        (row["name"].clone(), row["temperature"].clone(), row["sample"].clone())
    };
    plain.sort_by_key(key);
    for format in ["csv", "jsonl", "parquet"] {
        let out = folder.path().join(format);
        let run =
            fastmpnn(&[&["design", &inputs, "-o", out.to_str().unwrap(), "--table", format], &common[..]].concat());
        run.success();
        let names = ["dataset.json", "failures.csv", "manifest/designs-00001.json"];
        let part = format!("parts/designs-00001.{format}");
        assert_eq!(shown(&files(&out)), [&names[..], &[&part, "summary.json"]].concat());
        let reader = TableReader::open(&out.join(part)).unwrap();
        let columns: Vec<String> = reader.schema().columns.iter().map(|column| column.name.clone()).collect();
        if format == "parquet" {
            let request = &reader.schema().metadata["fastmpnn.request"];
            assert!(request.contains("\"num_seqs\":2"), "{request}");
        }
        let found: Vec<std::collections::HashMap<String, String>> = reader
            .map(|row| columns.iter().cloned().zip(row.unwrap().values.iter().map(ToString::to_string)).collect())
            .collect();
        assert_eq!(found.len(), plain.len(), "{format}");
        for (row, plain) in found.iter().zip(&plain) {
            for name in ["name", "sample", "temperature", "seed", "score", "rescored", "recovery", "sequence"] {
                assert_eq!(row[name], plain[name], "{format}: {name}");
            }
            assert_eq!(row["version"], env!("CARGO_PKG_VERSION"));
            assert_eq!((row["input_sha256"].len(), row["settings"].len()), (64, 16));
        }
    }
}

#[test]
fn a_killed_run_is_continued_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = backbones(folder.path(), 10);
    fs::write(Path::new(&inputs).join("bad.pdb"), "nothing\n").unwrap();
    let out = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let whole = out("whole");
    let arguments = |out: &str| -> Vec<String> {
        ["design", &inputs, "-n", "2", "--table", "jsonl", "--part-rows", "5", "-o", out].map(str::to_owned).into()
    };
    // It only spreads the moments of the stops over the run.
    let started = Instant::now();
    let expected = arguments(&whole);
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    fastmpnn(&expected).failure(2);
    let duration = started.elapsed();
    let expected = files(Path::new(&whole));
    assert!(expected.len() > 8, "{:?}", shown(&expected));
    for attempt in 0..5_u32 {
        let killed = out(&format!("killed{attempt}"));
        let arguments = arguments(&killed);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        // Several stops of the same run, at different times.
        for stop in 0..2 {
            let mut child = start(&arguments);
            sleep(duration * (attempt + 1 + stop) / 9);
            child.kill().unwrap();
            child.wait().unwrap();
        }
        // As a stop leaves them that comes while the last files are written.
        fs::create_dir_all(&killed).unwrap();
        for left in [".failures.csv.Ab12Cd.part", ".summary.json.x9Yz80.part", ".fastmpnn-staged.Q2w3E4.part"] {
            fs::write(Path::new(&killed).join(left), "half").unwrap();
        }
        fastmpnn(&arguments).failure(2);
        let found = files(Path::new(&killed));
        assert_eq!(shown(&found), shown(&expected), "{attempt}");
        assert!(found == expected, "{attempt}: the bytes are the same");
        // Nothing is left to do.
        let again = fastmpnn(&arguments);
        assert!(again.err.contains("10 structures were finished before"), "{}", again.err);
        assert!(files(Path::new(&killed)) == expected);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = backbones(folder.path(), 40);
    let out = folder.path().join("out");
    let arguments = ["design", &inputs, "-n", "8", "--table", "csv", "--threads", "1", "-o", out.to_str().unwrap()];
    let mut run = command(&arguments);
    let child = run.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let journal = out.join(".fastmpnn-unfinished-designs");
    // The deadline only ends a test that hangs.
    let begun = Instant::now();
    while fs::read_to_string(&journal).map_or(0, |text| text.matches("\"content\"").count()) < 2 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no structure is finished");
        sleep(Duration::from_millis(5));
    }
    let status = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{message}");
    assert!(message.contains("the same command continues"), "{message}");
    let finished = fs::read_to_string(&journal).unwrap().matches("\"content\"").count();
    assert!((2..40).contains(&finished), "{finished}");
    let collected = rows(&fastmpnn(&["collect", out.to_str().unwrap(), "-q"]).success());
    assert_eq!(collected.len(), 8 * finished, "what is finished can be read");
    let run = fastmpnn(&arguments);
    assert!(run.err.contains(&format!("{finished} structures were finished before")), "{}", run.err);
    let whole = folder.path().join("whole");
    fastmpnn(&["design", &inputs, "-n", "8", "--table", "csv", "-o", whole.to_str().unwrap()]).success();
    assert!(files(&out) == files(&whole));
}

#[test]
fn other_settings_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = backbones(folder.path(), 2);
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let with = |more: &[&str]| fastmpnn(&[&["design", &inputs, "--table", "csv", "-o", out, "-q"], more].concat());
    with(&["-T", "0.2"]).success();
    let before = files(Path::new(out));
    let error = with(&["-T", "0.3"]).failure(2);
    assert!(error.contains("--temperature [0.3] instead of [0.2]"), "{error}");
    let error = with(&["-T", "0.2", "--omit", "C", "--seed", "1"]).failure(2);
    assert!(error.contains("--omit \"C\" instead of \"\", --seed 1 instead of 37"), "{error}");
    let error = with(&["-T", "0.2", "--resume", "off"]).failure(2);
    assert!(error.contains("holds a dataset, and --resume is off"), "{error}");
    let error = fastmpnn(&["design", &inputs, "-o", out]).failure(2);
    assert!(error.contains("holds a dataset"), "{error}");
    assert!(files(Path::new(out)) == before, "nothing is changed");
    with(&["-T", "0.3", "--overwrite"]).success();
    assert!(fs::read_to_string(Path::new(out).join("dataset.json")).unwrap().contains("0.3"));
    let plain = folder.path().join("plain");
    fastmpnn(&["design", &inputs, "-o", plain.to_str().unwrap(), "-q"]).success();
    let error = fastmpnn(&["design", &inputs, "--table", "csv", "-o", plain.to_str().unwrap()]).failure(2);
    assert!(error.contains("the results of another kind of run"), "{error}");
    for (arguments, reason) in [
        (&["--structures"][..], "--structures writes into a folder of files"),
        (&["--pack"], "--pack writes into a folder of files"),
        (&["--shard", "1/2", "--overwrite"], "would remove what the other shards have made"),
        (&["--shard", "3/2"], "a shard is I/N"),
        (&["--part-rows", "0"], "--part-rows 0"),
    ] {
        let error = with(arguments).failure(2);
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn content_decides_what_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = backbones(folder.path(), 3);
    let out = folder.path().join("out");
    let run = || fastmpnn(&["design", &inputs, "--table", "csv", "-o", out.to_str().unwrap()]);
    run().success();
    let text = fs::read_to_string(example("5L33.pdb")).unwrap();
    fs::write(Path::new(&inputs).join("b01.pdb"), text).unwrap();
    let run = run();
    assert!(run.err.contains("2 structures were finished before"), "{}", run.err);
    let second = rows(&fs::read_to_string(out.join("parts/designs-00002.csv")).unwrap());
    let names: Vec<&str> = second.iter().map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["b01"], "the file of that name has other content");
}

#[test]
fn damaged_journals_and_lost_records_cost_work_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = backbones(folder.path(), 4);
    let out = folder.path().join("out");
    let arguments = ["design", &inputs, "--table", "parquet", "--part-rows", "2", "-o", out.to_str().unwrap()];
    fastmpnn(&arguments).success();
    let expected = files(&out);
    // The process was killed after it named the last part and before it described it.
    fs::remove_file(out.join("manifest/designs-00002.json")).unwrap();
    fs::write(
        out.join(".fastmpnn-unfinished-designs"),
        b"{\"process\":1,\"part\":1,\"columns\":[]}\n[\"b02\",\xff\xfe\n",
    )
    .unwrap();
    fastmpnn(&arguments).success();
    assert!(files(&out) == expected);
    // A part of that name with other content is not ours to replace.
    fs::remove_file(out.join("manifest/designs-00002.json")).unwrap();
    fs::write(out.join("parts/designs-00002.parquet"), "mine").unwrap();
    let error = fastmpnn(&arguments).failure(1);
    assert!(error.contains("designs-00002.parquet cannot be written: a file with other content"), "{error}");
    assert_eq!(fs::read(out.join("parts/designs-00002.parquet")).unwrap(), b"mine");
}

#[test]
fn shards_in_one_folder_are_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = backbones(folder.path(), 7);
    let lines = |out: &Path| -> Vec<String> {
        let mut lines: Vec<String> = files(out)
            .iter()
            .filter(|(path, _)| path.starts_with("parts"))
            .flat_map(|(_, bytes)| {
                String::from_utf8(bytes.clone()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        lines.sort();
        lines
    };
    let (whole, shards) = (folder.path().join("whole"), folder.path().join("shards"));
    fastmpnn(&["design", &inputs, "-n", "2", "--table", "jsonl", "-o", whole.to_str().unwrap()]).success();
    let out = shards.to_str().unwrap();
    let children: Vec<Child> = (1..=4)
        .map(|shard| {
            let shard = format!("{shard}/4");
            start(&["design", &inputs, "-n", "2", "--table", "jsonl", "-o", out, "--shard", &shard, "--threads", "1"])
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(lines(&shards), lines(&whole));
    assert!(shards.join("parts/designs-4of4-00001.jsonl").exists());
    // Any later run sees what the shards have finished.
    let run = fastmpnn(&["design", &inputs, "-n", "2", "--table", "jsonl", "-o", out]);
    assert!(run.err.contains("7 structures were finished before"), "{}", run.err);
    // There may be more shards than inputs.
    fastmpnn(&["design", &inputs, "-n", "2", "--table", "jsonl", "-o", out, "--shard", "9/9"]).success();
}

#[test]
fn one_process_writes_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = backbones(folder.path(), 40);
    let out = folder.path().join("out");
    let arguments = ["design", &inputs, "-n", "8", "--table", "csv", "--threads", "1", "-o", out.to_str().unwrap()];
    let mut first = start(&arguments);
    // The deadline only ends a test that hangs.
    let begun = Instant::now();
    while !out.join("dataset.json").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(2));
    }
    let error = fastmpnn(&arguments).failure(2);
    assert!(error.contains(&format!("is in use: another process (process {})", first.id())), "{error}");
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn parts_folders_and_unfinished_runs_become_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = backbones(folder.path(), 7);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (whole, shards, plain) = (path("whole"), path("shards"), path("plain"));
    let design = |more: &[&str]| fastmpnn(&[&["design", &inputs, "-n", "2", "-T", "0.1,0.2"], more].concat());
    design(&["--table", "parquet", "--part-rows", "6", "-o", &whole]).success();
    for shard in ["2/3", "1/3", "3/3"] {
        design(&["--table", "parquet", "--shard", shard, "-o", &shards]).success();
    }
    let run = fastmpnn(&["collect", &whole]);
    assert_eq!(run.err, "28 designs of 4 tables\n");
    let wanted = run.success();
    let found = rows(&wanted);
    let keys: Vec<[String; 3]> =
        found.iter().map(|row| ["name", "temperature", "sample"].map(|name| row[name].clone())).collect();
    assert!(keys.is_sorted() && keys[0] == ["b00", "0.1", "1"] && keys[27] == ["b06", "0.2", "2"], "{keys:?}");
    assert!(fastmpnn(&["collect", &shards]).success() == wanted, "shards are the whole");
    let run = fastmpnn(&["collect", &whole, &shards]);
    assert!(run.err.contains("28 designs of 7 tables; 28 designs left out"), "{}", run.err);
    assert!(run.success() == wanted);
    for ending in ["csv", "jsonl", "parquet"] {
        let out = path(&format!("all.{ending}"));
        fastmpnn(&["collect", &whole, "-o", &out]).success();
        assert!(fastmpnn(&["collect", &out]).success() == wanted, "{ending}");
    }
    // A folder of sequences has fewer columns.
    design(&["-o", &plain]).success();
    let of_folder = rows(&fastmpnn(&["collect", &plain]).success());
    let sequences = |rows: &[std::collections::HashMap<String, String>]| -> Vec<String> {
        rows.iter().map(|row| row["sequence"].clone()).collect()
    };
    assert_eq!(sequences(&of_folder), sequences(&found));
    // What a killed run has finished counts, too.
    fs::rename(Path::new(&shards).join("parts"), path("parts")).unwrap();
    let error = fastmpnn(&["collect", &shards]).failure(2);
    assert!(error.contains("designs-1of3-00001.parquet"), "{error}");
    fs::rename(path("parts"), Path::new(&shards).join("parts")).unwrap();
    fs::write(Path::new(&shards).join("parts/designs-1of3-00001.parquet"), "x").unwrap();
    let error = fastmpnn(&["collect", &shards]).failure(2);
    assert!(error.contains("damaged: its SHA-256 is not that of the manifest"), "{error}");
    let error = fastmpnn(&["collect", &inputs]).failure(2);
    assert!(error.contains("neither a dataset nor a folder of designs"), "{error}");
    let error = fastmpnn(&["collect", &whole, "-o", "x.txt"]).failure(2);
    assert!(error.contains("x.txt ends with none of .csv, .jsonl and .parquet"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_full_disk_costs_nothing_that_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = backbones(folder.path(), 8);
    let list = folder.path().join("list");
    // An input that is gone when its turn comes.
    let gone = folder.path().join("gone.pdb");
    fs::write(&list, format!("{inputs}\n{}\n", gone.display())).unwrap();
    let list = format!("@{}", list.display());
    let (out, whole) = (folder.path().join("out"), folder.path().join("whole"));
    let arguments = |out: &Path| -> Vec<String> {
        ["design", &list, "-n", "16", "--table", "csv", "--part-rows", "100", "-o"]
            .into_iter()
            .chain([out.to_str().unwrap()])
            .map(str::to_owned)
            .collect()
    };
    let run = |out: &Path| {
        let arguments = arguments(out);
        fastmpnn(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    // No file may have more than 32 blocks, as if the disk had no room for more.
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 32; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_fastmpnn")]);
    limited.args(arguments(&out)).stdin(Stdio::null());
    let error = crate::program::finished(limited.output().unwrap()).failure(1);
    assert!(error.contains("cannot be written: "), "{error}");
    assert!(!out.join("summary.json").exists());
    let error = run(&out).failure(2);
    assert!(error.contains("finished before"), "{error}");
    run(&whole).failure(2);
    assert!(files(&out) == files(&whole));
    let failures = rows(&fs::read_to_string(out.join("failures.csv")).unwrap());
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0]["input"], gone.display().to_string());
    assert!(failures[0]["error"].contains("cannot be read"), "{:?}", failures[0]);
}
