//! `fastmpnn score`.

use crate::program::{example, fastmpnn, fastmpnn_reading, field, records, rows};

#[test]
fn the_native_score_is_the_one_that_design_prints() {
    let file = example("5L33.pdb");
    let table = rows(&fastmpnn(&["score", &file, "-q"]).success());
    assert_eq!(table.len(), 1);
    let row = &table[0];
    assert_eq!((&*row["name"], &*row["record"], &*row["residues"]), ("5L33", "native", "106"));
    assert_eq!((&*row["recovery"], &*row["orders"], &*row["score_deviation"]), ("1.0", "1", ""));
    let designed = fastmpnn(&["design", &file, "-q"]).success();
    let score: f64 = row["score"].parse().unwrap();
    assert_eq!(format!("{score:.4}"), field(records(&designed)[0].0, "score"));
}

#[test]
fn designs_score_as_printed() {
    // In one order for all samples, and in the first sample's order, which the seed determines.
    let file = example("4GYT.pdb");
    for (order, count) in [("chain", 2), ("random", 1)] {
        let place = [&*file, "--order", order, "--chains", "A", "-q"];
        let designed = fastmpnn(&[&["design", "-n", "2"], &place[..]].concat()).success();
        let scored =
            fastmpnn_reading(&[&["score", "--fasta", "-"], &place[..]].concat(), designed.as_bytes()).success();
        let table = rows(&scored);
        assert_eq!(table.len(), 3);
        for (row, (header, _)) in table.iter().zip(records(&designed)).take(1 + count) {
            assert_eq!(row["record"], header);
            for column in ["score", "global_score"] {
                let (value, printed) = (row[column].parse::<f64>().unwrap(), field(header, column));
                // Half a unit of the last printed digit, and a little for sums in another order.
                assert!((value - printed.parse::<f64>().unwrap()).abs() < 6e-5, "{column}: {value} {printed}");
            }
        }
        let recovery: f64 = table[1]["recovery"].parse().unwrap();
        assert_eq!(format!("{recovery:.4}"), field(records(&designed)[1].0, "recovery"));
    }
}

#[test]
fn orders_are_averaged() {
    let file = example("6MRR.pdb");
    let one = |seed| rows(&fastmpnn(&["score", &file, "-q", "--seed", seed]).success());
    let row = &rows(&fastmpnn(&["score", &file, "-q", "--num-orders", "4"]).success())[0];
    assert_eq!(row["orders"], "4");
    let deviation: f64 = row["score_deviation"].parse().unwrap();
    assert!(deviation > 0.0 && deviation < 0.2, "{deviation}");
    assert_ne!(one("1")[0]["score"], one("2")[0]["score"]);
}

#[test]
fn residues_are_scored_one_by_one() {
    let file = example("4GYT.pdb");
    let place = [&*file, "--redesign", "B20-40", "-q"];
    let table = rows(&fastmpnn(&[&["score", "--per-residue"], &place[..]].concat()).success());
    let whole = &rows(&fastmpnn(&[&["score"], &place[..]].concat()).success())[0];
    let counted: Vec<_> = table.iter().filter(|row| row["counted"] == "true").collect();
    assert_eq!(counted.len().to_string(), whole["residues"]);
    assert!(counted.iter().all(|row| row["chain"] == "B"));
    let mean = counted.iter().map(|row| row["score"].parse::<f64>().unwrap()).sum::<f64>() / counted.len() as f64;
    assert!((mean - whole["score"].parse::<f64>().unwrap()).abs() < 2e-6, "{mean}");
    for row in &table {
        let number = |column: &str| row[column].parse::<f64>().unwrap();
        assert!((number("probability") - (-number("score")).exp()).abs() < 2e-6, "{row:?}");
        assert!((0.0..=21f64.ln()).contains(&number("entropy")), "{row:?}");
        assert_eq!(row["native"], row["letter"]);
        assert_eq!(row["likeliest"].len(), 1);
    }
}

#[test]
fn where_nothing_is_designed_the_global_score_remains() {
    let run = fastmpnn(&["score", &example("6MRR.pdb"), "--fix", "A"]);
    assert!(run.err.contains("no residue is left to design"), "{}", run.err);
    let row = &rows(&run.success())[0];
    assert_eq!((&*row["score"], &*row["recovery"], &*row["residues"]), ("", "", "0"));
    assert!(row["global_score"].parse::<f64>().unwrap() > 0.5);
}

#[test]
fn records_that_do_not_fit_are_named() {
    let refused = |text: &str, sentence: &str| {
        let error =
            fastmpnn_reading(&["score", &example("4GYT.pdb"), "--fasta", "-", "-q"], text.as_bytes()).failure(2);
        assert!(error.contains(sentence), "{error}");
        assert!(error.starts_with("error: standard input: "), "{error}");
    };
    refused(">a\nACD\n", "record 1 (a): the sequence has 3 letters, and 4GYT 354 residues");
    refused(">a\nACD/EF/G\n", "record 1 (a): the sequence has 3 chains, and 4GYT 2");
    refused(">b\nACD/EF\n", "record 1 (b): chain A has 3 letters, and ");
    refused(">b\nAC-D\n", "`-` at position 3 is not one of ACDEFGHIKLMNPQRSTVWYX");
    refused("ACD\n", "line 1: a FASTA file begins with a header line");
    refused("\n", "holds no FASTA records");
}

#[test]
fn a_score_does_not_depend_on_what_is_scored_with_it() {
    let file = example("6MRR.pdb");
    let designed = fastmpnn(&["design", &file, "-q", "-n", "40", "-T", "0.5"]).success();
    let (_, native) = records(&designed)[0];
    let mut fasta: Vec<String> = designed.lines().skip(2).map(str::to_owned).collect();
    // Mutants of the native sequence, which share most of their states.
    for place in 0..30 {
        let mut mutant = native.to_owned();
        mutant.replace_range(place..=place, "W");
        fasta.extend([format!(">mutant {place}"), mutant]);
    }
    let score = |lines: &[String], threads: &str, orders: &str| {
        let run = ["score", &file, "-q", "--fasta", "-", "--num-orders", orders, "--threads", threads];
        rows(&fastmpnn_reading(&run, (lines.join("\n") + "\n").as_bytes()).success())
    };
    let together = score(&fasta, "1", "3");
    assert_eq!(together.len(), 70);
    assert_eq!(score(&fasta, "3", "3"), together);
    let alone: Vec<_> = [0, 1, 39, 40, 69].map(|place| score(&fasta[2 * place..2 * place + 2], "2", "3")).concat();
    let of_together: Vec<_> = [0, 1, 39, 40, 69].map(|place| together[place].clone()).to_vec();
    assert_eq!(alone, of_together);
    // More orders than are decoded in one go.
    let many = &score(&fasta[..2], "1", "70")[0];
    assert_eq!((&*many["orders"], many["score"] != together[0]["score"]), ("70", true));
}
