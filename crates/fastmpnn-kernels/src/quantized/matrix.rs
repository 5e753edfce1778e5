//! Weights as integers.

use super::layout::{LINE, Line, scale_of};
use crate::pack::WeightShape;
use crate::{Buffer, KernelPlan, padded};

/// A packed `[outputs, inputs]` matrix of integers with a scale for each output, for the integer products of one
/// [`KernelPlan`].
#[derive(Clone)]
pub struct QuantizedMatrix {
    pub(super) panels: Vec<Line>,
    /// `[padded(outputs)]`
    pub(super) scales: Buffer,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) plan: KernelPlan,
}

impl QuantizedMatrix {
    pub(super) fn new(plan: KernelPlan, weights: &[f32], shape: WeightShape) -> QuantizedMatrix {
        let WeightShape { outputs, inputs, stride } = shape;
        let width = plan.integer_columns();
        let pairs = inputs.div_ceil(2);
        let mut panels = vec![Line([0; LINE]); padded(outputs) * pairs * 2 / LINE];
        let mut scales = Buffer::zeros(padded(outputs));
        for output in 0..outputs {
            let row = &weights[output * stride..][..inputs];
            let largest = row.iter().map(|weight| weight.abs().to_bits()).max().unwrap_or(0);
            let (scale, inverse) = scale_of(largest);
            scales[output] = scale;
            let panel = output / width * width * pairs * 2;
            for (input, &weight) in row.iter().enumerate() {
                let index = panel + (input / 2 * width + output % width) * 2 + input % 2;
                // NaN becomes zero here; the scale is NaN then.
                panels[index / LINE].0[index % LINE] = (weight * inverse).round_ties_even() as i16;
            }
        }
        QuantizedMatrix { panels, scales, inputs, outputs, plan }
    }

    /// The number of inputs: the width of the rows that it multiplies.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The number of outputs: the width of a product's row, without padding.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The scale of each output, `[padded(outputs)]`, zero in the padding.
    pub fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// A pointer to the panel whose first output is `output`.
    ///
    /// # Safety
    /// - `output` is the first output of a panel.
    #[inline(always)]
    pub(crate) unsafe fn panel(&self, output: usize) -> *const i16 {
        // SAFETY: every output has `inputs.div_ceil(2)` pairs in `panels`, and the caller vouches that `output` starts
        // a panel.
        unsafe { self.panels.as_ptr().cast::<i16>().add(output * self.inputs.div_ceil(2) * 2) }
    }

    /// The plan that the matrix was packed for.
    pub fn plan(&self) -> KernelPlan {
        self.plan
    }
}

impl std::fmt::Debug for QuantizedMatrix {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "QuantizedMatrix({} × {}, {:?})", self.outputs, self.inputs, self.plan.products())
    }
}
