//! A network and the threads it runs on: what every pass over a structure needs.

use std::sync::Arc;

use super::{Model, PackerModel, Workers};

/// A design network with its worker threads. Clones share both.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) model: Arc<Model>,
    pub(crate) workers: Workers,
}

/// The network of side chains with its worker threads. Clones share both.
#[derive(Clone, Debug)]
pub(crate) struct PackerNetwork {
    pub(crate) model: Arc<PackerModel>,
    pub(crate) workers: Workers,
}
