//! Weights of the products large enough to have a choice of precision: those of edges, more than nine tenths of a
//! forward pass, and the feed-forward blocks of nodes.

use fastmpnn_kernels::{
    Buffer, EdgeTerms, Kernels, PackedMatrix, PairDistances, QuantizedMatrix, QuantizedRows, RadialBasis,
    RadialScratch, Rows, RowsMut, WeightedBias,
};

/// A packed weight, in floats or in integers.
#[derive(Debug)]
pub(crate) enum Weight {
    Float(PackedMatrix),
    Integer(QuantizedMatrix),
}

/// y = W·x + b
#[derive(Debug)]
pub(crate) struct WideLinear {
    pub(crate) weight: Weight,
    pub(crate) bias: Buffer,
}

/// The products of [`Kernels`], in floats or integers as the weight is. `integers` is memory for the quantized rows.
impl Weight {
    /// The width of a product's row, without padding.
    pub(crate) fn outputs(&self) -> usize {
        match self {
            Weight::Float(weight) => weight.outputs(),
            Weight::Integer(weight) => weight.outputs(),
        }
    }

    /// out = a · wᵀ + bias
    pub(crate) fn matmul(
        &self,
        kernels: Kernels,
        a: Rows<'_>,
        integers: &mut QuantizedRows,
        bias: &[f32],
        out: RowsMut<'_>,
    ) {
        match self {
            Weight::Float(weight) => kernels.matmul(a, weight, bias, out),
            Weight::Integer(weight) => {
                kernels.quantize_rows(a, weight.inputs(), integers);
                kernels.quantized_matmul(integers.all(), weight, bias, out);
            }
        }
    }

    /// out = gelu(a · wᵀ + bias)
    pub(crate) fn matmul_gelu(
        &self,
        kernels: Kernels,
        a: Rows<'_>,
        integers: &mut QuantizedRows,
        bias: &[f32],
        out: RowsMut<'_>,
    ) {
        match self {
            Weight::Float(weight) => kernels.matmul_gelu(a, weight, bias, out),
            Weight::Integer(weight) => {
                kernels.quantize_rows(a, weight.inputs(), integers);
                kernels.quantized_matmul_gelu(integers.all(), weight, bias, out);
            }
        }
    }

    /// `out += a · wᵀ + row_weights[row] · bias`
    pub(crate) fn matmul_accumulate(
        &self,
        kernels: Kernels,
        a: Rows<'_>,
        integers: &mut QuantizedRows,
        bias: WeightedBias<'_>,
        out: RowsMut<'_>,
    ) {
        match self {
            Weight::Float(weight) => kernels.matmul_accumulate(a, weight, bias, out),
            Weight::Integer(weight) => {
                kernels.quantize_rows(a, weight.inputs(), integers);
                kernels.quantized_matmul_accumulate(integers.all(), weight, bias, out);
            }
        }
    }

    /// `out = gelu(a · wᵀ + terms.center + terms.table[terms.index[row]])`
    pub(crate) fn edge_gelu(
        &self,
        kernels: Kernels,
        a: Rows<'_>,
        integers: &mut QuantizedRows,
        terms: EdgeTerms<'_>,
        out: RowsMut<'_>,
    ) {
        match self {
            Weight::Float(weight) => kernels.edge_gelu(a, weight, terms, out),
            Weight::Integer(weight) => {
                kernels.quantize_rows(a, weight.inputs(), integers);
                kernels.quantized_edge_gelu(integers.all(), weight, terms, out);
            }
        }
    }

    /// `out += Σ over rows of row_weights[row] · gelu(a · wᵀ + bias)`
    pub(crate) fn matmul_gelu_sum(
        &self,
        kernels: Kernels,
        a: Rows<'_>,
        integers: &mut QuantizedRows,
        bias: WeightedBias<'_>,
        out: &mut [f32],
    ) {
        match self {
            Weight::Float(weight) => kernels.matmul_gelu_sum(a, weight, bias, out),
            Weight::Integer(weight) => {
                kernels.quantize_rows(a, weight.inputs(), integers);
                kernels.quantized_matmul_gelu_sum(integers.all(), weight, bias, out);
            }
        }
    }

    /// `out[row] += W · [basis(distance) for each distance of the row]`
    pub(crate) fn radial_product(
        &self,
        kernels: Kernels,
        basis: &RadialBasis,
        distances: &PairDistances,
        scratch: &mut RadialScratch,
        out: RowsMut<'_>,
    ) {
        match self {
            Weight::Float(weight) => kernels.radial_product(basis, distances, weight, scratch, out),
            Weight::Integer(weight) => kernels.quantized_radial_product(basis, distances, weight, scratch, out),
        }
    }
}
