//! Whole tensors and the operations on them: each reads its operands from memory and writes a new tensor.

use fastmpnn::kernels::{Buffer, EdgeTerms, Kernels, Rows, RowsMut, padded};
use rayon::prelude::*;

use super::graph::Wiring;
use super::numbers::{Format, Panel, PanelMut, Weight};
use crate::error::StudyError;

/// Rows that a thread takes at a time.
const ROWS_A_TASK: usize = 96;

/// Rows of `width` numbers.
#[derive(Clone, Debug)]
pub(super) struct Tensor {
    pub(super) data: Buffer,
    pub(super) width: usize,
    /// Floats from one row to the next: the width on whole panels.
    pub(super) stride: usize,
}

impl Tensor {
    pub(super) fn zeros(rows: usize, width: usize) -> Tensor {
        let stride = padded(width);
        Tensor { data: Buffer::zeros(rows * stride), width, stride }
    }

    pub(super) fn row(&self, row: usize) -> &[f32] {
        &self.data[row * self.stride..][..self.width]
    }

    fn rows(&self) -> usize {
        self.data.len() / self.stride
    }
}

/// y = W·x + b
#[derive(Debug)]
pub(super) struct Linear {
    pub(super) weight: Weight,
    pub(super) bias: Buffer,
    pub(super) outputs: usize,
}

/// Layer normalization.
#[derive(Debug)]
pub(super) struct Norm {
    pub(super) gain: Buffer,
    pub(super) bias: Buffer,
}

/// The threads that work on an operation.
#[derive(Debug)]
pub(super) struct Worker {
    kernels: Kernels,
    format: Format,
    pool: rayon::ThreadPool,
}

impl Worker {
    pub(super) fn new(kernels: Kernels, format: Format, threads: usize) -> Result<Worker, StudyError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        Ok(Worker { kernels, format, pool: pool.map_err(|error| StudyError::Threads(error.to_string()))? })
    }

    pub(super) fn kernels(&self) -> Kernels {
        self.kernels
    }

    pub(super) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.pool.install(work)
    }

    /// A tensor of these numbers, rounded.
    pub(super) fn tensor_of(&self, values: &[f32], width: usize) -> Tensor {
        let mut tensor = Tensor::zeros(values.len() / width, width);
        for (target, row) in tensor.data.chunks_exact_mut(padded(width)).zip(values.chunks_exact(width)) {
            target[..width].copy_from_slice(row);
        }
        self.format.round(&mut tensor.data);
        tensor
    }

    /// Makes a tensor, some rows at a time: `make` gets the index of the first row, and the rows.
    pub(super) fn make(&self, rows: usize, width: usize, make: impl Fn(usize, &mut [f32]) + Sync) -> Tensor {
        let mut tensor = Tensor::zeros(rows, width);
        self.edit(&mut tensor, make);
        tensor
    }

    /// Changes a tensor in place, some rows at a time.
    pub(super) fn edit(&self, tensor: &mut Tensor, edit: impl Fn(usize, &mut [f32]) + Sync) {
        let stride = tensor.stride;
        self.pool.install(|| {
            tensor.data.par_chunks_mut(ROWS_A_TASK * stride).enumerate().for_each(|(task, rows)| {
                edit(task * ROWS_A_TASK, rows);
                self.format.round(rows);
            });
        });
    }

    pub(super) fn linear(&self, input: &Tensor, linear: &Linear) -> Tensor {
        debug_assert_eq!(input.width, linear.weight.inputs());
        self.make(input.rows(), linear.outputs, |first, out| {
            let width = padded(linear.outputs);
            let rows = &input.data[first * input.stride..][..out.len() / width * input.stride];
            let input = Panel { data: rows, stride: input.stride };
            linear.weight.product(self.kernels, input, &linear.bias, PanelMut { data: out, stride: width });
        })
    }

    /// gelu of every number.
    pub(super) fn gelu(&self, input: &Tensor) -> Tensor {
        let zeros = Buffer::zeros(input.stride);
        self.make(input.rows(), input.width, |first, out| {
            let rows = Rows::new(&input.data[first * input.stride..][..out.len()], input.stride);
            let index = vec![0; rows.count()];
            let terms = EdgeTerms { center: &zeros, table: Rows::new(&zeros, input.stride), index: &index };
            self.kernels.gather_gelu(rows, terms, RowsMut::new(out, input.stride));
        })
    }

    /// gelu(edge + center + neighbor) for each edge, with terms of nodes `[N, H]`.
    pub(super) fn gather_gelu(&self, wiring: &Wiring, edges: &Tensor, center: &Tensor, table: &Tensor) -> Tensor {
        let (stride, degree) = (edges.stride, wiring.degree());
        let mut out = Tensor::zeros(edges.rows(), edges.width);
        self.pool.install(|| {
            out.data.par_chunks_mut(degree * stride).enumerate().for_each(|(residue, out)| {
                let terms = EdgeTerms {
                    center: &center.data[residue * stride..][..stride],
                    table: Rows::new(&table.data, stride),
                    index: wiring.neighbors(residue),
                };
                let rows = Rows::new(&edges.data[residue * degree * stride..][..degree * stride], stride);
                self.kernels.gather_gelu(rows, terms, RowsMut::new(out, stride));
                self.format.round(out);
            });
        });
        out
    }

    /// Normalizes every row in place.
    pub(super) fn normalize(&self, tensor: &mut Tensor, norm: &Norm) {
        let (stride, width) = (tensor.stride, tensor.width);
        self.edit(tensor, |_, rows| self.kernels.layer_norm(RowsMut::new(rows, stride), width, &norm.gain, &norm.bias));
    }

    /// tensor += other
    pub(super) fn add(&self, tensor: &mut Tensor, other: &Tensor) {
        let stride = tensor.stride;
        self.edit(tensor, |first, rows| {
            for (value, term) in rows.iter_mut().zip(&other.data[first * stride..]) {
                *value += term;
            }
        });
    }

    /// The rows at `index`.
    pub(super) fn gather(&self, tensor: &Tensor, index: &[u32]) -> Tensor {
        self.make(index.len(), tensor.width, |first, out| {
            for (row, &source) in out.chunks_exact_mut(tensor.stride).zip(&index[first..]) {
                row[..tensor.width].copy_from_slice(tensor.row(source as usize));
            }
        })
    }

    /// Σ over a residue's edges of weight · row, `[N, H]`. `weight` gets residue and neighbor.
    pub(super) fn sum(&self, wiring: &Wiring, edges: &Tensor, weight: impl Fn(usize, usize) -> f32 + Sync) -> Tensor {
        let degree = wiring.degree();
        self.make(wiring.len(), edges.width, |first, out| {
            for (offset, out) in out.chunks_exact_mut(edges.stride).enumerate() {
                let residue = first + offset;
                for (slot, &neighbor) in wiring.neighbors(residue).iter().enumerate() {
                    let weight = weight(residue, neighbor as usize);
                    for (sum, value) in out.iter_mut().zip(edges.row(residue * degree + slot)) {
                        *sum += weight * value;
                    }
                }
            }
        })
    }
}
