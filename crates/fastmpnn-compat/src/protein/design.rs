//! Sequences for a structure: FASTA, scores and probabilities.

use std::fs;
use std::io::{BufWriter, Write};
use std::time::Instant;

use anyhow::{Result, bail};
use fastmpnn::chemistry::{Letter, Sequence, VOCABULARY};
use fastmpnn::decode::{Decoded, ReadyGroup};
use fastmpnn::score::log_likelihood;
use fastmpnn::write::{NamedArray, Values};

use super::draws::{self, LetterBits};
use super::letters::ProteinLetters;
use super::session::{Encoded, LogProbabilities, ScorePair, Session, as_floats};
use crate::console::Console;
use crate::decoding_orders;
use crate::outcome::WritingTo;
use crate::python::text;
use crate::python::torch_random::TorchRandom;

/// The approximate number of samples decoded together: more take memory and save no time.
const SAMPLES_AT_A_TIME: usize = 256;

/// The numbers that a batch draws before it is decoded.
struct Batch<'s> {
    orders: Vec<Vec<u32>>,
    bits: Vec<LetterBits>,
    encoded: Encoded<'s>,
    /// The encodings for the scores, with noise drawn again.
    encoded_again: Encoded<'s>,
}

/// A sequence with its scores.
struct Scored {
    sequence: Sequence,
    temperature: f64,
    scores: ScorePair,
    log_probabilities: LogProbabilities,
    /// The probabilities that the letters were drawn from, if they are to be saved.
    probabilities: Option<LogProbabilities>,
}

/// The arrays of all sequences.
#[derive(Default)]
struct Saved {
    scores: Vec<f32>,
    global_scores: Vec<f32>,
    probabilities: Vec<f32>,
    log_probabilities: Vec<f32>,
    letters: Vec<i32>,
}

pub(super) fn run(session: &Session<'_>, random: &mut TorchRandom, console: &mut dyn Console) -> Result<()> {
    let Session { settings, target, .. } = session;
    let native = native_scores(session, random)?;
    settings.run.say(console, format_args!("Generating sequences for: {}", target.name));
    let begin = Instant::now();
    let path = format!("{}seqs/{}.fa", settings.run.folder, target.name);
    let mut out = BufWriter::new(fs::File::create(&path).writing_to(&path)?);
    let mut saved = Saved::default();
    // Noise makes each copy a different structure, so decoding batches together gains nothing.
    let together = if settings.noise > 0.0 { 1 } else { SAMPLES_AT_A_TIME.div_ceil(settings.run.copies) };
    for &temperature in &settings.temperatures {
        let mut number = 0;
        let mut left = settings.run.batches;
        while left > 0 {
            let count = left.min(together);
            let batches = (0..count).map(|_| draw(session, random)).collect::<Result<Vec<_>>>()?;
            for sample in decode(session, &batches, temperature)? {
                if number == 0 && settings.temperatures.first() == Some(&temperature) {
                    writeln!(out, "{}\n{}", native_header(session, native), joined(session, &target.native))
                        .writing_to(&path)?;
                }
                number += 1;
                write_sample(session, &mut out, number, &sample).writing_to(&path)?;
                saved.add(sample);
            }
            left -= count;
        }
    }
    out.flush().writing_to(&path)?;
    saved.write(session)?;
    let seconds = (begin.elapsed().as_secs_f64() * 1e4).round() / 1e4;
    let count = settings.temperatures.len() * settings.run.batches * settings.run.copies;
    settings.run.say(
        console,
        format_args!("{count} sequences of length {} generated in {} seconds", target.len(), text::float(seconds)),
    );
    Ok(())
}

/// The scores of the native sequence, averaged over the copies of a batch.
fn native_scores(session: &Session<'_>, random: &mut TorchRandom) -> Result<ScorePair> {
    let Session { settings, target, .. } = session;
    let orders = decoding_orders::orders(random, &target.designed, settings.run.copies);
    let encoded = session.encoded(random)?;
    let (mut score, mut global_score) = (0.0, 0.0);
    for (copy, order) in orders.iter().enumerate() {
        let rank = decoding_orders::rank_of(order);
        let log_probabilities = session.log_probabilities(&encoded, copy, &target.native, &rank)?;
        let scores = session.scores(&log_probabilities, &target.native);
        score += f64::from(scores.designed);
        global_score += f64::from(scores.global);
    }
    let count = settings.run.copies as f64;
    Ok(ScorePair { designed: (score / count) as f32, global: (global_score / count) as f32 })
}

fn draw<'s>(session: &'s Session<'_>, random: &mut TorchRandom) -> Result<Batch<'s>> {
    let Session { settings, target, .. } = session;
    let mut orders = decoding_orders::orders(random, &target.designed, settings.run.copies);
    if let Some(ties) = &target.ties {
        let shared = decoding_orders::tied_order(&orders[0], ties);
        orders.fill(shared);
    }
    let encoded = session.encoded(random)?;
    let bits = draws::letter_bits(random, target, &orders);
    let encoded_again = session.encoded(random)?;
    Ok(Batch { orders, bits, encoded, encoded_again })
}

fn decode(session: &Session<'_>, batches: &[Batch<'_>], temperature: f64) -> Result<Vec<Scored>> {
    let target = &session.target;
    let ties = target.ties.as_deref().unwrap_or_default();
    let mut scored = Vec::new();
    // Copies that see the same structure are decoded together.
    let noisy = session.settings.noise > 0.0;
    let orders: Vec<&Vec<u32>> = batches.iter().flat_map(|batch| &batch.orders).collect();
    let bits: Vec<LetterBits> = batches.iter().flat_map(|batch| batch.bits.iter().cloned()).collect();
    let step = if noisy { 1 } else { orders.len().max(1) };
    for first in (0..orders.len()).step_by(step) {
        let share = first..first + step;
        let letters = ProteinLetters::new(target, session.rule, temperature, &bits[share.clone()]);
        let batch = &batches[first / session.settings.run.copies];
        let (structure, encoding) = batch.encoded.copy(first % session.settings.run.copies);
        let asked = orders[share].iter().map(|&order| order.clone()).collect();
        let decoded = session.engine.decode_with(encoding, structure, ties, asked, &letters)?;
        for (index, decoded) in decoded.into_iter().enumerate() {
            let probabilities =
                session.settings.values.truth("--save_probs").then(|| probabilities(session, &letters, &decoded));
            let index = first + index;
            let again = &batches[index / session.settings.run.copies].encoded_again;
            let copy = index % session.settings.run.copies;
            scored.push(score(session, Drawn { decoded, temperature, probabilities }, again, copy)?);
        }
        if let Some(residue) = letters.failed() {
            let id = &target.structure.residues[residue].id;
            bail!(
                "{}: position {} of chain {}: no letter can be drawn at temperature {}: every one is omitted, or a \
                 number of the biases is not finite",
                target.name,
                id.number,
                id.chain,
                text::float(temperature)
            );
        }
    }
    Ok(scored)
}

/// A sequence as it was decoded.
struct Drawn {
    decoded: Decoded,
    temperature: f64,
    /// The probabilities that the letters were drawn from, if they are to be saved.
    probabilities: Option<LogProbabilities>,
}

fn score(session: &Session<'_>, drawn: Drawn, encoded: &Encoded<'_>, copy: usize) -> Result<Scored> {
    let Drawn { decoded: Decoded { sequence, rank, logits, .. }, temperature, probabilities } = drawn;
    // Without ties, scoring would compute the logits of the draw again. Members of tied groups were computed before
    // their letter was known.
    let log_probabilities = if session.target.ties.is_some() || session.settings.noise > 0.0 {
        session.log_probabilities(encoded, copy, &sequence, &rank)?
    } else {
        logits.iter().map(log_likelihood).collect()
    };
    let scores = session.scores(&log_probabilities, &sequence);
    Ok(Scored { sequence, temperature, scores, log_probabilities, probabilities })
}

/// The probabilities that each letter was drawn from; zeros if none was drawn.
fn probabilities(session: &Session<'_>, letters: &ProteinLetters<'_>, decoded: &Decoded) -> LogProbabilities {
    let target = &session.target;
    let mut result = vec![[0.0; VOCABULARY]; target.len()];
    let mut fill = |tie: Option<usize>, members: &[usize]| {
        let logits: Vec<_> = members.iter().map(|&member| decoded.logits[member]).collect();
        let group = ReadyGroup { sample: decoded.sample, tie, members, logits: &logits };
        let p = letters.probabilities(&group).map(|p| p as f32);
        for &member in members {
            result[member] = p;
        }
    };
    let mut tied = vec![false; target.len()];
    for (index, tie) in target.ties.iter().flatten().enumerate() {
        for &member in &tie.members {
            tied[member] = true;
        }
        if tie.members.iter().all(|&member| target.resolved[member]) {
            fill(Some(index), &tie.members);
        }
    }
    for residue in (0..target.len()).filter(|&residue| !tied[residue] && target.resolved[residue]) {
        // Tied decoding also keeps the probabilities of fixed residues.
        if target.ties.is_some() || target.designed[residue] {
            fill(None, &[residue]);
        }
    }
    result
}

fn native_header(session: &Session<'_>, scores: ScorePair) -> String {
    let Session { settings, target, .. } = session;
    format!(
        ">{}, score={}, global_score={}, fixed_chains={}, designed_chains={}, {}={}, git_hash=unknown, seed={}",
        target.name,
        text::four_decimals(scores.designed),
        text::four_decimals(scores.global),
        text::list(&target.fixed_chains),
        text::list(&target.designed_chains),
        if settings.ca_only { "CA_model_name" } else { "model_name" },
        settings.values.text("--model_name"),
        settings.run.seed,
    )
}

fn write_sample(session: &Session<'_>, out: &mut impl Write, number: usize, sample: &Scored) -> std::io::Result<()> {
    writeln!(
        out,
        ">T={}, sample={number}, score={}, global_score={}, seq_recovery={}\n{}",
        text::float(sample.temperature),
        text::four_decimals(sample.scores.designed),
        text::four_decimals(sample.scores.global),
        text::four_decimals(recovery(session, &sample.sequence)),
        joined(session, &sample.sequence)
    )
}

/// The fraction of the designed residues that have their native letter.
fn recovery(session: &Session<'_>, sequence: &[Letter]) -> f32 {
    let target = &session.target;
    let designed = || (0..target.len()).filter(|&residue| target.designed[residue]);
    let same = designed().filter(|&residue| sequence[residue] == target.native[residue]).count();
    same as f32 / designed().count() as f32
}

/// The designed chains with `/` between them.
fn joined(session: &Session<'_>, sequence: &[Letter]) -> String {
    let shown = session.shown(sequence);
    let mut rest = shown.as_str();
    let mut chains = Vec::new();
    for &length in &session.target.designed_lengths {
        let (chain, after) = rest.split_at(length);
        chains.push(chain);
        rest = after;
    }
    chains.join("/")
}

impl Saved {
    fn add(&mut self, sample: Scored) {
        self.scores.push(sample.scores.designed);
        self.global_scores.push(sample.scores.global);
        if let Some(probabilities) = sample.probabilities {
            self.probabilities.extend(probabilities.as_flattened());
            self.log_probabilities.extend(sample.log_probabilities.as_flattened());
            self.letters.extend(sample.sequence.iter().map(|letter| letter.index() as i32));
        }
    }

    fn write(self, session: &Session<'_>) -> Result<()> {
        let Session { settings, target, .. } = session;
        if settings.values.truth("--save_score") {
            let array =
                |name, values| NamedArray { name, shape: vec![self.scores.len()], values: Values::Float(values) };
            let arrays = [array("score", &self.scores), array("global_score", &self.global_scores)];
            session.write_arrays("scores", &target.name, &arrays)?;
        }
        if settings.values.truth("--save_probs") {
            let (samples, length, copies) = (self.scores.len(), target.len(), settings.run.copies);
            let cube = vec![samples, length, VOCABULARY];
            let mask = as_floats(&target.designed).repeat(copies);
            let letters = vec![target.chain_letters.clone(); copies].concat();
            let array = |name, shape, values| NamedArray { name, shape, values };
            let arrays = [
                array("probs", cube.clone(), Values::Float(&self.probabilities)),
                array("log_probs", cube, Values::Float(&self.log_probabilities)),
                array("S", vec![samples, length], Values::Integer(self.letters)),
                array("mask", vec![copies, length], Values::Float(&mask)),
                array("chain_order", vec![copies, target.chain_letters.len()], Values::Text(letters)),
            ];
            session.write_arrays("probs", &target.name, &arrays)?;
        }
        Ok(())
    }
}
