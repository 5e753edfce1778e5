//! The memory budget that all callers of an engine share.
//!
//! The tables that speed up decoding reserve their memory before they allocate it and release it when they are dropped,
//! so that two callers, each under the limit, cannot exceed it together. Nobody waits for memory: a caller whose
//! reservation fails recomputes what it would have kept, with the same result.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes that are reserved now. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryBudget(Arc<Reserved>);

#[derive(Debug, Default)]
struct Reserved {
    now: AtomicU64,
    most: AtomicU64,
}

/// Bytes that are reserved until this is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: MemoryBudget,
    bytes: u64,
}

impl MemoryBudget {
    /// The bytes that are reserved now.
    pub(crate) fn reserved(&self) -> u64 {
        self.0.now.load(Ordering::Relaxed)
    }

    /// The most bytes that were reserved at any time.
    pub(crate) fn most_reserved(&self) -> u64 {
        self.0.most.load(Ordering::Relaxed)
    }

    /// Reserves all of `bytes`, or nothing if that would exceed `limit`.
    pub(crate) fn reserve(&self, bytes: u64, limit: u64) -> Option<Reservation> {
        let within = |reserved: u64| reserved.checked_add(bytes).filter(|&sum| sum <= limit);
        let before = self.0.now.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).ok()?;
        Some(self.added(before, bytes))
    }

    /// Reserves as many bytes as the limit allows, at most `most`.
    pub(crate) fn reserve_up_to(&self, most: u64, limit: u64) -> Reservation {
        let mut taken = 0;
        let share = |reserved: u64| {
            taken = limit.saturating_sub(reserved).min(most);
            Some(reserved + taken)
        };
        // The closure always returns a value, so both arms hold the bytes that were reserved before.
        let (Ok(before) | Err(before)) = self.0.now.fetch_update(Ordering::Relaxed, Ordering::Relaxed, share);
        self.added(before, taken)
    }

    /// Reserves `bytes` regardless of the limit, for memory that decoding cannot do without.
    pub(crate) fn reserve_anyway(&self, bytes: u64) -> Reservation {
        let before = self.0.now.fetch_add(bytes, Ordering::Relaxed);
        self.added(before, bytes)
    }

    fn added(&self, before: u64, bytes: u64) -> Reservation {
        self.0.most.fetch_max(before + bytes, Ordering::Relaxed);
        Reservation { budget: self.clone(), bytes }
    }
}

impl Reservation {
    /// The number of reserved bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Changes the reservation to `bytes`, regardless of the limit.
    pub(crate) fn resize(&mut self, bytes: u64) {
        if bytes <= self.bytes {
            self.budget.0.now.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
        } else {
            let more = bytes - self.bytes;
            let before = self.budget.0.now.fetch_add(more, Ordering::Relaxed);
            self.budget.0.most.fetch_max(before + more, Ordering::Relaxed);
        }
        self.bytes = bytes;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.0.now.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reservations_never_exceed_the_limit_and_are_given_back() {
        let budget = MemoryBudget::default();
        let first = budget.reserve(60, 100).expect("room for 60 of 100");
        assert!(budget.reserve(50, 100).is_none());
        let mut second = budget.reserve_up_to(50, 100);
        assert_eq!((second.bytes(), budget.reserved()), (40, 100));
        second.resize(10);
        assert_eq!(budget.reserved(), 70);
        drop(first);
        assert_eq!(budget.reserved(), 10);
        assert_eq!(budget.most_reserved(), 100);
        assert_eq!(budget.reserve_up_to(5, 3).bytes(), 0, "a limit below what is reserved");
        assert_eq!(budget.reserve_anyway(500).bytes(), 500);
        drop(second);
        assert_eq!(budget.reserved(), 0);
        assert!(budget.reserve(u64::MAX, u64::MAX).is_some());
    }

    #[test]
    fn many_threads_share_one_limit() {
        let budget = MemoryBudget::default();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for bytes in 0..500 {
                        let all = budget.reserve(bytes % 60, 100);
                        let some = budget.reserve_up_to(bytes % 90, 100);
                        drop((all, some));
                    }
                });
            }
        });
        assert_eq!(budget.reserved(), 0);
        assert!(budget.most_reserved() <= 100, "{}", budget.most_reserved());
    }
}
