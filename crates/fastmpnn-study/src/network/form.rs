//! How the operations are laid out.

/// How the operations are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As the published code lays them out.
    Published,
    /// With W1 split by its input and W3 after the sum.
    Split,
}
