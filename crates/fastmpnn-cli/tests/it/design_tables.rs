//! The tables and headers of designs agree with each other and with `score`.

use std::collections::HashSet;
use std::fs;

use crate::program::{example, fastmpnn, fastmpnn_reading, field, records, rows};

#[test]
fn the_first_word_of_a_header_is_a_records_own() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("my model, 2.pdb");
    fs::copy(example("6MRR.pdb"), &odd).unwrap();
    let files = [example("5L33.pdb"), odd.to_str().unwrap().to_owned()];
    let out = fastmpnn(&["design", &files[0], &files[1], "-n", "2", "-T", "0.1,0.2", "-q"]).success();
    let words: Vec<&str> = records(&out).iter().map(|(header, _)| header.split(' ').next().unwrap()).collect();
    assert_eq!(words[..5], ["5L33_native", "5L33_T0.1_1", "5L33_T0.1_2", "5L33_T0.2_1", "5L33_T0.2_2"]);
    assert_eq!((words[5], words[6]), ("my_model__2_native", "my_model__2_T0.1_1"));
    assert_eq!(words.iter().collect::<HashSet<_>>().len(), words.len());
    // The fields have not changed.
    assert!(records(&out)[4].0.starts_with("5L33_T0.2_2 5L33, sample=2, T=0.2, score="));
    // Our own readers accept them too.
    let mut one = String::new();
    for (header, sequence) in &records(&out)[..5] {
        one.push_str(&format!(">{header}\n{sequence}\n"));
    }
    let scored = rows(&fastmpnn_reading(&["score", &files[0], "--fasta", "-", "-q"], one.as_bytes()).success());
    assert_eq!(scored.len(), 5);
    assert_eq!(scored[4]["record"], records(&out)[4].0);
}

#[test]
fn chains_are_separated_as_asked_and_have_columns_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = example("4GYT.pdb");
    let designed = |more: &[&str], name: &str| {
        let out = folder.path().join(name);
        let place = ["-q", "-o", out.to_str().unwrap()];
        // The first structure has a chain A alone.
        fastmpnn(&[&["design", &example("6MRR.pdb"), &file], more, &place[..]].concat()).success();
        let fasta = fs::read_to_string(out.join("seqs/4GYT.fa")).unwrap();
        (fasta, fs::read_to_string(out.join("designs.csv")).unwrap())
    };
    let (slashes, colons) = (designed(&[], "slashes"), designed(&["--chain-separator", ":"], "colons"));
    let sequence = |(fasta, _): &(String, String)| records(fasta)[1].1.to_owned();
    assert_eq!(sequence(&slashes).replace('/', ":"), sequence(&colons));
    assert!(sequence(&colons).contains(':') && !sequence(&colons).contains('/'));
    for (designed, separator) in [(&slashes, '/'), (&colons, ':')] {
        let table = rows(&designed.1);
        let row = table.iter().find(|row| row["name"] == "4GYT").unwrap();
        assert_eq!(row["sequence"], sequence(designed));
        assert_eq!(format!("{}{separator}{}", row["sequence_A"], row["sequence_B"]), row["sequence"]);
        let alone = table.iter().find(|row| row["name"] == "6MRR").unwrap();
        assert_eq!((&alone["sequence_A"], alone["sequence_B"].as_str()), (&alone["sequence"], ""));
    }
    // What is written with colons is read again.
    let scored = fastmpnn_reading(&["score", &file, "--fasta", "-", "-q"], colons.0.as_bytes()).success();
    assert_eq!(
        rows(&scored)[1]["recovery"],
        rows(&slashes.1).iter().find(|row| row["name"] == "4GYT").unwrap()["recovery"]
    );
    let error = fastmpnn(&["design", &file, "--chain-separator", "-"]).failure(2);
    assert!(error.contains("chains are separated by / or :"), "{error}");
}

#[test]
fn scores_in_several_orders_are_those_of_score() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let place = [&*example("4GYT.pdb"), "--chains", "A", "-q"];
    let rescored = [&["design", "-n", "4", "-T", "0.3", "--rescore-orders", "3", "-o", out], &place[..]].concat();
    fastmpnn(&rescored).success();
    let fasta = fs::read_to_string(folder.path().join("seqs/4GYT.fa")).unwrap();
    let plain = fastmpnn(&[&["design", "-n", "4", "-T", "0.3"], &place[..]].concat()).success();
    let score = [&["score", "--fasta", "-", "--num-orders", "3"], &place[..]].concat();
    let scored = rows(&fastmpnn_reading(&score, fasta.as_bytes()).success());
    let table = rows(&fs::read_to_string(folder.path().join("designs.csv")).unwrap());
    assert_eq!((scored.len(), table.len()), (5, 4));
    for (((header, sequence), row), (old, same)) in records(&fasta).iter().zip(&scored).zip(records(&plain)) {
        assert_eq!(*sequence, same);
        // The score of the order it was drawn in stays beside the other.
        assert_eq!(field(header, "score"), field(old, "score"));
        let mean: f64 = row["score"].parse().unwrap();
        assert_eq!(field(header, "rescored"), format!("{mean:.4}"));
        if let Some(design) = table.iter().find(|design| design["sequence"] == *sequence) {
            assert_eq!(design["rescored"], row["score"]);
        }
    }
    let column = |name: &str| table.iter().map(|row| row[name].parse().unwrap()).collect::<Vec<f64>>();
    assert!(column("rescored").is_sorted(), "{:?}", column("rescored"));
    assert_ne!(column("rescored"), column("score"));
    let help = fastmpnn(&["design", "--help"]).success().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("A design is scored in the decoding order that it was drawn in, one of many"), "{help}");
}

#[test]
fn each_row_names_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let (with, without) = (folder.path().join("with"), folder.path().join("without"));
    let file = example("6MRR.pdb");
    let place = ["design", &file, "-n", "2", "-T", "0.1,0.2", "-q", "-o"];
    fastmpnn(&[&place[..], &[with.to_str().unwrap(), "--structures"]].concat()).success();
    fastmpnn(&[&place[..], &[without.to_str().unwrap()]].concat()).success();
    for row in rows(&fs::read_to_string(with.join("designs.csv")).unwrap()) {
        let (sample, temperature) = (&row["sample"], &row["temperature"]);
        assert_eq!(row["file"], format!("structures/6MRR_T{temperature}_{sample}.pdb"));
        let info = fastmpnn(&["info", "--json", with.join(&row["file"]).to_str().unwrap()]).success();
        let read: serde_json::Value = serde_json::from_str(&info).unwrap();
        assert_eq!(read["chains"][0]["sequence"], row["sequence"]);
    }
    assert!(rows(&fs::read_to_string(without.join("designs.csv")).unwrap()).iter().all(|row| row["file"].is_empty()));
}
