//! Weights as integers.

use super::layout::{LINE, Line, scale_of};
use crate::dispatch::{PairInstructions, panel_columns};
use crate::{Buffer, padded};

/// A packed `[outputs, inputs]` matrix of integers with a scale for each output, for one processor's instructions.
#[derive(Clone)]
pub struct QuantizedMatrix {
    pub(super) panels: Vec<Line>,
    /// `[padded(outputs)]`
    pub(super) scales: Buffer,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) instructions: PairInstructions,
}

impl QuantizedMatrix {
    pub(super) fn new(
        instructions: PairInstructions,
        weights: &[f32],
        [outputs, inputs, stride]: [usize; 3],
    ) -> QuantizedMatrix {
        let width = panel_columns(instructions.isa());
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
                // NaN becomes zero here; the scale remembers it.
                panels[index / LINE].0[index % LINE] = (weight * inverse).round_ties_even() as i16;
            }
        }
        QuantizedMatrix { panels, scales, inputs, outputs, instructions }
    }

    /// Quantizes and packs a row-major `[outputs, inputs]` weight for these instructions, the fastest or not.
    ///
    /// # Panics
    /// When this processor does not have them, or `weights` does not have that many numbers.
    pub fn for_instructions(
        instructions: PairInstructions,
        weights: &[f32],
        [outputs, inputs]: [usize; 2],
    ) -> QuantizedMatrix {
        assert!(instructions.is_available(), "this processor does not have {instructions:?}");
        assert_eq!(weights.len(), outputs * inputs, "a weight of {outputs} × {inputs}");
        QuantizedMatrix::new(instructions, weights, [outputs, inputs, inputs])
    }

    /// The width of a row it multiplies.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The width of a product's row, without padding.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The scale of each output, zeros in the padding.
    pub fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// Where the panel begins whose first output is `output`.
    ///
    /// # Safety
    /// - A panel begins there.
    #[inline(always)]
    pub(crate) unsafe fn panel(&self, output: usize) -> *const i16 {
        // SAFETY: the panels before it have as many pairs for each of their outputs.
        unsafe { self.panels.as_ptr().cast::<i16>().add(output * self.inputs.div_ceil(2) * 2) }
    }

    /// The instructions it was packed for.
    pub fn instructions(&self) -> PairInstructions {
        self.instructions
    }
}

impl std::fmt::Debug for QuantizedMatrix {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "QuantizedMatrix({} × {}, {:?})", self.outputs, self.inputs, self.instructions)
    }
}
