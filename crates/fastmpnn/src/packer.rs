//! The packer: side chains for a backbone and a sequence.

use std::sync::Arc;

use fastmpnn_kernels::{Isa, Kernels};

use crate::decode::{PackingChoice, PackingTask};
use crate::engine::{EngineOptions, check_structure};
use crate::error::EngineError;
use crate::model::{PackerModel, PackerNetwork, Workers};
use crate::structure::{BackboneAtoms, Structure};
use crate::weights::Checkpoint;

/// LigandMPNN's network for side chains, packed for this processor, with its worker threads. It computes in f32. Clones
/// share it.
#[derive(Clone, Debug)]
pub struct Packer {
    network: PackerNetwork,
    checkpoint_name: Arc<str>,
    checkpoint_sha256: Arc<str>,
}

impl Packer {
    /// A packer with a checkpoint such as `ligandmpnn_sc_v_32_002_16`. Of the options, only the number of threads and
    /// the instruction set are used.
    pub fn with_checkpoint(checkpoint: &Checkpoint, options: &EngineOptions) -> Result<Packer, EngineError> {
        Packer::with_workers(checkpoint, options, &Workers::new(options.threads)?)
    }

    /// As [`Packer::with_checkpoint`], on shared worker threads, such as those of
    /// [`Engine::workers`](crate::Engine::workers).
    pub fn with_workers(
        checkpoint: &Checkpoint,
        options: &EngineOptions,
        workers: &Workers,
    ) -> Result<Packer, EngineError> {
        options.check_workers(workers)?;
        let kernels = match options.isa {
            Some(isa) => Kernels::on(isa)?,
            None => Kernels::detect()?,
        };
        Ok(Packer {
            network: PackerNetwork {
                model: Arc::new(workers.install(|| PackerModel::load(kernels, checkpoint))?),
                workers: workers.clone(),
            },
            checkpoint_name: checkpoint.name().into(),
            checkpoint_sha256: checkpoint.sha256().into(),
        })
    }

    /// The same network on other threads, as [`Engine::on_workers`](crate::Engine::on_workers).
    #[must_use]
    pub fn on_workers(&self, workers: &Workers) -> Packer {
        let network = PackerNetwork { model: self.network.model.clone(), workers: workers.clone() };
        Packer { network, ..self.clone() }
    }

    /// The instruction set in use.
    pub fn isa(&self) -> Isa {
        self.network.model.kernels.isa()
    }

    /// The checkpoint's published name.
    pub fn checkpoint_name(&self) -> &str {
        &self.checkpoint_name
    }

    /// SHA-256 of the checkpoint's container.
    pub fn checkpoint_sha256(&self) -> &str {
        &self.checkpoint_sha256
    }

    /// Computes everything that all packings of a sequence on a backbone share.
    pub fn prepare(&self, structure: &Structure, choice: &PackingChoice) -> Result<PackingTask, EngineError> {
        let expected = structure.residues.len();
        let name = || structure.name.clone();
        if choice.sequence.len() != expected {
            return Err(EngineError::SequenceLength { structure: name(), found: choice.sequence.len(), expected });
        }
        let cyclic = if choice.cyclic.is_empty() { expected } else { choice.cyclic.len() };
        for (table, found) in [("packed", choice.packed.len()), ("cyclic", cyclic)] {
            if found != expected {
                return Err(EngineError::TableLength { structure: name(), table, found, expected });
            }
        }
        if structure.residues.iter().all(|residue| residue.backbone().is_none()) {
            let needed = BackboneAtoms::All.long_noun();
            return Err(EngineError::NoResidues { structure: name(), needed });
        }
        check_structure(structure)?;
        Ok(PackingTask::new(&self.network, structure, choice))
    }

    /// The number of worker threads.
    pub fn threads(&self) -> usize {
        self.network.workers.threads()
    }

    /// The worker threads, for sharing with engines and other packers.
    pub fn workers(&self) -> &Workers {
        &self.network.workers
    }
}
