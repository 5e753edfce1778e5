//! `fastmpnn scan`.

use std::collections::HashMap;
use std::fs;

use crate::program::{example, fastmpnn, rows};

fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

#[test]
fn the_most_favorable_mutations_are_printed_and_all_are_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (table, matrix, picture) = (path("scan.csv"), path("matrix.csv"), path("scan.svg"));
    let file = example("5L33.pdb");
    let files = ["--table", &table, "--matrix", &matrix, "--heat-map", &picture];
    let printed = rows(&fastmpnn(&[&["scan", &file, "-q", "--mode", "unconditional"], &files[..]].concat()).success());
    assert_eq!(printed.len(), 20);
    let all = rows(&fs::read_to_string(&table).unwrap());
    assert_eq!(all.len(), 106 * 20);
    let mut changes: Vec<f64> =
        all.iter().filter(|row| row["native"] != row["letter"]).map(|row| number(row, "change")).collect();
    changes.sort_by(|a, b| b.total_cmp(a));
    let top: Vec<f64> = printed.iter().map(|row| number(row, "change")).collect();
    assert_eq!(top, changes[..20]);
    assert!(all.iter().filter(|row| row["native"] == row["letter"]).all(|row| number(row, "change") == 0.0));
    // The matrix has the same numbers, and probs the same differences.
    let of_matrix = rows(&fs::read_to_string(&matrix).unwrap());
    let probs = rows(&fastmpnn(&["probs", &file, "-q"]).success());
    assert_eq!(of_matrix.len(), 106);
    for ((of_matrix, probs), of_residue) in of_matrix.iter().zip(&probs).zip(all.chunks(20)) {
        assert_eq!((&of_matrix["chain"], &of_matrix["number"]), (&probs["chain"], &probs["number"]));
        for row in of_residue {
            assert!((number(of_matrix, &row["letter"]) - number(row, "change")).abs() < 1e-6, "{row:?}");
            let difference = number(probs, &row["letter"]) - number(probs, &row["native"]);
            assert!((difference - number(row, "change")).abs() < 1e-4, "{row:?}");
        }
    }
    let picture = fs::read_to_string(&picture).unwrap();
    for text in ["<svg ", "5L33: single mutations, given the backbone alone", ">A-1<", ">A100<", "nats", "native"] {
        assert!(picture.contains(text), "{text}");
    }
    assert_eq!(rows(&fastmpnn(&["scan", &file, "-q", "--mode", "unconditional", "--all"]).success()).len(), 106 * 19);
}

#[test]
fn tables_of_all_formats_have_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str| {
        let path = folder.path().join(name);
        let scan = ["scan", &example("6MRR.pdb"), "-q", "--redesign", "A10-12", "--table", path.to_str().unwrap()];
        fastmpnn(&scan).success();
        let reader = fastmpnn_pipeline::table::TableReader::open(&path).unwrap();
        reader.map(|row| row.unwrap().values.iter().map(ToString::to_string).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let csv = read("scan.csv");
    assert_eq!(csv.len(), 3 * 20);
    assert_eq!(read("scan.parquet"), csv);
    assert_eq!(read("scan.jsonl"), csv);
}

#[test]
fn mutants_are_compared_as_whole_sequences() {
    let file = example("5L33.pdb");
    let native = fastmpnn(&["design", &file, "-q"]).success().lines().nth(1).unwrap().to_owned();
    // The chain begins with residue −1.
    let letter = |number: usize| &native[number + 1..number + 2];
    let (a, b) = (format!("A23{}", other(letter(23))), format!("A30{}", other(letter(30))));
    let both = format!("{a}+{b}");
    let scan = ["scan", &file, "-q", "--num-orders", "3", "--all"];
    let list = format!("{a},{both}");
    let table = rows(&fastmpnn(&[&scan[..], &["--mutations", &list, "--mutations", &b]].concat()).success());
    let row = |name: &str| table.iter().find(|row| row["mutant"] == name).unwrap_or_else(|| panic!("{name} {table:?}"));
    let named = |text: &str, place: usize| format!("A:{}{}", letter(place), &text[1..]);
    let (one, two) = (named(&a, 23), named(&b, 30));
    let double = row(&format!("{one}+{two}"));
    assert_eq!((table.len(), &*double["mutations"], &*row(&one)["mutations"]), (3, "2", "1"));
    let coupling = number(double, "change") - number(row(&one), "change") - number(row(&two), "change");
    assert!((number(double, "coupling") - coupling).abs() < 3e-6 && coupling != 0.0, "{coupling}");
    assert!(row(&one)["coupling"].is_empty() && number(double, "deviation") > 0.0);
    // The same from the scores of whole sequences.
    let mut mutant = native.clone();
    mutant.replace_range(24..25, &a[3..]);
    mutant.replace_range(31..32, &b[3..]);
    let fasta = tempfile::NamedTempFile::new().unwrap();
    fs::write(fasta.path(), format!(">native\n{native}\n>mutant\n{mutant}\n")).unwrap();
    let scores = ["score", &file, "-q", "--num-orders", "3", "--fasta", fasta.path().to_str().unwrap()];
    let scores = rows(&fastmpnn(&scores).success());
    let expected = 106.0 * (number(&scores[0], "score") - number(&scores[1], "score"));
    assert!((number(double, "change") - expected).abs() < 1e-3, "{expected} {double:?}");
    // A file of mutants, with comments.
    let list = tempfile::NamedTempFile::new().unwrap();
    fs::write(list.path(), format!("# two mutants\n{one} {both} # and the double one\n\n{two}\n")).unwrap();
    let from_file = format!("@{}", list.path().display());
    assert_eq!(rows(&fastmpnn(&[&scan[..], &["--mutations", &from_file]].concat()).success()), table);
    // Given the backbone alone, the changes add up.
    let sums = [&scan[..3], &["--mode", "unconditional", "--mutations", &both]].concat();
    assert_eq!(number(&rows(&fastmpnn(&sums).success())[0], "coupling"), 0.0);
}

fn other(native: &str) -> &'static str {
    if native == "V" { "A" } else { "V" }
}

#[test]
fn double_mutants_are_counted_and_all_compared() {
    let file = example("6MRR.pdb");
    let scan = ["scan", &file, "--double", "A10,A12", "--all"];
    let run = fastmpnn(&scan);
    assert!(run.err.contains("361 double mutants at 1 pair of 2 residues"), "{}", run.err);
    let table = rows(&run.success());
    assert_eq!(table.len(), 361);
    assert!(table.windows(2).all(|pair| number(&pair[0], "change") >= number(&pair[1], "change")));
    // As many numbers as letters, and those of a list.
    let name = table[0]["mutant"].clone();
    let alone = rows(&fastmpnn(&["scan", &file, "-q", "--mutations", &name]).success());
    assert_eq!(alone[0], table[0]);
    let error = fastmpnn(&["scan", &file, "-q", "--double", "A10"]).failure(2);
    assert!(error.contains("--double selects one residue, and a double mutant needs two"), "{error}");
}

#[test]
fn mutations_that_a_structure_does_not_have_are_named() {
    let file = example("4GYT.pdb");
    let refused = |list: &str, sentence: &str| {
        let error = fastmpnn(&["scan", &file, "-q", "--mutations", list]).failure(2);
        assert!(error.contains(sentence), "{error}");
    };
    let rows = rows(&fastmpnn(&["score", &file, "-q", "--per-residue"]).success());
    let of = |chain: &str| rows.iter().find(|row| row["chain"] == chain && !row["score"].is_empty()).unwrap();
    let (place, native) = (&of("B")["number"], &of("B")["native"]);
    let wrong = if native == "W" { "F" } else { "W" };
    refused(&format!("B:{wrong}{place}A"), &format!("residue B{place} is {native}, not {wrong}"));
    refused(&format!("{wrong}B{place}A"), &format!("residue B{place} is {native}, not {wrong}"));
    refused(&format!("B{place}{native}"), &format!("residue B{place} is {native} already"));
    refused("A9999V", "--mutations A9999V: chain A has no residue 9999");
    refused("Q:A9V", "there is no chain Q");
    refused("W9V", "there is no chain W");
    refused(&format!("B{place}X"), "X is none of the twenty amino acids");
    refused("whatever", "a mutation is a residue and its new letter, such as A23V");
    refused(&format!("B{place}W+B{place}F"), &format!("residue B{place} is mutated twice"));
    let list = tempfile::NamedTempFile::new().unwrap();
    fs::write(list.path(), "# nothing\n\nA9999V\n").unwrap();
    refused(&format!("@{}", list.path().display()), ", line 3: --mutations A9999V: chain A has no residue 9999");
    refused("@no-such-file.txt", "no-such-file.txt: the file of mutations cannot be read");
    let fixed = ["scan", &file, "-q", "--chains", "A", "--mutations", &format!("B{place}{wrong}")];
    let error = fastmpnn(&fixed).failure(2);
    assert!(error.contains(&format!("residue B{place} is fixed: --chains, --fix and --redesign say which")), "{error}");
    // The matrix is of single mutations.
    let both = ["scan", &file, "-q", "--double", "A20-21", "--matrix", "x.csv"];
    assert!(fastmpnn(&both).failure(2).contains("--matrix shows every single mutation"));
}

#[test]
fn several_structures_have_a_picture_each_and_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (one, other, missing) = (example("6MRR.pdb"), example("5L33.pdb"), example("none.pdb"));
    let inputs = ["scan", &one, &missing, &other, "-q", "--mode", "unconditional"];
    let files = ["--heat-map", &path("maps"), "--matrix", &path("tables"), "--table", &path("all.csv"), "--top", "1"];
    let run = fastmpnn(&[&inputs[..], &files[..]].concat());
    assert_eq!(run.code, 2, "{}", run.err);
    let printed = rows(&run.out);
    assert_eq!(printed.iter().map(|row| &*row["name"]).collect::<Vec<_>>(), ["6MRR", "5L33"]);
    for name in ["maps/6MRR.svg", "maps/5L33.svg", "tables/6MRR.csv", "tables/5L33.csv"] {
        assert!(folder.path().join(name).exists(), "{name}");
    }
    assert_eq!(rows(&fs::read_to_string(path("all.csv")).unwrap()).len(), (68 + 106) * 20);
    let error = fastmpnn(&["scan", &one, &other, "--heat-map", "x.svg"]).failure(2);
    assert!(error.contains("--heat-map x.svg is for one structure, and there are 2"), "{error}");
    let error = fastmpnn(&["scan", &one, "--heat-map", "x.png"]).failure(2);
    assert!(error.contains("--heat-map x.png: a file that ends in .svg, or a folder"), "{error}");
    let error = fastmpnn(&["scan", &one, "--table", "x.xlsx"]).failure(2);
    assert!(error.contains("--table x.xlsx: the ending sets the format"), "{error}");
}

#[test]
fn logos_show_probabilities_and_the_letters_of_designs() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let file = example("4GYT.pdb");
    fastmpnn(&["probs", &file, "-q", "--logo", &path("p.svg"), "--logo-axis", "probability"]).success();
    let picture = fs::read_to_string(path("p.svg")).unwrap();
    let parts = ["4GYT: p of the amino acids, given the backbone alone", ">probability<", "native", "stroke-dasharray"];
    assert!(parts.iter().all(|text| picture.contains(text)), "{}", &picture[..500]);
    let design = ["design", &file, "-q", "-n", "5", "-T", "0.3", "--chains", "B", "--logo", &path("logos")];
    let designed = fastmpnn(&design).success();
    let picture = fs::read_to_string(path("logos/4GYT.svg")).unwrap();
    let parts = ["4GYT: letters of 5 designs, T = 0.3", ">bits<", "Pale: residues that are not designed."];
    assert!(parts.iter().all(|text| picture.contains(text)), "{}", &picture[..500]);
    // The frequencies are those of the sequences that are printed.
    let sequences: Vec<String> = designed.lines().skip(3).step_by(2).map(|line| line.replace('/', "")).collect();
    assert_eq!(sequences.len(), 5);
    let tips: Vec<&str> = picture.split("<title>").skip(2).map(|text| text.split("</title>").next().unwrap()).collect();
    assert_eq!(tips.len(), sequences[0].len());
    for (place, tip) in tips.iter().enumerate() {
        let column: Vec<char> = sequences.iter().map(|sequence| sequence.chars().nth(place).unwrap()).collect();
        let first = tip.split(": ").nth(1).unwrap().chars().next().unwrap();
        let count = |letter: char| column.iter().filter(|&&one| one == letter).count();
        if column.iter().all(|&letter| letter != 'X') {
            let most = column.iter().map(|&letter| count(letter)).max().unwrap();
            assert_eq!(count(first), most, "{tip} {column:?}");
            assert!(tip.contains(&format!("{first} {} %", 20 * most)), "{tip} {column:?}");
        }
    }
}
