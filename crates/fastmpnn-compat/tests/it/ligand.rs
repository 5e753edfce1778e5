//! `run.py` against what the published script writes.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use crate::captured::{Ended, example, root, script_line, text};
use crate::published_checkpoint::published;

fn goldens() -> PathBuf {
    root().join("tests/golden/compat_ligand")
}

/// Runs the script; its arguments are separated by blanks, but for those in quotes.
fn run(arguments: &str) -> Ended {
    script_line("LigandMPNN/run.py", arguments, '\'')
}

/// The published checkpoints that a case needs besides the embedded one.
fn checkpoints(arguments: &str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for (word, name) in [
        ("ligand_mpnn ", "ligandmpnn_v_32_010_25"),
        ("soluble_mpnn", "solublempnn_v_48_020"),
        ("per_residue_label", "per_residue_label_membrane_mpnn_v_48_020"),
        ("global_label", "global_label_membrane_mpnn_v_48_020"),
        ("--pack_side_chains", "ligandmpnn_sc_v_32_002_16"),
    ] {
        if format!("{arguments} ").contains(word) {
            names.push(name);
        }
    }
    names
}

/// Equal letter by letter; a sum in another order may round the last decimal of a confidence the other way.
fn assert_same_sequences(found: &str, expected: &str, case: &str) {
    assert_eq!(found.ends_with('\n'), expected.ends_with('\n'), "{case}");
    assert_eq!(found.lines().count(), expected.lines().count(), "{case}");
    for (found, expected) in found.lines().zip(expected.lines()) {
        let (words, others): (Vec<&str>, Vec<&str>) = (found.split(", ").collect(), expected.split(", ").collect());
        assert_eq!(words.len(), others.len(), "{case}: {found}");
        for (word, other) in words.into_iter().zip(others) {
            let number = |word: &str| word.split_once("confidence=").and_then(|(_, value)| value.parse::<f64>().ok());
            match (number(word), number(other)) {
                (Some(one), Some(another)) => assert!((one - another).abs() < 1.5e-4, "{case}: {word} for {other}"),
                _ => assert_eq!(word, other, "{case}"),
            }
        }
    }
}

/// Equal, but for the last decimal of a B-factor, and of a coordinate that was built from torsions.
fn assert_same_atoms(found: &str, expected: &str, case: &str, place: f64) {
    assert_eq!(found.lines().count(), expected.lines().count(), "{case}");
    for (found, expected) in found.lines().zip(expected.lines()) {
        if found == expected {
            continue;
        }
        assert!(found.starts_with("ATOM") && found.len() == expected.len(), "{case}: {found} for {expected}");
        let number = |line: &str, begin: usize, end: usize| line[begin..end].trim().parse::<f64>().unwrap();
        for (begin, end, most) in [(30, 38, place), (38, 46, place), (46, 54, place), (60, 66, 0.015)] {
            let difference = (number(found, begin, end) - number(expected, begin, end)).abs();
            assert!(difference <= most, "{case}: {found} for {expected}");
        }
        for range in [0..30, 54..60, 66..found.len()] {
            assert_eq!(found[range.clone()], expected[range], "{case}");
        }
    }
}

/// What the published code writes: `reference/make_ligand_compat_goldens.py`.
#[test]
fn designs_and_structures_are_the_published_ones() {
    let output = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for line in fs::read_to_string(goldens().join("cases.txt")).unwrap().lines() {
        let (name, arguments) = line.split_once(": ").unwrap();
        if checkpoints(arguments).into_iter().any(|name| published(name).is_none()) {
            continue;
        }
        let arguments =
            arguments.replace("EXAMPLES", &text(&root().join("examples"))).replace("GOLDENS", &text(&goldens()));
        let out = output.path().join(name);
        run(&format!("{arguments} --out_folder {}", text(&out))).success();
        for folder in fs::read_dir(goldens().join(name)).unwrap() {
            let folder = folder.unwrap().path();
            let kind = folder.file_name().unwrap().to_str().unwrap();
            assert_eq!(
                fs::read_dir(&folder).unwrap().count(),
                fs::read_dir(out.join(kind)).unwrap().count(),
                "{name}: files of {kind}"
            );
            for file in fs::read_dir(&folder).unwrap() {
                let path = file.unwrap().path();
                let found = fs::read_to_string(out.join(kind).join(path.file_name().unwrap())).unwrap();
                let expected = fs::read_to_string(&path).unwrap();
                match kind {
                    "seqs" => assert_same_sequences(&found, &expected, name),
                    "packed" => assert_same_atoms(&found, &expected, name, 0.02),
                    _ => assert_same_atoms(&found, &expected, name, 0.0),
                }
                compared += 1;
            }
        }
    }
    assert!(compared >= 7, "only {compared} files");
}

/// The script's standard output, and the tensors it saves.
#[test]
fn statistics_hold_what_the_designs_say() {
    let folder = tempfile::tempdir().unwrap();
    let structure = text(&goldens().join("complex.pdb"));
    let out = text(folder.path());
    let said = run(&format!(
        "--pdb_path {structure} --out_folder {out} --seed 5 --save_stats 1 --batch_size 2 --redesigned_residues 'A17 A18 A80'"
    ));
    let said = said.success();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "CUDA not available... using CPU");
    assert_eq!(lines[1], format!("Designing protein from this path: {structure}"));
    assert_eq!(lines[2], "These residues will be redesigned:  ['A17', 'A18', 'A80']");
    assert!(lines[3].starts_with("These residues will be fixed:  ['A16', "), "{}", lines[3]);
    let fasta = fs::read_to_string(folder.path().join("seqs/complex.fa")).unwrap();
    let sequences: Vec<&str> = fasta.lines().skip(1).step_by(2).collect();
    let file = fs::File::open(folder.path().join("stats/complex.pt")).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut tensor = |number: usize| {
        let mut bytes = Vec::new();
        archive.by_name(&format!("archive/data/{number}")).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let length = sequences[0].len();
    let alphabet = "ACDEFGHIKLMNPQRSTVWYX".as_bytes();
    let letters: String =
        tensor(0).as_chunks::<8>().0.iter().map(|&b| alphabet[i64::from_le_bytes(b) as usize] as char).collect();
    assert_eq!(letters, sequences[1..].concat());
    let floats =
        |bytes: Vec<u8>| -> Vec<f32> { bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect() };
    let (probabilities, log_probabilities) = (floats(tensor(1)), floats(tensor(2)));
    assert_eq!((probabilities.len(), log_probabilities.len()), (2 * length * 20, 2 * length * 21));
    let sums: Vec<f32> = probabilities.chunks_exact(20).map(|row| row.iter().sum()).collect();
    assert_eq!(sums.iter().filter(|sum| (**sum - 1.0).abs() < 1e-5).count(), 2 * 3);
    assert_eq!(sums.iter().filter(|sum| **sum == 0.0).count(), 2 * (length - 3));
    assert_eq!(log_probabilities.chunks_exact(21).filter(|row| row.iter().all(|p| *p < 0.0)).count(), 2 * 3);
}

#[test]
fn what_cannot_be_done_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let (out, structure) = (text(folder.path()), example("6MRR.pdb"));
    let dictionary = folder.path().join("dictionary.json");
    let path = text(&dictionary);
    let base = format!("--pdb_path {structure} --out_folder {out} --seed 1 --verbose 0");
    for (content, arguments, message) in [
        ("{}", "--symmetry_residues A1,A2".to_owned(), "--symmetry_weights: A1,A2 need 2 weights"),
        ("{}", "--symmetry_residues A1,B7 --symmetry_weights 1,1".to_owned(), "there is no residue B7"),
        ("{}", "--symmetry_residues A1,A2|A2,A3 --symmetry_weights 1,1|1,1".to_owned(), "A2 is named more than once"),
        ("{}", "--bias_AA A=1".to_owned(), "--bias_AA: \"A=1\" is not a letter and a bias"),
        ("{}", format!("--fixed_residues_multi {path}"), "it has no entry for"),
        ("{", format!("--bias_AA_per_residue {path}"), "dictionary.json: "),
        ("{}", "--omit_AA ACDEFGHIKLMNPQRSTVWY".to_owned(), "no letter can be drawn at temperature 0.1"),
        ("{}", "--parse_these_chains_only Z".to_owned(), "none of the atoms read is part of a protein"),
        ("{}", "--checkpoint_protein_mpnn nothing.pt".to_owned(), "nothing.pt is not a file"),
        ("{}", "--batch_size 0".to_owned(), "--batch_size 0: at least 1 is needed"),
        ("{}", "--pdb_path nothing.pdb".to_owned(), "nothing.pdb: cannot be read"),
        ("{}", "--temperature x".to_owned(), "argument --temperature: invalid float value: 'x'"),
    ] {
        fs::write(&dictionary, content).unwrap();
        let error = run(&format!("{base} {arguments}")).failure(2);
        assert!(error.contains(message), "{error}");
    }
    let error = run("--pdb_path x.pdb").failure(2);
    assert!(error.contains("the following arguments are required: --out_folder"), "{error}");
    let said = run(&format!("--out_folder {out}")).success();
    assert_eq!(said, "You must specify either --pdb_path or --pdb_path_multi\n");
    let said = run(&format!("{base} --model_type another")).success();
    assert!(said.ends_with("Choose one of the available models\n"), "{said}");
    // A batch survives one file that cannot be read.
    fs::write(&dictionary, format!("{{\"nothing.pdb\": \"\", {structure:?}: \"\"}}")).unwrap();
    let error = run(&format!("--pdb_path_multi {path} --out_folder {out} --seed 1")).failure(2);
    assert!(error.contains("nothing.pdb: cannot be read"), "{error}");
    assert!(folder.path().join("seqs/6MRR.fa").is_file());
}

/// A structure whose backbone lacks atoms is written all the same, where the published script ends in a traceback.
#[test]
fn residues_without_a_whole_backbone_keep_their_letters() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read_to_string(example("6MRR.pdb")).unwrap();
    let missing = |line: &&str| !(line.starts_with("ATOM") && line[12..16].trim() == "O" && line[22..26].trim() == "9");
    let structure = folder.path().join("part.pdb");
    let kept: Vec<&str> = whole.lines().filter(missing).collect();
    fs::write(&structure, kept.join("\n")).unwrap();
    let out = text(folder.path());
    run(&format!("--pdb_path {} --out_folder {out} --seed 3", text(&structure))).success();
    let fasta = fs::read_to_string(folder.path().join("seqs/part.fa")).unwrap();
    let lines: Vec<&str> = fasta.lines().collect();
    assert!(lines[0].contains("num_res=67"), "{}", lines[0]);
    assert_eq!(lines[1].as_bytes()[8], lines[3].as_bytes()[8]);
    let written = fs::read_to_string(folder.path().join("backbones/part_1.pdb")).unwrap();
    let ninth: Vec<&str> =
        written.lines().filter(|line| line.starts_with("ATOM") && line[22..26].trim() == "9").collect();
    assert_eq!(ninth.len(), 3);
    assert!(ninth.iter().all(|line| line[60..66].trim() == "0.00"), "{ninth:?}");
}
