//! Weights split into planes of bf16.

use super::layout::{LINE, Line, SplitTerms, TILE, blocks_of, place_in_line, split_number};
use crate::pack::WeightShape;
use crate::{KernelPlan, TileInstructions, padded};

/// A packed `[outputs, inputs]` matrix in planes of bf16, for the tile instructions of one [`KernelPlan`]. The weight says
/// how many terms its products have.
#[derive(Clone)]
pub struct SplitMatrix {
    lines: Vec<Line>,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) terms: SplitTerms,
    pub(super) plan: KernelPlan,
    pub(super) tiles: TileInstructions,
}

impl SplitMatrix {
    pub(super) fn new(plan: KernelPlan, weights: &[f32], shape: WeightShape, terms: SplitTerms) -> SplitMatrix {
        let WeightShape { outputs, inputs, stride } = shape;
        let tiles = plan.tiles().expect("the plan has tile instructions");
        let (blocks, planes) = (blocks_of(inputs), terms.planes());
        let mut lines = vec![Line::ZERO; padded(outputs) * blocks * planes];
        for output in 0..outputs {
            let column = output / TILE * TILE * blocks * planes;
            for (input, &weight) in weights[output * stride..][..inputs].iter().enumerate() {
                let place = place_in_line(input);
                let tile = column + input / LINE * planes * TILE;
                for (plane, bits) in split_number::<3>(weight).into_iter().take(planes).enumerate() {
                    lines[tile + plane * TILE + place / 2].0[output % TILE * 2 + place % 2] = bits;
                }
            }
        }
        SplitMatrix { lines, inputs, outputs, terms, plan, tiles }
    }

    /// The number of inputs: the width of the rows that it multiplies.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The number of outputs: the width of a product's row, without padding.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The terms of its products.
    pub fn terms(&self) -> SplitTerms {
        self.terms
    }

    /// The plan that the matrix was packed for.
    pub fn plan(&self) -> KernelPlan {
        self.plan
    }

    /// A pointer to the tiles of outputs `output .. output + 16`, where 16 divides `output`.
    ///
    /// # Safety
    /// - `output` is less than `padded(outputs)`.
    #[inline(always)]
    pub(super) unsafe fn tiles_of(&self, output: usize) -> *const Line {
        // SAFETY: each output has a line for each block and plane, and the caller vouches for the output.
        unsafe { self.lines.as_ptr().add(output * blocks_of(self.inputs) * self.terms.planes()) }
    }
}

impl std::fmt::Debug for SplitMatrix {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SplitMatrix({} × {}, {:?}, {:?})", self.outputs, self.inputs, self.terms, self.tiles)
    }
}
