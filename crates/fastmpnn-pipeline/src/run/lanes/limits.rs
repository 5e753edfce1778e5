//! How many inputs are worked on at once, and how far ahead of their turn.

use fastmpnn::Engine;

/// The most bytes of results that wait for their turn.
pub(super) const WAITING_RESULTS: u64 = 256 << 20;

/// Inputs that are begun before their turn comes, for each lane.
pub(super) const AHEAD: usize = 4;

/// Structures of at most this many residues are worked on one a thread; larger ones share all threads.
pub(crate) const ONE_A_THREAD: usize = 400;

/// What the work on an input takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    /// Residues, those of all states.
    pub(crate) residues: usize,
    /// Bytes of all results.
    pub(crate) results: u64,
}

/// How many inputs are worked on at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes {
    /// The number of inputs.
    pub(crate) inputs: usize,
    /// The number of lanes.
    pub(crate) count: usize,
}

impl Lanes {
    /// For inputs that are worked on with an engine. Fewer inputs than threads are taken one after the other: a lane
    /// without an input would leave its thread idle.
    pub(crate) fn new(inputs: usize, engine: &Engine) -> Lanes {
        Lanes { inputs, count: if inputs >= engine.threads() { engine.threads() } else { 1 } }
    }

    /// Whether an input has all threads for itself.
    pub(super) fn takes_all(&self, size: Size) -> bool {
        self.count == 1 || size.residues > ONE_A_THREAD || size.results > WAITING_RESULTS / 4
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
