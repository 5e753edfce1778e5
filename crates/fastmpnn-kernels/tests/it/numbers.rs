//! What the products of the tests are made of.

use fastmpnn_kernels::{Buffer, EdgeTerms, Rows, padded};

/// Numbers in −1 … 1 from a linear congruence: the same on every machine.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn bits(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as u32
    }
    pub(crate) fn next(&mut self) -> f32 {
        (self.bits() >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    }
    pub(crate) fn vector(&mut self, length: usize) -> Vec<f32> {
        (0..length).map(|_| self.next()).collect()
    }
    /// A vector padded with zeros.
    pub(crate) fn bias(&mut self, length: usize) -> Vec<f32> {
        let mut values = self.vector(length);
        values.resize(padded(length), 0.0);
        values
    }
    /// Rows of `width` numbers with zeros up to `stride`.
    pub(crate) fn rows(&mut self, rows: usize, width: usize, stride: usize) -> Buffer {
        let mut buffer = Buffer::zeros(rows * stride);
        for row in buffer.chunks_exact_mut(stride) {
            row[..width].fill_with(|| self.next());
        }
        buffer
    }
}

/// What messages of `rows` edges have beside their product: terms of nine neighbors, a weight for each edge, a sum to add them to.
pub(crate) struct Messages {
    pub(crate) table: Vec<f32>,
    pub(crate) index: Vec<u32>,
    /// Of an edge; a third are 0.
    pub(crate) row_weights: Vec<f32>,
    pub(crate) before: Vec<f32>,
}

impl Messages {
    pub(crate) fn new(rows: usize, outputs: usize) -> Messages {
        let mut numbers = Numbers(9);
        Messages {
            table: (0..9).flat_map(|_| numbers.bias(outputs)).collect(),
            index: (0..rows as u32).map(|row| row * 5 % 9).collect(),
            row_weights: (0..rows).map(|row| if row % 3 == 1 { 0.0 } else { 1.0 }).collect(),
            before: numbers.bias(outputs),
        }
    }

    pub(crate) fn terms<'a>(&'a self, center: &'a [f32]) -> EdgeTerms<'a> {
        EdgeTerms { center, table: Rows::new(&self.table, center.len()), index: &self.index }
    }

    /// Of each output: what it was before, to which the weighted messages are added, and how large all these are.
    pub(crate) fn sums(&self, messages: &[f32]) -> Vec<(f64, f64)> {
        let sum = |(output, &before): (usize, &f32)| {
            let rows = messages.chunks_exact(self.before.len()).zip(&self.row_weights);
            rows.map(|(row, weight)| f64::from(weight * row[output]))
                .fold((f64::from(before), 0.0), |(sum, size), x| (sum + x, size + x.abs()))
        };
        self.before.iter().enumerate().map(sum).collect()
    }
}
