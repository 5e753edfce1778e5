//! `fastmpnn design --out`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{example, fastmpnn, field, records, rows};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_folder_holds_sequences_table_settings_and_structures() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a/b");
    let (first, second) = (example("5L33.pdb"), example("6MRR.pdb"));
    let run = fastmpnn(&[
        "design",
        &first,
        &second,
        "-n",
        "2",
        "--fix",
        "A1-10",
        "--omit",
        "C",
        "-o",
        out.to_str().unwrap(),
        "--structures",
    ]);
    assert!(run.err.contains("4 designs of 2 structures"), "{}", run.err);
    assert_eq!(run.success(), "");
    assert_eq!(names(&out), ["designs.csv", "seqs", "settings.json", "structures"]);
    assert_eq!(names(&out.join("seqs")), ["5L33.fa", "6MRR.fa"]);
    assert_eq!(names(&out.join("structures")), ["5L33_1.pdb", "5L33_2.pdb", "6MRR_1.pdb", "6MRR_2.pdb"]);

    // The files say what standard output says.
    let fasta = fs::read_to_string(out.join("seqs/6MRR.fa")).unwrap();
    let arguments = ["design", &second, "-n", "2", "--fix", "A1-10", "--omit", "C", "-q"];
    assert_eq!(fasta, fastmpnn(&arguments).success());
    assert_eq!(field(records(&fasta)[0].0, "designed"), "A11-68");

    let table = rows(&fs::read_to_string(out.join("designs.csv")).unwrap());
    assert_eq!(table.len(), 4);
    let scores: Vec<f64> = table.iter().map(|row| row["score"].parse().unwrap()).collect();
    assert!(scores.is_sorted(), "{scores:?}");
    for (header, sequence) in &records(&fasta)[1..] {
        let row = table.iter().find(|row| row["sequence"] == *sequence).expect("a row for each design");
        assert_eq!((&*row["name"], &*row["sample"]), ("6MRR", field(header, "sample")));
        for column in ["score", "global_score", "recovery"] {
            let value: f64 = row[column].parse().unwrap();
            assert_eq!(format!("{value:.4}"), field(header, column), "{column}");
        }
        assert_eq!((&*row["temperature"], &*row["seed"]), ("0.1", "37"));
    }

    let settings: Value = serde_json::from_str(&fs::read_to_string(out.join("settings.json")).unwrap()).unwrap();
    assert_eq!(settings["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(settings["checkpoint"]["name"], "v_48_020");
    assert_eq!(settings["checkpoint"]["family"], "protein");
    assert_eq!(settings["checkpoint"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(settings["seed"], 37);
    assert_eq!(settings["temperatures"], json!([0.1]));
    assert_eq!(settings["spec"]["fix"], json!(["A1-10"]));
    assert_eq!(settings["spec"]["omit"], "C");
    assert_eq!(settings["inputs"][1]["plan"], "designs A11-68 (58 residues); fixes A1-10 (10 residues); omits C");
    assert_eq!(settings["failed"], json!([]));
}

#[test]
fn structures_carry_the_designed_names_and_probabilities() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let file = example("6MRR.pdb");
    let run = fastmpnn(&["design", &file, "-T", "0.1,0.3", "-o", out, "--structures", "-q"]);
    assert_eq!(run.success(), "");
    assert_eq!(names(&folder.path().join("structures")), ["6MRR_T0.1_1.pdb", "6MRR_T0.3_1.pdb"]);
    let fasta = fs::read_to_string(folder.path().join("seqs/6MRR.fa")).unwrap();
    let (header, sequence) = records(&fasta)[2];
    assert_eq!(field(header, "T"), "0.3");

    let pdb = folder.path().join("structures/6MRR_T0.3_1.pdb");
    let info = fastmpnn(&["info", "--json", pdb.to_str().unwrap()]).success();
    let read: Value = serde_json::from_str(&info).unwrap();
    assert_eq!(read["chains"][0]["sequence"], sequence);
    // The mean −ln of the B-factors is the score, within the rounding of two decimals.
    let text = fs::read_to_string(&pdb).unwrap();
    let alpha = text.lines().filter(|line| line.starts_with("ATOM") && line[12..16].trim() == "CA");
    let b_factors: Vec<f64> = alpha.map(|line| line[60..66].trim().parse().unwrap()).collect();
    assert_eq!(b_factors.len(), sequence.len());
    let mean = b_factors.iter().map(|p| -p.max(0.005).ln()).sum::<f64>() / b_factors.len() as f64;
    let score: f64 = field(header, "score").parse().unwrap();
    assert!((mean - score).abs() < 0.05, "{mean} {score}");
}

#[test]
fn a_failed_input_is_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let run = fastmpnn(&["design", "nosuch.pdb", &example("6MRR.pdb"), "-o", out, "-q"]);
    let error = run.failure(2);
    assert!(error.contains("error: nosuch.pdb: cannot be read"), "{error}");
    let settings: Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("settings.json")).unwrap()).unwrap();
    assert_eq!(settings["failed"][0]["input"], "nosuch.pdb");
    assert_eq!(settings["inputs"].as_array().unwrap().len(), 1);
    assert_eq!(rows(&fs::read_to_string(folder.path().join("designs.csv")).unwrap()).len(), 1);
}
