//! The command line. The help is the reference; a snapshot test guards it.

#[cfg(feature = "study")]
pub(crate) mod bench;
pub(crate) mod cache;
pub(crate) mod collect;
pub(crate) mod cyclic;
pub(crate) mod dataset;
pub(crate) mod design;
pub(crate) mod effects;
pub(crate) mod encode;
pub(crate) mod engine;
#[cfg(test)]
mod fields;
pub(crate) mod folder;
pub(crate) mod goals;
pub(crate) mod info;
pub(crate) mod input;
pub(crate) mod ligand;
pub(crate) mod logo;
pub(crate) mod membrane;
pub(crate) mod network;
pub(crate) mod option_name;
pub(crate) mod pack;
pub(crate) mod probs;
pub(crate) mod rank;
pub(crate) mod residues;
pub(crate) mod run;
pub(crate) mod scan;
pub(crate) mod score;
pub(crate) mod selection;
#[cfg(feature = "serve")]
pub(crate) mod serve;
pub(crate) mod states;
pub(crate) mod structure_format;
pub(crate) mod target;
pub(crate) mod weights;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

pub(crate) use self::design::DesignArgs;
pub(crate) use self::encode::EncodeArgs;
pub(crate) use self::info::InfoArgs;
pub(crate) use self::input::InputArgs;
pub(crate) use self::probs::ProbsArgs;
pub(crate) use self::run::RunArgs;
pub(crate) use self::scan::ScanArgs;
pub(crate) use self::score::ScoreArgs;
#[cfg(feature = "serve")]
pub(crate) use self::serve::ServeArgs;

const EXIT_CODES: &str = "\
Exit codes:
  0  all went well
  1  a result could not be written, or `bench` finds an answer wrong
  2  the arguments or an input cannot be used; the other inputs were worked on all the same
  130  the run was interrupted; `design` and `pack` have written what there was

Environment:
  FASTMPNN_ISA             forces instructions: scalar, avx2, avx512, amx, neon, sme or simd128
  FASTMPNN_WEIGHTS         the folder of checkpoints, instead of the user's own
  FASTMPNN_WEIGHTS_MIRROR  where `weights get` downloads from, instead of the authors' addresses
  SLURM_CPUS_PER_TASK      how many threads are started at most, where --threads does not say
  NO_COLOR                 turns colors off, if it is set";

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

const SCAN_EXAMPLES: &str = with_selections!(
    "  fastmpnn scan 5L33.pdb --heat-map 5L33.svg
  fastmpnn scan complex.cif --redesign 'interface A B' --num-orders 10 --table scan.parquet
  fastmpnn scan 5L33.pdb --mutations A23V,A24I+A30L
  fastmpnn scan 5L33.pdb --double A23-26 --all > doubles.csv"
);

const ENCODE_EXAMPLES: &str = "\
Examples:
  fastmpnn encode backbones/ -o cache
  fastmpnn design backbones/ --cache cache -n 8 -o designs";

const PACK_EXAMPLES: &str = with_selections!(
    "  fastmpnn pack 5L33.pdb > packed.pdb
  fastmpnn pack complex.cif --fix B --num-packs 8 --structure-format cif -o packed
  fastmpnn design 5L33.pdb -n 8 -q | fastmpnn pack 5L33.pdb --fasta - -o packed"
);

#[cfg(feature = "study")]
const BENCH_EXAMPLES: &str = "\
Examples:
  fastmpnn bench peak
  fastmpnn bench time 5L33.pdb --task design --num-seqs 8 --threads 2 --json
  fastmpnn bench structures backbones/ --num-seqs 8
  fastmpnn bench kernels
  fastmpnn bench study --quick -o study 5L33.pdb";

const COLLECT_EXAMPLES: &str = "\
Examples:
  fastmpnn collect runs/x -o designs.parquet
  fastmpnn collect folder_a folder_b more.csv -o designs.csv";

const RANK_EXAMPLES: &str = "\
Examples:
  fastmpnn rank designs/designs.csv --top 10
  fastmpnn rank designs/designs.csv --filter 'score < 1.0 and charge > -10' --top 2 --per-structure
  fastmpnn rank a.csv b.parquet --by 'score + hydrophobicity / 10' --min-distance 0.1 -o best.parquet
  fastmpnn rank designs/designs.csv --motif rgd=RGD --filter 'motif_rgd == 1 and not (recovery > 0.6)'";

#[cfg(feature = "serve")]
const SERVE_EXAMPLES: &str = "\
Examples:
  fastmpnn serve
  fastmpnn serve --no-open --listen 127.0.0.1:8080
  FASTMPNN_TOKEN=$(openssl rand -hex 16) fastmpnn serve --listen 0.0.0.0:8000";

const COMPAT_EXAMPLES: &str = "\
Examples:
  fastmpnn compat protein_mpnn_run.py --pdb_path 5L33.pdb --out_folder out --num_seq_per_target 8 --seed 37
  fastmpnn compat --shim bin; PATH=$PWD/bin:$PATH sh submit_example_1.sh";

const MEMBRANE_EXAMPLES: &str = "\
Examples:
  fastmpnn membrane 2nwl-opm.pdb
  fastmpnn membrane model.pdb --half-thickness 15 --center 0,0,12.5 --json
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
    /// The command line, in which the value of any option may begin with a minus, so that the option itself reports a
    /// bad negative number.
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
    /// The native sequence comes first. The first word of a header is the sequence's name: NAME_SAMPLE (NAME_TT_SAMPLE
    /// with several temperatures), or NAME_native. Then follow the name of the structure, the sample and its
    /// temperature T; score, the mean −ln p (nats) of the designed residues, and global_score, that of all residues
    /// including fixed ones; recovery, the fraction of designed residues with the native letter; and the seed. Lower
    /// scores are better. A design is scored in the decoding order that it was drawn in, one of many: --rescore-orders
    /// adds the mean over several. Chains are in the order of the file, separated by `/` unless --chain-separator
    /// says otherwise.
    ///
    /// Ctrl-C ends the run after the designs that are being drawn and writes all finished ones (exit code 130); a
    /// second Ctrl-C ends it at once.
    #[command(after_help = DESIGN_EXAMPLES)]
    Design(Box<DesignArgs>),
    /// Score the native sequence, or those of a FASTA file, on a backbone.
    ///
    /// Prints a table (CSV): name of the structure; record, `native` or the FASTA header; score, the mean −ln p (nats) of
    /// the residues that --chains, --fix and --redesign leave to design; score_deviation, its standard deviation over the
    /// decoding orders; global_score, the mean over all residues; recovery of the native sequence; the number of
    /// residues in the score; the number of orders averaged over. Fixed residues are decoded first, as they are in
    /// `design`.
    #[command(after_help = SCORE_EXAMPLES)]
    Score(ScoreArgs),
    /// Write the probabilities of all 21 letters at every residue.
    ///
    /// The letters are ACDEFGHIKLMNPQRSTVWYX, the values ln p unless told otherwise. In the table (CSV), the columns before
    /// the letters are the name of the structure, chain, number, insertion code, native letter, and whether the residue
    /// has a backbone; where it has none, the values mean nothing. An npz file holds log_probs or probs [N, 21], alphabet,
    /// sequence, chain, number, insertion and mask; an npy file the first of these.
    #[command(after_help = PROBS_EXAMPLES)]
    Probs(ProbsArgs),
    /// Compare mutations: how much likelier or less likely each one is than the native letter.
    ///
    /// Every single mutation at the residues that --chains, --fix and --redesign leave to design, or the mutants of
    /// --mutations and --double. Prints a table (CSV) of the most favorable ones: name of the structure, chain, number,
    /// insertion code, native letter, letter, and change, ln p of the letter minus ln p of the native one (nats; positive
    /// where the network finds the letter likelier). Of mutants: name of the structure, mutant, the number of its mutations,
    /// change, ln p of the mutant's whole sequence minus that of the native one; deviation, its standard deviation over the
    /// decoding orders; and coupling, the change minus the changes of its single mutations.
    #[command(after_help = SCAN_EXAMPLES)]
    Scan(Box<ScanArgs>),
    /// Encode structures into a folder, for later runs with --cache.
    ///
    /// An encoding is what the network makes of a backbone before letters are drawn or scored: 25 kB a residue, or half of that
    /// with --cache-precision f16. It is found again by the content of the structure, the network, its precision, what
    /// the network sees of ligands and membrane, and the version of this program, never by the name of a file; what is
    /// damaged is made anew.
    // It is refused there.
    #[command(after_help = ENCODE_EXAMPLES, mut_arg("memory_limit", |arg| arg.hide(true)))]
    Encode(EncodeArgs),
    /// Place side chains on a backbone, for the native sequence or those of a FASTA file.
    ///
    /// LigandMPNN's packer draws the torsions of each side chain, places the atoms, and draws again in their presence.
    /// Every heavy atom is written, bond lengths and angles ideal, with B-factors that are the log density of the
    /// torsion that places the atom (nats per radian; χ1 for the backbone; more is surer, and 2 stands for side chains
    /// that were kept). packs.csv names the structure, the sample and its temperature as designs.csv does, the record
    /// and the pack; the seed; clashes, the pairs of atoms whose van der Waals spheres overlap by more than 0.4 Å (0.7
    /// Å between nitrogen and oxygen), without pairs within three bonds; log_density, the mean over the torsions; the
    /// number of packed residues; the file; and the sequence. Samples in FASTA files from `design` and the published scripts
    /// keep their numbers; records of other FASTA files are numbered in order.
    // They are refused there.
    #[command(after_help = PACK_EXAMPLES, mut_arg("memory_limit", |arg| arg.hide(true)), mut_arg("precision", |arg| arg.hide(true)), mut_arg("verbose", |arg| arg.hide(true)))]
    Pack(pack::PackArgs),
    /// Write one sorted table of the designs of datasets, folders and tables.
    ///
    /// Reads the parts of datasets (`design --table`), which are checked against their manifest, with the finished structures
    /// of those that are not complete; designs.csv of folders (`design -o`); and tables. Rows are sorted by structure,
    /// network, settings, temperature, seed and sample. Of rows of one design the one of the last table is kept.
    #[command(after_help = COLLECT_EXAMPLES)]
    Collect(collect::CollectArgs),
    /// Rank, filter and measure the rows of tables of designs.
    ///
    /// Reads tables with the columns of designs.csv, or with a column sequence at least, adds the properties of the sequences
    /// that they lack (charge, isoelectric_point, epsilon_280, hydrophobicity, glycosylation_motifs, trypsin_sites, …;
    /// docs/ranking.md has them all), and writes the rows that are kept, the best first. Standard error says which condition
    /// removed how many.
    #[command(after_help = RANK_EXAMPLES)]
    Rank(rank::RankArgs),
    /// Show what FastMPNN reads from a file: chains, residues, ligands, warnings.
    #[command(after_help = INFO_EXAMPLES)]
    Info(InfoArgs),
    /// Propose labels for --model membrane-residue from the positions of residues in a membrane.
    ///
    /// Residues whose side chains point outward are buried near the membrane's middle, and interface around the end of its
    /// hydrophobic part; all others are neither. With --out the labels go to a file that --membrane-labels of design, score
    /// and probs reads: CSV with the columns structure, chain, number, insertion and label (buried, interface or other).
    /// Without it, the options of these commands that say the same are printed.
    /// The file is in the frame of the OPM database, z across the membrane and its middle at 0, or the options say where
    /// the membrane is. The rule is our own heuristic; docs/membrane.md explains its basis.
    #[command(after_help = MEMBRANE_EXAMPLES)]
    Membrane(membrane::ProposalArgs),
    /// Measure how fast this processor is, and how much of its speed FastMPNN uses.
    #[cfg(feature = "study")]
    #[command(after_help = BENCH_EXAMPLES)]
    Bench(bench::BenchArgs),
    /// List, download and inspect published checkpoints; convert and inspect checkpoint files.
    Weights(weights::WeightsArgs),
    /// Serve a page to design on, and a REST interface for programs.
    ///
    /// The page opens in the browser; nothing leaves this machine. Programs post structures as text to /v1/design,
    /// /v1/score, /v1/probabilities, /v1/scan and /v1/pack, with the settings of the commands; /openapi.json describes all,
    /// and clients of NVIDIA's ProteinMPNN microservice change only the host. docs/service.md has the rest.
    ///
    /// Ctrl-C lets running jobs go on for some seconds and ends the service; a second Ctrl-C ends it at once.
    #[cfg(feature = "serve")]
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Run a published script: the same options, files and designs for a seed.
    ///
    /// `fastmpnn compat SCRIPT …` takes the place of `python SCRIPT …`. SCRIPT may carry a path; `--help` after it shows its
    /// options. Scripts: LigandMPNN's run.py and score.py; protein_mpnn_run.py and its helpers parse_multiple_chains.py,
    /// assign_fixed_chains.py, make_fixed_positions_dict.py, make_tied_positions_dict.py,
    /// make_pos_neg_tied_positions_dict.py, make_bias_AA.py, make_bias_per_res_dict.py, make_pssm_input_dict.py,
    /// make_omit_AA.py and make_pssm_dict.py.
    ///
    /// As in the published script: positions count from 1 with gaps in the numbering, which are X; of a dictionary's lines
    /// only the last counts, except for a PSSM's; a path that is not a file is ignored (here with a warning); 10 sequences
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
