//! `protein_mpnn_run.py`: the published script's options, output and random numbers, our network.
//!
//! Source: the published `protein_mpnn_run.py` and `protein_mpnn_utils.py`.

mod by_number;
mod design;
mod dictionaries;
pub(crate) mod draws;
mod entries;
mod letters;
mod likelihoods;
mod settings;
mod target;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use fastmpnn::Engine;
use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::model::Encoding;
use fastmpnn::structure::Structure;
use fastmpnn::write::{NamedArray, write_npz};

use super::checkpoints;
use super::python::argparse::Values;
use super::python::{json::Json, json::Object, text};
use crate::console::Console;
use crate::outcome::{OutputFailure, WritingTo, sentence};
use crate::python::torch_random::TorchRandom;
use dictionaries::Dictionaries;
use letters::Rule;
use settings::{Settings, Task};
use target::Target;

pub(super) use entries::Entry;
pub(super) use settings::PARSER;

/// ln p by residue and letter.
type LogProbabilities = Vec<[f32; VOCABULARY]>;

/// Runs the script; the number is how many structures failed.
pub(super) fn run(values: Values, script: &Path, console: &mut dyn Console) -> Result<usize> {
    let settings = Settings::new(values)?;
    if settings.values.given("--path_to_model_weights").is_none() {
        if settings.ca_only {
            console.line("Using CA-ProteinMPNN!");
            if settings.values.switch("--use_soluble_model") {
                console.line("WARNING: CA-SolubleMPNN is not available yet");
                return Ok(0);
            }
        } else if settings.values.switch("--use_soluble_model") {
            console.line("Using ProteinMPNN trained on soluble proteins only!");
        }
    }
    let mut dictionaries = Dictionaries::load(&settings, console)?;
    let rule = rule(&settings, &dictionaries)?;
    let entries = entries(&settings, &mut dictionaries, console)?;
    let checkpoint = checkpoints::protein(&settings.values, script)?;
    let engine = Engine::with_checkpoint(&checkpoint, &console.engine_options())?;
    settings.say(console, RULE);
    settings.say(console, format_args!("Number of edges: {}", engine.model().config().neighbors));
    let noise = checkpoint.noise().map_or_else(|| "None".to_owned(), text::float);
    settings.say(console, format_args!("Training noise level: {noise}A"));
    let mut folders = vec!["seqs"];
    folders.extend(settings.values.truth("--save_score").then_some("scores"));
    folders.extend(settings.values.truth("--score_only").then_some("score_only"));
    folders.extend(settings.values.truth("--conditional_probs_only").then_some("conditional_probs_only"));
    folders.extend(settings.values.truth("--unconditional_probs_only").then_some("unconditional_probs_only"));
    folders.extend(settings.values.truth("--save_probs").then_some("probs"));
    for folder in folders {
        let path = format!("{}{folder}", settings.folder);
        fs::create_dir_all(&path).writing_to(path)?;
    }
    let mut random = TorchRandom::new(settings.seed);
    random.skip(checkpoints::initial_draws(&checkpoint)?);
    let mut failed = 0;
    for entry in &entries {
        let session = Target::new(entry, &dictionaries, settings.ca_only)
            .and_then(|target| Session::new(&engine, &settings, &rule, target));
        let result = session.and_then(|session| match settings.task {
            Task::Design => design::run(&session, &mut random, console),
            Task::Score => likelihoods::score(&session, &mut random, console),
            Task::Conditional { backbone_only } => {
                likelihoods::conditional(&session, &mut random, backbone_only, console)
            }
            Task::Unconditional => likelihoods::unconditional(&session, &mut random, console),
        });
        if let Err(error) = result {
            if error.downcast_ref::<OutputFailure>().is_some() {
                return Err(error);
            }
            // The script would end here. The structures after it have other random numbers than they would alone.
            console.error(&sentence(&error));
            failed += 1;
        }
    }
    Ok(failed)
}

const RULE: &str = "----------------------------------------";

fn rule(settings: &Settings, dictionaries: &Dictionaries) -> Result<Rule> {
    let values = &settings.values;
    let mut bias = [0.0; VOCABULARY];
    for letter in Letter::all() {
        let key = letter.to_char().to_string();
        if let Some(number) = dictionaries.letter_bias.as_ref().and_then(|dictionary| dictionary.get(&key)) {
            bias[letter.index()] =
                number.as_f64().with_context(|| format!("--bias_AA_jsonl: {} is no bias of {key}", number.dumps()))?;
        }
    }
    let mut omitted = [false; VOCABULARY];
    for letter in Letter::all() {
        omitted[letter.index()] = values.text("--omit_AAs").contains(letter.to_char());
    }
    Ok(Rule {
        omitted,
        bias,
        pssm_multi: values.float("--pssm_multi") as f32,
        pssm_threshold: values.float("--pssm_threshold") as f32,
        log_odds: values.truth("--pssm_log_odds_flag"),
        pssm_bias: values.truth("--pssm_bias_flag"),
    })
}

/// The structures of the run, and for a single file which of its chains are designed.
fn entries(settings: &Settings, dictionaries: &mut Dictionaries, console: &mut dyn Console) -> Result<Vec<Entry>> {
    let most = settings.values.int("--max_length");
    let fits = |entry: &Entry| entry.sequence.chars().count() as i64 <= most;
    if let Some(path) = settings.values.given("--pdb_path") {
        let entry = Entry::of_file(path)?;
        let all: Vec<&str> = entry.chains.iter().map(|chain| chain.letter.as_str()).collect();
        let named: Vec<&str> = settings.values.text("--pdb_path_chains").split_whitespace().collect();
        let designed = if named.is_empty() { all.clone() } else { named };
        let fixed: Vec<&str> = all.into_iter().filter(|letter| !designed.contains(letter)).collect();
        let mut chains = Object::default();
        chains.insert(&entry.name, Json::List(vec![Json::list(designed, Json::text), Json::list(fixed, Json::text)]));
        dictionaries.chains = Some(chains);
        return Ok(if fits(&entry) { vec![entry] } else { Vec::new() });
    }
    let path = settings.values.text("--jsonl_path");
    let lines = fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?;
    let (mut entries, mut bad, mut long) = (Vec::new(), 0, 0);
    for (index, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let entry = Entry::of_json(line).with_context(|| format!("{path}: line {}", index + 1))?;
        let characters = entry.bad_characters();
        if !characters.is_empty() {
            let quoted: Vec<String> = characters.iter().map(|code| text::quoted(&code.to_string())).collect();
            settings.say(console, format_args!("{} {{{}}} {}", entry.name, quoted.join(", "), entry.sequence));
            bad += 1;
        } else if fits(&entry) {
            entries.push(entry);
        } else {
            long += 1;
        }
    }
    settings.say(console, format_args!("discarded {{'bad_chars': {bad}, 'too_long': {long}, 'bad_seq_length': 0}}"));
    Ok(entries)
}

/// A structure at work.
struct Session<'a> {
    engine: &'a Engine,
    settings: &'a Settings,
    rule: &'a Rule,
    target: Target,
    /// Without noise.
    encoding: Encoding,
}

/// What the copies of a batch are encoded as.
enum Encoded<'s> {
    /// All the same.
    Shared(&'s Structure, &'s Encoding),
    /// Each with noise of its own.
    Noisy(Vec<(Structure, Encoding)>),
}

impl Encoded<'_> {
    fn copy(&self, copy: usize) -> (&Structure, &Encoding) {
        match self {
            Encoded::Shared(structure, encoding) => (structure, encoding),
            Encoded::Noisy(copies) => (&copies[copy].0, &copies[copy].1),
        }
    }
}

impl<'a> Session<'a> {
    fn new(engine: &'a Engine, settings: &'a Settings, rule: &'a Rule, target: Target) -> Result<Session<'a>> {
        let encoding = engine.encode(&target.structure)?;
        Ok(Session { engine, settings, rule, target, encoding })
    }

    /// The encodings that one call of the published network would make: noise is drawn anew at each.
    fn encoded(&self, random: &mut TorchRandom) -> Result<Encoded<'_>> {
        let noise = self.settings.noise;
        if noise <= 0.0 {
            return Ok(Encoded::Shared(&self.target.structure, &self.encoding));
        }
        let amount = (noise, self.settings.copies);
        let copies = draws::noisy_copies(random, &self.target.structure, amount, self.settings.ca_only);
        let encode = |structure: Structure| -> Result<(Structure, Encoding)> {
            let encoding = self.engine.encode(&structure)?;
            Ok((structure, encoding))
        };
        Ok(Encoded::Noisy(copies.into_iter().map(encode).collect::<Result<_>>()?))
    }

    /// ln p of a sequence in an order, as a copy sees the structure.
    fn log_probabilities(
        &self,
        encoded: &Encoded<'_>,
        copy: usize,
        sequence: &[Letter],
        rank: &[u32],
    ) -> Result<LogProbabilities> {
        let (structure, encoding) = encoded.copy(copy);
        Ok(self.engine.autoregressive(encoding, structure, sequence, rank)?)
    }

    /// −ln p averaged over the designed residues, and over all that have a backbone.
    fn scores(&self, log_probabilities: &LogProbabilities, sequence: &[Letter]) -> (f32, f32) {
        let mean = |counted: &[bool]| {
            let (mut total, mut count) = (0.0, 0.0);
            for ((row, letter), _) in
                log_probabilities.iter().zip(sequence).zip(counted).filter(|(_, counted)| **counted)
            {
                total -= f64::from(row[letter.index()]);
                count += 1.0;
            }
            (total / count) as f32
        };
        (mean(&self.target.designed), mean(&self.target.resolved))
    }

    /// Writes arrays to `OUT/FOLDER/NAME.npz`.
    fn write_arrays(&self, folder: &str, name: &str, arrays: &[NamedArray<'_>]) -> Result<()> {
        let path = format!("{}{folder}/{name}.npz", self.settings.folder);
        let file = fs::File::create(&path).writing_to(&path)?;
        write_npz(std::io::BufWriter::new(file), arrays).writing_to(&path)?;
        Ok(())
    }

    /// The letters of the designed chains in a row.
    fn shown(&self, sequence: &[Letter]) -> String {
        let shown = sequence.iter().zip(&self.target.shown).filter(|(_, shown)| **shown);
        shown.map(|(letter, _)| letter.to_char()).collect()
    }
}

/// Truth values as the published arrays have them.
fn as_floats(flags: &[bool]) -> Vec<f32> {
    flags.iter().map(|&flag| if flag { 1.0 } else { 0.0 }).collect()
}

/// Letters as the published arrays have them.
fn as_indexes(sequence: &[Letter]) -> Vec<i64> {
    sequence.iter().map(|letter| letter.index() as i64).collect()
}
