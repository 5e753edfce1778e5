//! The packer: side chains for a backbone and a sequence.

use std::num::NonZeroUsize;

use fastmpnn_kernels::{Isa, Kernels};

use crate::decode::{Packing, PackingChoice, PackingDraws, PackingRun, PackingSettings, PackingTask};
use crate::engine::EngineOptions;
use crate::error::EngineError;
use crate::model::{PackerModel, PackingOperations, Workers};
use crate::structure::{BackboneAtoms, Structure};
use crate::weights::Checkpoint;

/// LigandMPNN's network for side chains, packed for this processor, with its worker threads. It computes in f32.
#[derive(Debug)]
pub struct Packer {
    model: PackerModel,
    workers: Workers,
    checkpoint_name: String,
    checkpoint_sha256: String,
}

impl Packer {
    /// With a packer's checkpoint, such as `ligandmpnn_sc_v_32_002_16`. Of the options, threads and instruction set
    /// count.
    pub fn with_checkpoint(checkpoint: &Checkpoint, options: &EngineOptions) -> Result<Packer, EngineError> {
        let kernels = match options.isa {
            Some(isa) => Kernels::on(isa)?,
            None => Kernels::detect()?,
        };
        // 0 lets the pool count the processors.
        let threads = options.threads.map_or(0, NonZeroUsize::get);
        Ok(Packer {
            model: PackerModel::load(kernels, checkpoint)?,
            workers: Workers::new(threads)?,
            checkpoint_name: checkpoint.name().to_owned(),
            checkpoint_sha256: checkpoint.sha256().to_owned(),
        })
    }

    /// The instruction set in use.
    pub fn isa(&self) -> Isa {
        self.model.kernels.isa()
    }

    /// The checkpoint's published name.
    pub fn checkpoint_name(&self) -> &str {
        &self.checkpoint_name
    }

    /// SHA-256 of the checkpoint's container.
    pub fn checkpoint_sha256(&self) -> &str {
        &self.checkpoint_sha256
    }

    /// What all packings of a sequence on a backbone have in common: once, whatever their number.
    pub fn prepare(&self, structure: &Structure, choice: PackingChoice<'_>) -> Result<PackingTask, EngineError> {
        let expected = structure.residues.len();
        for found in [choice.sequence.len(), choice.packed.len()] {
            if found != expected {
                return Err(EngineError::SequenceLength { structure: structure.name.clone(), found, expected });
            }
        }
        if structure.residues.iter().all(|residue| residue.backbone().is_none()) {
            let needed = BackboneAtoms::All.long_noun();
            return Err(EngineError::NoResidues { structure: structure.name.clone(), needed });
        }
        Ok(PackingTask::new(&self.model, &self.workers, structure, choice))
    }

    /// The multiply-adds of a prepared structure's packings.
    pub fn operations(&self, task: &PackingTask) -> PackingOperations {
        self.model.operations(&task.encoding)
    }

    /// How many worker threads there are.
    pub fn threads(&self) -> usize {
        self.workers.threads()
    }

    /// A packing whose torsions have been set to random angles, to be stepped.
    pub fn begin<'a>(&'a self, task: &'a PackingTask, draws: &impl PackingDraws) -> PackingRun<'a> {
        PackingRun::new((&self.model, &self.workers), task, draws)
    }

    /// One packing.
    pub fn pack(&self, task: &PackingTask, settings: PackingSettings, draws: &impl PackingDraws) -> Packing {
        let mut run = self.begin(task, draws);
        for step in 0..settings.steps {
            run.step(step, settings.samples, draws);
        }
        run.finish()
    }
}
