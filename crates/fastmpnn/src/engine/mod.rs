//! The engine: a network on a set of worker threads, and its operations.
//!
//! Arguments are checked here, once; the modules below rely on it.

mod checks;
mod conditioning;
mod embeddings;
mod sequence_scorer;

use std::num::NonZeroUsize;
use std::sync::Arc;

use fastmpnn_kernels::{Isa, Kernels};

use self::checks::check_permutation;
pub(crate) use self::checks::check_structure;
pub use self::conditioning::Conditioning;
pub use self::sequence_scorer::{LogProbabilities, SequenceScorer};
use crate::chemistry::Sequence;
use crate::decode::{
    Allowance, Decoded, DesignTask, Designer, DrawRules, Goals, LetterSource, Letters, MaskedMember, MemoryLimit,
    Orders, Purpose, RandomStream, SampleOrder, Sampler, SamplerSettings, SamplerTask, Schedule, fixed_order,
};
use crate::error::EngineError;
use crate::featurize::{Graph, ligand_distances};
use crate::model::{
    EncodedGraph, Encoding, EncodingOrigin, MemoryBudget, Model, Network, NetworkIdentity, Precision, StoredPrecision,
    Workers, environment_fingerprint,
};
use crate::spec::{DesignPlan, Environment, States, StatesPlan, TiedGroup, check_ties};
use crate::structure::{Fingerprint, Structure};
use crate::weights::Checkpoint;

/// How an engine runs. The default uses all processors, their widest instruction set, and f32.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct EngineOptions {
    /// The number of worker threads; the number of processors when `None`.
    pub threads: Option<NonZeroUsize>,
    /// The instruction set; [`FASTMPNN_ISA`](fastmpnn_kernels::ISA_VARIABLE) or else the widest available when `None`.
    pub isa: Option<Isa>,
    /// The memory that decoding may use in addition to encodings, for all callers of the engine and its clones
    /// together; half of the free memory when `None`.
    pub memory_limit: Option<MemoryLimit>,
    /// The numeric precision of the network.
    pub precision: Precision,
    /// K, neighbors per residue, instead of the number that the network was trained with. Fewer are faster, but the
    /// network sees less.
    pub neighbors: Option<NonZeroUsize>,
}

impl EngineOptions {
    /// With another [`EngineOptions::threads`].
    #[must_use]
    pub fn with_threads(self, threads: Option<NonZeroUsize>) -> EngineOptions {
        EngineOptions { threads, ..self }
    }

    /// With another [`EngineOptions::isa`].
    #[must_use]
    pub fn with_isa(self, isa: Option<Isa>) -> EngineOptions {
        EngineOptions { isa, ..self }
    }

    /// With another [`EngineOptions::memory_limit`].
    #[must_use]
    pub fn with_memory_limit(self, memory_limit: Option<MemoryLimit>) -> EngineOptions {
        EngineOptions { memory_limit, ..self }
    }

    /// With another [`EngineOptions::precision`].
    #[must_use]
    pub fn with_precision(self, precision: Precision) -> EngineOptions {
        EngineOptions { precision, ..self }
    }

    /// With another [`EngineOptions::neighbors`].
    #[must_use]
    pub fn with_neighbors(self, neighbors: Option<NonZeroUsize>) -> EngineOptions {
        EngineOptions { neighbors, ..self }
    }
}

impl EngineOptions {
    /// Checks that the requested number of threads, if any, is that of the workers.
    pub(crate) fn check_workers(&self, workers: &Workers) -> Result<(), EngineError> {
        match self.threads {
            Some(threads) if threads.get() != workers.threads() => Err(EngineError::Setting {
                setting: "threads",
                value: threads.to_string(),
                allowed: format!("{}, the number of the workers", workers.threads()),
            }),
            _ => Ok(()),
        }
    }
}

/// A network, packed for this processor, with its worker threads. Clones share both. Any number of threads may use an
/// engine at once; the result of a call does not depend on the others.
#[derive(Clone, Debug)]
pub struct Engine {
    network: Network,
    memory_limit: Option<MemoryLimit>,
    memory: MemoryBudget,
    checkpoint_name: Arc<str>,
    checkpoint_sha256: Arc<str>,
}

impl Engine {
    /// An engine with the published default network, v_48_020, which is embedded in the library.
    pub fn embedded(options: &EngineOptions) -> Result<Engine, EngineError> {
        Engine::with_checkpoint(&Checkpoint::embedded()?, options)
    }

    /// An engine with any network that this library supports.
    pub fn with_checkpoint(checkpoint: &Checkpoint, options: &EngineOptions) -> Result<Engine, EngineError> {
        Engine::with_workers(checkpoint, options, &Workers::new(options.threads)?)
    }

    /// As [`Engine::with_checkpoint`], on shared worker threads, such as those of another engine or a packer.
    pub fn with_workers(
        checkpoint: &Checkpoint,
        options: &EngineOptions,
        workers: &Workers,
    ) -> Result<Engine, EngineError> {
        options.check_workers(workers)?;
        let kernels = match options.isa {
            Some(isa) => Kernels::on(isa)?,
            None => Kernels::detect()?,
        };
        let mut model = workers.install(|| Model::load(kernels, checkpoint, options.precision))?;
        if let Some(neighbors) = options.neighbors {
            model.config.neighbors = neighbors.get();
        }
        Ok(Engine {
            network: Network { model: Arc::new(model), workers: workers.clone() },
            memory_limit: options.memory_limit,
            memory: MemoryBudget::default(),
            checkpoint_name: checkpoint.name().into(),
            checkpoint_sha256: checkpoint.sha256().into(),
        })
    }

    /// The network.
    pub fn model(&self) -> &Model {
        &self.network.model
    }

    /// The instruction set in use.
    pub fn isa(&self) -> Isa {
        self.network.model.kernels.isa()
    }

    /// The instructions in use: the instruction set, `sme` where that was asked for and, where the network multiplies split
    /// numbers, the instructions for them, such as `avx512+amx`.
    pub fn instructions(&self) -> String {
        let plan = self.kernels().plan();
        if self.network.model.tiles().is_some() { plan.to_string() } else { plan.without_tiles().to_string() }
    }

    /// The kernels in use: their instruction set, and their instructions for split numbers.
    pub fn kernels(&self) -> Kernels {
        self.network.model.kernels
    }

    /// The numeric precision that the network is computed in: that of the options, or f32 where this processor has no use
    /// for it ([`Precision::on`]).
    pub fn precision(&self) -> Precision {
        self.network.model.precision
    }

    /// The number of worker threads.
    pub fn threads(&self) -> usize {
        self.network.workers.threads()
    }

    /// The worker threads, for sharing with other engines and packers.
    pub fn workers(&self) -> &Workers {
        &self.network.workers
    }

    /// The same network on other threads: in a process that was forked, where the threads of the first are gone, for one.
    #[must_use]
    pub fn on_workers(&self, workers: &Workers) -> Engine {
        let network = Network { model: self.network.model.clone(), workers: workers.clone() };
        Engine { network, ..self.clone() }
    }

    /// The same engine with a memory limit of its own, which it does not share with this one.
    #[must_use]
    pub fn with_memory_limit(&self, limit: MemoryLimit) -> Engine {
        Engine { memory_limit: Some(limit), memory: MemoryBudget::default(), ..self.clone() }
    }

    /// The memory limit; half of what is free now where none was set.
    pub fn memory_limit(&self) -> MemoryLimit {
        self.memory_limit.unwrap_or_else(MemoryLimit::half_of_free)
    }

    /// The bytes of [`EngineOptions::memory_limit`] that all callers together currently reserve.
    pub fn reserved_memory(&self) -> u64 {
        self.memory.reserved()
    }

    /// The most bytes that all callers together have reserved at any time.
    pub fn most_reserved_memory(&self) -> u64 {
        self.memory.most_reserved()
    }

    /// The checkpoint's published name.
    pub fn checkpoint_name(&self) -> &str {
        &self.checkpoint_name
    }

    /// SHA-256 of the checkpoint's container.
    pub fn checkpoint_sha256(&self) -> &str {
        &self.checkpoint_sha256
    }

    /// Runs featurizer and encoder, once per structure; every later operation uses the encoding. The network sees the
    /// default environment, the one that the published programs assume.
    pub fn encode(&self, structure: &Structure) -> Result<Encoding, EngineError> {
        self.encode_with(structure, &Environment::default())
    }

    /// As [`Engine::encode`], in the given environment, such as [`DesignPlan::environment`].
    pub fn encode_with(&self, structure: &Structure, environment: &Environment) -> Result<Encoding, EngineError> {
        let graph = self.graph(structure, environment)?;
        let origin = self.origin(structure, std::slice::from_ref(environment), structure.residues.len());
        Ok(self.encoding(graph, origin))
    }

    /// Encodes all states of a protein, `[states · N]`, each in its [`StatesPlan::environment`]. Sequences are drawn on
    /// the encoding as on one structure, with [`States::all`] and [`StatesPlan::all`].
    pub fn encode_states(&self, states: &States, plan: &StatesPlan) -> Result<Encoding, EngineError> {
        let (found, expected) = (plan.environment.len(), states.structures().len());
        if found != expected {
            let structure = states.protein().name.clone();
            return Err(EngineError::StateCount { structure, found, expected });
        }
        let structures = states.structures().iter().zip(&plan.environment);
        let graphs = structures.map(|(structure, environment)| self.graph(structure, environment));
        let Some(union) = Graph::union(graphs.collect::<Result<_, _>>()?) else {
            let needed = self.network.model.config.family.backbone_atoms().long_noun();
            return Err(EngineError::NoResidues { structure: states.protein().name.clone(), needed });
        };
        let origin = self.origin(states.all(), &plan.environment, states.protein().residues.len());
        Ok(self.encoding(union, origin))
    }

    /// The origin of an encoding of a structure, or of all states of a protein of N `residues`.
    fn origin(&self, structure: &Structure, environments: &[Environment], residues: usize) -> EncodingOrigin {
        EncodingOrigin {
            network: self.identity(),
            structure: structure.fingerprint(),
            environment: environment_fingerprint(environments, residues, &self.network.model.config),
        }
    }

    fn encoding(&self, graph: Graph, origin: EncodingOrigin) -> Encoding {
        let Network { model, workers } = &self.network;
        Encoding { states: Arc::new(model.encode(graph, workers)), origin: Arc::new(origin) }
    }

    fn graph(&self, structure: &Structure, environment: &Environment) -> Result<Graph, EngineError> {
        let Model { kernels, ref config, .. } = *self.network.model;
        let expected = structure.residues.len();
        let Environment { side_chains_of, membrane, cyclic, .. } = environment;
        let tables = [("side_chains_of", side_chains_of.len()), ("membrane", membrane.len()), ("cyclic", cyclic.len())];
        if let Some((table, found)) = tables.into_iter().find(|&(_, found)| found != 0 && found != expected) {
            return Err(EngineError::TableLength { structure: structure.name.clone(), table, found, expected });
        }
        check_structure(structure)?;
        let graph = self.network.workers.install(|| Graph::new(kernels, structure, environment, config));
        if graph.resolved.contains(&true) {
            return Ok(graph);
        }
        let needed = config.family.backbone_atoms().long_noun();
        Err(EngineError::NoResidues { structure: structure.name.clone(), needed })
    }

    /// Whether each residue has a ligand atom within `cutoff` (Å) of its virtual CB, `[N]`; `None` if the network does
    /// not see ligands.
    ///
    /// # Errors
    /// [`EngineError::Setting`] if the cutoff is not a positive, finite distance.
    pub fn near_ligand(&self, structure: &Structure, cutoff: f32) -> Result<Option<Vec<bool>>, EngineError> {
        if cutoff.is_nan() {
            let allowed = "a distance in Å".to_owned();
            return Err(EngineError::Setting { setting: "cutoff", value: cutoff.to_string(), allowed });
        }
        if self.network.model.config.context_atoms.is_none() {
            return Ok(None);
        }
        check_structure(structure)?;
        let distances = ligand_distances(self.network.model.kernels, structure);
        Ok(Some(distances.into_iter().map(|distance| distance < cutoff).collect()))
    }

    /// Prepares to draw sequences: computes everything that all samples share.
    ///
    /// # Errors
    /// [`EngineError::Plan`] if the plan does not fit the structure; [`EngineError::OtherNetwork`],
    /// [`EngineError::OtherStructure`] and [`EngineError::OtherEnvironment`] if the encoding does not fit.
    pub fn designer(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        plan: &DesignPlan,
    ) -> Result<Designer, EngineError> {
        let graph = self.states_of(encoding, structure)?;
        self.check_plan(encoding, structure, plan)?;
        let goals = Goals::new(plan, &native(structure))
            .map_err(|reason| EngineError::Plan { structure: structure.name.clone(), reason })?;
        let task = DesignTask { structure, plan };
        Ok(Designer::new(&self.network, graph, task, self.allowance()).with_goals(goals))
    }

    /// Decodes sequences with orders and letters supplied by the caller. Each order lists every residue, the first
    /// decoded first. Every residue gets its letter from `source`, even one without a backbone; a tied group is decoded
    /// at the position of its first member. A sample's number is its index in `orders`.
    ///
    /// # Errors
    /// [`EngineError::Order`] if an order does not name every residue once, [`EngineError::Plan`] if the ties do not
    /// fit the structure, [`EngineError::OtherNetwork`] and [`EngineError::OtherStructure`] if the encoding does not.
    pub fn decode_with(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        ties: &[TiedGroup],
        orders: Vec<Vec<u32>>,
        source: &dyn LetterSource,
    ) -> Result<Vec<Decoded>, EngineError> {
        let graph = self.states_of(encoding, structure)?;
        for order in &orders {
            check_permutation(structure, order)?;
        }
        check_ties(ties, structure)
            .map_err(|reason| EngineError::Plan { structure: structure.name.clone(), reason })?;
        let task = SamplerTask {
            native: native(structure),
            drawn: vec![true; structure.residues.len()],
            ties: ties.to_vec(),
            fixed: Vec::new(),
        };
        let sampler = Sampler::new(&self.network, graph, task, self.allowance());
        let orders: Vec<SampleOrder> =
            (0..).zip(orders).map(|(sample, residues)| SampleOrder { sample, residues }).collect();
        sampler.run(&orders, Letters::OneByOne(source), &SamplerSettings::default())
    }

    /// Computes the decoder's edge terms and keeps them with the encoding, whatever the memory limit. Every later pass
    /// over the encoding takes a quarter less time, and each decoder layer adds the size of the encoding in memory.
    /// [`Engine::designer`] and [`Engine::conditional`] do so on their own where it pays and the memory limit allows
    /// it.
    ///
    /// # Errors
    /// [`EngineError::OtherNetwork`] if the encoding was made with another network.
    pub fn keep_edge_terms(&self, encoding: &Encoding) -> Result<(), EngineError> {
        self.check_network(encoding)?;
        let Network { model, workers } = &self.network;
        let bytes = model.projection_bytes(&encoding.states);
        model.keep_projections(&encoding.states, workers, || Some(self.memory.reserve_anyway(bytes)));
        Ok(())
    }

    /// Serializes an encoding, so that designs can be drawn later without running the encoder: a safetensors container
    /// with the checkpoint, the precision, K and a hash of the structure in its metadata.
    ///
    /// # Errors
    /// [`EngineError::OtherNetwork`] if the encoding was made with another network.
    pub fn save_encoding(&self, encoding: &Encoding) -> Result<Vec<u8>, EngineError> {
        self.save_encoding_as(encoding, StoredPrecision::F32)
    }

    /// As [`Engine::save_encoding`], in other numbers: [`StoredPrecision::F16`] takes half the space.
    ///
    /// # Errors
    /// [`EngineError::OtherNetwork`] if the encoding was made with another network.
    pub fn save_encoding_as(&self, encoding: &Encoding, stored: StoredPrecision) -> Result<Vec<u8>, EngineError> {
        self.check_network(encoding)?;
        self.network.model.encoding_to_safetensors(encoding, stored)
    }

    /// Reads an encoding written by [`Engine::save_encoding`] with the same checkpoint, precision and K. The encoding
    /// is identical to the bit; one of [`StoredPrecision::F16`] is what it was rounded to.
    pub fn load_encoding(&self, bytes: &[u8]) -> Result<Encoding, EngineError> {
        let Network { model, workers } = &self.network;
        model.encoding_from_safetensors(bytes, self.identity(), workers)
    }

    /// A hash of what the network sees of the environment of a structure of N `residues`: environments with the same one
    /// make the same encoding.
    pub fn environment_fingerprint(&self, environment: &Environment, residues: usize) -> Fingerprint {
        environment_fingerprint(std::slice::from_ref(environment), residues, &self.network.model.config)
    }

    fn identity(&self) -> NetworkIdentity {
        NetworkIdentity {
            checkpoint_sha256: self.checkpoint_sha256.clone(),
            precision: self.precision(),
            neighbors: self.network.model.config.neighbors,
        }
    }

    /// The random number in 0 ≤ u < 1 that decides each residue's letter in a sample of a plan (see
    /// [`Draw`](crate::decode::Draw)); that of a tied group is its first member's. `[N]`
    pub fn letter_numbers(&self, structure: &Structure, plan: &DesignPlan, sample: u64) -> Vec<f64> {
        let stream = RandomStream::new(plan.seed, structure);
        (0..structure.residues.len()).map(|residue| stream.uniform(Purpose::Letter, sample, residue)).collect()
    }

    fn allowance(&self) -> Allowance {
        Allowance { limit: self.memory_limit(), budget: self.memory.clone() }
    }

    /// The decoding order in which [`Engine::designer`] draws a sample, as the rank of each residue, `[N]`.
    ///
    /// # Errors
    /// As [`Engine::designer`].
    pub fn decoding_rank(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        plan: &DesignPlan,
        sample: u64,
    ) -> Result<Vec<u32>, EngineError> {
        let graph = self.states_of(encoding, structure)?;
        self.check_plan(encoding, structure, plan)?;
        let graph = &graph.graph;
        let stream = RandomStream::new(plan.seed, structure);
        let fixed = fixed_order(plan, &stream);
        let order = Orders::new(graph, plan).sample(&stream, sample);
        let schedule = Schedule::of_drawn(
            graph,
            DrawRules { ties: &plan.ties, masked: MaskedMember::Decides, partners: &[], fixed: fixed.len() },
            &order,
        );
        let mut rank = schedule.rank;
        for (place, &residue) in fixed.iter().enumerate() {
            rank[residue as usize] = place as u32;
        }
        Ok(rank)
    }

    /// The states of an encoding, if it was made from this structure with this network.
    fn states_of<'a>(
        &self,
        encoding: &'a Encoding,
        structure: &Structure,
    ) -> Result<&'a Arc<EncodedGraph>, EngineError> {
        self.check_network(encoding)?;
        if encoding.residues() != structure.residues.len() || encoding.origin.structure != structure.fingerprint() {
            return Err(EngineError::OtherStructure { structure: structure.name.clone() });
        }
        Ok(&encoding.states)
    }

    fn check_network(&self, encoding: &Encoding) -> Result<(), EngineError> {
        let (found, expected) = (&encoding.origin.network, self.identity());
        if *found == expected {
            return Ok(());
        }
        Err(EngineError::OtherNetwork { found: found.to_string(), expected: expected.to_string() })
    }

    /// Checks that the plan is one for the structure, and the encoding was made in its environment.
    fn check_plan(&self, encoding: &Encoding, structure: &Structure, plan: &DesignPlan) -> Result<(), EngineError> {
        let config = &self.network.model.config;
        let needed = config.family.backbone_atoms().long_noun();
        plan.check(structure, &encoding.graph().resolved, needed)
            .map_err(|reason| EngineError::Plan { structure: structure.name.clone(), reason })?;
        let environment = std::slice::from_ref(&plan.environment);
        if environment_fingerprint(environment, encoding.residues(), config) == encoding.origin.environment {
            return Ok(());
        }
        Err(EngineError::OtherEnvironment { structure: structure.name.clone() })
    }
}

fn native(structure: &Structure) -> Sequence {
    structure.residues.iter().map(|residue| residue.letter).collect()
}
