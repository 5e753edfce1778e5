//! Errors are one sentence, with the exit code that the help states, and never a panic.

use std::fs;

use crate::program::{command, example, fastmpnn, finish};

#[test]
fn arguments_outside_their_range() {
    let file = example("6MRR.pdb");
    let cases: [(&[&str], &str); 14] = [
        (&["-n", "0"], "0 is not in 1..="),
        (&["-n", "99999999999999999999"], "invalid value '99999999999999999999' for '--num-seqs"),
        (&["-T", "nan"], "a temperature is 0 or more, and finite"),
        (&["-T", "-0.1"], "a temperature is 0 or more, and finite"),
        (&["-T", "inf"], "a temperature is 0 or more, and finite"),
        (&["-T", "warm"], "a temperature is a number such as 0.1"),
        (&["-T", "0.1,0.2,0.1"], "error: --temperature 0.1 is given twice"),
        (&["--threads", "0"], "a number of threads lies between 1 and 1024"),
        (&["--threads", "99999"], "a number of threads lies between 1 and 1024"),
        (&["--seed", "18446744073709551616"], "invalid value '18446744073709551616' for '--seed"),
        (&["--order", "sideways"], "no decoding order `sideways`; the orders are random, chain"),
        (&["--altloc", "best"], "an alternate location is first, occupancy, or one character"),
        (&["--structures"], "--out <FOLDER>"),
        (&["--model-number", "1.5"], "invalid value '1.5' for '--model-number"),
    ];
    for (arguments, sentence) in cases {
        let run = fastmpnn(&[&["design", &file], arguments].concat());
        assert_eq!(run.out, "", "{arguments:?}");
        let error = run.failure(2);
        assert!(error.contains(sentence), "{arguments:?}: {error}");
        assert!(error.starts_with("error: "), "{arguments:?}: {error}");
    }
}

#[test]
fn wishes_that_do_not_fit_the_structure() {
    let file = example("6MRR.pdb");
    let cases: [(&[&str], &str); 6] = [
        (&["--fix", "A200"], "--fix `A200`: no residue A200 in 6MRR"),
        (&["--chains", "B"], "--chains `B`: no chain B in 6MRR"),
        (&["--fix", "A"], "nothing is left to design in 6MRR"),
        (&["--omit", "CZ"], "--omit `CZ`: `Z` is not a letter"),
        (&["--homo-oligomer"], "--homo-oligomer: no two designed chains of 6MRR"),
        (&["--model-number", "7"], "has no model 7"),
    ];
    for (arguments, sentence) in cases {
        let error = fastmpnn(&[&["design", &file, "-q"], arguments].concat()).failure(2);
        assert!(error.starts_with(&format!("error: {file}: ")), "{error}");
        assert!(error.contains(sentence), "{arguments:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn files_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("empty.pdb"), "").unwrap();
    fs::write(path("text.pdb"), "not a structure\n").unwrap();
    fs::write(path("bytes.pdb"), [0xff, 0xfe, 0, 1, 2, 3]).unwrap();
    fs::write(path("archive.pdb.gz"), [0x1f, 0x8b, 8, 0]).unwrap();
    fs::create_dir(path("none")).unwrap();
    let names =
        ["empty.pdb", "text.pdb", "bytes.pdb", "archive.pdb.gz", "none", "nosuch.pdb", "nosuch*.pdb", "@nosuch"];
    for name in names {
        let input = if name.starts_with('@') { name.to_owned() } else { path(name) };
        for verb in ["design", "score", "probs", "info"] {
            let run = fastmpnn(&[verb, &input]);
            assert_eq!(run.out, "", "{verb} {name}");
            let error = run.failure(2);
            assert!(error.starts_with("error: ") && error.lines().count() == 1, "{verb} {name}: {error}");
            assert!(error.contains(name.trim_start_matches('@')), "{verb} {name}: {error}");
        }
    }
}

#[test]
fn files_without_protein() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zinc.pdb");
    let zinc = "HETATM    1 ZN    ZN A   1       1.000   2.000   3.000  1.00  0.00          ZN\n";
    let masked = "ATOM      1  CA  ALA A   1       1.000   2.000   3.000  1.00  0.00           C\n";
    for (text, sentence) in [
        (zinc, "holds no protein residues"),
        (masked, "1 have no complete backbone; CA atoms alone are enough for the CA-only networks"),
    ] {
        fs::write(&path, text).unwrap();
        let run = fastmpnn(&["design", path.to_str().unwrap(), "-q"]);
        assert_eq!(run.out, "");
        let error = run.failure(2);
        assert!(error.contains(sentence) && error.contains("zinc.pdb"), "{error}");
        assert!(fastmpnn(&["info", path.to_str().unwrap()]).success().contains("zinc"));
    }
    for verb in ["score", "probs"] {
        let error = fastmpnn(&[verb, path.to_str().unwrap(), "-q"]).failure(2);
        assert!(error.contains("zinc.pdb: "), "{verb}: {error}");
    }
}

#[test]
fn a_batch_survives_a_bad_file() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.pdb");
    fs::write(&bad, "nothing\n").unwrap();
    let good = example("6MRR.pdb");
    let run = fastmpnn(&["score", bad.to_str().unwrap(), &good, "-q"]);
    assert!(run.out.contains("6MRR,native,"), "{}", run.out);
    let error = run.failure(2);
    assert!(error.contains(&format!("error: 1 of 2 inputs could not be used: {}", bad.display())), "{error}");
}

#[test]
fn results_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("file");
    fs::write(&taken, "").unwrap();
    let taken = taken.to_str().unwrap();
    let file = example("6MRR.pdb");
    let error = fastmpnn(&["design", &file, "-o", taken]).failure(1);
    assert!(error.contains(&format!("error: {taken} cannot be written: ")), "{error}");
    let inside = format!("{taken}/x.npz");
    let error = fastmpnn(&["probs", &file, "-q", "-o", &inside]).failure(1);
    assert!(error.contains(&format!("error: {inside} cannot be written: ")), "{error}");
}

#[test]
fn contradictions_of_probs() {
    let (file, other) = (example("6MRR.pdb"), example("5L33.pdb"));
    let refused = |arguments: &[&str], sentence: &str| {
        let error = fastmpnn(&[&["probs", &file], arguments].concat()).failure(2);
        assert!(error.contains(sentence), "{error}");
    };
    refused(&["-o", "x.txt"], "error: --out x.txt: the ending chooses the format, and must be .npz, .npy or .csv");
    refused(&[&other, "-o", "x.npz"], "error: --out x.npz holds one structure, and there are 2");
    refused(&["--fasta", "x.fa"], "--mode unconditional looks at none");
    refused(&[&other, "--fasta", "x.fa", "--mode", "conditional"], "--fasta gives sequences of one structure");
}

#[test]
fn an_unknown_instruction_set() {
    let mut command = command(&["score", &example("6MRR.pdb")]);
    command.env("FASTMPNN_ISA", "mmx");
    let error = finish(command).failure(2);
    assert!(error.starts_with("error: FASTMPNN_ISA: no instruction set is called \"mmx\""), "{error}");
}

#[test]
fn inputs_by_folder_pattern_and_list() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir(path("models")).unwrap();
    for (from, to) in [("6MRR.pdb", "b.pdb"), ("5L33.cif", "a.CIF"), ("5L33.pdb", ".hidden.pdb")] {
        fs::copy(example(from), folder.path().join("models").join(to)).unwrap();
    }
    fs::write(path("models/notes.txt"), "no structure").unwrap();
    let names = |input: &str| -> Vec<String> {
        let out = fastmpnn(&["info", input]).success();
        let heads = out.lines().filter(|line| line.contains(" residues in "));
        heads.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&path("models")), ["a", "b"]);
    assert_eq!(names(&path("models/*.pdb")), ["b"]);
    fs::write(path("list"), format!("# two\n{}\n\n{}\n", path("models/b.pdb"), path("models/a.CIF"))).unwrap();
    assert_eq!(names(&format!("@{}", path("list"))), ["b", "a"]);
    fs::write(path("loop"), format!("@{}\n", path("loop"))).unwrap();
    let error = fastmpnn(&["info", &format!("@{}", path("loop"))]).failure(2);
    assert!(error.contains("lists that name lists"), "{error}");
}
