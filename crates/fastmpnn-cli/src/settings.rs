//! Arguments, resolved once: defaults, inputs expanded, contradictions refused. `settings.json` echoes them.

pub(crate) mod folder;
pub(crate) mod pack;

use std::path::PathBuf;

use anyhow::{Result, bail};
use fastmpnn::EngineOptions;
use fastmpnn::spec::DesignSpec;
use fastmpnn::structure::{Point, ReadOptions};
use fastmpnn::write::StructureFormat;

use crate::args::membrane::{FrameArgs, LabelFile, ProposalArgs};
use crate::args::{DesignArgs, InfoArgs, InputArgs, Mode, ProbsArgs, ResidueArgs, RunArgs, ScoreArgs};
use crate::network::Network;
use crate::threads;
use fastmpnn_pipeline::input::TrbSource;
use fastmpnn_pipeline::input::with_files;
use fastmpnn_pipeline::input::{Input, Inputs, Naming, expand, is_standard_input};
use folder::FolderSettings;
use pack::DesignPacking;

/// Sequences for each structure and temperature.
pub(crate) const DEFAULT_SEQUENCES: u64 = 1;
/// The temperature of the published examples.
pub(crate) const DEFAULT_TEMPERATURE: f32 = 0.1;
/// A fixed seed, so that a command without one can be repeated too. 37 is the seed of the published examples.
pub(crate) const DEFAULT_SEED: u64 = 37;
/// How near to a ligand a residue is to be called near it, Å.
pub(crate) const DEFAULT_LIGAND_CUTOFF: f32 = 8.0;
/// Decoding orders of a score.
pub(crate) const DEFAULT_ORDERS: u32 = 1;

/// What every command needs.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) inputs: Vec<Input>,
    /// What is to be said of the inputs as a whole.
    pub(crate) notes: Vec<String>,
    pub(crate) read: ReadOptions,
    pub(crate) engine: EngineOptions,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

/// `fastmpnn design`.
#[derive(Debug)]
pub(crate) struct DesignSettings {
    pub(crate) run: Run,
    pub(crate) network: Network,
    pub(crate) spec: DesignSpec,
    /// Membrane labels by structure, where a file has them.
    pub(crate) labels: Option<LabelFile>,
    pub(crate) trb: Option<TrbSource>,
    pub(crate) sequences: u64,
    pub(crate) temperatures: Vec<f32>,
    pub(crate) seed: u64,
    /// Å; `None` where nobody says.
    pub(crate) ligand_cutoff: Option<f32>,
    /// The random orders of each design's second score.
    pub(crate) rescore_orders: Option<u32>,
    pub(crate) out: Option<PathBuf>,
    pub(crate) folder: FolderSettings,
    pub(crate) structures: bool,
    /// The format of structures and packings, if one is asked for.
    pub(crate) format: Option<StructureFormat>,
    /// Whether the inputs are states of one protein.
    pub(crate) states: bool,
    pub(crate) state_weights: Option<Vec<f32>>,
    /// Side chains, where they are wanted.
    pub(crate) packing: Option<DesignPacking>,
}

/// `fastmpnn score`.
#[derive(Debug)]
pub(crate) struct ScoreSettings {
    pub(crate) run: Run,
    pub(crate) network: Network,
    pub(crate) spec: DesignSpec,
    /// Membrane labels by structure, where a file has them.
    pub(crate) labels: Option<LabelFile>,
    pub(crate) trb: Option<TrbSource>,
    pub(crate) fasta: Option<PathBuf>,
    /// A FASTA file for each structure.
    pub(crate) fasta_dir: Option<PathBuf>,
    pub(crate) orders: u32,
    pub(crate) seed: u64,
    pub(crate) per_residue: bool,
}

/// `fastmpnn probs`.
#[derive(Debug)]
pub(crate) struct ProbsSettings {
    pub(crate) run: Run,
    pub(crate) network: Network,
    pub(crate) mode: Mode,
    pub(crate) fasta: Option<PathBuf>,
    pub(crate) seed: u64,
    pub(crate) spec: DesignSpec,
    /// Membrane labels by structure, where a file has them.
    pub(crate) labels: Option<LabelFile>,
    pub(crate) as_probabilities: bool,
    pub(crate) out: Option<(PathBuf, ArrayFormat)>,
}

/// The format of an array on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArrayFormat {
    Npz,
    Npy,
    Csv,
}

/// `fastmpnn info`.
#[derive(Debug)]
pub(crate) struct InfoSettings {
    pub(crate) run: Run,
    pub(crate) map: bool,
    pub(crate) json: bool,
}

/// `fastmpnn membrane`.
#[derive(Debug)]
pub(crate) struct MembraneSettings {
    pub(crate) run: Run,
    /// A point in the membrane's middle, Å.
    pub(crate) center: Point,
    /// The direction across it.
    pub(crate) normal: Point,
    /// `None`: what the file says.
    pub(crate) half_thickness: Option<f32>,
    /// Where labels are written instead of being printed as options.
    pub(crate) out: Option<PathBuf>,
    pub(crate) json: bool,
}

impl Run {
    fn new(input: &InputArgs, run: &RunArgs) -> Result<Run> {
        Run::named(input, run, Naming::Distinct)
    }

    fn named(input: &InputArgs, run: &RunArgs, naming: Naming) -> Result<Run> {
        let Inputs { list, notes } = expand(&input.inputs, input.recursive, naming)?;
        Ok(Run {
            inputs: list,
            notes,
            read: ReadOptions {
                model_number: input.model_number,
                altloc: input.altloc,
                gaps: input.gaps,
                ligands: input.ligand.clone(),
                leave_out_unoccupied: input.leave_out_unoccupied,
                assembly: input.assembly.clone(),
                ..ReadOptions::default()
            },
            engine: EngineOptions {
                threads: Some(run.threads.unwrap_or_else(threads::available)),
                memory_limit: run.memory_limit,
                precision: run.precision,
                isa: None,
                ..EngineOptions::default()
            },
            quiet: run.quiet,
            verbose: run.verbose,
        })
    }
}

impl TryFrom<DesignArgs> for DesignSettings {
    type Error = anyhow::Error;

    fn try_from(args: DesignArgs) -> Result<DesignSettings> {
        let DesignArgs {
            input,
            residues,
            letters,
            cyclic,
            membrane,
            context,
            near_ligand,
            states,
            sampling,
            rescoring,
            output,
            folder,
            network,
            packing,
            run,
        } = args;
        check_labels(&residues, &input)?;
        let trb = residues.trb.clone();
        for (index, temperature) in sampling.temperature.iter().enumerate() {
            if sampling.temperature[..index].contains(temperature) {
                bail!("--temperature {temperature} is given twice");
            }
        }
        let spec = DesignSpec {
            tie: letters.tie,
            homo_oligomer: letters.homo_oligomer,
            omit: letters.omit,
            omit_at: letters.omit_at,
            bias: letters.bias,
            bias_at: letters.bias_at,
            ..residue_spec(residues)
        };
        let (spec, labels) = membrane.label(cyclic.applied_to(context.applied_to(spec)))?;
        let packing = DesignPacking::new(packing, sampling.seed, !spec.no_ligand);
        if output.format.structure_format.is_some() && !output.structures && packing.is_none() {
            bail!("--structure-format is that of structures: add --structures or --pack");
        }
        // The designs of states are named by the first.
        let naming = if states.states { Naming::FirstKept } else { Naming::Distinct };
        let run = Run::named(&input, &run, naming)?;
        // One file is of all states.
        let proteins = if states.states { &run.inputs[..1] } else { &run.inputs[..] };
        Ok(DesignSettings {
            trb: TrbSource::new(trb, proteins)?,
            run,
            network: network.try_into()?,
            spec: with_files(spec)?,
            labels,
            sequences: sampling.num_seqs,
            temperatures: sampling.temperature,
            ligand_cutoff: near_ligand.ligand_cutoff,
            seed: sampling.seed,
            rescore_orders: rescoring.rescore_orders,
            out: output.out,
            folder: folder.into(),
            structures: output.structures,
            format: output.format.format(),
            states: states.states,
            state_weights: states.state_weights,
            packing,
        })
    }
}

impl TryFrom<ScoreArgs> for ScoreSettings {
    type Error = anyhow::Error;

    fn try_from(args: ScoreArgs) -> Result<ScoreSettings> {
        let ScoreArgs { input, residues, cyclic, scoring, membrane, context, network, run } = args;
        check_labels(&residues, &input)?;
        let trb = residues.trb.clone();
        let (spec, labels) = membrane.label(cyclic.applied_to(context.applied_to(residue_spec(residues))))?;
        let run = Run::new(&input, &run)?;
        let settings = ScoreSettings {
            trb: TrbSource::new(trb, &run.inputs)?,
            run,
            network: network.try_into()?,
            spec: with_files(spec)?,
            labels,
            fasta: scoring.fasta,
            fasta_dir: scoring.fasta_dir,
            orders: scoring.num_orders,
            seed: scoring.seed,
            per_residue: scoring.per_residue,
        };
        check_fasta(settings.fasta.as_ref(), &settings.run)?;
        Ok(settings)
    }
}

impl TryFrom<ProbsArgs> for ProbsSettings {
    type Error = anyhow::Error;

    fn try_from(args: ProbsArgs) -> Result<ProbsSettings> {
        let ProbsArgs { input, probabilities, cyclic, membrane, network, run } = args;
        let out = match probabilities.out {
            None => None,
            Some(path) => {
                let format = array_format(&path)?;
                Some((path, format))
            }
        };
        let run = Run::new(&input, &run)?;
        if let Some((path, ArrayFormat::Npz | ArrayFormat::Npy)) = &out
            && run.inputs.len() > 1
        {
            let (path, count) = (path.display(), run.inputs.len());
            bail!("--out {path} holds one structure, and there are {count}; a .csv file holds several");
        }
        check_fasta(probabilities.fasta.as_ref(), &run)?;
        if probabilities.fasta.is_some() && probabilities.mode == Mode::Unconditional {
            bail!(
                "--fasta gives letters, and --mode unconditional looks at none; add --mode conditional or autoregressive"
            );
        }
        if probabilities.chains.is_some() && probabilities.mode == Mode::Unconditional {
            bail!("--chains has no effect with --mode unconditional; add --mode conditional or autoregressive");
        }
        let (spec, labels) = membrane.label(cyclic.applied_to(DesignSpec {
            chains: probabilities.chains,
            order: probabilities.order,
            no_ligand: probabilities.no_ligand,
            ..DesignSpec::default()
        }))?;
        Ok(ProbsSettings {
            run,
            network: network.try_into()?,
            mode: probabilities.mode,
            fasta: probabilities.fasta,
            seed: probabilities.seed,
            spec: with_files(spec)?,
            labels,
            as_probabilities: probabilities.probabilities,
            out,
        })
    }
}

impl TryFrom<InfoArgs> for InfoSettings {
    type Error = anyhow::Error;

    fn try_from(args: InfoArgs) -> Result<InfoSettings> {
        let run = RunArgs::of_no_network(false);
        Ok(InfoSettings { run: Run::new(&args.input, &run)?, map: args.report.map, json: args.report.json })
    }
}

impl TryFrom<ProposalArgs> for MembraneSettings {
    type Error = anyhow::Error;

    fn try_from(args: ProposalArgs) -> Result<MembraneSettings> {
        let ProposalArgs { input, frame, out, json, quiet } = args;
        let run = RunArgs::of_no_network(quiet);
        let FrameArgs { half_thickness, center, normal } = frame;
        Ok(MembraneSettings { run: Run::new(&input, &run)?, center, normal, half_thickness, out, json })
    }
}

/// Refuses labels by number for residues that are not those of the file.
fn check_labels(residues: &ResidueArgs, input: &InputArgs) -> Result<()> {
    if residues.pdb_labels && input.assembly.is_some() {
        bail!("--pdb-labels counts the residues of the file, and --assembly makes others of them: give one of the two");
    }
    Ok(())
}

fn residue_spec(args: ResidueArgs) -> DesignSpec {
    let ResidueArgs { chains, fix, pdb_labels, trb: _, redesign, order } = args;
    DesignSpec { chains, fix, pdb_labels, redesign, order, ..DesignSpec::default() }
}

fn check_fasta(fasta: Option<&PathBuf>, run: &Run) -> Result<()> {
    let Some(fasta) = fasta else { return Ok(()) };
    if run.inputs.len() > 1 {
        bail!("--fasta gives sequences of one structure, and there are {}", run.inputs.len());
    }
    if is_standard_input(fasta) && run.inputs.iter().any(|input| is_standard_input(&input.path)) {
        bail!("standard input (-) cannot be both the structure and --fasta");
    }
    Ok(())
}

fn array_format(path: &std::path::Path) -> Result<ArrayFormat> {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match ending.as_str() {
        "npz" => Ok(ArrayFormat::Npz),
        "npy" => Ok(ArrayFormat::Npy),
        "csv" => Ok(ArrayFormat::Csv),
        _ => bail!("--out {}: the ending chooses the format, and must be .npz, .npy or .csv", path.display()),
    }
}
