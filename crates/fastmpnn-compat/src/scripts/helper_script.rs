//! The description of a helper script.

use anyhow::Result;

use crate::console::Console;
use crate::python::argparse::{Parser, Values};

/// A helper script: its options, and the function that runs it.
pub(crate) struct HelperScript {
    pub(crate) parser: Parser,
    pub(crate) run: fn(&Values, &mut dyn Console) -> Result<()>,
}
