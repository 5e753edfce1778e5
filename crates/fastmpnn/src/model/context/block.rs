//! Blocks of a message's first linear map, merged with the maps before them.

use crate::error::WeightsError;
use crate::model::layers::{Linear, Loader};

/// The columns of a message's first map that multiply one part of its input.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) weight: &'a [f32],
    pub(super) stride: usize,
    pub(super) first: usize,
}

impl Block<'_> {
    /// This block merged with the linear map `name` before it: block·W `[H, H]` and block·b `[H]`.
    pub(super) fn after(
        self,
        loader: &Loader<'_>,
        name: &str,
        hidden: usize,
    ) -> Result<(Vec<f32>, Vec<f64>), WeightsError> {
        let inner = &*loader.checkpoint.values(&format!("{name}.weight"), &[hidden, hidden])?;
        let inner_bias = &*loader.checkpoint.values(&format!("{name}.bias"), &[hidden])?;
        let mut map = Vec::with_capacity(hidden * hidden);
        let mut bias = Vec::with_capacity(hidden);
        for row in self.weight.chunks_exact(self.stride) {
            let row = &row[self.first..][..hidden];
            let mut product = vec![0.0_f64; hidden];
            for (&outer, inner) in row.iter().zip(inner.chunks_exact(hidden)) {
                for (sum, &inner) in product.iter_mut().zip(inner) {
                    *sum += f64::from(outer) * f64::from(inner);
                }
            }
            map.extend(product.iter().map(|&value| value as f32));
            bias.push(row.iter().zip(inner_bias).map(|(&w, &b)| f64::from(w) * f64::from(b)).sum());
        }
        Ok((map, bias))
    }

    /// This block with the first map's bias plus `more`, `[H]`.
    pub(super) fn with_bias(self, loader: &Loader<'_>, layer: &str, more: &[f64]) -> Result<Linear, WeightsError> {
        let hidden = more.len();
        let mut bias = loader.vector(&format!("{layer}.W1.bias"), hidden, 1.0)?;
        for (value, more) in bias.iter_mut().zip(more) {
            *value = (f64::from(*value) + more) as f32;
        }
        Ok(Linear { weight: loader.kernels.pack_columns(self.weight, self.stride, self.first, hidden), bias })
    }
}

/// The width of a layer's feed-forward block.
pub(super) fn feed_forward(loader: &Loader<'_>, layer: &str) -> Result<usize, WeightsError> {
    let tensor = loader.checkpoint.tensor(&format!("{layer}.dense.W_in.weight"))?;
    Ok(tensor.shape.first().copied().unwrap_or(0))
}
