//! Memory in large pages, handed out in order.
//!
//! The network reads tens of megabytes in scattered rows. With 4 KB pages that is thousands of pages, more than the
//! processor's TLB holds, and under a hypervisor a TLB miss costs more than reading a row. Linux gives 2 MB pages on
//! request. So memory is mapped in chunks of whole large pages, and buffers are cut from a chunk one after another.
//!
//! A new chunk is zero: the system clears each page when it is first touched, which takes longer than any of our own
//! passes over it. So when the last buffer in a chunk is dropped, the chunk is kept for the next structure, up to
//! [`KEPT`] bytes in all; a part of a used chunk is cleared when zeros are asked for.
//!
//! On other systems a chunk comes from the allocator.

use std::cell::RefCell;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of a cache line, and floats.
pub(crate) const LINE: usize = 64;
pub(crate) const LINE_FLOATS: usize = LINE / size_of::<f32>();

/// Bytes of a large page.
const PAGE: usize = 2 << 20;

/// Buffers of at least this number of bytes have a chunk of their own. The rest of its last page is never touched and
/// costs nothing.
const OWN_CHUNK: usize = PAGE;

/// Bytes of unused chunks that are kept rather than returned to the system: the working memory of a few hundred
/// residues.
const KEPT: usize = 64 << 20;

/// The pages of dropped chunks.
static UNUSED: Mutex<Vec<Pages>> = Mutex::new(Vec::new());

/// A mapping of whole large pages.
struct Pages {
    start: NonNull<f32>,
    bytes: usize,
}

/// Pages that parts are cut from. Dropping a chunk moves its pages to [`UNUSED`].
struct Chunk {
    /// Taken by `drop` only.
    pages: Option<Pages>,
    /// Whether the pages were used before, so that their contents are unspecified.
    used: bool,
}

// SAFETY: `start` is the only handle to the mapping and is not tied to the thread that made it; every part of the pages is
// handed out once, so no two threads reach the same float through them.
unsafe impl Send for Pages {}
// SAFETY: as above.
unsafe impl Sync for Pages {}

/// A part of a chunk, with one owner.
pub(crate) struct Part {
    /// Keeps the memory mapped.
    chunk: Arc<Chunk>,
    start: NonNull<f32>,
    floats: usize,
}

// SAFETY: no other part overlaps this one and it keeps its chunk mapped, so it owns its floats as a boxed slice does.
unsafe impl Send for Part {}
// SAFETY: as above.
unsafe impl Sync for Part {}

/// A chunk that still has room, and the number of its floats already taken.
struct Open {
    chunk: Arc<Chunk>,
    taken: usize,
}

thread_local! {
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
}

impl Part {
    /// `floats` zeros on a cache-line boundary.
    pub(crate) fn zeros(floats: usize) -> Part {
        let mut part = Part::recycled(floats);
        if part.chunk.used {
            part.as_mut_slice().fill(0.0);
        }
        part
    }

    /// `floats` numbers of unspecified value, on a cache-line boundary: the memory may have been used before.
    pub(crate) fn recycled(floats: usize) -> Part {
        let room = floats.next_multiple_of(LINE_FLOATS);
        let bytes = room * size_of::<f32>();
        if bytes >= OWN_CHUNK {
            return Open { chunk: Arc::new(Chunk::of(bytes)), taken: 0 }.take(room, floats);
        }
        OPEN.with_borrow_mut(|open| {
            let fits = |open: &Open| open.taken + room <= open.chunk.floats();
            if !open.as_ref().is_some_and(fits) {
                *open = Some(Open { chunk: Arc::new(Chunk::of(PAGE)), taken: 0 });
            }
            open.as_mut().expect("a chunk was just opened").take(room, floats)
        })
    }

    /// The number of floats.
    pub(crate) fn len(&self) -> usize {
        self.floats
    }

    pub(crate) fn as_slice(&self) -> &[f32] {
        // SAFETY: the chunk keeps the floats mapped; mappings start as zeros, so they are initialized; no other part overlaps
        // them, and `self` is borrowed.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.floats) }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [f32] {
        // SAFETY: as above, and `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.floats) }
    }
}

impl Open {
    fn take(&mut self, room: usize, floats: usize) -> Part {
        assert!(self.taken + room <= self.chunk.floats(), "the chunk has no room");
        // SAFETY: `taken + room` lies within the chunk, as was just checked, and nothing from `taken` on has been handed out.
        let start = unsafe { self.chunk.pages().start.add(self.taken) };
        self.taken += room;
        Part { chunk: Arc::clone(&self.chunk), start, floats }
    }
}

impl Chunk {
    /// A chunk of at least `bytes`.
    fn of(bytes: usize) -> Chunk {
        let bytes = bytes.next_multiple_of(PAGE);
        let mut unused = UNUSED.lock().unwrap_or_else(PoisonError::into_inner);
        // The smallest that fits, unless it is more than half as large again.
        let fits = |pages: &Pages| pages.bytes >= bytes && pages.bytes <= bytes + bytes / 2;
        let best = (0..unused.len()).filter(|&index| fits(&unused[index])).min_by_key(|&index| unused[index].bytes);
        let used = best.is_some();
        let pages = best.map(|index| unused.swap_remove(index));
        drop(unused);
        Chunk { pages: Some(pages.unwrap_or_else(|| Pages::map(bytes))), used }
    }

    fn pages(&self) -> &Pages {
        self.pages.as_ref().expect("only `drop` takes the pages")
    }

    fn floats(&self) -> usize {
        self.pages().bytes / size_of::<f32>()
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let mut unused = UNUSED.lock().unwrap_or_else(PoisonError::into_inner);
        let kept: usize = unused.iter().map(|pages| pages.bytes).sum();
        unused.extend(self.pages.take().filter(|pages| kept + pages.bytes <= KEPT));
    }
}

impl Pages {
    /// `bytes` of zeros, whole pages.
    fn map(bytes: usize) -> Pages {
        let start = system::map(bytes).unwrap_or_else(|| std::alloc::handle_alloc_error(system::layout(bytes)));
        Pages { start: start.cast(), bytes }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the memory was mapped by `Pages::map` with that size, and no part of it is left.
        unsafe { system::unmap(self.start.cast(), self.bytes) }
    }
}

#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
mod system {
    use std::alloc::Layout;
    use std::ffi::{c_int, c_void};
    use std::ptr::{NonNull, null_mut};

    use super::PAGE;

    // From the C library, which the standard library links. The constants are those of Linux on x86-64 and AArch64.
    unsafe extern "C" {
        fn mmap(
            address: *mut c_void,
            length: usize,
            protection: c_int,
            flags: c_int,
            file: c_int,
            offset: i64,
        ) -> *mut c_void;
        fn munmap(address: *mut c_void, length: usize) -> c_int;
        fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int;
    }
    const READ_AND_WRITE: c_int = 1 | 2;
    const PRIVATE_AND_ANONYMOUS: c_int = 0x2 | 0x20;
    const USE_HUGE_PAGES: c_int = 14;

    pub(super) fn layout(bytes: usize) -> Layout {
        Layout::from_size_align(bytes, PAGE).expect("no chunk is that large")
    }

    /// Zeros on a page boundary.
    pub(super) fn map(bytes: usize) -> Option<NonNull<c_void>> {
        let mapped = bytes.checked_add(PAGE)?;
        // SAFETY: a new anonymous mapping touches no memory that exists.
        let address = unsafe { mmap(null_mut(), mapped, READ_AND_WRITE, PRIVATE_AND_ANONYMOUS, -1, 0) };
        if address.addr() == usize::MAX {
            return None;
        }
        let before = address.addr().next_multiple_of(PAGE) - address.addr();
        // SAFETY: the unmapped ranges lie before and after the chunk, within the mapping that was just made. `madvise`
        // changes no contents; if the system ignores it, the pages stay small.
        unsafe {
            let start = address.byte_add(before);
            if before > 0 {
                munmap(address, before);
            }
            if PAGE > before {
                munmap(start.byte_add(bytes), PAGE - before);
            }
            madvise(start, bytes, USE_HUGE_PAGES);
            NonNull::new(start)
        }
    }

    /// # Safety
    /// - `start` was returned by [`map`] for the same `bytes`, has not been unmapped, and no reference into it is left.
    pub(super) unsafe fn unmap(start: NonNull<c_void>, bytes: usize) {
        // SAFETY: the caller vouches that `map` returned `start` for `bytes` and that no reference into it is left.
        unsafe { munmap(start.as_ptr(), bytes) };
    }
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64", not(miri))))]
mod system {
    use std::alloc::{Layout, alloc_zeroed, dealloc};
    use std::ffi::c_void;
    use std::ptr::NonNull;

    use super::LINE_FLOATS;

    pub(super) fn layout(bytes: usize) -> Layout {
        Layout::from_size_align(bytes, LINE_FLOATS * size_of::<f32>()).expect("no chunk is that large")
    }

    /// Zeros on a cache-line boundary.
    pub(super) fn map(bytes: usize) -> Option<NonNull<c_void>> {
        // SAFETY: the layout's size is not zero: no chunk has zero bytes.
        NonNull::new(unsafe { alloc_zeroed(layout(bytes)) }.cast())
    }

    /// # Safety
    /// - `start` was returned by [`map`] for the same `bytes`, has not been unmapped, and no reference into it is left.
    pub(super) unsafe fn unmap(start: NonNull<c_void>, bytes: usize) {
        // SAFETY: the caller vouches that `map` returned `start` for `bytes` and that no reference into it is left.
        unsafe { dealloc(start.as_ptr().cast(), layout(bytes)) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(
        target_family = "wasm",
        ignore = "chunks are the allocator's there, and node 20 may crash on leaving after it"
    )]
    fn parts_are_zero_and_apart_whoever_drops_first() {
        let mut parts: Vec<Part> = (1..200).map(|index| Part::zeros(index * 977)).collect();
        for (index, part) in parts.iter_mut().enumerate() {
            assert_eq!(part.as_slice().as_ptr().addr() % 64, 0);
            assert!(part.as_slice().iter().all(|&x| x == 0.0));
            part.as_mut_slice().fill(index as f32);
        }
        // Dropped memory is handed out again, cleared where zeros are asked for.
        drop(parts.split_off(100));
        parts.extend((100..199).map(|index| Part::zeros(index * 977)));
        assert!(parts[100..].iter().all(|part| part.as_slice().iter().all(|&x| x == 0.0)));
        let mut index = 0;
        parts.retain(|_| {
            index += 1;
            index % 3 != 0
        });
        let read = move || {
            for part in &parts {
                let value = part.as_slice()[0];
                assert!(part.as_slice().iter().all(|&x| x == value));
            }
            parts.len()
        };
        let count = std::thread::spawn(read).join().expect("the thread read its parts");
        assert_eq!(count, 133);
    }
}
