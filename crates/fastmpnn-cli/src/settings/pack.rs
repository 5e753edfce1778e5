//! `fastmpnn pack`, resolved.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fastmpnn::Packer;
use fastmpnn::decode::PackingSettings;
use fastmpnn::spec::{DesignSpec, SpecWords};
use fastmpnn::weights::Checkpoint;
use fastmpnn::write::StructureFormat;

use super::folder::FolderSettings;
use super::{Run, check_fasta};
use crate::args::pack::{DesignPackArgs, PackArgs, PackingArgs};
use fastmpnn_pipeline::input::with_files;

pub(crate) const DEFAULT_PACKS: u64 = 4;
pub(crate) const DEFAULT_STEPS: u64 = 3;
pub(crate) const DEFAULT_SAMPLES: u64 = 16;
pub(crate) const DEFAULT_CHECKPOINT: &str = "ligandmpnn_sc_v_32_002_16";

/// How side chains are drawn.
#[derive(Debug)]
pub(crate) struct PackingPlan {
    pub(crate) packs: u64,
    pub(crate) settings: PackingSettings,
    pub(crate) seed: u64,
    /// A published name or a file.
    pub(crate) checkpoint: String,
}

/// `fastmpnn pack`.
#[derive(Debug)]
pub(crate) struct PackSettings {
    pub(crate) run: Run,
    pub(crate) fasta: Option<PathBuf>,
    /// Which residues are packed, as what is designed.
    pub(crate) spec: DesignSpec,
    pub(crate) ligands: bool,
    pub(crate) plan: PackingPlan,
    pub(crate) out: Option<PathBuf>,
    /// The format asked for, if any.
    pub(crate) format: Option<StructureFormat>,
    pub(crate) folder: FolderSettings,
}

/// The side chains of designs.
#[derive(Debug)]
pub(crate) struct DesignPacking {
    pub(crate) plan: PackingPlan,
    /// Whether residues that are not designed are packed, too.
    pub(crate) everything: bool,
    pub(crate) ligands: bool,
}

impl DesignPacking {
    /// `None` where designs are not packed.
    pub(super) fn new(args: DesignPackArgs, seed: u64, ligands: bool) -> Option<DesignPacking> {
        args.pack.then(|| DesignPacking {
            plan: PackingPlan::new(args.packing, seed),
            everything: args.repack_everything,
            ligands,
        })
    }
}

impl PackingPlan {
    fn new(args: PackingArgs, seed: u64) -> PackingPlan {
        let settings = PackingSettings { steps: args.denoising_steps as usize, samples: args.num_samples as usize };
        PackingPlan { packs: args.num_packs, settings, seed, checkpoint: args.packer }
    }

    /// The network, on the threads of the run.
    pub(crate) fn packer(&self, run: &Run) -> Result<Packer> {
        let path = Path::new(&self.checkpoint);
        let file = path.extension().is_some() || path.components().count() > 1;
        let checkpoint = if file { Checkpoint::open(path) } else { Checkpoint::find(&self.checkpoint) };
        Packer::with_checkpoint(&checkpoint?, &run.engine).context("the packer cannot be used")
    }
}

impl TryFrom<PackArgs> for PackSettings {
    type Error = anyhow::Error;

    fn try_from(args: PackArgs) -> Result<PackSettings> {
        let PackArgs { input, choice, cyclic, packing, seed, output, folder, run } = args;
        let run = Run::new(&input, &run)?;
        check_fasta(choice.fasta.as_ref(), &run)?;
        if output.out.is_none() && run.inputs.len() > 1 {
            bail!("{} structures do not fit standard output; add --out FOLDER", run.inputs.len());
        }
        Ok(PackSettings {
            run,
            fasta: choice.fasta,
            spec: with_files(cyclic.applied_to(DesignSpec {
                chains: choice.chains,
                fix: choice.fix,
                redesign: choice.repack,
                words: SpecWords::PACKING,
                ..DesignSpec::default()
            }))?,
            ligands: !choice.no_ligand,
            plan: PackingPlan::new(packing, seed),
            out: output.out,
            format: output.format.format(),
            folder: folder.into(),
        })
    }
}
