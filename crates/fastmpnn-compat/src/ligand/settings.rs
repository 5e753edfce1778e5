//! The options of `run.py`, with the published defaults.

use std::fs;

use anyhow::{Context, Result, anyhow, bail};

use super::flags;
use super::model_type::ModelType;
use super::parsed::Reading;
use crate::python::argparse::{Flag, Parser, Takes, Values, flag, optional, required};
use crate::python::json::Json;
use crate::run_options::{self, RunOptions};

use Takes::{Float, Int, Text};

const FLAGS: &[Flag] = &[
    flags::MODEL_TYPE,
    flags::checkpoint("--checkpoint_protein_mpnn", "proteinmpnn_v_48_020.pt"),
    flags::checkpoint("--checkpoint_ligand_mpnn", "ligandmpnn_v_32_010_25.pt"),
    flags::checkpoint("--checkpoint_per_residue_label_membrane_mpnn", "per_residue_label_membrane_mpnn_v_48_020.pt"),
    flags::checkpoint("--checkpoint_global_label_membrane_mpnn", "global_label_membrane_mpnn_v_48_020.pt"),
    flags::checkpoint("--checkpoint_soluble_mpnn", "solublempnn_v_48_020.pt"),
    flag(
        "--fasta_seq_separation",
        Text,
        ":",
        "separator between the chains of a sequence; its last character is left out at the end",
    ),
    flag("--verbose", Int, "1", "0: print next to nothing"),
    optional("--pdb_path", "a structure"),
    optional("--pdb_path_multi", "a JSON file whose keys are paths of structures"),
    flag("--fixed_residues", Text, "", "residues that keep their letters, 'A12 A13 B2'"),
    flag("--fixed_residues_multi", Text, "", "a JSON file of the same by path"),
    flag("--redesigned_residues", Text, "", "residues that are designed, all others are fixed"),
    flag("--redesigned_residues_multi", Text, "", "a JSON file of the same by path"),
    flag("--bias_AA", Text, "", "biases by letter, 'A:-1.024,P:2.34'"),
    flag("--bias_AA_per_residue", Text, "", "a JSON file, {'A12': {'G': -0.3}}"),
    flag("--bias_AA_per_residue_multi", Text, "", "a JSON file of the same by path"),
    flag("--omit_AA", Text, "", "letters that are not drawn, 'ACG'"),
    flag("--omit_AA_per_residue", Text, "", "a JSON file, {'A12': 'APQ'}"),
    flag("--omit_AA_per_residue_multi", Text, "", "a JSON file of the same by path"),
    flag(
        "--symmetry_residues",
        Text,
        "",
        "residues that share a letter, 'A12,A13|C2,C3'; they need --symmetry_weights",
    ),
    flag("--symmetry_weights", Text, "", "their weights, '1.01,1.0|-1.0,2.0'"),
    flag("--homo_oligomer", Int, "0", "1: residues of one number in all chains share a letter"),
    required("--out_folder", "folder for all results"),
    flags::FILE_ENDING,
    optional("--zero_indexed", "any text, 0 as well: number the designs from 0"),
    flags::SEED,
    flag("--batch_size", Int, "1", "sequences that torch would decode together; it changes the random numbers"),
    flags::NUMBER_OF_BATCHES,
    flag("--temperature", Float, "0.1", "sampling temperature"),
    flag("--save_stats", Int, "0", "1: write stats/NAME.pt"),
    flags::USE_ATOM_CONTEXT,
    flag("--ligand_mpnn_cutoff_for_score", Float, "8.0", "residues nearer to a ligand count for its confidence, in A"),
    flags::USE_SIDE_CHAIN_CONTEXT,
    flag("--chains_to_design", Text, "", "chains that are designed, 'A,B'; all others are fixed"),
    flag("--parse_these_chains_only", Text, "", "chains that are read, 'A,B'"),
    flags::BURIED,
    flags::INTERFACE,
    flags::WHOLE_PROTEIN_LABEL,
    flags::ZERO_OCCUPANCY,
    flag("--pack_side_chains", Int, "0", "1: pack side chains"),
    flag(
        "--checkpoint_path_sc",
        Text,
        "ligandmpnn_sc_v_32_002_16.pt",
        "the packer: a file, or the name of a published one",
    ),
    flag("--number_of_packs_per_design", Int, "4", "packings of each sequence"),
    flag("--sc_num_denoising_steps", Int, "3", "steps of a packing"),
    flag("--sc_num_samples", Int, "16", "angles drawn of each torsion, of which the likeliest is taken"),
    flag("--repack_everything", Int, "0", "1: pack fixed residues, too"),
    flag("--force_hetatm", Int, "0", "1: write ligands as HETATM"),
    flag("--packed_suffix", Text, "_packed", "text in the names of packed structures"),
    flag("--pack_with_ligand_context", Int, "1", "0: pack without seeing where ligands are"),
];

/// The script.
pub(crate) const PARSER: Parser = Parser { program: "run.py", flags: FLAGS };

/// What `run.py` and `score.py` are run with.
pub(crate) fn run_options(values: &Values, program: &str) -> Result<RunOptions> {
    Ok(RunOptions {
        copies: at_least_one(values, "--batch_size")?,
        batches: at_least_one(values, "--number_of_batches")?,
        folder: run_options::folder(values, program)?,
        verbose: values.truth("--verbose"),
        seed: run_options::seed(values, 1..99_999),
    })
}

/// The settings that the options give.
#[derive(Clone, Debug)]
pub(super) struct LigandSettings {
    pub(super) values: Values,
    pub(super) run: RunOptions,
    pub(super) model_type: Option<ModelType>,
    pub(super) temperature: f64,
    pub(super) reading: Reading,
}

impl LigandSettings {
    pub(super) fn new(values: Values) -> Result<LigandSettings> {
        let run = run_options(&values, PARSER.program)?;
        if values.truth("--pack_side_chains") {
            for name in ["--sc_num_denoising_steps", "--sc_num_samples"] {
                at_least_one(&values, name)?;
            }
        }
        let letters = |name: &str| values.given(name).map_or_else(Vec::new, |text| words(text, ','));
        Ok(LigandSettings {
            run,
            model_type: ModelType::named(values.text("--model_type")),
            temperature: values.float("--temperature"),
            reading: Reading {
                chains: letters("--parse_these_chains_only"),
                zero_occupancy: values.truth("--parse_atoms_with_zero_occupancy"),
            },
            values,
        })
    }
}

fn at_least_one(values: &Values, name: &str) -> Result<usize> {
    match values.int(name) {
        number @ 1.. => Ok(number as usize),
        number => bail!("{name} {number}: at least 1 is needed"),
    }
}

/// The parts of a text between separators.
pub(crate) fn words(text: &str, separator: char) -> Vec<String> {
    text.split(separator).map(str::to_owned).collect()
}

/// The paths of a run's structures.
pub(crate) fn paths(values: &Values) -> Result<Vec<String>> {
    let Some(path) = values.given("--pdb_path_multi") else {
        return Ok(vec![values.text("--pdb_path").to_owned()]);
    };
    let text = fs::read_to_string(path).with_context(|| format!("--pdb_path_multi: {path} cannot be read"))?;
    match Json::loads(&text).map_err(|error| anyhow!("--pdb_path_multi: {path}: {error}"))? {
        Json::Object(object) => Ok(object.keys().map(str::to_owned).collect()),
        Json::List(items) => {
            let texts: Option<Vec<String>> = items.iter().map(|item| item.as_text().map(str::to_owned)).collect();
            texts.with_context(|| format!("--pdb_path_multi: {path}: a list of paths is expected"))
        }
        _ => bail!("--pdb_path_multi: {path}: a dictionary whose keys are paths is expected"),
    }
}
