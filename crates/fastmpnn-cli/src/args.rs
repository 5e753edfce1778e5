//! What can be written on the command line. The help is the reference; a test holds it still.

pub(crate) mod bench;
pub(crate) mod cyclic;
pub(crate) mod effects;
pub(crate) mod folder;
pub(crate) mod ligand;
pub(crate) mod membrane;
pub(crate) mod network;
pub(crate) mod pack;
pub(crate) mod states;
pub(crate) mod structure_format;
pub(crate) mod weights;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{RangedU64ValueParser, Resettable};
use clap::{ArgAction, CommandFactory, Parser, Subcommand, ValueEnum};
use fastmpnn::decode::MemoryLimit;
use fastmpnn::model::Precision;
use fastmpnn::spec::OrderKind;
use fastmpnn::structure::{AltlocChoice, Gaps, LigandChoice};

use self::cyclic::CyclicArgs;
use self::folder::{FolderArgs, RescoringArgs};
use self::ligand::{ContextArgs, NearLigandArgs};
use self::membrane::MembraneArgs;
use self::network::NetworkArgs;
use self::states::StatesArgs;
use self::structure_format::StructureFormatArgs;
use crate::settings::{DEFAULT_ORDERS, DEFAULT_SEED, DEFAULT_SEQUENCES, DEFAULT_TEMPERATURE};

const EXIT_CODES: &str = "\
Exit codes:
  0  all went well
  1  a result could not be written, or `bench` finds an answer wrong
  2  the arguments or an input cannot be used; the other inputs were worked on all the same
  130  the run was interrupted; `design` and `pack` have written what there was

Environment:
  FASTMPNN_ISA             forces an instruction set: scalar, avx2, avx512, neon or simd128
  FASTMPNN_WEIGHTS         the folder of checkpoints, instead of the user's own
  FASTMPNN_WEIGHTS_MIRROR  where `weights get` downloads from, instead of the authors' addresses
  SLURM_CPUS_PER_TASK      how many threads are started at most, where --threads does not say
  NO_COLOR                 turns colours off, if it is set";

macro_rules! with_selections {
    ($examples:literal) => {
        concat!(
            "\
Selections:
  A                   chain A
  A15                 residue 15 of chain A, in the numbering of the file
  H100A, A-5          insertion codes and negative numbers as they are
  A1-10               a range, both ends included
  AA:15               the chain set apart, for ids of several characters
  A1-10,B,C5          several, separated by commas
  all                 everything
  not A1-10           everything else; not (A1-10,B) for several
  A and not A1-10     what is in both
  within 8 of L       residues with a heavy atom at most 8 Å from one of chain L, L itself included
  within 5 of ligand  the same for all ligand atoms that LigandMPNN sees; within 5 of HEM for one kind
  interface A B       residues of either side within 5 Å of the other; interface A B 8 for 8 Å
  @FILE               the selections of a file, one or more a line, # before comments
docs/selections.md has the whole grammar.

Examples:
",
            $examples
        )
    };
}

const DESIGN_EXAMPLES: &str = with_selections!(
    "  fastmpnn design 5L33.pdb -n 8
  fastmpnn design complex.cif --chains A --fix A1-10,A57 -n 100 -T 0.1,0.2 -o designs --structures
  fastmpnn design complex.cif --chains A --redesign 'within 8 of B'
  fastmpnn design dimer.pdb --homo-oligomer --omit C --bias W=-0.5
  fastmpnn design complex.cif -n 4 -o designs --pack --num-packs 2
  zcat model.pdb.gz | fastmpnn design - -q > designs.fa"
);

const SCORE_EXAMPLES: &str = with_selections!(
    "  fastmpnn score 5L33.pdb --num-orders 10
  fastmpnn score 5L33.pdb --fasta variants.fa
  fastmpnn score antibody.pdb --redesign H95-102 --per-residue"
);

const PROBS_EXAMPLES: &str = "\
Examples:
  fastmpnn probs 5L33.pdb --probabilities
  fastmpnn probs 5L33.pdb --mode conditional -o 5L33.npz";

const PACK_EXAMPLES: &str = with_selections!(
    "  fastmpnn pack 5L33.pdb > packed.pdb
  fastmpnn pack complex.cif --fix B --num-packs 8 --structure-format cif -o packed
  fastmpnn design 5L33.pdb -n 8 -q | fastmpnn pack 5L33.pdb --fasta - -o packed"
);

const BENCH_EXAMPLES: &str = "\
Examples:
  fastmpnn bench peak
  fastmpnn bench time 5L33.pdb --task design --num-seqs 8 --threads 2 --json
  fastmpnn bench kernels
  fastmpnn bench study --quick -o study 5L33.pdb";

const COMPAT_EXAMPLES: &str = "\
Examples:
  fastmpnn compat protein_mpnn_run.py --pdb_path 5L33.pdb --out_folder out --num_seq_per_target 8 --seed 37
  fastmpnn compat --shim bin; PATH=$PWD/bin:$PATH sh submit_example_1.sh";

const MEMBRANE_EXAMPLES: &str = "\
Examples:
  fastmpnn membrane 2nwl-opm.pdb
  fastmpnn membrane model.pdb --half-thickness 15 --centre 0,0,12.5 --json
  fastmpnn membrane 2nwl-opm.pdb -o labels.csv
  fastmpnn design 2nwl-opm.pdb --model membrane-residue --membrane-labels labels.csv";

const INFO_EXAMPLES: &str = "\
Examples:
  fastmpnn info 5L33.pdb
  fastmpnn info models --json";

/// Inverse folding with the ProteinMPNN networks, on the CPU: sequences for a protein backbone.
#[derive(Debug, Parser)]
#[command(
    name = "fastmpnn",
    disable_version_flag = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = EXIT_CODES
)]
pub(crate) struct Args {
    /// Print version, instruction set and checkpoint.
    #[arg(short = 'V', long)]
    pub(crate) version: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Args {
    /// The command line, in which a number may begin with a minus wherever an option takes a value: what is wrong with
    /// it is the option's to say.
    pub(crate) fn command_line() -> clap::Command {
        with_negative_values(Args::command())
    }
}

fn with_negative_values(command: clap::Command) -> clap::Command {
    // The published scripts have their own rules.
    let names: Vec<String> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .filter(|name| name != "compat")
        .collect();
    let command = command.mut_args(|arg| {
        let takes_value = arg.get_action().takes_values() && !arg.is_positional();
        arg.allow_negative_numbers(takes_value)
    });
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, with_negative_values))
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Draw sequences for a backbone, as FASTA or into a folder.
    ///
    /// The native sequence comes first. The first word of a header is the sequence's own name: NAME_SAMPLE (NAME_TT_SAMPLE
    /// with several temperatures), or NAME_native. The name of the structure, the sample and its temperature T follow;
    /// score, the mean −ln p (nats) of the designed residues, and global_score, that of all residues, fixed ones included;
    /// recovery, the share of the designed residues that carry the native letter; and the seed. Lower scores are better. A
    /// design is scored in the decoding order that it was drawn in, one of many: --rescore-orders adds the mean over
    /// several. Chains stand in the order of the file, separated by `/` unless --chain-separator says otherwise.
    ///
    /// Ctrl-C ends the run after the designs in hand and writes what there is (exit code 130); a second one ends it at
    /// once.
    #[command(after_help = DESIGN_EXAMPLES)]
    Design(Box<DesignArgs>),
    /// Score the native sequence, or those of a FASTA file, on a backbone.
    ///
    /// Prints a table (CSV): name of the structure; record, `native` or the FASTA header; score, the mean −ln p (nats) of
    /// the residues that --chains, --fix and --redesign leave to design; score_deviation, its standard deviation over the
    /// decoding orders; global_score, the mean over all residues; recovery of the native sequence; how many residues the
    /// score counts; how many orders it is a mean over. Fixed residues are decoded first, as they are in `design`.
    // It is refused there.
    #[command(after_help = SCORE_EXAMPLES, mut_arg("memory_limit", |arg| arg.hide(true)))]
    Score(ScoreArgs),
    /// Write the probabilities of all 21 letters at every residue.
    ///
    /// The letters are ACDEFGHIKLMNPQRSTVWYX, the values ln p unless told otherwise. In the table (CSV), the columns before
    /// the letters are the name of the structure, chain, number, insertion code, native letter, and whether the residue
    /// has a backbone; where it has none, the values mean nothing. An npz file holds log_probs or probs [N, 21], alphabet,
    /// sequence, chain, number, insertion and mask; an npy file the first of these.
    #[command(after_help = PROBS_EXAMPLES)]
    Probs(ProbsArgs),
    /// Place side chains on a backbone, for the native sequence or those of a FASTA file.
    ///
    /// LigandMPNN's packer draws the torsions of each side chain, sees where that puts the atoms, and draws again. Every
    /// heavy atom is written, bond lengths and angles ideal, with B-factors that are the log density of the torsion that
    /// places the atom (nats per radian; χ1 for the backbone; more is surer, and 2 stands for side chains that were kept).
    /// packs.csv names the structure, the sample and its temperature as designs.csv does, the record and the pack; the seed; clashes, the pairs of atoms whose van der Waals
    /// spheres overlap by more than 0.4 Å (0.7 Å between nitrogen and oxygen), without pairs within three bonds;
    /// log_density, the mean over the torsions; how many residues were packed; the file; and the sequence. Samples of what
    /// `design` and the published scripts write keep their numbers; records of other FASTA files are counted.
    // They are refused there.
    #[command(after_help = PACK_EXAMPLES, mut_arg("memory_limit", |arg| arg.hide(true)), mut_arg("precision", |arg| arg.hide(true)), mut_arg("verbose", |arg| arg.hide(true)))]
    Pack(pack::PackArgs),
    /// Show what is read of a file: chains, residues, ligands, warnings.
    #[command(after_help = INFO_EXAMPLES)]
    Info(InfoArgs),
    /// Propose labels for --model membrane-residue from where residues are in a membrane.
    ///
    /// Residues whose side chains point outward are buried near the membrane's middle, and interface around the end of its
    /// hydrophobic part; all others are neither. With --out the labels go to a file that --membrane-labels of design, score
    /// and probs reads: CSV with the columns structure, chain, number, insertion and label (buried, interface or other).
    /// Without it, the options of these commands that say the same are printed.
    /// The file is in the frame of the OPM database, z across the membrane and its middle at 0, or the options say where
    /// the membrane is. The rule is ours, and a start: docs/membrane.md has what it rests on.
    #[command(after_help = MEMBRANE_EXAMPLES)]
    Membrane(membrane::ProposalArgs),
    /// Measure how fast this processor is, and how much of that is used.
    #[command(after_help = BENCH_EXAMPLES)]
    Bench(bench::BenchArgs),
    /// Published checkpoints: what there is, get them; and what a checkpoint file is.
    Weights(weights::WeightsArgs),
    /// Run a published script: the same options, files and designs for a seed.
    ///
    /// `fastmpnn compat SCRIPT …` takes the place of `python SCRIPT …`. SCRIPT may carry a path; `--help` after it shows its
    /// options. Scripts: LigandMPNN's run.py and score.py; protein_mpnn_run.py and its helpers parse_multiple_chains.py,
    /// assign_fixed_chains.py, make_fixed_positions_dict.py, make_tied_positions_dict.py,
    /// make_pos_neg_tied_positions_dict.py, make_bias_AA.py, make_bias_per_res_dict.py, make_pssm_input_dict.py,
    /// make_omit_AA.py and make_pssm_dict.py.
    ///
    /// As in the published script: positions count from 1 with gaps in the numbering, which are X; of a dictionary's lines
    /// only the last counts, except for a PSSM's; a path that is no file is ignored (here with a warning); 10 sequences
    /// in batches of 4 are 8.
    #[command(after_help = COMPAT_EXAMPLES)]
    Compat(CompatArgs),
}

/// Which script.
#[derive(Debug, clap::Args)]
pub(crate) struct CompatArgs {
    /// Write executables named as the scripts, and a `python` that runs these scripts by fastmpnn and all else by the
    /// next Python, into this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) shim: Option<PathBuf>,
    /// The script and its options.
    #[arg(
        value_name = "SCRIPT",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required_unless_present = "shim"
    )]
    pub(crate) command: Vec<OsString>,
}

/// What to read.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArgs {
    /// Structures: PDB or mmCIF files, plain or .gz; folders of such files; `-` for standard input (named stdin); quoted
    /// patterns such as 'models/*.pdb'; `@FILE` for a list of these, one a line.
    #[arg(required = true, value_name = "INPUT", help_heading = Resettable::Reset)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Search folders inside the folders given, too.
    #[arg(long)]
    pub(crate) recursive: bool,
    /// The model to read, by the file's number; the first one by default.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) model_number: Option<i32>,
    /// Which alternate location of a residue or ligand counts: the first in the file, that of the highest occupancy, or
    /// the one of this letter. Heavy atoms decide, and atoms that only other locations have are left out.
    #[arg(long, value_name = "first|occupancy|LETTER", default_value = "first", value_parser = altloc)]
    pub(crate) altloc: AltlocChoice,
    /// How to count residue numbers that are skipped although a peptide bond joins the residues on both sides, as in
    /// antibody numbering: break, as missing residues, like the published code; ignore, not at all.
    #[arg(long, value_name = "break|ignore", default_value_t)]
    pub(crate) gaps: Gaps,
    /// Residues to read as ligands, whatever the file makes of them: NAME, NAME:CHAIN or NAME:CHAIN:NUMBER, such as
    /// GLU:A:301; :C is all of chain C, such as a peptide, and :C:5 its residue 5. May be repeated.
    #[arg(long, value_name = "[NAME][:CHAIN[:NUMBER]]")]
    pub(crate) ligand: Vec<LigandChoice>,
    /// Leave out atoms of occupancy 0, as though the files did not have them. They are read by default.
    #[arg(long)]
    pub(crate) leave_out_unoccupied: bool,
    /// Build this biological assembly of the file's chains, such as 1: copies of chain A are and so on. In files
    /// such as 1abc.pdb1 the models are its copies; `models` says so of other files.
    #[arg(long, value_name = "ID|models")]
    pub(crate) assembly: Option<String>,
}

/// How to run.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunArgs {
    /// Worker threads. By default as many as processors that this process may use, by its affinity and control group, and
    /// no more than SLURM_CPUS_PER_TASK. The results do not depend on it.
    #[arg(long, value_name = "COUNT", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// What decoding may take beyond the structure itself, such as 500M or 8G; half of what is free by default. The
    /// results do not depend on it.
    #[arg(long, value_name = "BYTES", value_parser = memory, allow_hyphen_values = true)]
    pub(crate) memory_limit: Option<MemoryLimit>,
    /// The numbers the network is computed in: f32, the published ones; bf16 or f16, rounded as if stored in sixteen
    /// bits; q16, integers of sixteen bits, the fastest where the processor multiplies them well.
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(crate) precision: Precision,
    /// Print nothing on standard error but errors.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Say of every structure what is otherwise said once a run: which ligand atoms the network does not see, and what
    /// becomes of the decoder's edge terms.
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

impl RunArgs {
    /// For commands that run no network.
    pub(crate) fn of_no_network(quiet: bool) -> RunArgs {
        RunArgs { threads: None, memory_limit: None, precision: Default::default(), quiet, verbose: false }
    }
}

/// Which residues count.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Residues")]
pub(crate) struct ResidueArgs {
    /// The chains to design, such as A,B or not C; the others keep their sequence and are seen. All by default.
    #[arg(long, value_name = "CHAINS")]
    pub(crate) chains: Option<String>,
    /// Residues that keep their native letters, such as A1-10,B5. May be repeated.
    #[arg(long, value_name = "SELECTION")]
    pub(crate) fix: Vec<String>,
    /// Fix the residues that a PDB file of Rosetta labels so (REMARK PDBinfo-LABEL: 3 FIXED), as well as those of --fix. They
    /// count from 1 through the protein residues of the file.
    #[arg(long)]
    pub(crate) pdb_labels: bool,
    /// Fix the residues that RFdiffusion kept, as well as those of --fix, by the .trb file that it wrote: NAME.trb beside each
    /// NAME.pdb, or with --trb=FILE this one. No code in it is run.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub(crate) trb: Option<Option<PathBuf>>,
    /// Design these residues only, such as A20-35 or 'within 5 of ligand'. Beats --fix. May be repeated.
    #[arg(long, value_name = "SELECTION")]
    pub(crate) redesign: Vec<String>,
    /// In which order residues are decoded: a fresh random order for each sample; N to C terminus, chain after chain; or
    /// by colours, random groups of residues that are not neighbours, which takes the fewest steps.
    #[arg(long, value_name = "random|chain|colored", default_value = "random")]
    pub(crate) order: OrderKind,
}

/// Which letters are drawn.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Letters")]
pub(crate) struct LetterArgs {
    /// Residues that carry one letter, such as A1-20=B1-20; with weights of their logits, A1-20*1.0=B1-20*0.5. May be
    /// repeated.
    #[arg(long, value_name = "SELECTION=SELECTION")]
    pub(crate) tie: Vec<String>,
    /// Tie corresponding residues of the chains that have the same sequence.
    #[arg(long)]
    pub(crate) homo_oligomer: bool,
    /// Letters never drawn, such as CM.
    #[arg(long, value_name = "LETTERS", default_value = "", hide_default_value = true)]
    pub(crate) omit: String,
    /// Letters never drawn at some residues, such as A1-5:CM. May be repeated.
    #[arg(long, value_name = "SELECTION:LETTERS")]
    pub(crate) omit_at: Vec<String>,
    /// What to add to the logits of a letter, nats at T = 1, such as A=-1.0,W=0.5. May be repeated.
    #[arg(long, value_name = "LETTER=NATS")]
    pub(crate) bias: Vec<String>,
    /// The same at some residues, on top of --bias, such as A1-5:W=2.0. May be repeated.
    #[arg(long, value_name = "SELECTION:LETTER=NATS")]
    pub(crate) bias_at: Vec<String>,
}

/// `fastmpnn design`.
#[derive(Debug, clap::Args)]
pub(crate) struct DesignArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) residues: ResidueArgs,
    #[command(flatten)]
    pub(crate) cyclic: CyclicArgs,
    #[command(flatten)]
    pub(crate) letters: LetterArgs,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    #[command(flatten)]
    pub(crate) near_ligand: NearLigandArgs,
    #[command(flatten)]
    pub(crate) membrane: MembraneArgs,
    #[command(flatten)]
    pub(crate) states: StatesArgs,
    #[command(flatten)]
    pub(crate) sampling: SamplingArgs,
    #[command(flatten)]
    pub(crate) rescoring: RescoringArgs,
    #[command(flatten)]
    pub(crate) output: DesignOutputArgs,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) packing: pack::DesignPackArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// How sequences are drawn.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Sampling")]
pub(crate) struct SamplingArgs {
    /// How many sequences to draw for each structure and temperature. Sample 3 is the same sequence whatever the count.
    #[arg(short, long, value_name = "COUNT", default_value_t = DEFAULT_SEQUENCES,
          value_parser = RangedU64ValueParser::<u64>::new().range(1..=1_000_000_000))]
    pub(crate) num_seqs: u64,
    /// Temperatures, such as 0.1 or 0.1,0.2,0.3; 0 takes the likeliest letter. Low ones give higher recovery, high ones
    /// more diversity.
    #[arg(short = 'T', long, value_name = "T", value_delimiter = ',', default_values_t = [DEFAULT_TEMPERATURE],
          value_parser = temperature, allow_hyphen_values = true)]
    pub(crate) temperature: Vec<f32>,
    /// The seed of all random numbers. The same seed gives the same sequences, on any number of threads and in any
    /// company of inputs.
    #[arg(long, value_name = "SEED", default_value_t = DEFAULT_SEED)]
    pub(crate) seed: u64,
}

/// Where designs go.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct DesignOutputArgs {
    /// Write into this folder instead of standard output: seqs/NAME.fa, designs.csv with all designs, best score first,
    /// and settings.json. It is created where missing; one that holds the results of another run is refused. designs.csv
    /// has its rows as soon as they are made, and is sorted at the end.
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Also write structures/NAME_SAMPLE.pdb (NAME_TT_SAMPLE.pdb with several temperatures): the backbones of the designed
    /// residues with their new names, everything else as it was read, and as B-factor of each residue the probability of
    /// its letter. With --states, each of the states. Needs --out.
    #[arg(long, requires = "out")]
    pub(crate) structures: bool,
    #[command(flatten)]
    pub(crate) format: StructureFormatArgs,
}

/// `fastmpnn score`.
#[derive(Debug, clap::Args)]
pub(crate) struct ScoreArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) residues: ResidueArgs,
    #[command(flatten)]
    pub(crate) cyclic: CyclicArgs,
    #[command(flatten)]
    pub(crate) scoring: ScoringArgs,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    #[command(flatten)]
    pub(crate) membrane: MembraneArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// What is scored.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Scoring")]
pub(crate) struct ScoringArgs {
    /// Score the sequences of this FASTA file (`-` for standard input; .gz is read) on the one structure given: one letter
    /// a residue in the order of the file, chains separated by `/` or `:` or run together; with --chains, all chains or
    /// those alone. What the published scripts write is read, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) fasta: Option<PathBuf>,
    /// Score the sequences of DIR/NAME.fa on each structure NAME (or .fasta, .faa, .fas, or these with .gz), as --fasta does
    /// on one. The folder seqs of what `design -o` writes is such a folder.
    #[arg(long, value_name = "DIR", conflicts_with = "fasta")]
    pub(crate) fasta_dir: Option<PathBuf>,
    /// How many random decoding orders to take the mean over. The first is that of the first sample of `design` with the
    /// same seed.
    #[arg(long, value_name = "COUNT", default_value_t = DEFAULT_ORDERS, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) num_orders: u32,
    /// The seed of the decoding orders.
    #[arg(long, value_name = "SEED", default_value_t = DEFAULT_SEED)]
    pub(crate) seed: u64,
    /// Print a row for every residue instead: chain, number, insertion code, native letter, letter, whether it counts,
    /// score, probability of the letter, entropy (nats), and the likeliest letter.
    #[arg(long)]
    pub(crate) per_residue: bool,
}

/// `fastmpnn probs`.
#[derive(Debug, clap::Args)]
pub(crate) struct ProbsArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) probabilities: ProbabilityArgs,
    #[command(flatten)]
    pub(crate) cyclic: CyclicArgs,
    #[command(flatten)]
    pub(crate) membrane: MembraneArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// Which probabilities.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Probabilities")]
pub(crate) struct ProbabilityArgs {
    /// Given which letters.
    #[arg(long, value_enum, default_value_t = Mode::Unconditional)]
    pub(crate) mode: Mode,
    /// Take the letters that are given from the first record of this FASTA file (`-` for standard input) instead of the
    /// structure.
    #[arg(long, value_name = "FILE")]
    pub(crate) fasta: Option<PathBuf>,
    /// The chains that --fasta may hold alone, such as A,B; the others keep their native letters and come first in the
    /// decoding order. All by default.
    #[arg(long, value_name = "CHAINS")]
    pub(crate) chains: Option<String>,
    /// The seed of the decoding order.
    #[arg(long, value_name = "SEED", default_value_t = DEFAULT_SEED)]
    pub(crate) seed: u64,
    /// The decoding order: random; N to C terminus, chain after chain; or colored, by random groups of residues that are
    /// not neighbours.
    #[arg(long, value_name = "random|chain|colored", default_value = "random")]
    pub(crate) order: OrderKind,
    /// Hide the atoms of ligands from the network, where it sees them.
    #[arg(long)]
    pub(crate) no_ligand: bool,
    /// Write p instead of ln p (nats).
    #[arg(long)]
    pub(crate) probabilities: bool,
    /// Write to this file, in the format of its ending: .npz, .npy or .csv. A table on standard output by default.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Given which letters a probability is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// The backbone alone.
    Unconditional,
    /// The backbone and the letters of all other residues.
    Conditional,
    /// The backbone and the letters of the residues before it in a decoding order.
    Autoregressive,
}

/// `fastmpnn info`.
#[derive(Debug, clap::Args)]
pub(crate) struct InfoArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// What to show.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Report")]
pub(crate) struct ReportArgs {
    /// List every residue: index from 0, id, name, letter, place along the chain with gaps counted, whether it is masked.
    #[arg(long)]
    pub(crate) map: bool,
    /// Print everything as JSON, one document a line for each file.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "map")]
    pub(crate) json: bool,
}

fn altloc(text: &str) -> Result<AltlocChoice, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("first", ..) => Ok(AltlocChoice::First),
        ("occupancy", ..) => Ok(AltlocChoice::Occupancy),
        (_, Some(letter), None) => Ok(AltlocChoice::Named(letter)),
        _ => Err("an alternate location is first, occupancy, or one character such as A".to_owned()),
    }
}

fn temperature(text: &str) -> Result<f32, String> {
    let value: f32 = text.trim().parse().map_err(|_| "a temperature is a number such as 0.1".to_owned())?;
    // −0 is 0.
    if value.is_finite() && value >= 0.0 {
        Ok(value.abs())
    } else {
        Err("a temperature is 0 or more, and finite".to_owned())
    }
}

fn memory(text: &str) -> Result<MemoryLimit, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(place) => text.split_at(place),
        None => (text, ""),
    };
    let factor: Option<u64> = match unit.to_ascii_uppercase().as_str() {
        "" => Some(1),
        "K" | "KB" => Some(1_000),
        "M" | "MB" => Some(1_000_000),
        "G" | "GB" => Some(1_000_000_000),
        _ => None,
    };
    let bytes = number.parse().ok().zip(factor).and_then(|(number, factor): (u64, u64)| number.checked_mul(factor));
    bytes.map(MemoryLimit).ok_or_else(|| "a memory limit is a whole number with K, M or G".to_owned())
}

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    const MOST: usize = 1024;
    let count = text.parse().ok().filter(|count: &NonZeroUsize| count.get() <= MOST);
    count.ok_or_else(|| format!("a number of threads lies between 1 and {MOST}"))
}
