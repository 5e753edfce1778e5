//! Weights of the products large enough to have a choice of precision: those of edges, more than nine tenths of a
//! forward pass, and the feed-forward blocks of nodes.

use fastmpnn_kernels::{
    Buffer, EdgeTerms, Kernels, PackedMatrix, PairDistances, QuantizedMatrix, QuantizedRows, QuantizedSlice,
    RadialBasis, RadialScratch, Rows, RowsMut, SplitMatrix, SplitRows, WeightedBias, padded,
};

/// A packed weight: in floats, in integers, or split into bf16. It alone decides how its products are computed, never the
/// number of rows, so that a row is the same in any batch.
#[derive(Debug)]
pub(crate) enum Weight {
    Float(PackedMatrix),
    Integer(QuantizedMatrix),
    Split(SplitMatrix),
}

/// y = W·x + b
#[derive(Debug)]
pub(crate) struct WideLinear {
    pub(crate) weight: Weight,
    pub(crate) bias: Buffer,
}

/// Memory for the rows of a product that is not in floats, reused.
#[derive(Debug, Default)]
pub(crate) struct NarrowRows {
    integers: QuantizedRows,
    planes: SplitRows,
}

impl NarrowRows {
    /// The planes of a factor of a split weight.
    fn planes_of<'a>(&'a mut self, kernels: Kernels, a: Factor<'a>, weight: &SplitMatrix) -> &'a SplitRows {
        match a {
            Factor::Planes(planes) => planes,
            Factor::Floats(rows) => {
                kernels.split_rows(rows, weight.inputs(), weight.terms(), &mut self.planes);
                &self.planes
            }
        }
    }
}

/// Rows that a product multiplies: floats, or the planes that the product before wrote for a split weight.
#[derive(Clone, Copy)]
pub(crate) enum Factor<'a> {
    Floats(Rows<'a>),
    Planes(&'a SplitRows),
}

impl Factor<'_> {
    fn count(&self) -> usize {
        match self {
            Factor::Floats(rows) => rows.count(),
            Factor::Planes(planes) => planes.count(),
        }
    }
}

impl<'a> From<Rows<'a>> for Factor<'a> {
    fn from(rows: Rows<'a>) -> Factor<'a> {
        Factor::Floats(rows)
    }
}

/// What a product computes for the next one: planes where both weights are split, floats otherwise. Memory, reused.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    floats: Buffer,
    planes: SplitRows,
    has_planes: bool,
    stride: usize,
}

impl Hidden {
    /// The rows for the next product.
    pub(crate) fn rows(&self) -> Factor<'_> {
        if self.has_planes {
            Factor::Planes(&self.planes)
        } else {
            Factor::Floats(Rows::new(&self.floats, self.stride))
        }
    }

    /// Memory for planes.
    fn planes(&mut self) -> &mut SplitRows {
        self.has_planes = true;
        &mut self.planes
    }

    /// Memory for `count` rows as floats, to be written whole.
    pub(crate) fn floats(&mut self, count: usize, stride: usize) -> &mut [f32] {
        (self.has_planes, self.stride) = (false, stride);
        self.floats.resize(count * stride);
        &mut self.floats
    }
}

/// The next product, and where its rows go.
pub(crate) struct Next<'a> {
    pub(crate) weight: &'a Weight,
    pub(crate) hidden: &'a mut Hidden,
}

/// The factors of a product, in the numbers of the weight.
enum Factors<'a> {
    Float(Rows<'a>, &'a PackedMatrix),
    Integer(QuantizedSlice<'a>, &'a QuantizedMatrix),
    Split(&'a SplitRows, &'a SplitMatrix),
}

/// The products of [`Kernels`], in the weight's numbers. `narrow` is memory for rows in these numbers.
impl Weight {
    /// The width of a product's row, without padding.
    pub(crate) fn outputs(&self) -> usize {
        match self {
            Weight::Float(weight) => weight.outputs(),
            Weight::Integer(weight) => weight.outputs(),
            Weight::Split(weight) => weight.outputs(),
        }
    }

    /// The factors of a product with the rows `a`, which are brought to the weight's numbers.
    #[inline]
    fn factors<'a>(&'a self, kernels: Kernels, a: Factor<'a>, narrow: &'a mut NarrowRows) -> Factors<'a> {
        match (self, a) {
            (Weight::Float(weight), Factor::Floats(a)) => Factors::Float(a, weight),
            (Weight::Integer(weight), Factor::Floats(a)) => {
                kernels.quantize_rows(a, weight.inputs(), &mut narrow.integers);
                Factors::Integer(narrow.integers.all(), weight)
            }
            (Weight::Split(weight), a) => Factors::Split(narrow.planes_of(kernels, a, weight), weight),
            (Weight::Float(_) | Weight::Integer(_), Factor::Planes(_)) => {
                unreachable!("planes are written for the products of split weights alone")
            }
        }
    }

    /// out = a · wᵀ + bias
    pub(crate) fn matmul<'a>(
        &self,
        kernels: Kernels,
        a: impl Into<Factor<'a>>,
        narrow: &mut NarrowRows,
        bias: &[f32],
        out: RowsMut<'_>,
    ) {
        match self.factors(kernels, a.into(), narrow) {
            Factors::Float(a, weight) => kernels.matmul(a, weight, bias, out),
            Factors::Integer(rows, weight) => kernels.quantized_matmul(rows, weight, bias, out),
            Factors::Split(rows, weight) => kernels.split_matmul(rows, weight, bias, out),
        }
    }

    /// out = gelu(a · wᵀ + bias)
    pub(crate) fn matmul_gelu<'a>(
        &self,
        kernels: Kernels,
        a: impl Into<Factor<'a>>,
        narrow: &mut NarrowRows,
        bias: &[f32],
        out: RowsMut<'_>,
    ) {
        match self.factors(kernels, a.into(), narrow) {
            Factors::Float(a, weight) => kernels.matmul_gelu(a, weight, bias, out),
            Factors::Integer(rows, weight) => kernels.quantized_matmul_gelu(rows, weight, bias, out),
            Factors::Split(rows, weight) => kernels.split_matmul_gelu(rows, weight, bias, out),
        }
    }

    /// `out += a · wᵀ + row_weights[row] · bias`
    pub(crate) fn matmul_accumulate<'a>(
        &self,
        kernels: Kernels,
        a: impl Into<Factor<'a>>,
        narrow: &mut NarrowRows,
        bias: WeightedBias<'_>,
        out: RowsMut<'_>,
    ) {
        match self.factors(kernels, a.into(), narrow) {
            Factors::Float(a, weight) => kernels.matmul_accumulate(a, weight, bias, out),
            Factors::Integer(rows, weight) => kernels.quantized_matmul_accumulate(rows, weight, bias, out),
            Factors::Split(rows, weight) => kernels.split_matmul_accumulate(rows, weight, bias, out),
        }
    }

    /// `out = gelu(a · wᵀ + terms.center + terms.table[terms.index[row]])`
    pub(crate) fn edge_gelu<'a>(
        &self,
        kernels: Kernels,
        a: impl Into<Factor<'a>>,
        narrow: &mut NarrowRows,
        terms: EdgeTerms<'_>,
        out: RowsMut<'_>,
    ) {
        match self.factors(kernels, a.into(), narrow) {
            Factors::Float(a, weight) => kernels.edge_gelu(a, weight, terms, out),
            Factors::Integer(rows, weight) => kernels.quantized_edge_gelu(rows, weight, terms, out),
            Factors::Split(rows, weight) => kernels.split_edge_gelu(rows, weight, terms, out),
        }
    }

    /// [`Weight::matmul_gelu`], for the next product.
    pub(crate) fn matmul_gelu_for<'a>(
        &self,
        kernels: Kernels,
        a: impl Into<Factor<'a>>,
        narrow: &mut NarrowRows,
        bias: &[f32],
        next: Next<'_>,
    ) {
        let Next { weight: next, hidden } = next;
        let a = a.into();
        if let (Weight::Split(weight), Weight::Split(next)) = (self, next) {
            let rows = narrow.planes_of(kernels, a, weight);
            kernels.split_matmul_gelu_again(rows, weight, bias, next.terms(), hidden.planes());
        } else {
            let stride = padded(self.outputs());
            let out = RowsMut::new(hidden.floats(a.count(), stride), stride);
            self.matmul_gelu(kernels, a, narrow, bias, out);
        }
    }

    /// [`Weight::edge_gelu`], for the next product.
    pub(crate) fn edge_gelu_for<'a>(
        &self,
        kernels: Kernels,
        a: impl Into<Factor<'a>>,
        narrow: &mut NarrowRows,
        terms: EdgeTerms<'_>,
        next: Next<'_>,
    ) {
        let Next { weight: next, hidden } = next;
        let a = a.into();
        if let (Weight::Split(weight), Weight::Split(next)) = (self, next) {
            let rows = narrow.planes_of(kernels, a, weight);
            kernels.split_edge_gelu_again(rows, weight, terms, next.terms(), hidden.planes());
        } else {
            let stride = padded(self.outputs());
            let out = RowsMut::new(hidden.floats(a.count(), stride), stride);
            self.edge_gelu(kernels, a, narrow, terms, out);
        }
    }

    /// `out += Σ over rows of row_weights[row] · gelu(a · wᵀ + bias)`
    pub(crate) fn matmul_gelu_sum<'a>(
        &self,
        kernels: Kernels,
        a: impl Into<Factor<'a>>,
        narrow: &mut NarrowRows,
        bias: WeightedBias<'_>,
        out: &mut [f32],
    ) {
        match self.factors(kernels, a.into(), narrow) {
            Factors::Float(a, weight) => kernels.matmul_gelu_sum(a, weight, bias, out),
            Factors::Integer(rows, weight) => kernels.quantized_matmul_gelu_sum(rows, weight, bias, out),
            Factors::Split(rows, weight) => kernels.split_matmul_gelu_sum(rows, weight, bias, out),
        }
    }
}

/// The Gaussians' share of an edge's features. Most Gaussians are zero, and those are left out of the product: this it
/// gains more from than from narrow numbers, so it is not split.
#[derive(Debug)]
pub(crate) enum RadialWeight {
    Float(PackedMatrix),
    Integer(QuantizedMatrix),
}

impl RadialWeight {
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
            RadialWeight::Float(weight) => kernels.radial_product(basis, distances, weight, scratch, out),
            RadialWeight::Integer(weight) => kernels.quantized_radial_product(basis, distances, weight, scratch, out),
        }
    }
}
