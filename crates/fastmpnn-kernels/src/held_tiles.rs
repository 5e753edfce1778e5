//! Tile registers that a thread keeps configured from one product to the next.

use std::marker::PhantomData;

use crate::Kernels;
#[cfg(target_arch = "x86_64")]
use crate::{TileInstructions, arch::amx::Configured};

/// As long as it lives, the tile registers of its thread stay configured: see [`Kernels::hold_tiles`].
#[derive(Debug)]
#[must_use = "dropped, it releases the registers"]
pub struct HeldTiles {
    #[cfg(target_arch = "x86_64")]
    _configured: Option<Configured>,
    /// The registers are a thread's.
    not_send: PhantomData<*const ()>,
}

impl Kernels {
    /// Configures this thread's tile registers, if the plan has any, until the result is dropped. Without it each product does
    /// so for itself, which takes about 50 ns: hold them for a task of many products, and not while a thread waits.
    pub fn hold_tiles(&self) -> HeldTiles {
        HeldTiles {
            #[cfg(target_arch = "x86_64")]
            _configured: (self.plan().tiles() == Some(TileInstructions::Amx)).then(|| {
                // SAFETY: a `KernelPlan` has only tile instructions that were detected on this processor.
                unsafe { Configured::new() }
            }),
            not_send: PhantomData,
        }
    }
}
