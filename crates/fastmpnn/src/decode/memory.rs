//! Limits on the memory that decoding uses to save time.

use std::fmt;

use crate::model::{MemoryBudget, Reservation};

/// The memory that decoding may use in addition to encodings, in bytes, for all callers of an engine and its clones
/// together. One sample is always decoded, even if the limit leaves less than it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimit(pub u64);

/// The free memory assumed on systems that do not report it.
const UNKNOWN: u64 = 4 << 30;

impl MemoryLimit {
    /// Half of the memory that is free now.
    pub fn half_of_free() -> MemoryLimit {
        let free = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| available(&text));
        MemoryLimit(free.unwrap_or(UNKNOWN) / 2)
    }
}

/// One caller's access to the memory that all callers of an engine share.
#[derive(Clone, Debug)]
pub(crate) struct Allowance {
    pub(crate) limit: MemoryLimit,
    pub(crate) budget: MemoryBudget,
}

impl Allowance {
    /// The bytes that all callers together may use to save time. The rest is left for the states of samples, without
    /// which nothing can be decoded.
    fn for_saving_time(&self) -> u64 {
        self.limit.0 / 4 * 3
    }

    /// Edge terms of that many bytes are kept where they take no more than half of the limit, and that half is free.
    pub(crate) fn edge_cache(&self, bytes: u64) -> EdgeCache {
        let free = self.for_saving_time().saturating_sub(self.budget.reserved());
        if bytes <= self.limit.0 / 2 && bytes <= free { EdgeCache::Kept(bytes) } else { EdgeCache::Recomputed(bytes) }
    }

    /// Memory for edge terms, half of the limit at most.
    pub(crate) fn for_edge_terms(&self, bytes: u64) -> Option<Reservation> {
        self.all_of(bytes, 2)
    }

    /// Memory for messages without letters, a quarter of the limit at most.
    pub(crate) fn for_messages(&self, bytes: u64) -> Option<Reservation> {
        self.all_of(bytes, 4)
    }

    /// Memory for messages with letters: as much of `bytes` as there is, a quarter of the limit at most.
    pub(crate) fn for_letters(&self, bytes: u64) -> Reservation {
        self.budget.reserve_up_to(bytes.min(self.limit.0 / 4), self.for_saving_time())
    }

    /// Memory for the states of samples: as much of `bytes` as there is, half of the limit at most.
    pub(crate) fn for_samples(&self, bytes: u64) -> Reservation {
        self.budget.reserve_up_to(bytes.min(self.limit.0 / 2), self.limit.0)
    }

    /// Memory that decoding cannot do without; reserved whatever the limit.
    pub(crate) fn indispensable(&self, bytes: u64) -> Reservation {
        self.budget.reserve_anyway(bytes)
    }

    fn all_of(&self, bytes: u64, share: u64) -> Option<Reservation> {
        if bytes > self.limit.0 / share { None } else { self.budget.reserve(bytes, self.for_saving_time()) }
    }
}

/// `MemAvailable` of Linux's /proc/meminfo, bytes.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// Whether the edge terms of the decoder's products, B·h_E, are kept: they are the same for every sequence of a
/// structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EdgeCache {
    /// Computed once and kept; the value is their size in bytes.
    Kept(u64),
    /// Recomputed for every residue of every sequence, because keeping them would take this number of bytes.
    Recomputed(u64),
}

/// Which intermediate results are kept for later residues and samples. It affects time and memory, not designs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reuse {
    /// The decoder's states of the residues that have been decoded.
    States,
    /// Also the edge terms of the decoder's products, if the [`MemoryLimit`] allows it and more than one sample is
    /// drawn.
    EdgeTerms,
    /// Also the messages of the first decoder layer, from a few samples on.
    #[default]
    Messages,
}

impl fmt::Display for EdgeCache {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
        match *self {
            EdgeCache::Kept(bytes) => write!(out, "decoder edge terms are kept ({} MB)", megabytes(bytes)),
            EdgeCache::Recomputed(bytes) => write!(
                out,
                "decoder edge terms are computed anew for every sequence: {} MB would exceed the memory limit",
                megabytes(bytes)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_memory_is_read_off_the_systems_table() {
        assert_eq!(available("MemTotal: 9 kB\nMemAvailable:   2048 kB\n"), Some(2 << 20));
        assert_eq!(available("MemTotal: 9 kB\n"), None);
        assert!(MemoryLimit::half_of_free().0 > 0);
    }
}
