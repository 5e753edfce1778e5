//! The options of `score.py`, with the published defaults.

use anyhow::Result;

use crate::ligand::flags;
use crate::ligand::model_type::ModelType;
use crate::ligand::parsed::Reading;
use crate::ligand::settings::run_options;
use crate::python::argparse::{Flag, Parser, Takes, Values, flag, optional};
use crate::run_options::RunOptions;

use Takes::{Float, Int, Text};

const FLAGS: &[Flag] = &[
    flags::MODEL_TYPE,
    flags::checkpoint("--checkpoint_protein_mpnn", "./model_params/proteinmpnn_v_48_020.pt"),
    flags::checkpoint("--checkpoint_ligand_mpnn", "./model_params/ligandmpnn_v_32_010_25.pt"),
    flags::checkpoint(
        "--checkpoint_per_residue_label_membrane_mpnn",
        "./model_params/per_residue_label_membrane_mpnn_v_48_020.pt",
    ),
    flags::checkpoint(
        "--checkpoint_global_label_membrane_mpnn",
        "./model_params/global_label_membrane_mpnn_v_48_020.pt",
    ),
    flags::checkpoint("--checkpoint_soluble_mpnn", "./model_params/solublempnn_v_48_020.pt"),
    flag("--verbose", Int, "1", "0: print nothing"),
    flag("--pdb_path", Text, "", "a structure"),
    flag("--pdb_path_multi", Text, "", "a JSON file whose keys are paths of structures"),
    flag("--fixed_residues", Text, "", "residues that come first in decoding orders, 'A12 A13 B2'"),
    flag(
        "--fixed_residues_multi",
        Text,
        "",
        "a JSON file of the same by path. The published script does not split its texts, and 'C72' names C7, too; nor are \
         they split here. Lists of names are taken as they are",
    ),
    flag("--redesigned_residues", Text, "", "residues that come last in decoding orders, all others first"),
    flag("--redesigned_residues_multi", Text, "", "a JSON file of the same by path, with the same fault"),
    flag("--symmetry_residues", Text, "", "residues that are decoded one after the other, 'A12,A13|C2,C3'"),
    flag("--homo_oligomer", Int, "0", "1: residues of one number in all chains are decoded one after the other"),
    optional("--out_folder", "folder for the results, NAME.pt"),
    flags::FILE_ENDING,
    flag("--zero_indexed", Text, "0", "does nothing"),
    flags::SEED,
    flag("--batch_size", Int, "1", "orders that torch would take together; it changes the random numbers"),
    flags::NUMBER_OF_BATCHES,
    flags::USE_ATOM_CONTEXT,
    flags::USE_SIDE_CHAIN_CONTEXT,
    flag("--ligand_mpnn_cutoff_for_score", Float, "8.0", "does nothing"),
    optional("--chains_to_design", "chains that come last in decoding orders, 'A,B'; all others come first"),
    flag("--parse_these_chains_only", Text, "", "letters of the chains that are read, 'AB'"),
    flags::BURIED,
    flags::INTERFACE,
    flags::WHOLE_PROTEIN_LABEL,
    flags::ZERO_OCCUPANCY,
    flag(
        "--use_sequence",
        Int,
        "1",
        "what a residue is shown. With --single_aa_score the published script has it the wrong way round, and so has this \
         one: 1 shows the backbone alone, 0 the letters of all other residues. With --autoregressive_score 1 shows the \
         letters of the residues before, and 0 hides these residues altogether, their backbones, too",
    ),
    flag("--autoregressive_score", Int, "0", "1: score all residues along one order"),
    flag("--single_aa_score", Int, "1", "1: score each residue in an order of its own, in which it is first or last"),
];

/// The script.
pub(crate) const PARSER: Parser = Parser { program: "score.py", flags: FLAGS };

/// The question put to the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// All residues along one order, with earlier residues visible or hidden.
    Along { hidden: bool },
    /// Each residue on its own, first or last in its order.
    Single { last: bool },
}

/// The settings that the options give.
#[derive(Clone, Debug)]
pub(super) struct ScoreSettings {
    pub(super) values: Values,
    pub(super) run: RunOptions,
    pub(super) model_type: Option<ModelType>,
    /// The question; `None` if neither score is requested.
    pub(super) question: Option<Question>,
    pub(super) reading: Reading,
    /// Whether the side chains of fixed residues are shown.
    pub(super) side_chains: bool,
}

impl ScoreSettings {
    pub(super) fn new(values: Values) -> Result<ScoreSettings> {
        let run = run_options(&values, PARSER.program)?;
        let sequence = values.truth("--use_sequence");
        let question = if values.truth("--autoregressive_score") {
            Some(Question::Along { hidden: !sequence })
        } else {
            values.truth("--single_aa_score").then_some(Question::Single { last: !sequence })
        };
        let model_type = ModelType::named(values.text("--model_type"));
        let side_chains = values.truth("--ligand_mpnn_use_side_chain_context");
        Ok(ScoreSettings {
            side_chains: model_type == Some(ModelType::Ligand) && side_chains,
            run,
            model_type,
            question,
            reading: Reading {
                // The script takes the text letter by letter.
                chains: values.text("--parse_these_chains_only").chars().map(String::from).collect(),
                zero_occupancy: values.truth("--parse_atoms_with_zero_occupancy"),
            },
            values,
        })
    }
}
