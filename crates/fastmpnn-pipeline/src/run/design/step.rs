//! What the work on a structure makes.

use std::borrow::Cow;
use std::sync::Arc;

use fastmpnn::chemistry::{Sequence, VOCABULARY};
use fastmpnn::spec::{States, StatesPlan};
use fastmpnn::write::StructureFormat;

use crate::event::DesignResult;
use crate::input::InputIdentity;
use crate::measure::Measures;
use crate::message::Message;
use crate::request::DesignRequest;
use crate::run::pack::PackedDesign;
use crate::selection::SelectionReport;

/// What the work on a structure makes.
pub(super) enum Made<'r> {
    /// The output has the designs of this input already.
    Finished,
    /// All but the designs is known.
    Begun(Arc<Begun<'r>>),
    /// Designs, in the order of their numbers.
    Drawn(Vec<DesignResult>),
    /// A design with side chains, on one of the states.
    Packed(Box<PackedState>),
    /// Which step of the selection removed how many designs of the structure.
    Selected(SelectionReport),
}

/// A protein that is about to be designed.
pub(super) struct Begun<'r> {
    /// The request for this input.
    pub(super) request: Cow<'r, DesignRequest>,
    /// What messages call the input.
    pub(super) file: String,
    pub(super) states: Arc<States>,
    pub(super) tied: Arc<StatesPlan>,
    /// The formats that the states are written in.
    pub(super) formats: Vec<StructureFormat>,
    /// What is designed, fixed, tied, omitted and biased, in words.
    pub(super) summary: String,
    /// The warnings of the structure and the plan.
    pub(super) warnings: Vec<Message>,
    /// The native sequence, and what is measured of it.
    pub(super) native: Sequence,
    pub(super) measures: Measures,
    pub(super) rescored: Option<f64>,
    /// ln p of all letters given the backbone alone, where there is a report. `[N, V]`
    pub(super) log_p: Option<Vec<[f32; VOCABULARY]>>,
    pub(super) identity: Option<InputIdentity>,
}

/// A design with side chains, on one of the states.
pub(super) struct PackedState {
    /// The state, by its index.
    pub(super) state: usize,
    /// What messages call the state's input.
    pub(super) file: String,
    pub(super) packed: PackedDesign,
}
