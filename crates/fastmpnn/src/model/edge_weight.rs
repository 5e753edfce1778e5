//! Weights that multiply the states of edges: more than nine tenths of a forward pass, and where precision is chosen.

use fastmpnn_kernels::{Buffer, EdgeTerms, Kernels, PackedMatrix, QuantizedMatrix, QuantizedRows, Rows, RowsMut};

/// A packed weight of edges, in floats or in integers.
#[derive(Debug)]
pub(crate) enum EdgeWeight {
    Float(PackedMatrix),
    Integer(QuantizedMatrix),
}

/// y = W·x + b, for edges
#[derive(Debug)]
pub(crate) struct EdgeLinear {
    pub(crate) weight: EdgeWeight,
    pub(crate) bias: Buffer,
}

/// The products of [`Kernels`], in whichever numbers the weight has. Integers of the rows go through `integers`.
impl EdgeWeight {
    /// out = a · wᵀ + bias
    pub(crate) fn matmul(
        &self,
        kernels: Kernels,
        (a, integers): (Rows<'_>, &mut QuantizedRows),
        bias: &[f32],
        out: RowsMut<'_>,
    ) {
        match self {
            EdgeWeight::Float(weight) => kernels.matmul(a, weight, bias, out),
            EdgeWeight::Integer(weight) => {
                kernels.quantize_rows(a, weight.inputs(), integers);
                kernels.quantized_matmul(integers.all(), weight, bias, out);
            }
        }
    }

    /// out = gelu(a · wᵀ + bias)
    pub(crate) fn matmul_gelu(
        &self,
        kernels: Kernels,
        (a, integers): (Rows<'_>, &mut QuantizedRows),
        bias: &[f32],
        out: RowsMut<'_>,
    ) {
        match self {
            EdgeWeight::Float(weight) => kernels.matmul_gelu(a, weight, bias, out),
            EdgeWeight::Integer(weight) => {
                kernels.quantize_rows(a, weight.inputs(), integers);
                kernels.quantized_matmul_gelu(integers.all(), weight, bias, out);
            }
        }
    }

    /// `out += a · wᵀ + scale[row] · bias`
    pub(crate) fn matmul_accumulate(
        &self,
        kernels: Kernels,
        (a, integers): (Rows<'_>, &mut QuantizedRows),
        bias: (&[f32], &[f32]),
        out: RowsMut<'_>,
    ) {
        match self {
            EdgeWeight::Float(weight) => kernels.matmul_accumulate(a, weight, bias, out),
            EdgeWeight::Integer(weight) => {
                kernels.quantize_rows(a, weight.inputs(), integers);
                kernels.quantized_matmul_accumulate(integers.all(), weight, bias, out);
            }
        }
    }

    /// `out = gelu(a · wᵀ + terms.center + terms.table[terms.index[row]])`
    pub(crate) fn edge_gelu(
        &self,
        kernels: Kernels,
        (a, integers): (Rows<'_>, &mut QuantizedRows),
        terms: EdgeTerms<'_>,
        out: RowsMut<'_>,
    ) {
        match self {
            EdgeWeight::Float(weight) => kernels.edge_gelu(a, weight, terms, out),
            EdgeWeight::Integer(weight) => {
                kernels.quantize_rows(a, weight.inputs(), integers);
                kernels.quantized_edge_gelu(integers.all(), weight, terms, out);
            }
        }
    }

    /// `out += Σ over rows of row_weight[row] · gelu(a · wᵀ + bias)`
    pub(crate) fn matmul_gelu_sum(
        &self,
        kernels: Kernels,
        (a, integers): (Rows<'_>, &mut QuantizedRows),
        bias: (&[f32], &[f32]),
        out: &mut [f32],
    ) {
        match self {
            EdgeWeight::Float(weight) => kernels.matmul_gelu_sum(a, weight, bias, out),
            EdgeWeight::Integer(weight) => {
                kernels.quantize_rows(a, weight.inputs(), integers);
                kernels.quantized_matmul_gelu_sum(integers.all(), weight, bias, out);
            }
        }
    }
}
