//! What is computed once for many sequences of a structure.

use std::sync::OnceLock;

use super::memory::{Allowance, Reuse};
use crate::model::{EncodedGraph, MessageMemo, Network};

/// From this number of sequences on, messages of the first layer with letters recur often enough to be worth keeping.
const SEQUENCES_TO_REMEMBER: usize = 4;

/// Intermediate results that further sequences need again, as far as memory goes.
#[derive(Debug, Default)]
pub(crate) struct Reused {
    /// The first decoder layer's messages, once many sequences are asked for.
    memo: OnceLock<MessageMemo>,
}

impl Reused {
    /// The first decoder layer's messages, where they are kept.
    pub(crate) fn memo(&self) -> Option<&MessageMemo> {
        self.memo.get()
    }

    /// Keeps what that many sequences will need again.
    pub(crate) fn keep(
        &self,
        network: &Network,
        encoding: &EncodedGraph,
        allowance: &Allowance,
        sequences: usize,
        reuse: Reuse,
    ) {
        // One sequence asks for each edge's term once: keeping them would only cost memory.
        if sequences < 2 {
            return;
        }
        if reuse >= Reuse::EdgeTerms {
            let bytes = network.model.projection_bytes(encoding);
            network.model.keep_projections(encoding, &network.workers, || allowance.for_edge_terms(bytes));
        }
        if reuse < Reuse::Messages {
            return;
        }
        if self.memo.get().is_none()
            && let Some(memory) = allowance.for_messages(MessageMemo::bytes(encoding))
        {
            // Where another caller was faster, there are two with the same numbers, and the first is kept.
            let _ = self.memo.set(MessageMemo::new(network, encoding, memory));
        }
        if sequences >= SEQUENCES_TO_REMEMBER
            && let Some(memo) = self.memo.get()
        {
            memo.remember_letters(encoding, network.model.stride(), |bytes| allowance.for_letters(bytes));
        }
    }
}
