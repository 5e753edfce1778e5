//! Weights of the products large enough to have a choice of precision: those of edges, more than nine tenths of a
//! forward pass, and the feed-forward blocks of nodes.

use fastmpnn_kernels::{
    Buffer, EdgeTerms, Kernels, PackedMatrix, PairDistances, QuantizedMatrix, QuantizedRows, QuantizedSlice,
    RadialBasis, RadialScratch, Rows, RowsMut, WeightedBias,
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

/// The weight of a product, with the quantized rows that it multiplies if it is in integers.
enum Factors<'a> {
    Float(&'a PackedMatrix),
    Integer(QuantizedSlice<'a>, &'a QuantizedMatrix),
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

    /// The factors of a product with the rows `a`, which are quantized if the weight is in integers.
    #[inline]
    fn factors<'a>(&'a self, kernels: Kernels, a: Rows<'_>, integers: &'a mut QuantizedRows) -> Factors<'a> {
        match self {
            Weight::Float(weight) => Factors::Float(weight),
            Weight::Integer(weight) => {
                kernels.quantize_rows(a, weight.inputs(), integers);
                Factors::Integer(integers.all(), weight)
            }
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
        match self.factors(kernels, a, integers) {
            Factors::Float(weight) => kernels.matmul(a, weight, bias, out),
            Factors::Integer(rows, weight) => kernels.quantized_matmul(rows, weight, bias, out),
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
        match self.factors(kernels, a, integers) {
            Factors::Float(weight) => kernels.matmul_gelu(a, weight, bias, out),
            Factors::Integer(rows, weight) => kernels.quantized_matmul_gelu(rows, weight, bias, out),
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
        match self.factors(kernels, a, integers) {
            Factors::Float(weight) => kernels.matmul_accumulate(a, weight, bias, out),
            Factors::Integer(rows, weight) => kernels.quantized_matmul_accumulate(rows, weight, bias, out),
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
        match self.factors(kernels, a, integers) {
            Factors::Float(weight) => kernels.edge_gelu(a, weight, terms, out),
            Factors::Integer(rows, weight) => kernels.quantized_edge_gelu(rows, weight, terms, out),
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
        match self.factors(kernels, a, integers) {
            Factors::Float(weight) => kernels.matmul_gelu_sum(a, weight, bias, out),
            Factors::Integer(rows, weight) => kernels.quantized_matmul_gelu_sum(rows, weight, bias, out),
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
