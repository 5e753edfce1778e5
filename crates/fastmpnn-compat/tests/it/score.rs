//! `score.py` against what the published script writes.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use fastmpnn::weights::Checkpoint;

use crate::captured::{example, root, script, text, words};
use crate::shared::shared;

fn golden(name: &str) -> PathBuf {
    root().join("tests/golden/compat_score").join(name)
}

/// The bytes of the first arrays in a file, in its order: a NumPy array of any size is a long text in the pickle (opcode X
/// and a length) whose characters are its bytes.
fn arrays(file: &Path) -> Vec<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(fs::File::open(file).unwrap()).unwrap();
    let mut pickle = Vec::new();
    // The folder in the archive is called after the file, or `archive`.
    archive.by_index(0).unwrap().read_to_end(&mut pickle).unwrap();
    let (mut found, mut at) = (Vec::new(), 0);
    while at + 5 <= pickle.len() && found.len() < 7 {
        let length = u32::from_le_bytes(pickle[at + 1..at + 5].try_into().unwrap()) as usize;
        let content = pickle.get(at + 5..at + 5 + length).filter(|_| pickle[at] == b'X' && length >= 200);
        match content.and_then(|content| std::str::from_utf8(content).ok()) {
            Some(content) => {
                found.push(content.chars().map(|character| u8::try_from(character).unwrap()).collect());
                at += 5 + length;
            }
            None => at += 1,
        }
    }
    found
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}

fn integers(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&bytes| i32::from_le_bytes(bytes) as f32).collect()
}

fn long_integers(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&bytes| i64::from_le_bytes(bytes) as f32).collect()
}

#[test]
fn scores_are_the_published_ones() {
    let goldens = Checkpoint::open(&golden("statistics.safetensors")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for line in fs::read_to_string(golden("cases.txt")).unwrap().lines() {
        let (case, rest) = line.split_once(": ").unwrap();
        let (structure, options) = rest.split_once(' ').unwrap();
        let (path, out) = (example(&format!("{structure}.pdb")), text(&folder.path().join(case)));
        let mut arguments = ["--pdb_path", &path, "--out_folder", &out].map(str::to_owned).to_vec();
        arguments.extend(words(options, '\''));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let said = script("score.py", &arguments).success();
        assert!(
            said.starts_with(&format!("Designing protein from this path: {path}\nThese residues will be")),
            "{said}"
        );
        let found = arrays(&Path::new(&out).join(format!("{structure}.pt")));
        let [logits, probs, log_probs, orders, native, mask, chain_mask] = &found[..] else {
            panic!("{case}: {} arrays", found.len())
        };
        let expected = |key: &str| goldens.tensor(&format!("{case}.{key}")).unwrap().values().into_owned();

        let logits = floats(logits);
        assert_eq!(logits.len(), expected("logits").len(), "{case}");
        let worst = logits.iter().zip(expected("logits")).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
        println!("{case}: logits differ by {worst:.1e}");
        assert!(worst < 1e-4, "{case}: {worst:e}");
        for ((logits, log_probs), probs) in
            logits.chunks_exact(21).zip(floats(log_probs).chunks_exact(21)).zip(floats(probs).chunks_exact(21))
        {
            let total: f32 = logits.iter().map(|logit| logit.exp()).sum();
            for letter in 0..21 {
                assert!((log_probs[letter] - (logits[letter] - total.ln())).abs() < 1e-5, "{case}");
                assert!((probs[letter] - log_probs[letter].exp()).abs() < 1e-6, "{case}");
            }
        }
        // Whole numbers for one order, floats if each residue has its own.
        let orders = if matches!(case, "first" | "last") { floats(orders) } else { long_integers(orders) };
        assert_eq!(&orders, &expected("decoding_order"), "{case}");
        assert_eq!(&integers(native), &expected("native_sequence"), "{case}");
        assert_eq!(&integers(mask), &expected("mask"), "{case}");
        // With named residues the mask has 64 bits.
        let named = options.contains("residues");
        let chain_mask = if named { long_integers(chain_mask) } else { integers(chain_mask) };
        assert_eq!(&chain_mask, &expected("chain_mask"), "{case}");
        compared += 1;
    }
    assert!(compared >= 5, "only {compared} cases");
}

/// The examples of LigandMPNN's README, whose results the authors published: decoding orders to the bit.
#[test]
fn the_authors_examples_give_their_results() {
    let Some(published) = shared("published/ligandmpnn") else { return };
    if crate::published_checkpoint::published("ligandmpnn_v_32_010_25").is_none() {
        return;
    }
    let structure = text(&published.join("ligandmpnn_default/backbones/1BC8_1.pdb"));
    let folder = tempfile::tempdir().unwrap();
    for (kind, folder_ending, use_sequence) in [
        ("autoregressive_score", "w_seq", "1"),
        ("autoregressive_score", "wo_seq", "0"),
        ("single_aa_score", "w_seq", "1"),
        ("single_aa_score", "wo_seq", "0"),
    ] {
        let name = format!("{kind}_{folder_ending}");
        let out = text(&folder.path().join(&name));
        let base = ["--model_type", "ligand_mpnn", "--seed", "111", "--number_of_batches", "10"];
        let flag = format!("--{kind}");
        let more = ["--pdb_path", &structure, "--out_folder", &out, "--use_sequence", use_sequence, &flag, "1"];
        script("score.py", &[&base[..], &more].concat()).success();
        let (found, expected) =
            (arrays(&Path::new(&out).join("1BC8_1.pt")), arrays(&published.join(&name).join("1BC8_1.pt")));
        assert_eq!(found.len(), 7, "{name}");
        for (array, (found, expected)) in found.iter().zip(&expected).enumerate() {
            // Logits, probabilities and their logarithms come first.
            if array < 3 {
                let pairs = floats(found).into_iter().zip(floats(expected));
                let worst = pairs.map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
                println!("{name}: array {array} differs by {worst:.1e}");
                assert!(found.len() == expected.len() && worst < 1e-4, "{name}: array {array}: {worst:e}");
            } else {
                assert!(found == expected, "{name}: array {array}");
            }
        }
    }
}

/// A list of names by path works as a list; of a text every substring counts.
#[test]
fn a_text_of_residues_names_their_beginnings_too() {
    let folder = tempfile::tempdir().unwrap();
    let (structure, dictionary) = (example("6MRR.pdb"), folder.path().join("fixed.json"));
    let fixed = |residues: &str| {
        fs::write(&dictionary, format!("{{{structure:?}: {residues}}}")).unwrap();
        let (out, dictionary) = (text(folder.path()), text(&dictionary));
        let arguments = ["--pdb_path", &structure, "--out_folder", &out, "--seed", "1"];
        let more = ["--autoregressive_score", "1", "--fixed_residues_multi", &dictionary];
        let said = script("score.py", &[&arguments[..], &more].concat()).success();
        let line = said.lines().find_map(|line| line.strip_prefix("These residues will be fixed:  ")).unwrap();
        line.to_owned()
    };
    assert_eq!(fixed("[\"A12\", \"A3\"]"), "['A3', 'A12']");
    assert_eq!(fixed("\"A12 A3\""), "['A1', 'A3', 'A12']");
    assert_eq!(fixed("\"B1\""), "[]");
}

#[test]
fn what_ends_at_once_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let (structure, out) = (example("6MRR.pdb"), text(folder.path()));
    let run = |extra: &[&str]| {
        let base = ["--pdb_path", &structure, "--out_folder", &out, "--seed", "1"];
        script("score.py", &[&base[..], extra].concat())
    };
    assert_eq!(run(&["--model_type", "another"]).success(), "Choose one of the available models\n");
    let neither = run(&["--single_aa_score", "0", "--verbose", "0"]).success();
    assert_eq!(neither, "Set either autoregressive_score or single_aa_score to True\n");
    let neither = run(&["--single_aa_score", "0"]).success();
    assert!(neither.starts_with("Designing protein from this path: ") && neither.lines().count() == 5, "{neither}");
    for (arguments, message) in [
        (&["--symmetry_residues", "A1,B7"][..], "--symmetry_residues: there is no residue B7"),
        (&["--symmetry_residues", "A1,A2|A2,A3"], "A2 is named more than once"),
        (&["--batch_size", "0"], "--batch_size 0: at least 1 is needed"),
        (&["--checkpoint_protein_mpnn", "nothing.pt"], "nothing.pt is not a file"),
        (&["--pdb_path", "nothing.pdb"], "nothing.pdb"),
        (&["--use_sequence", "x"], "argument --use_sequence: invalid int value: 'x'"),
        (&["--temperature", "1"], "unrecognized arguments: --temperature 1"),
    ] {
        let error = run(arguments).failure(2);
        assert!(error.contains(message), "{error}");
    }
    let error = script("score.py", &["--pdb_path", &structure]).failure(2);
    assert!(error.contains("score.py needs --out_folder"), "{error}");
    let help = script("score.py", &["-h"]).success();
    let help: Vec<&str> = help.split_whitespace().collect();
    let help = help.join(" ");
    for fault in ["the wrong way round", "hides these residues altogether", "'C72' names C7, too"] {
        assert!(help.contains(fault), "{help}");
    }
}
