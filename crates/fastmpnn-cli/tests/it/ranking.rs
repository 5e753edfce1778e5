//! `rank`, and the selection of designs as they are made.

use std::path::Path;

use crate::program::{example, fastmpnn, field, finish, records, rows};

const TABLE: &str = "\
name,sample,score,sequence,note
5L33,1,0.9,MKKLLE/GG,x
5L33,2,0.8,MKKLLD/GG,y
6MRR,1,0.7,MNVTWW,
6MRR,2,1.1,MKKKKK,z
6MRR,3,,MKKKKR,z
";

fn table(folder: &Path) -> String {
    let path = folder.join("table.csv");
    std::fs::write(&path, TABLE).unwrap();
    path.to_str().unwrap().to_owned()
}

fn column<'a>(rows: &'a [std::collections::HashMap<String, String>], name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[name].as_str()).collect()
}

#[test]
fn rows_are_ranked_and_measured() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    let run = fastmpnn(&["rank", &table]);
    assert_eq!(run.err, "5 of 5 rows kept\n");
    let ranked = rows(&run.success());
    assert_eq!(column(&ranked, "score"), ["0.7", "0.8", "0.9", "1.1", ""], "what has no score is last");
    assert_eq!(column(&ranked, "charge"), ["0", "1", "1", "5", "5"]);
    assert_eq!(column(&ranked, "glycosylation_sites"), ["1:2", "", "", "", ""]);
    assert_eq!(column(&ranked, "epsilon_280"), ["11000", "0", "0", "0", "0"]);
    assert_eq!(column(&ranked, "note"), ["", "y", "x", "z", "z"], "the table's own columns stay");
}

#[test]
fn chains_have_the_ids_that_the_table_gives_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.jsonl");
    let lines = [
        r#"{"name": "a", "score": 1, "chains": "H/L", "sequence": "AANGS/NAT"}"#,
        r#"{"name": "b", "score": 2, "chains": null, "sequence": "AANGS/NAT"}"#,
        r#"{"name": "c", "score": 3, "chains": "H", "sequence": "AANGS/NAT"}"#,
    ];
    std::fs::write(&path, lines.join("\n")).unwrap();
    let ranked = rows(&fastmpnn(&["rank", path.to_str().unwrap()]).success());
    assert_eq!(column(&ranked, "glycosylation_sites"), ["H:3 L:1", "1:3 2:1", "1:3 2:1"]);
}

#[test]
fn each_condition_says_how_many_it_removed() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    let condition = "score < 1.0 and charge > 0 and (note == 'x' or note == 'y')";
    let run = fastmpnn(&["rank", &table, "--filter", condition, "--top", "1"]);
    assert_eq!(
        run.err,
        "1 of 5 rows kept: score < 1.0 removed 2 of 5, 1 for want of a value; charge > 0 removed 1 of 3; \
         (note == 'x' or note == 'y') removed 0 of 2; the best 1 by score removed 1 of 2\n"
    );
    assert_eq!(column(&rows(&run.success()), "sample"), ["2"]);
    let run = fastmpnn(&["rank", &table, "--top", "1", "--per-structure", "--by", "charge_ph7", "--descending"]);
    let ranked = rows(&run.success());
    assert_eq!((column(&ranked, "name"), column(&ranked, "sample")), (vec!["6MRR", "5L33"], vec!["3", "1"]));
    let run = fastmpnn(&["rank", &table, "--min-distance", "0.2", "-q"]);
    assert_eq!(run.err, "");
    assert_eq!(column(&rows(&run.success()), "sample"), ["1", "2", "2"], "one of eight differs, and one of six");
    let run = fastmpnn(&["rank", &table, "--motif", "kk=KK", "--filter", "motif_kk >= 4"]);
    assert_eq!(column(&rows(&run.success()), "motif_kk"), ["4"]);
}

#[test]
fn tables_of_all_formats_are_written_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    let wanted = fastmpnn(&["rank", &table, "--top", "3"]).success();
    for ending in ["parquet", "jsonl", "csv"] {
        let out = folder.path().join(format!("best.{ending}"));
        let out = out.to_str().unwrap();
        let run = fastmpnn(&["rank", &table, "--top", "3", "-o", out]);
        let note = format!("3 of 5 rows kept, in {out}: the best 3 by score removed 2 of 5\n");
        assert_eq!(run.err, note);
        assert_eq!(run.success(), "");
        assert_eq!(fastmpnn(&["rank", out]).success(), wanted, "{ending}");
    }
    let out = folder.path().join("best.txt");
    let error = fastmpnn(&["rank", &table, "-o", out.to_str().unwrap()]).failure(2);
    assert!(error.contains("best.txt ends with none of .csv, .jsonl and .parquet"), "{error}");
    let error = fastmpnn(&["rank", &table, "-o", &table]).failure(2);
    assert!(error.contains("is also a table that is read"), "{error}");
    assert_eq!(std::fs::read_to_string(&table).unwrap(), TABLE);
}

#[test]
fn what_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    let refused = |arguments: &[&str]| fastmpnn(&[&["rank", table.as_str()], arguments].concat()).failure(2);
    let error = refused(&["--filter", "scor < 1"]);
    assert_eq!(error, "error: --filter \"scor < 1\": there is no column scor; the nearest is score\n");
    let error = refused(&["--filter", "note < 1"]);
    assert_eq!(error, "error: --filter \"note < 1\": < compares a text with a number\n");
    let error = refused(&["--by", "name"]);
    assert_eq!(error, "error: --by \"name\": its value is a text, not a number\n");
    let bad = folder.path().join("bad.csv");
    std::fs::write(&bad, TABLE.replace("1.1", "n/a")).unwrap();
    let missing = folder.path().join("missing.csv");
    let run = fastmpnn(&["rank", bad.to_str().unwrap(), &table, missing.to_str().unwrap(), "--top", "1"]);
    assert!(run.err.contains("bad.csv, line 5: score \"n/a\" is not a number\n"), "{}", run.err);
    assert!(run.err.contains("missing.csv: the table cannot be read: "), "{}", run.err);
    assert!(run.err.contains("1 of 5 rows kept"), "{}", run.err);
    assert!(run.err.contains("2 of 3 inputs could not be used: "), "{}", run.err);
    assert_eq!((rows(&run.out).len(), run.code), (1, 2), "the table that can be used is ranked");
}

/// The commands of docs/ranking.md, from top to bottom.
#[cfg(unix)]
#[test]
fn the_commands_of_the_document_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let document = std::fs::read_to_string(root.join("docs/ranking.md")).unwrap();
    let commands = document.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let script: String = commands.collect();
    assert_eq!(script.matches("fastmpnn ").count(), 3);
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root.join("examples"), folder.path().join("examples")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_fastmpnn")).parent().unwrap().to_str().unwrap();
    let mut shell = std::process::Command::new("sh");
    shell.args(["-ec", &script]).current_dir(folder.path());
    shell.env("PATH", format!("{program}:{}", std::env::var("PATH").unwrap()));
    finish(shell).success();
    let best = rows(&std::fs::read_to_string(folder.path().join("best.csv")).unwrap());
    assert!(best.len() <= 2 && best.iter().all(|row| row["glycosylation_motifs"] == "0"), "{best:?}");
    let ranked = rows(&std::fs::read_to_string(folder.path().join("ranked.csv")).unwrap());
    assert!(ranked.iter().all(|row| row["motif_rgd"] == "0" && row["charge"].parse::<i64>().unwrap() <= 0));
}

/// The records of a run whose header meets a condition, and the native one.
fn records_where(text: &str, kept: impl Fn(&str) -> bool) -> String {
    let of = |(header, sequence): &(&str, &str)| format!(">{header}\n{sequence}\n");
    records(text).iter().filter(|(header, _)| header.contains("native") || kept(header)).map(of).collect()
}

fn number(header: &str, name: &str) -> f64 {
    field(header, name).parse().unwrap()
}

#[test]
fn designs_that_are_kept_are_those_of_the_run_without_a_selection() {
    let structures = [example("5L33.pdb"), example("6MRR.pdb")];
    let arguments = ["design", &structures[0], &structures[1], "-n", "40", "-T", "0.1,0.5", "--threads", "2"];
    let all = fastmpnn(&arguments).success();
    let selected = |selection: &[&str]| fastmpnn(&[&arguments, selection].concat());
    // Scores in headers are rounded: the bound is between two of them.
    let condition = "score < 1.00005 and temperature < 0.3 or sample == 40";
    let run = selected(&["--filter", condition]);
    let kept = records_where(&all, |header| {
        number(header, "score") <= 1.0 && number(header, "T") < 0.3 || field(header, "sample") == "40"
    });
    let count = records(&kept).len() - 2;
    assert!((6..100).contains(&count), "{count}");
    let note = format!("{count} of 160 designs kept: {condition} removed {} of 160\n", 160 - count);
    assert!(run.err.ends_with(&note), "{}", run.err);
    assert_eq!(run.success(), kept);
    // The two best of each structure, in the order in which they were drawn.
    let run = selected(&["--top", "2", "--by", "recovery", "--descending"]);
    assert!(run.err.ends_with("4 of 160 designs kept: the best 2 by recovery removed 156 of 160\n"), "{}", run.err);
    let best = run.success();
    assert_eq!(best, records_where(&all, |header| best.contains(header)));
    for name in ["5L33", "6MRR"] {
        let recoveries = |text: &str| {
            let designs: Vec<(&str, &str)> = records(text);
            let of_structure = designs.iter().filter(|(header, _)| header.contains(name) && !header.contains("native"));
            let mut recoveries: Vec<f64> = of_structure.map(|(header, _)| number(header, "recovery")).collect();
            recoveries.sort_by(f64::total_cmp);
            recoveries
        };
        assert_eq!(recoveries(&best), recoveries(&all)[78..], "{name}");
    }
}

#[test]
fn designs_that_are_kept_differ() {
    let structure = example("5L33.pdb");
    let run =
        fastmpnn(&["design", &structure, "-n", "30", "--redesign", "A1-20", "--min-distance", "0.3", "--top", "4"]);
    assert!(run.err.contains("designs kept: distance >= 0.3 removed "), "{}", run.err);
    let out = run.success();
    let kept = records(&out);
    assert_eq!(kept.len(), 5, "the native and four");
    for (index, (_, one)) in kept.iter().enumerate().skip(1) {
        for (_, other) in &kept[1..index] {
            let different = one.bytes().zip(other.bytes()).filter(|(a, b)| a != b).count();
            assert!(different >= 6, "{different} of the 20 designed residues differ");
        }
    }
}

#[test]
fn a_folder_has_the_designs_that_are_kept_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let path = out.to_str().unwrap();
    let structure = example("5L33.pdb");
    let error = fastmpnn(&["design", &structure, "-o", path, "--filter", "charg < 0"]).failure(2);
    assert!(error.contains("--filter \"charg < 0\": there is no column charg; the nearest is charge"), "{error}");
    let error = fastmpnn(&["design", &structure, "-o", path, "--filter", "rescored < 1"]).failure(2);
    assert!(error.contains("there is no column rescored"), "without --rescore-orders: {error}");
    assert!(!out.exists(), "nothing was begun");
    let condition = "score < 1.5 and charge_ph7 < 30 and count_A >= 1 and interface_residues == 0 and score_A == score";
    let selection = ["--filter", condition, "--top", "3", "--motif", "first=^.", "--filter", "motif_first == 1"];
    let arguments = ["design", &structure, "-n", "12", "-o", path, "--structures"];
    fastmpnn(&[&arguments[..], &selection].concat()).success();
    let table = std::fs::read_to_string(out.join("designs.csv")).unwrap();
    assert_eq!(rows(&table).len(), 3);
    assert_eq!(std::fs::read_dir(out.join("structures")).unwrap().count(), 3);
    assert_eq!(records(&std::fs::read_to_string(out.join("seqs/5L33.fa")).unwrap()).len(), 4);
    let settings: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("settings.json")).unwrap()).unwrap();
    let steps: Vec<&str> =
        settings["selection"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    let clauses: Vec<&str> = condition.split(" and ").chain(["motif_first == 1", "the best 3 by score"]).collect();
    assert_eq!(steps, clauses);
    assert_eq!(settings["selection"][0]["of"], 12);
    assert_eq!(rows(&fastmpnn(&["rank", path, "--top", "2"]).success()).len(), 2, "rank also takes the folder");
    let table = out.join("designs.csv");
    let error = fastmpnn(&["rank", path, "-o", table.to_str().unwrap()]).failure(2);
    assert!(error.contains("designs.csv is also a table that is read"), "{error}");
    let ranked = rows(&fastmpnn(&["rank", table.to_str().unwrap(), "--filter", "score < 1.5"]).success());
    assert_eq!(ranked.len(), 3, "rank reads what design wrote");
}

#[test]
fn a_dataset_is_ranked_by_what_needs_the_backbone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("runs");
    let path = out.to_str().unwrap();
    let arguments = ["design", &example("3HTN.pdb"), "-n", "4", "-o", path, "--table", "parquet", "--motif", "kk=KK"];
    fastmpnn(&arguments).success();
    let run = fastmpnn(&["rank", path, "--filter", "interface_residues > 0", "--by", "interface_score"]);
    assert!(run.err.ends_with("4 of 4 rows kept: interface_residues > 0 removed 0 of 4\n"), "{}", run.err);
    let ranked = rows(&run.success());
    let numbers = |name: &str| -> Vec<f64> { column(&ranked, name).iter().map(|cell| cell.parse().unwrap()).collect() };
    let interface = numbers("interface_score");
    assert!(interface.is_sorted() && interface.iter().all(|score| *score > 0.0), "{interface:?}");
    assert!(numbers("interface_residues").iter().zip(numbers("designed_residues")).all(|(one, all)| *one < all));
    assert!(ranked[0].contains_key("motif_kk"));
}
