//! The engine: a network on a set of threads, and everything that is asked of it.

use std::num::NonZeroUsize;

use fastmpnn_kernels::{Isa, Kernels};
use rayon::prelude::*;

use crate::chemistry::{Letter, VOCABULARY};
use crate::decode::{
    Decoded, Designer, EdgeCache, LetterSource, MaskedMember, MemoryLimit, Orders, Purpose, RandomStream, Sampler,
    Schedule, fixed_order,
};
use crate::error::EngineError;
use crate::featurize::{Graph, ligand_distances};
use crate::model::{Encoding, Model, Precision, Workers};
use crate::score::log_likelihood;
use crate::spec::{DesignPlan, Environment, States, StatesPlan, TiedGroup};
use crate::structure::Structure;
use crate::weights::Checkpoint;

/// How an engine runs; the default uses all processors and their widest instruction set, and f32.
#[derive(Clone, Copy, Debug, Default)]
pub struct EngineOptions {
    /// Worker threads; as many as there are processors when `None`.
    pub threads: Option<NonZeroUsize>,
    /// The instruction set; [`FASTMPNN_ISA`](fastmpnn_kernels::ISA_VARIABLE) or the widest there is when `None`.
    pub isa: Option<Isa>,
    /// What decoding may take beyond the encoding itself; half of what is free when `None`.
    pub memory_limit: Option<MemoryLimit>,
    /// The numbers the network is computed in.
    pub precision: Precision,
    /// K, neighbors a residue, instead of the network's own. A network was trained with its own: fewer are faster and
    /// see less.
    pub neighbors: Option<NonZeroUsize>,
}

/// What a residue is shown before it is asked for its letter. Ranks are places in a decoding order. `[N]` each
#[derive(Clone, Copy, Debug)]
pub enum Given<'a> {
    /// The backbone alone.
    Backbone,
    /// The backbone, and the letters of the residues of smaller rank.
    Earlier {
        /// The letters.
        sequence: &'a [Letter],
        /// The order.
        rank: &'a [u32],
    },
    /// The backbone, and the letters that come before it when it alone leaves its place in the order, for one just
    /// before the residues of rank `before` and greater: 0 is the first place, and N the last.
    Moved {
        /// The letters.
        sequence: &'a [Letter],
        /// The order of all residues.
        rank: &'a [u32],
        /// Where each residue goes when it is asked.
        before: &'a [u32],
    },
    /// The backbone of the residues of greater rank; of the others not even that. The published networks were not trained
    /// to see so, but LigandMPNN's `score.py` asks them.
    LaterBackbone {
        /// The order.
        rank: &'a [u32],
    },
}

impl Given<'_> {
    /// How many residues each of its parts is of.
    fn lengths(&self) -> Vec<usize> {
        match self {
            Given::Backbone => Vec::new(),
            Given::Earlier { sequence, rank } => vec![sequence.len(), rank.len()],
            Given::Moved { sequence, rank, before } => vec![sequence.len(), rank.len(), before.len()],
            Given::LaterBackbone { rank } => vec![rank.len()],
        }
    }
}

/// A network, packed for this processor, with its worker threads.
#[derive(Debug)]
pub struct Engine {
    model: Model,
    workers: Workers,
    memory_limit: Option<MemoryLimit>,
    checkpoint_name: String,
    checkpoint_sha256: String,
}

impl Engine {
    /// With the published default network, v_48_020, which is part of the program.
    pub fn embedded(options: &EngineOptions) -> Result<Engine, EngineError> {
        Engine::with_checkpoint(&Checkpoint::embedded()?, options)
    }

    /// With any network that this library knows.
    pub fn with_checkpoint(checkpoint: &Checkpoint, options: &EngineOptions) -> Result<Engine, EngineError> {
        let kernels = match options.isa {
            Some(isa) => Kernels::on(isa)?,
            None => Kernels::detect()?,
        };
        // 0 lets the pool count the processors.
        let threads = options.threads.map_or(0, NonZeroUsize::get);
        let mut model = Model::load(kernels, checkpoint, options.precision)?;
        if let Some(neighbors) = options.neighbors {
            model.config.neighbors = neighbors.get();
        }
        Ok(Engine {
            model,
            workers: Workers::new(threads)?,
            memory_limit: options.memory_limit,
            checkpoint_name: checkpoint.name().to_owned(),
            checkpoint_sha256: checkpoint.sha256().to_owned(),
        })
    }

    /// The network.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The instruction set in use.
    pub fn isa(&self) -> Isa {
        self.model.kernels.isa()
    }

    /// The numbers the network is computed in.
    pub fn precision(&self) -> Precision {
        self.model.precision
    }

    /// How many worker threads there are.
    pub fn threads(&self) -> usize {
        self.workers.threads()
    }

    /// The checkpoint's published name.
    pub fn checkpoint_name(&self) -> &str {
        &self.checkpoint_name
    }

    /// SHA-256 of the checkpoint's container.
    pub fn checkpoint_sha256(&self) -> &str {
        &self.checkpoint_sha256
    }

    /// Features and encoder: once a structure, whatever is asked of it later. Of its surroundings the network is told
    /// what the published programs assume where nothing is said.
    pub fn encode(&self, structure: &Structure) -> Result<Encoding, EngineError> {
        self.encode_with(structure, &Environment::default())
    }

    /// Features and encoder in those surroundings, of [`DesignPlan::environment`].
    pub fn encode_with(&self, structure: &Structure, environment: &Environment) -> Result<Encoding, EngineError> {
        Ok(self.model.encode(self.graph(structure, environment)?, &self.workers))
    }

    /// Features and encoder of all states of a protein, `[states · N]`. Sequences are drawn on it as on one structure,
    /// with [`States::all`] and [`StatesPlan::all`].
    pub fn encode_states(&self, states: &States, plan: &StatesPlan) -> Result<Encoding, EngineError> {
        let structures = states.structures().iter().zip(&plan.environment);
        let graphs = structures.map(|(structure, environment)| self.graph(structure, environment));
        let Some(union) = Graph::union(graphs.collect::<Result<_, _>>()?) else {
            let needed = self.model.config.family.backbone_atoms().long_noun();
            return Err(EngineError::NoResidues { structure: states.protein().name.clone(), needed });
        };
        Ok(self.model.encode(union, &self.workers))
    }

    fn graph(&self, structure: &Structure, environment: &Environment) -> Result<Graph, EngineError> {
        let Model { kernels, ref config, .. } = self.model;
        let graph = self.workers.install(|| Graph::new(kernels, structure, environment, config));
        if graph.resolved.contains(&true) {
            return Ok(graph);
        }
        let needed = config.family.backbone_atoms().long_noun();
        Err(EngineError::NoResidues { structure: structure.name.clone(), needed })
    }

    /// Whether each residue has a ligand atom nearer to its virtual CB than so many Å, `[N]`; `None` where the network
    /// does not see ligands.
    pub fn near_ligand(&self, structure: &Structure, cutoff: f32) -> Option<Vec<bool>> {
        self.model.config.context_atoms?;
        let distances = ligand_distances(self.model.kernels, structure);
        Some(distances.into_iter().map(|distance| distance < cutoff).collect())
    }

    /// Prepares to draw sequences: what all samples share is computed here.
    pub fn designer<'a>(
        &'a self,
        encoding: &'a Encoding,
        structure: &Structure,
        plan: &'a DesignPlan,
        seed: u64,
    ) -> Result<Designer<'a>, EngineError> {
        check_length(structure, encoding, plan.designed.len())?;
        let limit = self.limit();
        Ok(Designer::new((&self.model, &self.workers), encoding, (structure, plan), seed).with_memory_limit(limit))
    }

    /// Decodes sequences whose orders and letters come from elsewhere. Every residue is in every order, the first decoded
    /// first, and gets its letter from `source`, those without a backbone too; a tied group stands where its first
    /// member does. The samples' numbers are their places in `orders`.
    pub fn decode_with(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        ties: &[TiedGroup],
        orders: Vec<Vec<u32>>,
        source: &dyn LetterSource,
    ) -> Result<Vec<Decoded>, EngineError> {
        for order in &orders {
            check_length(structure, encoding, order.len())?;
        }
        let native = structure.residues.iter().map(|residue| residue.letter).collect();
        let drawn = vec![true; structure.residues.len()];
        let mut sampler = Sampler::new((&self.model, &self.workers), encoding, native, (&drawn, ties), &[]);
        sampler.limit = self.limit();
        let orders: Vec<(u64, Vec<u32>)> = (0..).zip(orders).collect();
        Ok(sampler.run(&orders, source))
    }

    /// Makes the decoder's edge terms and keeps them with the encoding: every pass over it takes a quarter less time
    /// from then on, and the encoding as much memory again for each decoder layer. [`Engine::designer`] and
    /// [`Engine::conditional`] do so by themselves where it pays and the memory limit allows it.
    pub fn keep_edge_terms(&self, encoding: &Encoding) {
        self.model.keep_projections(encoding, &self.workers);
    }

    /// An encoding as bytes for a file, to design from it later without the encoder: a safetensors container that names
    /// the checkpoint, the precision and K.
    pub fn save_encoding(&self, encoding: &Encoding) -> Result<Vec<u8>, EngineError> {
        self.model.encoding_to_safetensors(encoding, &self.stamp())
    }

    /// Reads what [`Engine::save_encoding`] wrote with the same checkpoint, precision and K; the encoding is the same
    /// to the bit.
    pub fn load_encoding(&self, bytes: &[u8]) -> Result<Encoding, EngineError> {
        self.model.encoding_from_safetensors(bytes, &self.stamp(), &self.workers)
    }

    fn stamp(&self) -> [(&'static str, String); 3] {
        [
            ("checkpoint_sha256", self.checkpoint_sha256.clone()),
            ("precision", self.precision().to_string()),
            ("neighbours", self.model.config.neighbors.to_string()),
        ]
    }

    /// The random number in 0 ≤ u < 1 that decides each residue's letter in a sample (see
    /// [`Draw`](crate::decode::Draw)); that of a tied group is its first member's. `[N]`
    pub fn letter_numbers(&self, structure: &Structure, (seed, sample): (u64, u64)) -> Vec<f64> {
        let stream = RandomStream::new(seed, structure);
        (0..structure.residues.len()).map(|residue| stream.uniform(Purpose::Letter, sample, residue)).collect()
    }

    fn limit(&self) -> MemoryLimit {
        self.memory_limit.unwrap_or_else(MemoryLimit::half_of_free)
    }

    /// The decoding order of a sample as the rank of each residue: the one [`Engine::designer`] draws it in.
    pub fn decoding_rank(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        plan: &DesignPlan,
        (seed, sample): (u64, u64),
    ) -> Vec<u32> {
        let stream = RandomStream::new(seed, structure);
        let fixed = fixed_order(plan, &stream);
        let order = Orders::new(encoding.graph(), plan).sample(&stream, sample);
        let schedule = Schedule::of_drawn(encoding.graph(), (&plan.ties, MaskedMember::Decides), fixed.len(), &order);
        let mut rank = schedule.rank;
        for (place, &residue) in fixed.iter().enumerate() {
            rank[residue as usize] = place as u32;
        }
        rank
    }

    /// The logits of every letter at every residue, given what a residue is shown. `[N, V]`
    pub fn logits(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        given: Given<'_>,
    ) -> Result<Vec<[f32; VOCABULARY]>, EngineError> {
        check_length(structure, encoding, structure.residues.len())?;
        for length in given.lengths() {
            check_length(structure, encoding, length)?;
        }
        Ok(match given {
            Given::Backbone => self.backbone_logits(encoding),
            Given::Earlier { sequence, rank } => self.model.teacher_force(encoding, &self.workers, sequence, rank),
            Given::LaterBackbone { rank } => self.model.with_earlier_hidden(encoding, &self.workers, rank),
            Given::Moved { sequence, rank, before } => self.moved_logits(encoding, (sequence, rank), before),
        })
    }

    /// [`Given::Moved`]
    fn moved_logits(&self, encoding: &Encoding, forced: (&[Letter], &[u32]), before: &[u32]) -> Vec<[f32; VOCABULARY]> {
        if let EdgeCache::Kept(_) = self.limit().edge_cache(self.model.projection_bytes(encoding)) {
            self.model.keep_projections(encoding, &self.workers);
        }
        let model = &self.model;
        self.workers.install(|| {
            let moves: Vec<(u32, u32)> = (0..).zip(before.iter().copied()).collect();
            let task = moves.len().div_ceil(4 * self.workers.threads()).max(1);
            let decode = |moves: &[(u32, u32)]| {
                let mut decoding = model.begin_decoding(encoding);
                let mut scratch = self.workers.scratch();
                let logits =
                    moves.iter().map(|&moved| model.decode_moved(encoding, forced, moved, &mut decoding, &mut scratch));
                logits.collect::<Vec<_>>()
            };
            moves.par_chunks(task).flat_map_iter(decode).collect()
        })
    }

    /// ln p of every letter at every residue, given the letters of `sequence` at the residues of smaller rank.
    /// `[N, V]`, nats
    pub fn autoregressive(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        sequence: &[Letter],
        rank: &[u32],
    ) -> Result<Vec<[f32; VOCABULARY]>, EngineError> {
        let logits = self.logits(encoding, structure, Given::Earlier { sequence, rank })?;
        Ok(logits.iter().map(log_likelihood).collect())
    }

    /// ln p of every letter at every residue, given the backbone alone. `[N, V]`, nats
    pub fn unconditional(&self, encoding: &Encoding) -> Vec<[f32; VOCABULARY]> {
        self.backbone_logits(encoding).iter().map(log_likelihood).collect()
    }

    fn backbone_logits(&self, encoding: &Encoding) -> Vec<[f32; VOCABULARY]> {
        let count = encoding.graph().len();
        // With equal ranks nothing comes before anything, and the letters are never looked at.
        self.model.teacher_force(encoding, &self.workers, &vec![Letter::X; count], &vec![0; count])
    }

    /// ln p of every letter at every residue, given the letters of all other residues. `[N, V]`, nats
    ///
    /// A residue comes last in its own order; the others come before it in the order of `rank`.
    pub fn conditional(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        sequence: &[Letter],
        rank: &[u32],
    ) -> Result<Vec<[f32; VOCABULARY]>, EngineError> {
        let last = vec![u32::MAX; rank.len()];
        let logits = self.logits(encoding, structure, Given::Moved { sequence, rank, before: &last })?;
        Ok(logits.iter().map(log_likelihood).collect())
    }
}

fn check_length(structure: &Structure, encoding: &Encoding, found: usize) -> Result<(), EngineError> {
    let expected = encoding.graph().len();
    if found == expected && structure.residues.len() == expected {
        Ok(())
    } else {
        Err(EngineError::SequenceLength { structure: structure.name.clone(), found, expected })
    }
}
