//! What a helper script is.

use anyhow::Result;

use crate::console::Console;
use crate::python::argparse::{Parser, Values};

/// A helper script: its options, and what it does with them.
pub(crate) struct HelperScript {
    pub(crate) parser: Parser,
    pub(crate) run: fn(&Values, &mut dyn Console) -> Result<()>,
}
