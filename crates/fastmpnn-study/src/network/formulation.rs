//! The layout of the network's operations, and their arithmetic.

use super::numbers::Numerics;

/// The layout of the operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The published layout.
    Published,
    /// With W1 split by its input and W3 after the sum.
    Split,
}

/// The layout of a network's operations, and their arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Formulation {
    /// The layout.
    pub(crate) form: Form,
    /// The arithmetic.
    pub(crate) numerics: Numerics,
}

impl Formulation {
    /// A layout in f32.
    pub(crate) fn exact(form: Form) -> Formulation {
        Formulation { form, numerics: Numerics::default() }
    }
}
