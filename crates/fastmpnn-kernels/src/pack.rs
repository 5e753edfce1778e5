//! A weight matrix, stored in the order in which the microkernel reads it.
//!
//! A published weight is `[outputs, inputs]` row major (PyTorch's `nn.Linear`). A product steps through the inputs
//! and reads, at each input, the weights of neighboring outputs, which should be contiguous. So outputs are cut into
//! panels of one microkernel's width, and a panel is stored input by input:
//!
//! ```text
//! panel 0: w[0..P, input 0] w[0..P, input 1] …   panel 1: w[P..2P, input 0] …
//! ```
//!
//! Outputs are padded with zeros to a multiple of [`ALIGNMENT`](crate::ALIGNMENT).

use crate::{Buffer, KernelPlan, padded};

/// A packed `[outputs, inputs]` matrix of floats, for one [`KernelPlan`].
#[derive(Clone, Debug)]
pub struct PackedMatrix {
    pub(crate) panels: Buffer,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) plan: KernelPlan,
}

/// The position of a weight in a row-major matrix: row `o` begins at `o · stride`.
#[derive(Clone, Copy)]
pub(crate) struct WeightShape {
    pub(crate) outputs: usize,
    pub(crate) inputs: usize,
    /// More than `inputs` where the weight is a block of columns of a wider matrix.
    pub(crate) stride: usize,
}

impl PackedMatrix {
    /// Packs a weight for a plan.
    ///
    /// # Panics
    /// If `weights` is too short.
    pub(crate) fn new(plan: KernelPlan, weights: &[f32], shape: WeightShape) -> PackedMatrix {
        let WeightShape { outputs, inputs, stride } = shape;
        let width = plan.float_columns();
        let mut panels = Buffer::zeros(padded(outputs) * inputs);
        for output in 0..outputs {
            let row = &weights[output * stride..][..inputs];
            let panel = &mut panels[output / width * width * inputs..];
            for (input, &weight) in row.iter().enumerate() {
                panel[input * width + output % width] = weight;
            }
        }
        PackedMatrix { panels, inputs, outputs, plan }
    }

    /// The number of inputs: the width of the rows that it multiplies.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The number of outputs: the width of a product's row, without padding.
    pub fn outputs(&self) -> usize {
        self.outputs
    }
}
