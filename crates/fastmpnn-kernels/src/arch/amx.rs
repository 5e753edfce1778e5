//! x86-64 with AMX: tile registers of sixteen rows of 64 bytes.
//!
//! The intrinsics are not in stable Rust, but an assembly block may name the registers. The compiler gives no tile
//! register to anything else: it has no type that lives in one. So what a block leaves in a register is there for the next.
//!
//! Linux gives the registers to a process that asks for them once; threads that it starts later have them, too. A thread
//! configures their shape before its first product and releases them after its last: [`Configured`].

use core::arch::asm;
use core::arch::x86_64::__cpuid_count;
use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::OnceLock;

use crate::split::Line;
use crate::tiles::Tiles;

/// Whether the processor has tiles of bf16 and the system lets this process use them. The first call asks the system.
pub(crate) fn is_available() -> bool {
    static AVAILABLE: OnceLock<bool> = OnceLock::new();
    *AVAILABLE.get_or_init(|| processor_has_tiles() && permission::request())
}

fn processor_has_tiles() -> bool {
    const BF16: u32 = 1 << 22;
    const TILES: u32 = 1 << 24;
    std::arch::is_x86_feature_detected!("avx512f") && __cpuid_count(7, 0).edx & (BF16 | TILES) == BF16 | TILES
}

#[cfg(all(target_os = "linux", not(miri)))]
mod permission {
    use std::ffi::c_long;

    // From the C library, which the standard library links.
    unsafe extern "C" {
        fn syscall(number: c_long, ...) -> c_long;
    }
    const ARCH_PRCTL: c_long = 158;
    const ARCH_REQ_XCOMP_PERM: c_long = 0x1023;
    const XFEATURE_XTILEDATA: c_long = 18;

    /// Asks for the tile registers; false where the system does not know them or refuses.
    pub(super) fn request() -> bool {
        // SAFETY: the call changes nothing but what state the system saves for the threads of this process.
        unsafe { syscall(ARCH_PRCTL, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0 }
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
mod permission {
    /// Other systems are not known to give the registers.
    pub(super) fn request() -> bool {
        false
    }
}

/// Palette 1: eight registers of sixteen rows of 64 bytes.
#[repr(C, align(64))]
struct Shape {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

static SHAPE: Shape = Shape {
    palette: 1,
    start_row: 0,
    reserved: [0; 14],
    row_bytes: [64, 64, 64, 64, 64, 64, 64, 64, 0, 0, 0, 0, 0, 0, 0, 0],
    rows: [16, 16, 16, 16, 16, 16, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0],
};

thread_local! {
    /// The number of [`Configured`] of this thread.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// As long as it lives, this thread's tile registers are configured. Nested ones cost nothing.
#[derive(Debug)]
pub(crate) struct Configured {
    /// It belongs to its thread.
    not_send: PhantomData<*const ()>,
}

impl Configured {
    /// # Safety
    /// - [`is_available`].
    #[inline(always)]
    pub(crate) unsafe fn new() -> Configured {
        let depth = DEPTH.get();
        if depth == 0 {
            // SAFETY: the caller vouches for the instruction; the registers hold nothing of this thread's yet.
            unsafe { asm!("ldtilecfg [{shape}]", shape = in(reg) &raw const SHAPE, options(nostack, preserves_flags)) };
        }
        DEPTH.set(depth + 1);
        Configured { not_send: PhantomData }
    }
}

impl Drop for Configured {
    #[inline(always)]
    fn drop(&mut self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 {
            // SAFETY: the registers were configured by `new`, so the processor has the instruction.
            unsafe { asm!("tilerelease", options(nomem, nostack, preserves_flags)) };
        }
    }
}

/// Proof that the processor has tiles of bf16, and that this thread's are configured. Made in `split/multiply.rs` only.
pub(crate) struct Amx {
    _configured: Configured,
}

impl Amx {
    /// # Safety
    /// - [`is_available`].
    #[inline(always)]
    pub(crate) unsafe fn new() -> Amx {
        // SAFETY: the caller vouches for the tiles.
        unsafe { Amx { _configured: Configured::new() } }
    }
}

/// One instruction for the register of the constant `$tile`.
macro_rules! on_tile {
    ($tile:expr, $before:literal, $after:literal, $($operands:tt)*) => {
        on_tile!(@arms $tile, $before, $after, ($($operands)*), "0" 0 "1" 1 "2" 2 "3" 3 "4" 4 "5" 5 "6" 6 "7" 7)
    };
    (@arms $tile:expr, $before:literal, $after:literal, $operands:tt, $($name:literal $number:literal)*) => {
        match $tile {
            $($number => on_tile!(@block $before, $name, $after, $operands),)*
            _ => unreachable!("there are eight tile registers"),
        }
    };
    (@block $before:literal, $name:literal, $after:literal, ($($operands:tt)*)) => {
        asm!(concat!($before, "tmm", $name, $after), $($operands)*)
    };
}

/// `tdpbf16ps` for the constant registers: sums are in 0 … 2, weights in 3 … 5, rows in 5 … 7.
macro_rules! multiply {
    ($sum:expr, $rows:expr, $weights:expr, $(($s:literal, $a:literal, $b:literal))*) => {
        match ($sum, $rows, $weights) {
            $(($s, $a, $b) => asm!(
                concat!("tdpbf16ps tmm", $s, ", tmm", $a, ", tmm", $b),
                options(nomem, nostack, preserves_flags)
            ),)*
            _ => unreachable!("no product of these registers is used"),
        }
    };
}

// SAFETY: a register has sixteen rows of 64 bytes, by `SHAPE`, and `load` and `store` move just those; `new` is the only
// way to a value, and its caller vouches for the instructions.
unsafe impl Tiles for Amx {
    #[inline(always)]
    fn zero<const TILE: usize>(&mut self) {
        // SAFETY: a value of the type exists only where the thread's tiles are configured; no memory is touched.
        unsafe { on_tile!(TILE, "tilezero ", "", options(nomem, nostack, preserves_flags)) }
    }
    #[inline(always)]
    unsafe fn load<const TILE: usize>(&mut self, source: *const Line, stride: usize) {
        // SAFETY: as above; the caller vouches for sixteen readable lines.
        unsafe {
            on_tile!(TILE, "tileloadd ", ", [{source} + {stride}*1]", source = in(reg) source, stride = in(reg) stride,
                options(readonly, nostack, preserves_flags))
        }
    }
    #[inline(always)]
    fn multiply<const SUM: usize, const ROWS: usize, const WEIGHTS: usize>(&mut self) {
        // SAFETY: as above; no memory is touched.
        unsafe {
            multiply!(
                SUM,
                ROWS,
                WEIGHTS,
                (0, 5, 3)(0, 5, 4)(0, 6, 3)(0, 6, 4)(0, 6, 5)(0, 7, 3)(0, 7, 4)(0, 7, 5)(1, 5, 3)(1, 5, 4)(1, 6, 3)(
                    1, 6, 4
                )(1, 6, 5)(1, 7, 3)(1, 7, 4)(1, 7, 5)(2, 5, 3)(2, 5, 4)(2, 6, 3)(2, 6, 4)(2, 6, 5)(
                    2, 7, 3
                )(2, 7, 4)(2, 7, 5)
            )
        }
    }
    #[inline(always)]
    unsafe fn store<const TILE: usize>(&self, target: *mut f32, stride: usize) {
        // SAFETY: as above; the caller vouches for sixteen writable rows of sixteen floats.
        unsafe {
            on_tile!(TILE, "tilestored [{target} + {stride}*1], ", "", target = in(reg) target, stride = in(reg) stride,
                options(nostack, preserves_flags))
        }
    }
}
