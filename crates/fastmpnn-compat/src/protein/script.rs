//! Runs the script from its options to its files, structure by structure.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context, Result};
use fastmpnn::Engine;
use fastmpnn::chemistry::{Letter, VOCABULARY};

use super::by_number::read_entry;
use super::dictionaries::Dictionaries;
use super::entries::Entry;
use super::letters::LetterRule;
use super::session::Session;
use super::settings::{ProteinSettings, RULE, Task};
use super::target::Target;
use super::{design, likelihoods};
use crate::checkpoints;
use crate::console::Console;
use crate::outcome::{WritingTo, each_structure};
use crate::python::argparse::Values;
use crate::python::json::{Json, Object};
use crate::python::text;
use crate::python::torch_random::TorchRandom;

/// Runs the script; returns the number of structures that failed.
pub(crate) fn run(values: Values, script: &Path, console: &mut dyn Console) -> Result<usize> {
    let settings = ProteinSettings::new(values)?;
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
    settings.run.say(console, RULE);
    settings.run.say(console, format_args!("Number of edges: {}", engine.model().config().neighbors));
    let noise = checkpoint.noise().map_or_else(|| "None".to_owned(), text::float);
    settings.run.say(console, format_args!("Training noise level: {noise}A"));
    let mut folders = vec!["seqs"];
    folders.extend(settings.values.truth("--save_score").then_some("scores"));
    folders.extend(settings.values.truth("--score_only").then_some("score_only"));
    folders.extend(settings.values.truth("--conditional_probs_only").then_some("conditional_probs_only"));
    folders.extend(settings.values.truth("--unconditional_probs_only").then_some("unconditional_probs_only"));
    folders.extend(settings.values.truth("--save_probs").then_some("probs"));
    for folder in folders {
        let path = format!("{}{folder}", settings.run.folder);
        fs::create_dir_all(&path).writing_to(path)?;
    }
    let mut random = TorchRandom::new(settings.run.seed);
    random.skip(checkpoints::initial_draws(&checkpoint)?);
    each_structure(&entries, console, |entry, console| {
        let target = Target::new(entry, &dictionaries, settings.ca_only)?;
        let session = Session::new(&engine, &settings, &rule, target)?;
        match settings.task {
            Task::Design => design::run(&session, &mut random, console),
            Task::Score => likelihoods::score(&session, &mut random, console),
            Task::Conditional { backbone_only } => {
                likelihoods::conditional(&session, &mut random, backbone_only, console)
            }
            Task::Unconditional => likelihoods::unconditional(&session, &mut random, console),
        }?;
        Ok(ControlFlow::Continue(()))
    })
}

fn rule(settings: &ProteinSettings, dictionaries: &Dictionaries) -> Result<LetterRule> {
    let values = &settings.values;
    let mut bias = [0.0; VOCABULARY];
    for letter in Letter::all() {
        let key = letter.to_char().to_string();
        if let Some(number) = dictionaries.letter_bias.as_ref().and_then(|dictionary| dictionary.get(&key)) {
            bias[letter.index()] = number
                .as_f64()
                .with_context(|| format!("--bias_AA_jsonl: {} is not a bias for {key}", number.dumps()))?;
        }
    }
    let mut omitted = [false; VOCABULARY];
    for letter in Letter::all() {
        omitted[letter.index()] = values.text("--omit_AAs").contains(letter.to_char());
    }
    Ok(LetterRule {
        omitted,
        bias,
        pssm_multi: values.float("--pssm_multi") as f32,
        pssm_threshold: values.float("--pssm_threshold") as f32,
        log_odds: values.truth("--pssm_log_odds_flag"),
        pssm_bias: values.truth("--pssm_bias_flag"),
    })
}

/// The structures of the run, and for a single file the chains that are designed.
fn entries(
    settings: &ProteinSettings,
    dictionaries: &mut Dictionaries,
    console: &mut dyn Console,
) -> Result<Vec<Entry>> {
    let most = settings.values.int("--max_length");
    let fits = |entry: &Entry| entry.sequence.chars().count() as i64 <= most;
    if let Some(path) = settings.values.given("--pdb_path") {
        let entry = read_entry(path)?;
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
            settings.run.say(console, format_args!("{} {{{}}} {}", entry.name, quoted.join(", "), entry.sequence));
            bad += 1;
        } else if fits(&entry) {
            entries.push(entry);
        } else {
            long += 1;
        }
    }
    settings
        .run
        .say(console, format_args!("discarded {{'bad_chars': {bad}, 'too_long': {long}, 'bad_seq_length': 0}}"));
    Ok(entries)
}
