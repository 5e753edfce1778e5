//! `fastmpnn design` on standard output.

use std::io::{Read, Write};
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::program::{command, example, fastmpnn, fastmpnn_reading, field, records};

const LETTERS: &str = "ACDEFGHIKLMNPQRSTVWY";

#[test]
fn prints_the_native_sequence_and_the_designs() {
    let run = fastmpnn(&["design", &example("5L33.pdb"), "-n", "2"]);
    assert!(run.err.contains("5L33: designs A-1-104 (106 residues); fixes nothing"), "{}", run.err);
    assert!(run.err.contains("2 designs of 1 structure"), "{}", run.err);
    let out = run.success();
    let records = records(&out);
    assert_eq!(records.len(), 3);
    let (header, native) = records[0];
    assert!(header.starts_with("5L33_native 5L33, native, score=1."), "{header}");
    assert!(header.ends_with(", designed=A-1-104, seed=37, model=v_48_020"), "{header}");
    assert!(native.starts_with("HMPEEEKAARLFIEALEKG"));
    for (index, (header, sequence)) in records[1..].iter().enumerate() {
        assert!(header.starts_with(&format!("5L33_{0} 5L33, sample={0}, T=0.1, score=0.", index + 1)), "{header}");
        assert_eq!(field(header, "seed"), "37");
        assert_eq!(sequence.len(), native.len());
        assert!(sequence.chars().all(|letter| LETTERS.contains(letter)), "{sequence}");
        let equal = sequence.chars().zip(native.chars()).filter(|(a, b)| a == b).count();
        assert_eq!(field(header, "recovery"), format!("{:.4}", equal as f64 / native.len() as f64));
        assert_eq!(field(header, "score"), field(header, "global_score"));
    }
}

#[test]
fn the_same_designs_for_any_threads_count_and_company() {
    let (first, second) = (example("6MRR.pdb"), example("5L33.pdb"));
    // On one thread these are two waves, on two threads one.
    let one = fastmpnn(&["design", &first, "-n", "18", "--threads", "1", "-q"]).success();
    let two = fastmpnn(&["design", &first, "-n", "18", "--threads", "2", "-q"]).success();
    assert_eq!(one, two);
    let three = fastmpnn(&["design", &first, "-n", "3", "-q"]).success();
    assert!(one.starts_with(&three), "{three}");
    let other = fastmpnn(&["design", &second, "-n", "1", "-q"]).success();
    let one_each = fastmpnn(&["design", &first, "-n", "1", "-q"]).success();
    let forth = fastmpnn(&["design", &first, &second, "-q"]).success();
    let back = fastmpnn(&["design", &second, &first, "-q"]).success();
    assert_eq!(forth, format!("{one_each}{other}"));
    assert_eq!(back, format!("{other}{one_each}"));
}

#[test]
fn temperatures_do_not_disturb_each_other() {
    let file = example("6MRR.pdb");
    let apart = |temperature| fastmpnn(&["design", &file, "-n", "2", "-q", "-T", temperature]).success();
    let both = fastmpnn(&["design", &file, "-n", "2", "-q", "--temperature", "0.1,0.5"]).success();
    let repeated = fastmpnn(&["design", &file, "-n", "2", "-q", "-T", "0.1", "-T", "0.5"]).success();
    let (cold, warm) = (apart("0.1"), apart("0.5"));
    assert_eq!(both, repeated);
    assert_eq!(without_names(&both)[..3], without_names(&cold)[..]);
    assert_eq!(without_names(&both)[3..], without_names(&warm)[1..]);
    assert_ne!(records(&cold)[1].1, records(&warm)[1].1);
}

/// Records without the first words of their headers, which name the temperature where there are several.
fn without_names(text: &str) -> Vec<(&str, &str)> {
    records(text).into_iter().map(|(header, sequence)| (header.split_once(' ').unwrap().1, sequence)).collect()
}

#[test]
fn seeds_and_greedy_draws() {
    let file = example("6MRR.pdb");
    let draw = |arguments: &[&str]| fastmpnn(&[&["design", &file, "-q"], arguments].concat()).success();
    assert_eq!(draw(&[]), draw(&["--seed", "37", "-n", "1", "-T", "0.1"]));
    assert_ne!(records(&draw(&[]))[1].1, records(&draw(&["--seed", "38"]))[1].1);
    // With one order and no chance left, all samples are the same.
    let greedy = draw(&["-T", "0", "--order", "chain", "-n", "2"]);
    assert_eq!(records(&greedy)[1].1, records(&greedy)[2].1);
}

#[test]
fn chains_are_joined_and_fixed_residues_stay() {
    let out = fastmpnn(&["design", &example("4GYT.pdb"), "--chains", "B", "--fix", "B", "--redesign", "B20-40", "-q"]);
    let out = out.success();
    let records = records(&out);
    let (native, designed) = (records[0].1, records[1].1);
    assert_eq!(field(records[0].0, "designed"), "B20-40");
    let (native, designed): (Vec<&str>, Vec<&str>) = (native.split('/').collect(), designed.split('/').collect());
    assert_eq!((native.len(), designed.len()), (2, 2));
    assert_eq!(native[0], designed[0]);
    assert_ne!(native[1], designed[1]);
    let changed = native[1].chars().zip(designed[1].chars()).filter(|(a, b)| a != b).count();
    assert!(changed <= 21, "{changed}");
    assert_ne!(field(records[1].0, "score"), field(records[1].0, "global_score"));
}

#[test]
fn copies_are_tied_and_omitted_letters_are_not_drawn() {
    let arguments = ["design", &example("4GYT.pdb"), "--homo-oligomer", "--omit", "AL", "--bias", "W=3", "-q"];
    let out = fastmpnn(&arguments).success();
    let designed = records(&out)[1].1;
    assert!(!designed.contains(['A', 'L']), "{designed}");
    assert!(designed.contains('W'), "{designed}");
    let chains: Vec<&str> = designed.split('/').collect();
    assert_eq!(chains[0], chains[1]);
}

#[test]
fn standard_input_and_archives_are_read() {
    let text = std::fs::read(example("5L33.pdb")).unwrap();
    let piped = fastmpnn_reading(&["design", "-", "-q"], &text).success();
    assert!(records(&piped)[1].0.starts_with("stdin_1 stdin, sample=1, "), "{piped}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("5L33.pdb.gz");
    let mut archive = GzEncoder::new(std::fs::File::create(&path).unwrap(), Compression::default());
    archive.write_all(&text).unwrap();
    archive.finish().unwrap();
    let plain = fastmpnn(&["design", &example("5L33.pdb"), "-q"]).success();
    assert_eq!(fastmpnn(&["design", path.to_str().unwrap(), "-q"]).success(), plain);
    // mmCIF of the same entry, with the same name.
    assert_eq!(fastmpnn(&["design", &example("5L33.cif"), "-q"]).success(), plain);
}

#[test]
fn quiet_means_quiet_and_ligands_are_mentioned() {
    let file = example("3HTN.pdb");
    let quiet = fastmpnn(&["design", &file, "--redesign", "A60-61", "-q"]);
    assert_eq!(quiet.err, "");
    let loud = fastmpnn(&["design", &file, "--redesign", "A60-61"]);
    assert!(
        loud.err.contains("the model does not see 96 ligand atoms (NI 2, SO4 40, 1PE 53, FE 1); --model ligand does"),
        "{}",
        loud.err
    );
    assert!(loud.err.contains(&format!("warning: {file}: ")), "{}", loud.err);
    assert!(!loud.err.contains('\x1b'), "{}", loud.err);
    assert_eq!(quiet.success(), loud.success());
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let mut child = command(&["design", &example("5L33.pdb"), "-n", "4", "-q"]).spawn().unwrap();
    drop(child.stdout.take());
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(text, "");
}

#[test]
fn a_closed_standard_error_does_no_harm() {
    let mut child = command(&["design", &example("6MRR.pdb")]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(records(&text).len(), 2);
}
