//! The first layer of a decoder message whose edge part is already multiplied: additions and a GELU.

use crate::activation::{Activation, Exact, Short};
use crate::dispatch::dispatch;
use crate::lanes::Lanes;
use crate::{EdgeTerms, Kernels, Rows, RowsMut};

struct GatheredMessages<'a> {
    edges: Rows<'a>,
    terms: EdgeTerms<'a>,
    out: RowsMut<'a>,
}

impl GatheredMessages<'_> {
    fn check(&self) {
        let GatheredMessages { edges, terms, out } = self;
        let width = edges.stride;
        assert!(width.is_multiple_of(crate::ALIGNMENT) && out.stride == width && out.count == edges.count);
        terms.check(edges.count, width);
    }
}

#[inline(always)]
fn body<L: Lanes, A: Activation>(l: L, arguments: GatheredMessages<'_>) {
    let GatheredMessages { edges, terms, out } = arguments;
    let width = edges.stride;
    for (row, (edge, out)) in edges.data.chunks_exact(width).zip(out.data.chunks_exact_mut(width)).enumerate() {
        let neighbor = terms.table.row(terms.index[row] as usize);
        for column in (0..width).step_by(L::WIDTH) {
            // SAFETY: every row has `width` floats, a multiple of every vector's width (checked by the caller).
            unsafe {
                let node = l.add(l.load(terms.center.as_ptr().add(column)), l.load(neighbor.as_ptr().add(column)));
                let sum = l.add(l.load(edge.as_ptr().add(column)), node);
                l.store(out.as_mut_ptr().add(column), A::of(l, sum));
            }
        }
    }
}

/// # Panics
/// If the shapes do not fit, or the width is not a multiple of [`ALIGNMENT`](crate::ALIGNMENT).
impl Kernels {
    /// `out = gelu(edges + terms.center + terms.table[terms.index[row]])`, `[rows, width]` each.
    pub fn gather_gelu(&self, edges: Rows<'_>, terms: EdgeTerms<'_>, out: RowsMut<'_>) {
        #[inline(always)]
        fn exact<L: Lanes>(l: L, arguments: GatheredMessages<'_>) {
            body::<L, Exact>(l, arguments);
        }
        let arguments = GatheredMessages { edges, terms, out };
        arguments.check();
        dispatch!(self.isa(), exact, arguments, GatheredMessages<'_>);
    }

    /// As [`Kernels::gather_gelu`] on a product from [`Kernels::quantized_matmul`]: bit for bit the result of
    /// [`Kernels::quantized_edge_gelu`].
    pub fn quantized_gather_gelu(&self, edges: Rows<'_>, terms: EdgeTerms<'_>, out: RowsMut<'_>) {
        #[inline(always)]
        fn short<L: Lanes>(l: L, arguments: GatheredMessages<'_>) {
            body::<L, Short>(l, arguments);
        }
        let arguments = GatheredMessages { edges, terms, out };
        arguments.check();
        dispatch!(self.isa(), short, arguments, GatheredMessages<'_>);
    }
}
