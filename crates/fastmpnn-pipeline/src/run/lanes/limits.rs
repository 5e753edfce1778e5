//! How many inputs are worked on at once, and how far ahead of their turn.

use fastmpnn::decode::MemoryLimit;
use fastmpnn::{Engine, Packer, Workers};

/// The most bytes of results that wait for their turn.
pub(super) const WAITING_RESULTS: u64 = 256 << 20;

/// Inputs that are begun before their turn comes, for each lane.
pub(super) const AHEAD: usize = 4;

/// Structures of at most this many residues are worked on one a thread; larger ones share all threads. On two threads one a
/// thread is as fast at 50 to 300 residues, within the noise, and 15 % slower at 900, where two sets of edge terms leave the
/// caches (`bench/campaign.py --parts arrangement`). Small ones also keep more than two threads busy.
pub(crate) const ONE_A_THREAD: usize = 400;

/// What the work on an input takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    /// Residues, those of all states.
    pub(crate) residues: usize,
    /// Bytes of all results.
    pub(crate) results: u64,
    /// Bytes of what decoding keeps where the memory limit allows it.
    pub(crate) kept: u64,
}

impl Size {
    /// Of a structure that a network decodes: residues, those of all states, which are neighbors within `protein` of them.
    pub(crate) fn decoded(engine: &Engine, residues: usize, protein: usize, results: u64) -> Size {
        let config = engine.model().config();
        // The decoder's edge terms.
        let edges = residues * config.neighbors.min(protein);
        let kept = (config.decoder_layers * edges * config.hidden * size_of::<f32>()) as u64;
        Size { residues, results, kept }
    }
}

/// A network that can be moved to other worker threads.
pub(crate) trait Threaded: Clone + Send + Sync {
    /// The number of worker threads.
    fn threads(&self) -> usize;

    /// What its work on a structure may take beyond what that needs at least.
    fn memory_limit(&self) -> MemoryLimit;

    /// The same network on other threads, with a memory limit of its own.
    fn on(&self, workers: &Workers, memory: MemoryLimit) -> Self;
}

impl Threaded for Engine {
    fn threads(&self) -> usize {
        self.threads()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.memory_limit()
    }

    fn on(&self, workers: &Workers, memory: MemoryLimit) -> Engine {
        self.on_workers(workers).with_memory_limit(memory)
    }
}

impl Threaded for Packer {
    fn threads(&self) -> usize {
        self.threads()
    }

    /// It keeps nothing that it could compute again.
    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit(u64::MAX)
    }

    fn on(&self, workers: &Workers, _: MemoryLimit) -> Packer {
        self.on_workers(workers)
    }
}

/// How many inputs are worked on at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes {
    /// The number of inputs.
    pub(crate) inputs: usize,
    /// The number of lanes.
    pub(crate) count: usize,
    /// What each of them has of the memory limit.
    pub(crate) share: MemoryLimit,
}

impl Lanes {
    /// For inputs that are worked on with a network. Fewer inputs than threads are taken one after the other: a lane
    /// without an input would leave its thread idle.
    pub(crate) fn new<N: Threaded>(inputs: usize, network: &N) -> Lanes {
        let count = if inputs >= network.threads() { network.threads() } else { 1 };
        Lanes { inputs, count, share: MemoryLimit(network.memory_limit().0 / count as u64) }
    }

    /// Whether an input has all threads for itself.
    pub(super) fn takes_all(&self, size: Size) -> bool {
        // What is kept with the whole limit is kept with a share of it, too: half of either is for it.
        let kept = size.kept <= self.share.0 / 2;
        self.count == 1 || size.residues > ONE_A_THREAD || size.results > WAITING_RESULTS / 4 || !kept
    }
}

/// How an input was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// With all threads.
    All,
    /// Beside others.
    Beside,
}
