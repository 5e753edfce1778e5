//! Packings beside designs: their files, numbers and tables. Tests that need the packer's checkpoint are skipped if it
//! is absent.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::program::{example, fastmpnn, fastmpnn_reading, records, rows};
use crate::published_checkpoint::published;

const CHECKPOINT: &str = "ligandmpnn_sc_v_32_002_16";

type Row = HashMap<String, String>;

fn table(path: &Path) -> Vec<Row> {
    rows(&fs::read_to_string(path).unwrap())
}

fn key(row: &Row) -> [String; 3] {
    ["name", "sample", "temperature"].map(|column| row[column].clone())
}

#[test]
fn samples_have_one_number_whether_packed_at_once_or_later() {
    if published(CHECKPOINT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let file = example("6MRR.pdb");
    let (designs, again, some) = (path("designs"), path("again"), path("some"));
    let place = |path: &Path| ["--num-packs", "2", "-q", "-o", path.to_str().unwrap()].map(str::to_owned);
    let run = |arguments: &[&str], out: &Path| {
        let place = place(out);
        fastmpnn(&arguments.iter().copied().chain(place.iter().map(String::as_str)).collect::<Vec<_>>()).success()
    };
    run(&["design", &file, "-n", "3", "-T", "0.1,0.3", "--pack"], &designs);
    let fasta = designs.join("seqs/6MRR.fa");
    run(&["pack", &file, "--fasta", fasta.to_str().unwrap()], &again);
    // A choice of the records, in another order and without the native sequence.
    let text = fs::read_to_string(&fasta).unwrap();
    let chosen: String = [6, 2].map(|place| records(&text)[place]).map(|(a, b)| format!(">{a}\n{b}\n")).concat();
    fs::write(path("chosen.fa"), chosen).unwrap();
    run(&["pack", &file, "--fasta", path("chosen.fa").to_str().unwrap()], &some);

    let (drawn, packed) = (table(&designs.join("designs.csv")), table(&designs.join("packs.csv")));
    let (later, chosen) = (table(&again.join("packs.csv")), table(&some.join("packs.csv")));
    assert_eq!((drawn.len(), packed.len(), later.len(), chosen.len()), (6, 12, 14, 4));
    for design in &drawn {
        for (rows, folder) in [(&packed, &designs), (&later, &again)] {
            let joined: Vec<&Row> = rows.iter().filter(|row| key(row) == key(design)).collect();
            assert_eq!(joined.len(), 2, "{design:?}");
            for row in joined {
                assert_eq!(row["sequence"], design["sequence"]);
                let (sample, temperature) = (&design["sample"], &design["temperature"]);
                assert_eq!(row["file"], format!("packed/6MRR_T{temperature}_{sample}_{}.pdb", row["pack"]));
                let read = |folder: &Path| fs::read_to_string(folder.join(&row["file"])).unwrap();
                assert_eq!(read(folder), read(&designs), "the same packing of {}", row["file"]);
            }
        }
    }
    let natives: Vec<&Row> = later.iter().filter(|row| row["sample"].is_empty()).collect();
    assert_eq!((natives.len(), natives[0]["temperature"].as_str()), (2, ""));
    assert!(natives[0]["file"].starts_with("packed/6MRR_native_"), "{:?}", natives[0]);
    let numbers: Vec<(&str, &str)> =
        chosen.iter().map(|row| (row["sample"].as_str(), row["temperature"].as_str())).collect();
    assert_eq!(numbers, [("3", "0.3"), ("3", "0.3"), ("2", "0.1"), ("2", "0.1")]);
    for row in &chosen {
        let read = |folder: &Path| fs::read_to_string(folder.join(&row["file"])).unwrap();
        assert_eq!(read(&some), read(&designs), "{}", row["file"]);
    }
}

#[test]
fn records_of_foreign_files_are_counted() {
    if published(CHECKPOINT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = example("6MRR.pdb");
    let designed = fastmpnn(&["design", &file, "-n", "2", "-q"]).success();
    let sequences: Vec<&str> = records(&designed).iter().map(|(_, sequence)| *sequence).collect();
    let pack = |fasta: &str, name: &str| {
        let out = folder.path().join(name);
        let arguments = ["pack", &file, "--fasta", "-", "--num-packs", "1", "-o", out.to_str().unwrap()];
        let run = fastmpnn_reading(&arguments, fasta.as_bytes());
        (
            run.err.clone(),
            table(
                &{
                    run.success();
                    out
                }
                .join("packs.csv"),
            ),
        )
    };
    let (_, foreign) = pack(&format!(">one\n{}\n>two\n{}\n", sequences[1], sequences[2]), "foreign");
    let files: Vec<&str> = foreign.iter().map(|row| row["file"].as_str()).collect();
    assert_eq!(files, ["packed/6MRR_1_1.pdb", "packed/6MRR_2_1.pdb"]);
    assert_eq!(foreign[1]["sample"], "2");
    // Two runs in one file: both have a sample 1.
    let (header, sequence) = records(&designed)[1];
    let twice = format!(">{header}\n{sequence}\n>{}\n{}\n", header.replace("seed=37", "seed=38"), sequences[2]);
    let (error, twice) = pack(&twice, "twice");
    assert!(error.contains("records 1 and 2 are the same sample; records are numbered by their places"), "{error}");
    assert_eq!(twice[1]["file"], "packed/6MRR_2_1.pdb");
    assert_eq!(twice[1]["sequence"], sequences[2]);
}

#[test]
fn designs_are_not_replaced_by_packings() {
    if published(CHECKPOINT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let file = example("6MRR.pdb");
    let arguments = ["design", &file, "-n", "2", "--structures", "--pack", "--num-packs", "1", "-q", "-o", out];
    fastmpnn(&arguments).success();
    for design in table(&folder.path().join("designs.csv")) {
        let packings = table(&folder.path().join("packs.csv"));
        let packing = packings.iter().find(|row| key(row) == key(&design)).unwrap();
        assert_ne!(packing["file"], design["file"]);
        let confidence = fs::read_to_string(folder.path().join(&design["file"])).unwrap();
        assert_ne!(fs::read_to_string(folder.path().join(&packing["file"])).unwrap(), confidence);
    }
    // Packings of the native sequence in a folder of their own, then of another structure in the same one.
    let packed = folder.path().join("packed-natives");
    let pack = |name: &str| {
        ["pack", &example(name), "--num-packs", "1", "-q", "-o", packed.to_str().unwrap()].map(str::to_owned)
    };
    let run = |name: &str| fastmpnn(&pack(name).iter().map(String::as_str).collect::<Vec<_>>());
    run("6MRR.pdb").success();
    let error = run("5L33.pdb").failure(2);
    assert!(error.contains("holds the results of `fastmpnn pack` (3 files"), "{error}");
    assert_eq!(table(&packed.join("packs.csv"))[0]["file"], "packed/6MRR_native_1.pdb");
}
