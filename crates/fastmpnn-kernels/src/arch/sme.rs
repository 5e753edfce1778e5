//! AArch64 with SME: `fmopa` adds the outer product of two vectors to a square of sums, each sum by a fused multiply-add.
//!
//! The intrinsics are not in stable Rust, so the product is an assembly block. It enters streaming mode, where vectors have a
//! length of their own (128 to 2048 bits) and NEON's instructions are not allowed, and leaves it before it ends: no compiled
//! code runs in that mode. Entering and leaving clears all vector registers, which the block therefore names as changed.

use core::arch::asm;
use std::sync::OnceLock;

/// Whether the processor has SME with sums of f32, and the system lets a program use it.
pub(crate) fn is_available() -> bool {
    static AVAILABLE: OnceLock<bool> = OnceLock::new();
    *AVAILABLE.get_or_init(system::names_outer_products)
}

#[cfg(all(target_os = "linux", not(miri)))]
mod system {
    use std::ffi::c_ulong;

    // From the C library, which the standard library links.
    unsafe extern "C" {
        fn getauxval(kind: c_ulong) -> c_ulong;
    }
    const AT_HWCAP2: c_ulong = 26;
    const SME: c_ulong = 1 << 23;
    const SME_F32F32: c_ulong = 1 << 29;

    pub(super) fn names_outer_products() -> bool {
        // SAFETY: the call only reads what the system told the process at its start.
        unsafe { getauxval(AT_HWCAP2) & (SME | SME_F32F32) == SME | SME_F32F32 }
    }
}

#[cfg(all(target_os = "macos", not(miri)))]
mod system {
    use std::ffi::{CStr, c_char, c_int, c_void};
    use std::ptr::null;

    // From the C library, which the standard library links.
    unsafe extern "C" {
        fn sysctlbyname(
            name: *const c_char,
            old: *mut c_void,
            old_bytes: *mut usize,
            new: *const c_void,
            new_bytes: usize,
        ) -> c_int;
    }

    pub(super) fn names_outer_products() -> bool {
        [c"hw.optional.arm.FEAT_SME", c"hw.optional.arm.SME_F32F32"].into_iter().all(is_set)
    }

    fn is_set(name: &CStr) -> bool {
        let mut value: c_int = 0;
        let mut bytes = size_of::<c_int>();
        // SAFETY: the name ends with a zero, and `value` has the bytes that the call may write. It changes no setting.
        let result = unsafe { sysctlbyname(name.as_ptr(), (&raw mut value).cast(), &raw mut bytes, null(), 0) };
        result == 0 && bytes == size_of::<c_int>() && value == 1
    }
}

#[cfg(not(all(any(target_os = "linux", target_os = "macos"), not(miri))))]
mod system {
    /// Other systems are not known to save the state of streaming mode.
    pub(super) fn names_outer_products() -> bool {
        false
    }
}

/// Proof that the processor has SME, and that nobody's sums are in the array of this thread.
#[derive(Clone, Copy)]
pub(crate) struct Sme(());

/// Columns of a panel of weights.
pub(crate) const PANEL: usize = 16;

/// Rows, the panels they are multiplied with, and where the sums go.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    /// `[rows, inputs]`, `stride` floats apart.
    pub(crate) a: *const f32,
    pub(crate) stride: usize,
    pub(crate) rows: usize,
    pub(crate) inputs: usize,
    /// Panels of [`PANEL`] columns, `[columns / PANEL, inputs, PANEL]`.
    pub(crate) panels: *const f32,
    /// A multiple of 32.
    pub(crate) columns: usize,
    /// Memory for the rows input by input, `[inputs, room]`: see [`Sme::room`].
    pub(crate) transposed: *mut f32,
    /// The sums, `[room, columns]`.
    pub(crate) sums: *mut f32,
}

impl Sme {
    /// The instructions, unless a function that called this one has sums in the array: it would have to be saved first. By the
    /// procedure call standard (AAPCS64), TPIDR2_EL0 then points to where.
    ///
    /// # Safety
    /// - [`is_available`].
    pub(crate) unsafe fn unless_in_use() -> Option<Sme> {
        let saved_at: u64;
        // SAFETY: the caller vouches for the register, whose reading changes nothing.
        unsafe {
            asm!(
                "mrs {saved_at}, S3_3_C13_C0_5",
                saved_at = out(reg) saved_at,
                options(nomem, nostack, preserves_flags)
            );
        }
        (saved_at == 0).then_some(Sme(()))
    }

    /// The floats of a streaming vector: 4, 8, 16, 32 or 64. A system may give each thread another.
    pub(crate) fn width(self) -> usize {
        let bytes: usize;
        // SAFETY: the token exists only where the processor has SME; the instruction reads a constant.
        unsafe {
            asm!(
                ".arch_extension sme",
                "rdsvl {bytes}, #1",
                ".arch_extension nosme",
                bytes = out(reg) bytes,
                options(nomem, nostack, preserves_flags)
            );
        }
        bytes / size_of::<f32>()
    }

    /// The rows that a block of `rows` has room for: whole pairs of vectors.
    pub(crate) fn room(self, rows: usize) -> usize {
        rows.next_multiple_of(2 * self.width())
    }

    /// The sum of each row and each column, from the first input to the last.
    ///
    /// ```text
    /// for each square of a vector's rows and inputs:       rows of a, written as columns
    /// for each two vectors of rows, each two of columns:   four squares of sums, za0 to za3
    ///     for each input: load two vectors of rows and two of columns; four outer products
    ///     store the squares
    /// ```
    ///
    /// # Safety
    /// - All sizes are at least one; the block's pointers are valid for its sizes, with [`Sme::room`] of its rows.
    pub(crate) unsafe fn multiply(self, block: Block) {
        let Block { a, stride, rows, inputs, panels, columns, transposed, sums } = block;
        let room = self.room(rows);
        // The columns of a vector: a wider one is filled in part.
        let width = self.width().min(PANEL);
        debug_assert!(rows > 0 && inputs > 0 && columns > 0 && columns.is_multiple_of(2 * PANEL));
        // SAFETY: the caller vouches for the memory; the token exists only where the processor has SME and the array is
        // free. The block leaves streaming mode and frees the array, and names every register that it changes.
        unsafe {
            asm!(
                ".arch_extension sme",
                "smstart",
                "cntw {n}",
                "ptrue p0.s",
                "whilelo p1.s, xzr, {panel}",

                "mov {row}, xzr",
                "10:",
                "mov {k}, xzr",
                "11:",
                "zero {{za0.s}}",
                "whilelo p2.s, {k}, {inputs}",
                "madd {x}, {row}, {stride}, {k}",
                "add {x}, {a}, {x}, lsl #2",
                "mov w12, #0",
                "12:",
                "add {t}, {row}, x12",
                "cmp {t}, {rows}",
                "b.hs 13f",
                "ld1w {{za0h.s[w12, 0]}}, p2/z, [{x}]",
                "add {x}, {x}, {stride}, lsl #2",
                "add w12, w12, #1",
                "cmp x12, {n}",
                "b.lo 12b",
                "13:",
                "madd {x}, {k}, {room}, {row}",
                "add {x}, {transposed}, {x}, lsl #2",
                "mov w12, #0",
                "14:",
                "st1w {{za0v.s[w12, 0]}}, p0, [{x}]",
                "add {x}, {x}, {room}, lsl #2",
                "add w12, w12, #1",
                "add {t}, {k}, x12",
                "cmp {t}, {inputs}",
                "b.hs 15f",
                "cmp x12, {n}",
                "b.lo 14b",
                "15:",
                "add {k}, {k}, {n}",
                "cmp {k}, {inputs}",
                "b.lo 11b",
                "add {row}, {row}, {n}",
                "cmp {row}, {room}",
                "b.lo 10b",

                "mov {row}, xzr",
                "20:",
                "mov {column}, xzr",
                "21:",
                // Column c of input 0 is at (c / 16) · 16 · inputs + c % 16.
                "and {t}, {column}, #15",
                "and {k}, {column}, #-16",
                "madd {t}, {k}, {inputs}, {t}",
                "add {x}, {panels}, {t}, lsl #2",
                "add {y}, {column}, {width}",
                "and {t}, {y}, #15",
                "and {k}, {y}, #-16",
                "madd {t}, {k}, {inputs}, {t}",
                "add {y}, {panels}, {t}, lsl #2",
                "add {t}, {transposed}, {row}, lsl #2",
                "mov {k}, {inputs}",
                "zero {{za}}",
                "22:",
                "ld1w {{z0.s}}, p0/z, [{t}]",
                "ld1w {{z1.s}}, p0/z, [{t}, #1, mul vl]",
                "ld1w {{z2.s}}, p1/z, [{x}]",
                "ld1w {{z3.s}}, p1/z, [{y}]",
                "fmopa za0.s, p0/m, p1/m, z0.s, z2.s",
                "fmopa za1.s, p0/m, p1/m, z0.s, z3.s",
                "fmopa za2.s, p0/m, p1/m, z1.s, z2.s",
                "fmopa za3.s, p0/m, p1/m, z1.s, z3.s",
                "add {t}, {t}, {room}, lsl #2",
                "add {x}, {x}, {panel}, lsl #2",
                "add {y}, {y}, {panel}, lsl #2",
                "subs {k}, {k}, #1",
                "b.ne 22b",
                "madd {x}, {row}, {columns}, {column}",
                "add {x}, {sums}, {x}, lsl #2",
                "mul {y}, {n}, {columns}",
                "add {y}, {x}, {y}, lsl #2",
                "mov w12, #0",
                "23:",
                "st1w {{za0h.s[w12, 0]}}, p1, [{x}]",
                "st1w {{za1h.s[w12, 0]}}, p1, [{x}, {width}, lsl #2]",
                "st1w {{za2h.s[w12, 0]}}, p1, [{y}]",
                "st1w {{za3h.s[w12, 0]}}, p1, [{y}, {width}, lsl #2]",
                "add {x}, {x}, {columns}, lsl #2",
                "add {y}, {y}, {columns}, lsl #2",
                "add w12, w12, #1",
                "cmp x12, {n}",
                "b.lo 23b",
                "add {column}, {column}, {width}, lsl #1",
                "cmp {column}, {columns}",
                "b.lo 21b",
                "add {row}, {row}, {n}, lsl #1",
                "cmp {row}, {room}",
                "b.lo 20b",
                "smstop",
                ".arch_extension nosme",
                a = in(reg) a,
                stride = in(reg) stride,
                rows = in(reg) rows,
                inputs = in(reg) inputs,
                panels = in(reg) panels,
                columns = in(reg) columns,
                transposed = in(reg) transposed,
                sums = in(reg) sums,
                room = in(reg) room,
                width = in(reg) width,
                panel = in(reg) PANEL,
                n = out(reg) _,
                row = out(reg) _,
                column = out(reg) _,
                k = out(reg) _,
                t = out(reg) _,
                x = out(reg) _,
                y = out(reg) _,
                out("x12") _,
                out("v0") _, out("v1") _, out("v2") _, out("v3") _, out("v4") _, out("v5") _, out("v6") _, out("v7") _,
                out("v8") _, out("v9") _, out("v10") _, out("v11") _, out("v12") _, out("v13") _, out("v14") _,
                out("v15") _, out("v16") _, out("v17") _, out("v18") _, out("v19") _, out("v20") _, out("v21") _,
                out("v22") _, out("v23") _, out("v24") _, out("v25") _, out("v26") _, out("v27") _, out("v28") _,
                out("v29") _, out("v30") _, out("v31") _,
                out("p0") _, out("p1") _, out("p2") _, out("p3") _, out("p4") _, out("p5") _, out("p6") _, out("p7") _,
                out("p8") _, out("p9") _, out("p10") _, out("p11") _, out("p12") _, out("p13") _, out("p14") _,
                out("p15") _, out("ffr") _,
                options(nostack)
            );
        }
    }
}
