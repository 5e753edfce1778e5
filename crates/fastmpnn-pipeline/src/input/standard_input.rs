//! Standard input, which `-` stands for.

use std::path::Path;

/// Its name in messages.
pub(crate) const STANDARD_INPUT: &str = "standard input";

/// Whether a path means standard input.
pub fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}
