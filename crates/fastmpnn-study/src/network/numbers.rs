//! The arithmetic of the operations.

use fastmpnn::kernels::{
    Buffer, Kernels, PackedMatrix, QuantizedMatrix, QuantizedRows, Rows, RowsMut, padded, round_to_bf16, round_to_f16,
};

/// The format that the result of every operation is rounded to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// No rounding.
    #[default]
    F32,
    /// bf16: 8 bits of precision.
    Bf16,
    /// IEEE binary16: 11 bits of precision, infinite beyond 65,504.
    F16,
}

impl Format {
    /// Rounds numbers.
    pub(crate) fn round(self, values: &mut [f32]) {
        match self {
            Format::F32 => {}
            Format::Bf16 => round_to_bf16(values),
            Format::F16 => round_to_f16(values),
        }
    }

    /// Rounds a number.
    pub(crate) fn rounded(self, value: f32) -> f32 {
        let mut values = [value];
        self.round(&mut values);
        values[0]
    }
}

/// A part of the network whose products over edges may have an arithmetic of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The edge features: the map of the Gaussians, and W_e.
    Features,
    /// An encoder layer.
    Encoder(usize),
    /// A decoder layer.
    Decoder(usize),
}

/// The arithmetic of the products over edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum EdgeNumbers {
    /// f32.
    #[default]
    F32,
    /// The library's integers: 12 bits and a sign on both sides.
    Q16,
    /// Integers of 7 bits and a sign on both sides, with one scale per row of activations and one per output. They are
    /// multiplied in f32, exactly: the results are those of an int8 kernel, the time is not.
    Int8,
    /// Weights of 7 bits and a sign with one scale per output, activations in f32.
    Int8Weights,
}

/// The number formats of a whole network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numerics {
    /// The format of weights and of the results of all operations but distances.
    pub(crate) format: Format,
    /// The format of coordinates and of each step in computing a distance.
    pub(crate) distances: Format,
    /// The arithmetic of products of edges.
    pub(crate) edges: EdgeNumbers,
    /// The part in which `edges` applies; everywhere if `None`. Only a [`Form::Split`](super::formulation::Form::Split)
    /// network uses it.
    pub(crate) part: Option<Part>,
}

impl Numerics {
    /// The arithmetic of the products of edges in a part.
    pub(crate) fn edges_of(&self, part: Part) -> EdgeNumbers {
        if self.part.is_none_or(|only| only == part) { self.edges } else { EdgeNumbers::F32 }
    }
}

/// The shape of a linear map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MapShape {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
}

/// A packed weight in its number format.
#[derive(Debug)]
pub(super) enum Weight {
    Float(PackedMatrix),
    Integer(QuantizedMatrix),
    /// Integers stored as floats, `[outputs, inputs]`, and the scale of each output.
    Byte(PackedMatrix, Buffer),
}

/// Rows of numbers, `stride` apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel<'a> {
    pub(super) data: &'a [f32],
    pub(super) stride: usize,
}

/// Rows that are written, `stride` apart.
#[derive(Debug)]
pub(super) struct PanelMut<'a> {
    pub(super) data: &'a mut [f32],
    pub(super) stride: usize,
}

/// The largest integer of 7 bits.
const LARGEST_BYTE: f32 = 127.0;

impl Weight {
    /// Packs a row-major `[outputs, inputs]` weight.
    pub(super) fn pack(kernels: Kernels, numbers: EdgeNumbers, weight: &[f32], shape: MapShape) -> Weight {
        let MapShape { outputs, inputs } = shape;
        match numbers {
            EdgeNumbers::F32 => Weight::Float(kernels.pack(weight, outputs, inputs)),
            EdgeNumbers::Q16 => Weight::Integer(kernels.pack_quantized(weight, outputs, inputs)),
            EdgeNumbers::Int8 => {
                let mut integers = weight.to_vec();
                let mut scales = Buffer::zeros(padded(outputs));
                for (row, scale) in integers.chunks_exact_mut(inputs).zip(scales.iter_mut()) {
                    *scale = to_bytes(row);
                }
                Weight::Byte(kernels.pack(&integers, outputs, inputs), scales)
            }
            EdgeNumbers::Int8Weights => {
                let mut values = weight.to_vec();
                for row in values.chunks_exact_mut(inputs) {
                    let scale = to_bytes(row);
                    row.iter_mut().for_each(|value| *value *= scale);
                }
                Weight::Float(kernels.pack(&values, outputs, inputs))
            }
        }
    }

    /// The number of inputs.
    pub(super) fn inputs(&self) -> usize {
        match self {
            Weight::Float(weight) | Weight::Byte(weight, _) => weight.inputs(),
            Weight::Integer(weight) => weight.inputs(),
        }
    }

    /// out = a · wᵀ + bias
    pub(super) fn product(&self, kernels: Kernels, input: Panel<'_>, bias: &[f32], out: PanelMut<'_>) {
        let PanelMut { data: out, stride: width } = out;
        let a = Rows::new(input.data, input.stride);
        match self {
            Weight::Float(weight) => kernels.matmul(a, weight, bias, RowsMut::new(out, width)),
            Weight::Integer(weight) => {
                let mut integers = QuantizedRows::default();
                kernels.quantize_rows(a, weight.inputs(), &mut integers);
                kernels.quantized_matmul(integers.all(), weight, bias, RowsMut::new(out, width));
            }
            Weight::Byte(weight, scales) => {
                let mut integers = Buffer::zeros(input.data.len());
                integers.copy_from_slice(input.data);
                let row_scales: Vec<f32> =
                    integers.chunks_exact_mut(input.stride).map(|row| to_bytes(&mut row[..weight.inputs()])).collect();
                let zeros = Buffer::zeros(width);
                kernels.matmul(Rows::new(&integers, input.stride), weight, &zeros, RowsMut::new(out, width));
                for (row, scale) in out.chunks_exact_mut(width).zip(row_scales) {
                    for ((value, column), bias) in row.iter_mut().zip(scales.iter()).zip(bias) {
                        *value = *value * scale * column + bias;
                    }
                }
            }
        }
    }
}

/// Replaces numbers by integers of 7 bits and a sign; returns their scale.
fn to_bytes(values: &mut [f32]) -> f32 {
    let largest = values.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
    let inverse = if largest > 0.0 { LARGEST_BYTE / largest } else { 0.0 };
    values.iter_mut().for_each(|value| *value = (*value * inverse).round_ties_even());
    largest / LARGEST_BYTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_integers_whose_products_are_exact() {
        let mut values = [0.5, -1.0, 0.003, 0.0];
        let scale = to_bytes(&mut values);
        assert_eq!(values, [64.0, -127.0, 0.0, 0.0]);
        assert!((scale - 1.0 / 127.0).abs() < 1e-9);
        // The widest row with all numbers at the limit is below 2²⁴, up to which f32 holds every integer.
        assert!(512.0 * LARGEST_BYTE * LARGEST_BYTE < f32::from_bits(0x4b80_0000));
    }

    #[test]
    fn a_part_keeps_its_numbers_to_itself() {
        let numerics = Numerics { edges: EdgeNumbers::Q16, part: Some(Part::Decoder(1)), ..Numerics::default() };
        assert_eq!(numerics.edges_of(Part::Decoder(1)), EdgeNumbers::Q16);
        assert_eq!(numerics.edges_of(Part::Decoder(0)), EdgeNumbers::F32);
        assert_eq!(Numerics { part: None, ..numerics }.edges_of(Part::Features), EdgeNumbers::Q16);
    }
}
