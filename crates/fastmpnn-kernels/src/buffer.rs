//! Floats on cache-line boundaries, and views of them as rows.

use std::ops::{Deref, DerefMut};

use crate::chunk::{LINE, LINE_FLOATS, Part};

/// Row strides and packed widths are multiples of this number of floats, so that no kernel has a partial last vector.
/// It is the width of the widest panel of any instruction set.
pub const ALIGNMENT: usize = 32;

/// `width` rounded up to a whole number of panels: the stride of a row of `width` floats.
pub fn padded(width: usize) -> usize {
    width.next_multiple_of(ALIGNMENT)
}

/// Buffers of at least this number of floats (64 KB) lie in large pages. Smaller ones are short-lived, and the
/// allocator reuses their memory.
const LARGE: usize = 16 * 1024;

/// A vector of f32 that starts on a 64-byte boundary; dereferences to a slice.
pub struct Buffer {
    storage: Storage,
    /// Index of the first float on a cache-line boundary.
    start: usize,
    length: usize,
}

enum Storage {
    /// A plain vector, one cache line longer than the buffer.
    Small(Vec<f32>),
    Large(Part),
}

impl Storage {
    fn len(&self) -> usize {
        match self {
            Storage::Small(storage) => storage.len(),
            Storage::Large(part) => part.len(),
        }
    }
}

impl Default for Buffer {
    fn default() -> Buffer {
        Buffer { storage: Storage::Small(Vec::new()), start: 0, length: 0 }
    }
}

impl Buffer {
    /// `length` zeros.
    pub fn zeros(length: usize) -> Buffer {
        if length >= LARGE {
            return Buffer::pooled(length);
        }
        let storage = vec![0.0; length + LINE_FLOATS];
        let past = storage.as_ptr() as usize % LINE / size_of::<f32>();
        Buffer { start: (LINE_FLOATS - past) % LINE_FLOATS, storage: Storage::Small(storage), length }
    }

    /// `length` zeros in large pages shared with other buffers, whatever the length: for long-lived data that is read
    /// in random order, such as weights.
    pub fn pooled(length: usize) -> Buffer {
        Buffer { storage: Storage::Large(Part::zeros(length)), start: 0, length }
    }

    /// `length` floats of unspecified value, for a caller that writes every float before it reads any. Large buffers
    /// reuse the memory of dropped ones without clearing it.
    pub fn recycled(length: usize) -> Buffer {
        if length < LARGE {
            return Buffer::zeros(length);
        }
        Buffer { storage: Storage::Large(Part::recycled(length)), start: 0, length }
    }

    /// Changes the length to `length` floats. Each float keeps its value or becomes zero; the allocation never shrinks.
    pub fn resize(&mut self, length: usize) {
        if self.start + length > self.storage.len() {
            *self = Buffer::zeros(length);
        }
        self.length = length;
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Buffer {
        let mut copy = Buffer::zeros(self.length);
        copy.copy_from_slice(self);
        copy
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        let storage = match &self.storage {
            Storage::Small(storage) => &storage[..],
            Storage::Large(part) => part.as_slice(),
        };
        &storage[self.start..self.start + self.length]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        let storage = match &mut self.storage {
            Storage::Small(storage) => &mut storage[..],
            Storage::Large(part) => part.as_mut_slice(),
        };
        &mut storage[self.start..self.start + self.length]
    }
}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.deref().fmt(out)
    }
}

/// `count` rows of floats, `stride` apart.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) stride: usize,
    pub(crate) count: usize,
}

impl<'a> Rows<'a> {
    /// Views `data` as rows of `stride` floats.
    ///
    /// # Panics
    /// If `stride` is zero or the length of `data` is not a multiple of it.
    pub fn new(data: &'a [f32], stride: usize) -> Rows<'a> {
        Rows { data, stride, count: whole_rows(data.len(), stride) }
    }

    /// Row `index`, all `stride` floats of it.
    pub fn row(&self, index: usize) -> &'a [f32] {
        &self.data[index * self.stride..][..self.stride]
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn as_ptr(&self) -> *const f32 {
        self.data.as_ptr()
    }
}

/// `count` rows of floats to write, `stride` apart.
#[derive(Debug)]
pub struct RowsMut<'a> {
    pub(crate) data: &'a mut [f32],
    pub(crate) stride: usize,
    pub(crate) count: usize,
}

impl<'a> RowsMut<'a> {
    /// Views `data` as rows of `stride` floats.
    ///
    /// # Panics
    /// If `stride` is zero or the length of `data` is not a multiple of it.
    pub fn new(data: &'a mut [f32], stride: usize) -> RowsMut<'a> {
        let count = whole_rows(data.len(), stride);
        RowsMut { data, stride, count }
    }
}

fn whole_rows(length: usize, stride: usize) -> usize {
    assert!(stride > 0 && length.is_multiple_of(stride), "{length} floats are not a whole number of rows of {stride}");
    length / stride
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_aligned_and_zeroed() {
        for length in [0, 1, 15, 16, 17, 1000, LARGE - 1, LARGE, 100 * LARGE] {
            let mut buffer = Buffer::zeros(length);
            assert_eq!(buffer.len(), length);
            assert_eq!(buffer.as_ptr() as usize % 64, 0);
            assert!(buffer.iter().all(|&x| x == 0.0));
            buffer.resize(2 * length + 1);
            assert_eq!(buffer.len(), 2 * length + 1);
        }
        assert_eq!((padded(1), padded(32), padded(128)), (32, 32, 128));
    }
}
