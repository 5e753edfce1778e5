//! Results that the authors of LigandMPNN published with their code and that do not depend on random numbers: scores of
//! 1BC8 in stored decoding orders. The files are not part of this repository; where they are absent, or a checkpoint
//! is, these tests say so and pass.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::published_checkpoint::published;
use crate::shared::shared;
use fastmpnn::chemistry::{Letter, VOCABULARY, parse_sequence};
use fastmpnn::score::log_likelihood;
use fastmpnn::structure::{Structure, read_path};
use fastmpnn::{Conditioning, Engine, EngineOptions};
use zip::ZipArchive;

/// Residues of 1BC8.
const COUNT: usize = 93;

fn record(archive: &Path, ending: &str) -> Vec<u8> {
    let mut archive = ZipArchive::new(File::open(archive).unwrap()).unwrap();
    let mut bytes = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        if file.name().unwrap().ends_with(ending) {
            file.read_to_end(&mut bytes).unwrap();
            return bytes;
        }
    }
    panic!("no record {ending}")
}

/// The raw numbers of the arrays in a pickle, largest ones alone, in its order: NumPy's arrays are pickled as text
/// (opcode X and a length) whose characters are the bytes.
fn arrays(pickle: &[u8], least: usize) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + 5 <= pickle.len() {
        let length = u32::from_le_bytes(pickle[at + 1..at + 5].try_into().unwrap()) as usize;
        let text = pickle.get(at + 5..at + 5 + length).filter(|_| pickle[at] == b'X' && length >= least);
        match text.and_then(|text| std::str::from_utf8(text).ok()) {
            Some(text) => {
                found.push(text.chars().map(|c| u8::try_from(c).unwrap()).collect());
                at += 5 + length;
            }
            None => at += 1,
        }
    }
    found
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
}

fn integers(bytes: &[u8]) -> Vec<usize> {
    bytes.chunks_exact(8).map(|bytes| usize::try_from(i64::from_le_bytes(bytes.try_into().unwrap())).unwrap()).collect()
}

fn rank(order: impl IntoIterator<Item = usize>) -> Vec<u32> {
    let mut rank = vec![u32::MAX; COUNT];
    for (place, residue) in order.into_iter().enumerate() {
        rank[residue] = place as u32;
    }
    assert!(!rank.contains(&u32::MAX), "an order names every residue");
    rank
}

fn native(structure: &Structure) -> Vec<Letter> {
    structure.residues.iter().map(|residue| residue.letter).collect()
}

/// The worst difference in ln p, after checking that the likeliest letters are the same wherever one is ahead.
fn worst(found: &[[f32; VOCABULARY]], expected: &[f32], bound: f32) -> f32 {
    let best = |row: &[f32]| (0..VOCABULARY).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
    let mut worst = 0.0_f32;
    for (residue, (found, expected)) in found.iter().zip(expected.chunks_exact(VOCABULARY)).enumerate() {
        assert_eq!(best(found), best(expected), "the likeliest letter of residue {residue}");
        worst = found.iter().zip(expected).fold(worst, |worst, (a, b)| worst.max((a - b).abs()));
    }
    assert!(worst <= bound, "ln p is off by {worst:e}");
    worst
}

/// LigandMPNN v_32_010_25, and the structure that the scores are of.
fn ligand_network() -> Option<(Engine, Structure)> {
    let structure = shared("published/ligandmpnn/ligandmpnn_default/backbones/1BC8_1.pdb")?;
    let engine = Engine::with_checkpoint(&published("ligandmpnn_v_32_010_25")?, &EngineOptions::default()).unwrap();
    let structure = read_path(&structure, &Default::default()).unwrap();
    assert_eq!(structure.residues.len(), COUNT);
    Some((engine, structure))
}

#[test]
fn autoregressive_scores_are_the_published_ones() {
    let Some(path) = shared("published/ligandmpnn/autoregressive_score_w_seq/1BC8_1.pt") else { return };
    let Some((engine, structure)) = ligand_network() else { return };
    let arrays = arrays(&record(&path, "data.pkl"), 5000);
    let [_logits, _probs, log_probs, orders, ..] = &arrays[..] else { panic!("{} arrays", arrays.len()) };
    let encoding = engine.encode(&structure).unwrap();
    let (log_probs, orders) = (floats(log_probs), integers(orders));
    let mut all = 0.0_f32;
    for (expected, order) in log_probs.chunks_exact(COUNT * VOCABULARY).zip(orders.chunks_exact(COUNT)) {
        let rank = rank(order.iter().copied());
        let found = engine.autoregressive(&encoding, &structure, &native(&structure), &rank).unwrap();
        all = all.max(worst(&found, expected, 1e-4));
    }
    println!("autoregressive scores: {} orders, worst {all:.2e}", orders.len() / COUNT);
}

/// `--autoregressive_score 1 --use_sequence 0`.
#[test]
fn scores_that_hide_what_is_decoded_are_the_published_ones() {
    let Some(path) = shared("published/ligandmpnn/autoregressive_score_wo_seq/1BC8_1.pt") else { return };
    let Some((engine, structure)) = ligand_network() else { return };
    let arrays = arrays(&record(&path, "data.pkl"), 5000);
    let [logits, _probs, log_probs, orders, ..] = &arrays[..] else { panic!("{} arrays", arrays.len()) };
    let encoding = engine.encode(&structure).unwrap();
    let (logits, log_probs, orders) = (floats(logits), floats(log_probs), integers(orders));
    let (mut all, mut all_logits) = (0.0_f32, 0.0_f32);
    let size = COUNT * VOCABULARY;
    for (sample, order) in orders.chunks_exact(COUNT).enumerate() {
        let rank = rank(order.iter().copied());
        let later = |residue: usize| {
            let (own, rank) = (rank[residue], &rank);
            encoding.graph().neighbors(residue).iter().map(move |&neighbor| rank[neighbor as usize] >= own)
        };
        let visible = (0..COUNT).flat_map(later).collect();
        let found = engine.logits(&encoding, &structure, &Conditioning::VisibleNeighbors { visible }).unwrap();
        all_logits = all_logits.max(worst(&found, &logits[sample * size..][..size], 1e-3));
        let found: Vec<_> = found.iter().map(log_likelihood).collect();
        all = all.max(worst(&found, &log_probs[sample * size..][..size], 1e-4));
    }
    println!("scores that hide what is decoded: worst {all:.2e}, logits {all_logits:.2e}");
}

#[test]
fn scores_of_single_residues_are_the_published_ones() {
    let Some(path) = shared("published/ligandmpnn/single_aa_score_w_seq/1BC8_1.pt") else { return };
    let Some((engine, structure)) = ligand_network() else { return };
    let arrays = arrays(&record(&path, "data.pkl"), 5000);
    let [_logits, _probs, log_probs, orders, ..] = &arrays[..] else { panic!("{} arrays", arrays.len()) };
    let encoding = engine.encode(&structure).unwrap();
    // The first of ten orders for each residue. Whether the residue comes first or last in its own is as it was stored.
    let (log_probs, orders) = (floats(log_probs), floats(orders));
    let mut all = 0.0_f32;
    for (residue, order) in orders[..COUNT * COUNT].chunks_exact(COUNT).enumerate() {
        let rank = rank(order.iter().map(|&residue| residue as usize));
        let found = engine.autoregressive(&encoding, &structure, &native(&structure), &rank).unwrap();
        let expected = &log_probs[residue * VOCABULARY..][..VOCABULARY];
        all = all.max(worst(&found[residue..=residue], expected, 1e-4));
    }
    println!("scores of single residues: worst {all:.2e}");
}

#[test]
fn saved_statistics_of_proteinmpnn_are_the_published_ones() {
    let Some(path) = shared("published/ligandmpnn/save_stats/stats/1BC8.pt") else { return };
    let Some(structure) = shared("structures/ligandmpnn/1BC8.pdb") else { return };
    let engine = Engine::embedded(&EngineOptions::default()).unwrap();
    let structure = read_path(&structure, &Default::default()).unwrap();
    // In the order of the dictionary: generated_sequences, sampling_probs, log_probs, decoding_order, …
    let (sequence, order) = (integers(&record(&path, "data/0")), integers(&record(&path, "data/3")));
    let sequence: Vec<Letter> = sequence.into_iter().map(|index| Letter::from_index(index).unwrap()).collect();
    let header = std::fs::read_to_string(path.with_file_name("../seqs/1BC8.fa")).unwrap();
    assert_eq!(parse_sequence(header.lines().last().unwrap()).unwrap(), sequence);
    let encoding = engine.encode(&structure).unwrap();
    let found = engine.autoregressive(&encoding, &structure, &sequence, &rank(order)).unwrap();
    println!("saved statistics: worst {:.2e}", worst(&found, &floats(&record(&path, "data/2")), 1e-4));
}
