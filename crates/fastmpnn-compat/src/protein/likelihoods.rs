//! The likelihoods of given sequences: scores, conditional and unconditional probabilities.

use std::fs;

use anyhow::{Context, Result, bail};
use fastmpnn::chemistry::{Letter, Sequence, VOCABULARY};
use fastmpnn::write::{NamedArray, Values};

use super::session::{LogProbabilities, Session, as_floats, as_indexes};
use crate::console::Console;
use crate::decoding_orders;
use crate::python::text;
use crate::python::torch_random::TorchRandom;

/// Scores the native sequence, then those of a FASTA file, each with decoding orders of its own.
pub(super) fn score(session: &Session<'_>, random: &mut TorchRandom, console: &mut dyn Console) -> Result<()> {
    let target = &session.target;
    let mut sequence = target.native.clone();
    let given = match session.settings.values.given("--path_to_fasta") {
        Some(path) => sequences(path)?,
        None => Vec::new(),
    };
    score_one(session, random, &sequence, 0, console)?;
    for (index, letters) in given.iter().enumerate() {
        // A short sequence leaves the rest of the native sequence in place.
        let place = sequence.get_mut(..letters.len()).with_context(|| {
            let (number, long, length) = (index + 1, letters.len(), target.len());
            format!("{}: sequence {number} has {long} residues, the structure {length}", target.name)
        })?;
        place.copy_from_slice(letters);
        score_one(session, random, &sequence, index + 1, console)?;
    }
    Ok(())
}

fn score_one(
    session: &Session<'_>,
    random: &mut TorchRandom,
    sequence: &Sequence,
    number: usize,
    console: &mut dyn Console,
) -> Result<()> {
    let (settings, target) = (session.settings, &session.target);
    let (mut scores, mut global_scores) = (Vec::new(), Vec::new());
    for _ in 0..settings.run.batches {
        let orders = decoding_orders::orders(random, &target.designed, settings.run.copies);
        let encoded = session.encoded(random)?;
        for (copy, order) in orders.iter().enumerate() {
            let log_probabilities =
                session.log_probabilities(&encoded, copy, sequence, &decoding_orders::rank_of(order))?;
            let pair = session.scores(&log_probabilities, sequence);
            scores.push(pair.designed);
            global_scores.push(pair.global);
        }
    }
    let file = if number == 0 { format!("{}_pdb", target.name) } else { format!("{}_fasta_{number}", target.name) };
    let array = |name, shape, values| NamedArray { name, shape, values };
    let count = scores.len();
    let arrays = [
        array("score", vec![count], Values::Float(&scores)),
        array("global_score", vec![count], Values::Float(&global_scores)),
        array("S", vec![target.len()], Values::Long(as_indexes(sequence))),
        array("seq_str", Vec::new(), Values::Text(vec![session.shown(sequence)])),
    ];
    session.write_arrays("score_only", &file, &arrays)?;
    let (mean, deviation) = mean_and_deviation(&scores);
    let (global_mean, global_deviation) = mean_and_deviation(&global_scores);
    let (name, from) = match number {
        0 => (target.name.clone(), "PDB"),
        _ => (format!("{}_{number}", target.name), "FASTA"),
    };
    settings.run.say(
        console,
        format_args!(
            "Score for {name} from {from}, mean: {mean}, std: {deviation}, sample size: {count},  global score, mean: \
         {global_mean}, std: {global_deviation}, sample size: {count}"
        ),
    );
    Ok(())
}

/// The mean and standard deviation, with four decimals.
fn mean_and_deviation(values: &[f32]) -> (String, String) {
    let count = values.len() as f64;
    let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
    let variance = values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / count;
    (text::four_decimals(mean as f32), text::four_decimals(variance.sqrt() as f32))
}

/// The sequences of a FASTA file, without the `/` between chains.
fn sequences(path: &str) -> Result<Vec<Sequence>> {
    let text = fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?;
    let mut sequences: Vec<Sequence> = Vec::new();
    for (index, line) in text.lines().map(str::trim_end).enumerate().filter(|(_, line)| !line.is_empty()) {
        if line.starts_with('>') {
            sequences.push(Vec::new());
            continue;
        }
        let Some(sequence) = sequences.last_mut() else { bail!("{path}: line {}: a header is expected", index + 1) };
        for code in line.chars().filter(|&code| code != '/') {
            let letter = Letter::from_char(code).filter(|_| code.is_ascii_uppercase());
            let wrong = || format!("{path}: line {}: {code:?} is not a residue letter", index + 1);
            sequence.push(letter.with_context(wrong)?);
        }
    }
    Ok(sequences)
}

/// ln p of each designed residue, decoded after all others; or before them, with `backbone_only`.
pub(super) fn conditional(
    session: &Session<'_>,
    random: &mut TorchRandom,
    backbone_only: bool,
    console: &mut dyn Console,
) -> Result<()> {
    let (settings, target) = (session.settings, &session.target);
    settings.run.say(console, format_args!("Calculating conditional probabilities for {}", target.name));
    let length = target.len();
    let mut rows: LogProbabilities = Vec::new();
    for _ in 0..settings.run.batches {
        let normals = random.normals(settings.run.copies * length);
        let encoded = session.encoded(random)?;
        for copy in 0..settings.run.copies {
            let normals = &normals[copy * length..][..length];
            let (structure, encoding) = encoded.copy(copy);
            // The order of the others is the same for every residue.
            let small = decoding_orders::order(&vec![backbone_only; length], normals);
            let others = decoding_orders::rank_of(&small);
            let usual = if backbone_only {
                session.engine.unconditional(encoding)?
            } else {
                session.engine.conditional(encoding, structure, &target.native, &others)?
            };
            let mut table = vec![[0.0; VOCABULARY]; length];
            for residue in (0..length).filter(|&residue| target.designed[residue]) {
                let mut sole = vec![backbone_only; length];
                sole[residue] = !backbone_only;
                let order = decoding_orders::order(&sole, normals);
                let end = if backbone_only { order.first() } else { order.last() };
                table[residue] = if end == Some(&(residue as u32)) {
                    usual[residue]
                } else {
                    // By chance another residue lies past it, which happens about once in ten thousand times.
                    let rank = decoding_orders::rank_of(&order);
                    session.log_probabilities(&encoded, copy, &target.native, &rank)?[residue]
                };
            }
            rows.extend(table);
        }
    }
    write_rows(session, "conditional_probs_only", &rows)
}

/// ln p of each residue, given the backbone alone.
pub(super) fn unconditional(session: &Session<'_>, random: &mut TorchRandom, console: &mut dyn Console) -> Result<()> {
    let (settings, target) = (session.settings, &session.target);
    settings.run.say(console, format_args!("Calculating sequence unconditional probabilities for {}", target.name));
    let mut rows: LogProbabilities = Vec::new();
    for _ in 0..settings.run.batches {
        let encoded = session.encoded(random)?;
        for copy in 0..settings.run.copies {
            rows.extend(session.engine.unconditional(encoded.copy(copy).1)?);
        }
    }
    write_rows(session, "unconditional_probs_only", &rows)
}

fn write_rows(session: &Session<'_>, folder: &str, rows: &LogProbabilities) -> Result<()> {
    let target = &session.target;
    let length = target.len();
    let (mask, designed) = (as_floats(&target.resolved), as_floats(&target.designed));
    let array = |name, shape, values| NamedArray { name, shape, values };
    let shape = vec![rows.len() / length.max(1), length, VOCABULARY];
    let arrays = [
        array("log_p", shape, Values::Float(rows.as_flattened())),
        array("S", vec![length], Values::Long(as_indexes(&target.native))),
        array("mask", vec![length], Values::Float(&mask)),
        array("design_mask", vec![length], Values::Float(&designed)),
    ];
    session.write_arrays(folder, &target.name, &arrays)
}
