//! Sequences for a structure: what is drawn, decoded and written.

use std::fs;
use std::io::{BufWriter, Write};

use anyhow::{Result, bail};
use fastmpnn::chemistry::{Letter, Sequence, VOCABULARY};
use fastmpnn::decode::{Decoded, ReadyGroup};
use fastmpnn::model::Encoding;
use fastmpnn::score::log_likelihood;
use fastmpnn::spec::TiedGroup;

use super::draws::{self, Batch, DRAWN, LetterBits};
use super::fasta::{DesignHeader, NativeHeader, write_design, write_native};
use super::letters::PublishedLetters;
use super::model_type::ModelType;
use super::parsed::Parsed;
use super::pdb_text::{self, WrittenAtom};
use super::wishes::{Plan, membrane_labels};
use super::{Run, packing, statistics, verbose};
use crate::console::Console;
use crate::outcome::WritingTo;
use crate::python::text;
use crate::python::torch_random::TorchRandom;

/// About so many samples are decoded together: more would only take memory.
const SAMPLES_AT_A_TIME: usize = 256;

/// A structure at work; arrays by residue, N of them.
pub(super) struct Target<'a> {
    pub(super) path: &'a str,
    pub(super) parsed: Parsed,
    pub(super) native: Sequence,
    /// Whether a residue has a backbone and is designed (`mask · chain_mask`).
    pub(super) designed: Vec<bool>,
    /// Those of them that count for the confidence near ligands.
    pub(super) near_ligand: Vec<bool>,
    pub(super) plan: Plan,
}

impl Target<'_> {
    fn ties(&self) -> &[TiedGroup] {
        self.plan.ties.as_deref().unwrap_or_default()
    }
}

/// A sequence with what the files say of it.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) sequence: Sequence,
    /// ln p at T = 1, zeros where nothing is designed. `[N, V]`
    pub(super) log_probabilities: Vec<[f32; VOCABULARY]>,
    /// What the letters were drawn from, zeros where nothing is designed; only where it is to be saved. `[N, 20]`
    pub(super) probabilities: Vec<[f32; DRAWN]>,
    /// Residues, the first decoded first. `[N]`
    pub(super) order: Vec<u32>,
}

impl Sample {
    /// −ln p of each letter; zeros where nothing is designed. `[N]`
    fn losses(&self) -> Vec<f32> {
        self.log_probabilities.iter().zip(&self.sequence).map(|(row, letter)| -row[letter.index()]).collect()
    }
}

/// Designs a structure.
pub(super) fn run(run: &Run<'_>, path: &str, random: &mut TorchRandom, console: &mut dyn Console) -> Result<()> {
    let settings = run.settings;
    settings.run.say(console, format_args!("Designing protein from this path: {path}"));
    let (target, encoding) = prepare(run, path, console)?;
    let samples = samples(run, (&target, &encoding), random)?;
    if settings.values.truth("--save_stats") {
        statistics::write(run, &target, &samples)?;
    }
    let packings = packing::pack(run, (&target, &samples), random, console)?;
    write_sequences(run, &target, &samples)?;
    for (index, sample) in samples.iter().enumerate() {
        write_backbone(run, &target, (index, sample))?;
        for (pack, packings) in packings.iter().enumerate() {
            packing::write(run, &target, (index, pack), &packings[index])?;
        }
    }
    Ok(())
}

/// The number of a design in names and headers.
pub(super) fn number(run: &Run<'_>, index: usize) -> usize {
    index + usize::from(run.settings.values.given("--zero_indexed").is_none())
}

fn prepare<'a>(run: &Run<'_>, path: &'a str, console: &mut dyn Console) -> Result<(Target<'a>, Encoding)> {
    let (settings, network) = (run.settings, run.network);
    let values = &settings.values;
    let parsed = Parsed::read(path, &settings.reading)?;
    let plan = run.wishes.resolve(path, &parsed)?;
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
    let near_ligand = match network.engine.near_ligand(&parsed.structure, cutoff) {
        Some(near) => both(&designed, &near),
        None => designed.clone(),
    };
    Ok((Target { path, native: parsed.native(), designed, near_ligand, plan, parsed }, encoding))
}

fn samples(run: &Run<'_>, of: (&Target<'_>, &Encoding), random: &mut TorchRandom) -> Result<Vec<Sample>> {
    let settings = run.settings;
    let together = SAMPLES_AT_A_TIME.div_ceil(settings.run.copies);
    let mut samples = Vec::with_capacity(settings.run.batches * settings.run.copies);
    let mut left = settings.run.batches;
    while left > 0 {
        let count = left.min(together);
        let draw = |_| draws::batch(random, (&of.0.designed, of.0.plan.ties.as_deref()), settings.run.copies);
        let batches: Vec<Batch> = (0..count).map(draw).collect();
        samples.extend(decode(run, of, batches)?);
        left -= count;
    }
    Ok(samples)
}

fn decode(run: &Run<'_>, (target, encoding): (&Target<'_>, &Encoding), batches: Vec<Batch>) -> Result<Vec<Sample>> {
    let temperature = run.settings.temperature;
    let (mut orders, mut bits): (Vec<Vec<u32>>, Vec<LetterBits>) = (Vec::new(), Vec::new());
    for batch in batches {
        orders.extend(batch.orders);
        bits.extend(batch.bits);
    }
    let letters = PublishedLetters::new(
        (&target.native, &target.designed),
        (&target.plan.bias, target.ties()),
        temperature as f32,
        &bits,
    );
    let structure = &target.parsed.structure;
    let decoded = run.network.engine.decode_with(encoding, structure, target.ties(), orders.clone(), &letters)?;
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

fn probabilities(target: &Target<'_>, letters: &PublishedLetters<'_>, decoded: &Decoded) -> Vec<[f32; DRAWN]> {
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

fn write_sequences(run: &Run<'_>, target: &Target<'_>, samples: &[Sample]) -> Result<()> {
    let (settings, parsed) = (run.settings, &target.parsed);
    let path = format!("{}seqs/{}{}.fa", settings.run.folder, parsed.name, settings.values.text("--file_ending"));
    let mut out = BufWriter::new(fs::File::create(&path).writing_to(&path)?);
    let count = |of: &[bool]| of.iter().filter(|counted| **counted).count();
    let header = NativeHeader {
        designed: count(&target.designed),
        near_ligand: count(&target.near_ligand),
        model_path: &run.network.path,
    };
    write_native(&mut out, (settings, parsed), header).writing_to(&path)?;
    for (index, sample) in samples.iter().enumerate() {
        let losses = sample.losses();
        let header = DesignHeader {
            number: number(run, index),
            overall_confidence: confidence(&losses, &target.designed),
            ligand_confidence: confidence(&losses, &target.near_ligand),
            recovery: recovery(target, &sample.sequence),
        };
        let last = index + 1 == samples.len();
        write_design(&mut out, (settings, parsed), (header, &sample.sequence), last).writing_to(&path)?;
    }
    out.flush().writing_to(&path)?;
    Ok(())
}

/// exp(−mean loss) over some residues; 1 where there are none.
fn confidence(losses: &[f32], counted: &[bool]) -> f32 {
    let (mut sum, mut count) = (0.0_f64, 0_u32);
    for (loss, _) in losses.iter().zip(counted).filter(|(_, counted)| **counted) {
        sum += f64::from(*loss);
        count += 1;
    }
    let mean = (sum / (f64::from(count) + 1e-8)) as f32;
    (-mean).exp()
}

/// The share of the designed residues that have their native letter.
fn recovery(target: &Target<'_>, sequence: &[Letter]) -> f32 {
    let designed = || (0..sequence.len()).filter(|&residue| target.designed[residue]);
    let same = designed().filter(|&residue| sequence[residue] == target.native[residue]).count();
    same as f32 / designed().count() as f32
}

/// The backbone with the names of a design, the probability of each letter as B-factor, and what is no protein.
fn write_backbone(run: &Run<'_>, target: &Target<'_>, (index, sample): (usize, &Sample)) -> Result<()> {
    let parsed = &target.parsed;
    let (name, ending) = (&parsed.name, run.settings.values.text("--file_ending"));
    let path = format!("{}backbones/{name}_{}{ending}.pdb", run.settings.run.folder, number(run, index));
    let losses = sample.losses();
    let mut atoms = Vec::with_capacity(parsed.backbone.atoms.len() + parsed.others.atoms.len());
    for (&atom, residue) in parsed.backbone.atoms.iter().zip(&parsed.backbone_residues) {
        let mut written = WrittenAtom::of_group(&parsed.group, atom);
        if let Some(residue) = *residue {
            written.residue_name = sample.sequence[residue].residue_name();
            let loss = losses[residue];
            // What is all but certain counts as nothing, and so do fixed residues.
            written.b_factor = if loss > 0.01 { (-loss).exp() } else { 0.0 };
        }
        atoms.push(written);
    }
    for &atom in &parsed.others.atoms {
        atoms.push(WrittenAtom { b_factor: 0.0, ..WrittenAtom::of_group(&parsed.group, atom) });
    }
    let mut title = parsed.backbone.title();
    if !parsed.others.atoms.is_empty() {
        title = format!("AtomMap ({title}) + ({})", parsed.others.title());
    }
    let mut out = BufWriter::new(fs::File::create(&path).writing_to(&path)?);
    pdb_text::write(&mut out, &title, &atoms).writing_to(&path)?;
    out.flush().writing_to(&path)?;
    Ok(())
}
