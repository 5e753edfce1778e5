//! What to read.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::Resettable;
use fastmpnn_pipeline::fastmpnn::structure::{AltlocChoice, Gaps, LigandChoice};
use fastmpnn_pipeline::request::{InputSettings, altloc_name, parse_altloc};

/// The default of an option whose values have no text of their own.
static ALTLOC: LazyLock<String> = LazyLock::new(|| altloc_name(InputSettings::default().altloc));

/// What to read.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArgs {
    /// Structures: PDB or mmCIF files, plain or .gz; folders of such files; archives (.tar, .tar.gz, .tgz, .zip); parsed
    /// structures of ProteinMPNN (.jsonl); `-` for standard input (named stdin); quoted patterns such as 'models/*.pdb';
    /// `@FILE` for a list of these, one a line.
    #[arg(required_unless_present = "manifest", value_name = "INPUT", help_heading = Resettable::Reset)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Search folders inside the folders given, too.
    #[arg(long)]
    pub(crate) recursive: bool,
    /// Take the structures from this table instead, one a row: CSV, JSON Lines or Parquet with the columns path, name and,
    /// of design, settings for the row alone, such as fix, num_seqs, temperature, seed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["inputs", "recursive"])]
    pub(crate) manifest: Option<PathBuf>,
    /// The number of the model to read, as in the file; the first model by default.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) model_number: Option<i32>,
    /// Which alternate location of a residue or ligand to read: the first in the file, the one with the highest
    /// occupancy, or the one with this letter. Heavy atoms decide, and atoms that only other locations have are left
    /// out.
    #[arg(long, value_name = "first|occupancy|LETTER", default_value = ALTLOC.as_str(), value_parser = parse_altloc)]
    pub(crate) altloc: AltlocChoice,
    /// How to count residue numbers that are skipped although a peptide bond joins the residues on both sides, as in
    /// antibody numbering: break, as missing residues, like the published code; ignore, not at all.
    #[arg(long, value_name = "break|ignore", default_value_t = InputSettings::default().gaps)]
    pub(crate) gaps: Gaps,
    /// Residues to read as ligands even where they would be protein: NAME, NAME:CHAIN or NAME:CHAIN:NUMBER, such as
    /// GLU:A:301; :C is all of chain C, such as a peptide, and :C:5 its residue 5. May be repeated.
    #[arg(long, value_name = "[NAME][:CHAIN[:NUMBER]]")]
    pub(crate) ligand: Vec<LigandChoice>,
    /// Leave out atoms with occupancy 0, as if the files did not have them. They are read by default.
    #[arg(long)]
    pub(crate) leave_out_unoccupied: bool,
    /// Build this biological assembly, such as 1: the copies of chain A are and so on. In files such as
    /// 1abc.pdb1 the models are its copies; `models` treats the models of any file so.
    #[arg(long, value_name = "ID|models")]
    pub(crate) assembly: Option<String>,
}

impl From<InputArgs> for InputSettings {
    fn from(args: InputArgs) -> InputSettings {
        let InputArgs {
            inputs,
            recursive,
            manifest,
            model_number,
            altloc,
            gaps,
            ligand,
            leave_out_unoccupied,
            assembly,
        } = args;
        InputSettings {
            inputs,
            recursive,
            manifest,
            model_number,
            altloc,
            gaps,
            ligand,
            leave_out_unoccupied,
            assembly,
        }
    }
}
