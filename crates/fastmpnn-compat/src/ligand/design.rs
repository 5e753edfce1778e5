//! Sequences for a structure: drawing, decoding and writing them.

use anyhow::{Result, bail};
use fastmpnn::chemistry::VOCABULARY;
use fastmpnn::decode::{Decoded, ReadyGroup};
use fastmpnn::score::log_likelihood;

use super::draws::{self, Batch, DRAWN, LetterBits};
use super::letters::LigandLetters;
use super::model_type::ModelType;
use super::packing::PackingPlace;
use super::parsed::ParsedStructure;
use super::residue_options::membrane_labels;
use super::target::{Run, Sample, Target};
use super::{backbone, fasta, packing, statistics, verbose};
use crate::console::Console;
use crate::python::text;
use crate::python::torch_random::TorchRandom;

/// The approximate number of samples decoded together: more take memory and save no time.
const SAMPLES_AT_A_TIME: usize = 256;

/// Designs a structure.
pub(super) fn run(run: &Run<'_>, path: &str, random: &mut TorchRandom, console: &mut dyn Console) -> Result<()> {
    let settings = run.settings;
    settings.run.say(console, format_args!("Designing protein from this path: {path}"));
    let target = prepare(run, path, console)?;
    let samples = samples(run, &target, random)?;
    if settings.values.truth("--save_stats") {
        statistics::write(run, &target, &samples)?;
    }
    let packings = packing::pack(run, &target, &samples, random, console)?;
    fasta::write(run, &target, &samples)?;
    for (place, sample) in samples.iter().enumerate() {
        backbone::write(run, &target, place, sample)?;
        for (pack, packings) in packings.iter().enumerate() {
            packing::write(run, &target, PackingPlace { sample: place, pack }, &packings[place])?;
        }
    }
    Ok(())
}

fn prepare<'a>(run: &Run<'_>, path: &'a str, console: &mut dyn Console) -> Result<Target<'a>> {
    let (settings, network) = (run.settings, run.network);
    let values = &settings.values;
    let parsed = ParsedStructure::read(path, &settings.reading)?;
    let plan = run.options.resolve(path, &parsed)?;
    let labels = membrane_labels(&parsed, values, network.kind == ModelType::GlobalMembrane)?;
    if settings.run.verbose {
        verbose::print_choice(&parsed, &plan.chosen, values.truth("--homo_oligomer"), console);
        verbose::print_ligands(&parsed, network.kind == ModelType::Ligand, console);
    }
    let side_chains = values.truth("--ligand_mpnn_use_side_chain_context");
    let side_chains_of = if side_chains { plan.chosen.iter().map(|chosen| !chosen).collect() } else { Vec::new() };
    let ligands = values.truth("--ligand_mpnn_use_atom_context");
    let environment = network.environment(ligands, side_chains_of, &labels);
    let encoding = network.engine.encode_with(&parsed.structure, &environment)?;
    let both = |one: &[bool], other: &[bool]| one.iter().zip(other).map(|(one, other)| *one && *other).collect();
    let designed: Vec<bool> = both(&plan.chosen, &parsed.resolved());
    let cutoff = values.float("--ligand_mpnn_cutoff_for_score") as f32;
    let near_ligand = match network.engine.near_ligand(&parsed.structure, cutoff)? {
        Some(near) => both(&designed, &near),
        None => designed.clone(),
    };
    Ok(Target { path, native: parsed.native(), encoding, designed, near_ligand, plan, parsed })
}

fn samples(run: &Run<'_>, target: &Target<'_>, random: &mut TorchRandom) -> Result<Vec<Sample>> {
    let settings = run.settings;
    let together = SAMPLES_AT_A_TIME.div_ceil(settings.run.copies);
    let mut samples = Vec::with_capacity(settings.run.batches * settings.run.copies);
    let mut left = settings.run.batches;
    while left > 0 {
        let count = left.min(together);
        let draw = |_| draws::batch(random, &target.designed, target.plan.ties.as_deref(), settings.run.copies);
        let batches: Vec<Batch> = (0..count).map(draw).collect();
        samples.extend(decode(run, target, batches)?);
        left -= count;
    }
    Ok(samples)
}

fn decode(run: &Run<'_>, target: &Target<'_>, batches: Vec<Batch>) -> Result<Vec<Sample>> {
    let temperature = run.settings.temperature;
    let (mut orders, mut bits): (Vec<Vec<u32>>, Vec<LetterBits>) = (Vec::new(), Vec::new());
    for batch in batches {
        orders.extend(batch.orders);
        bits.extend(batch.bits);
    }
    let letters = LigandLetters::new(target, temperature as f32, &bits);
    let structure = &target.parsed.structure;
    let decoded =
        run.network.engine.decode_with(&target.encoding, structure, target.ties(), orders.clone(), &letters)?;
    let saved = run.settings.values.truth("--save_stats");
    let sample = |(decoded, order): (Decoded, Vec<u32>)| Sample {
        probabilities: if saved { probabilities(target, &letters, &decoded) } else { Vec::new() },
        log_probabilities: log_probabilities(target, &decoded),
        sequence: decoded.sequence,
        order,
    };
    let samples = decoded.into_iter().zip(orders).map(sample).collect();
    if let Some(residue) = letters.failed() {
        bail!(
            "{}: residue {}: no letter can be drawn at temperature {}: every one is omitted, or a number of the biases \
             is not finite",
            target.path,
            target.parsed.names[residue],
            text::float(temperature)
        );
    }
    Ok(samples)
}

fn log_probabilities(target: &Target<'_>, decoded: &Decoded) -> Vec<[f32; VOCABULARY]> {
    let row = |(logits, &designed): (&[f32; VOCABULARY], &bool)| {
        if designed { log_likelihood(logits) } else { [0.0; VOCABULARY] }
    };
    decoded.logits.iter().zip(&target.designed).map(row).collect()
}

fn probabilities(target: &Target<'_>, letters: &LigandLetters<'_>, decoded: &Decoded) -> Vec<[f32; DRAWN]> {
    let mut result = vec![[0.0; DRAWN]; target.native.len()];
    let mut fill = |tie: Option<usize>, members: &[usize]| {
        let logits: Vec<_> = members.iter().map(|&member| decoded.logits[member]).collect();
        let p = letters.probabilities(&ReadyGroup { sample: decoded.sample, tie, members, logits: &logits });
        for &member in members.iter().filter(|&&member| target.designed[member]) {
            result[member] = p;
        }
    };
    let mut tied = vec![false; target.native.len()];
    for (index, tie) in target.ties().iter().enumerate() {
        fill(Some(index), &tie.members);
        for &member in &tie.members {
            tied[member] = true;
        }
    }
    for residue in (0..tied.len()).filter(|&residue| !tied[residue]) {
        fill(None, &[residue]);
    }
    result
}
