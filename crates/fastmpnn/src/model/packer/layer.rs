//! The packer's decoder layers, with consecutive linear maps merged.

use fastmpnn_kernels::{Buffer, Kernels, PackedMatrix, Rows, RowsMut, padded};

use crate::error::WeightsError;
use crate::model::layers::{Linear, Loader, Message, MessageNames, NodeUpdate};
use crate::model::weight::NarrowRows;
use crate::weights::Config;

/// `DecLayer` of the published code, whose edges have a fixed and a moving part.
#[derive(Debug)]
pub(super) struct PackerLayer {
    pub(super) message: Message,
    /// B'
    pub(super) side_chain: PackedMatrix,
    /// What `W_f`'s bias adds.
    pub(super) side_chain_bias: Buffer,
    pub(super) node: NodeUpdate,
}

impl PackerLayer {
    pub(super) fn load(loader: &Loader<'_>, layer: &str, config: &Config) -> Result<PackerLayer, WeightsError> {
        let hidden = config.hidden;
        let inputs = 4 * hidden;
        let first = &*loader.checkpoint.values(&format!("{layer}.W1.weight"), &[hidden, inputs])?;
        let share = columns(first, inputs, 2 * hidden, hidden);
        let map = &*loader.checkpoint.values("W_f.weight", &[hidden, hidden])?;
        let bias = &*loader.checkpoint.values("W_f.bias", &[hidden])?;
        let mut side_chain_bias = Buffer::zeros(padded(hidden));
        side_chain_bias[..hidden].copy_from_slice(&product(&share, bias, 1));
        Ok(PackerLayer {
            message: Message::load(loader, MessageNames::of_decoder(layer), hidden)?,
            side_chain: loader.kernels.pack(&product(&share, map, hidden), hidden, hidden),
            side_chain_bias,
            node: NodeUpdate::load(loader, layer, hidden, config.feed_forward)?,
        })
    }

    /// B·h_E and the bias of the side chains' share.
    pub(super) fn project(&self, kernels: Kernels, rows: Rows<'_>, narrow: &mut NarrowRows, out: RowsMut<'_>) {
        self.message.edge.matmul(kernels, rows, narrow, &self.side_chain_bias, out);
    }
}

/// D with all biases, and D'.
pub(super) fn node_maps(loader: &Loader<'_>, hidden: usize) -> Result<(Linear, PackedMatrix), WeightsError> {
    let down = &*loader.checkpoint.values("linear_down.weight", &[hidden, 2 * hidden])?;
    let share = columns(down, 2 * hidden, hidden, hidden);
    let map = &*loader.checkpoint.values("W_v_sc.weight", &[hidden, hidden])?;
    let added = product(&share, &loader.checkpoint.values("W_v_sc.bias", &[hidden])?, 1);
    let mut bias = loader.vector("linear_down.bias", hidden, 1.0)?;
    bias.iter_mut().zip(added).for_each(|(bias, added)| *bias += added);
    let node = Linear { weight: loader.pack_columns(down, 2 * hidden, 0, hidden), bias };
    Ok((node, loader.kernels.pack(&product(&share, map, hidden), hidden, hidden)))
}

/// Columns `first..first + count` of a row-major matrix whose rows are `stride` long.
fn columns(matrix: &[f32], stride: usize, first: usize, count: usize) -> Vec<f32> {
    matrix.chunks_exact(stride).flat_map(|row| &row[first..first + count]).copied().collect()
}

/// left · right, row major, `right` with `width` columns; summed in f64.
fn product(left: &[f32], right: &[f32], width: usize) -> Vec<f32> {
    let inner = right.len() / width;
    let mut out = Vec::with_capacity(left.len() / inner * width);
    for row in left.chunks_exact(inner) {
        let mut sums = vec![0.0_f64; width];
        for (&weight, values) in row.iter().zip(right.chunks_exact(width)) {
            for (sum, &value) in sums.iter_mut().zip(values) {
                *sum += f64::from(weight) * f64::from(value);
            }
        }
        out.extend(sums.into_iter().map(|sum| sum as f32));
    }
    out
}
