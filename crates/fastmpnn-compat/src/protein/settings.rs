//! The options of `protein_mpnn_run.py`, with the published defaults.

use anyhow::{Result, bail};

use crate::python::argparse::{Flag, Parser, Takes, Values, flag, optional, switch};
use crate::python::text;
use crate::run_options::{self, RunOptions};

use Takes::{Float, Int, Text};

const FLAGS: &[Flag] = &[
    flag("--suppress_print", Int, "0", "1: print nothing"),
    switch("--ca_only", "read CA atoms alone, with the networks trained for it"),
    flag("--path_to_model_weights", Text, "", "folder that holds MODEL_NAME.pt"),
    flag("--model_name", Text, "v_48_020", "v_48_002, v_48_010, v_48_020 or v_48_030"),
    switch("--use_soluble_model", "the networks trained on soluble proteins"),
    flag("--seed", Int, "0", "0: a random one below 999"),
    flag("--save_score", Int, "0", "1: write the scores of all sequences, scores/NAME.npz"),
    flag("--save_probs", Int, "0", "1: write probabilities at every residue, probs/NAME.npz"),
    flag("--score_only", Int, "0", "1: score the sequence of the structure and of --path_to_fasta"),
    flag("--path_to_fasta", Text, "", "sequences to score, designed chains in order, / between them or not"),
    flag("--conditional_probs_only", Int, "0", "1: ln p of each residue, given all other letters"),
    flag("--conditional_probs_only_backbone", Int, "0", "1: the same with the residue decoded first"),
    flag("--unconditional_probs_only", Int, "0", "1: ln p of each residue, given the backbone alone"),
    flag("--backbone_noise", Float, "0.0", "standard deviation of noise on the coordinates, in A"),
    flag("--num_seq_per_target", Int, "1", "sequences per structure, rounded down to a multiple of the batch size"),
    flag("--batch_size", Int, "1", "copies that torch would decode together; it changes the random numbers"),
    flag("--max_length", Int, "200000", "longer structures are left out"),
    flag("--sampling_temp", Text, "0.1", "temperatures, separated by spaces"),
    optional("--out_folder", "folder for all results"),
    flag("--pdb_path", Text, "", "a structure"),
    flag("--pdb_path_chains", Text, "", "its chains to design, separated by spaces"),
    optional("--jsonl_path", "structures, as parse_multiple_chains.py writes them"),
    flag("--chain_id_jsonl", Text, "", "designed and fixed chains"),
    flag("--fixed_positions_jsonl", Text, "", "fixed positions, counted from 1 in each chain"),
    flag("--omit_AAs", Text, "X", "letters that are not drawn; they replace the default X"),
    flag("--bias_AA_jsonl", Text, "", "biases by letter"),
    flag("--bias_by_res_jsonl", Text, "", "biases by position and letter"),
    flag("--omit_AA_jsonl", Text, "", "letters that are not drawn, by position"),
    flag("--pssm_jsonl", Text, "", "position-specific scores"),
    flag("--pssm_multi", Float, "0.0", "share of the position-specific probabilities, 0 to 1"),
    flag("--pssm_threshold", Float, "0.0", "letters with log odds up to this are masked"),
    flag("--pssm_log_odds_flag", Int, "0", "1: mask by log odds"),
    flag("--pssm_bias_flag", Int, "0", "1: mix in the position-specific probabilities"),
    flag("--tied_positions_jsonl", Text, "", "positions that share a letter"),
];

/// The script.
pub(crate) const PARSER: Parser = Parser { program: "protein_mpnn_run.py", flags: FLAGS };

/// The line between the parts of the printed output.
pub(super) const RULE: &str = "----------------------------------------";

/// The task for each structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    Design,
    Score,
    Conditional { backbone_only: bool },
    Unconditional,
}

/// The settings that the options give.
#[derive(Clone, Debug)]
pub(super) struct ProteinSettings {
    pub(super) values: Values,
    pub(super) run: RunOptions,
    pub(super) ca_only: bool,
    pub(super) task: Task,
    pub(super) temperatures: Vec<f64>,
    /// Standard deviation of the noise on the coordinates, Å.
    pub(super) noise: f32,
}

impl ProteinSettings {
    pub(super) fn new(values: Values) -> Result<ProteinSettings> {
        if values.given("--pdb_path").is_none() && values.given("--jsonl_path").is_none() {
            bail!("protein_mpnn_run.py needs --pdb_path or --jsonl_path");
        }
        let copies = values.int("--batch_size");
        if copies < 1 {
            bail!("--batch_size {copies} is not a batch size");
        }
        let batches = values.int("--num_seq_per_target").div_euclid(copies).max(0);
        let mut temperatures = Vec::new();
        for word in values.text("--sampling_temp").split_whitespace() {
            match text::parse_float(word) {
                Some(temperature) => temperatures.push(temperature),
                None => bail!("--sampling_temp: {word:?} is not a temperature"),
            }
        }
        let task = if values.truth("--score_only") {
            Task::Score
        } else if values.truth("--conditional_probs_only") {
            Task::Conditional { backbone_only: values.truth("--conditional_probs_only_backbone") }
        } else if values.truth("--unconditional_probs_only") {
            Task::Unconditional
        } else {
            Task::Design
        };
        Ok(ProteinSettings {
            run: RunOptions {
                folder: run_options::folder(&values, PARSER.program)?,
                verbose: values.int("--suppress_print") == 0,
                seed: run_options::seed(&values, 0..999),
                copies: copies as usize,
                batches: batches as usize,
            },
            ca_only: values.switch("--ca_only"),
            task,
            temperatures,
            noise: values.float("--backbone_noise") as f32,
            values,
        })
    }
}
