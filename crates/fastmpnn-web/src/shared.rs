//! What all requests share.

use std::sync::Arc;

use crate::access::Access;
use crate::body::BodyRoom;
use crate::engines::KeptEngines;
use crate::job::Jobs;
use crate::limits::Limits;
use crate::metrics::Metrics;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) access: Access,
    pub(crate) limits: Limits,
    pub(crate) room: BodyRoom,
    pub(crate) jobs: Arc<Jobs>,
    pub(crate) engines: KeptEngines,
    pub(crate) metrics: Metrics,
}
