//! What every script is run with: how much is drawn, from which seed, and where results go.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use anyhow::{Result, bail};

use crate::console::Console;
use crate::python::argparse::Values;

/// The settings that all scripts have.
#[derive(Clone, Debug)]
pub(crate) struct RunOptions {
    pub(crate) verbose: bool,
    pub(crate) seed: u64,
    /// Copies of a structure that draw their random numbers together.
    pub(crate) copies: usize,
    pub(crate) batches: usize,
    /// Ends in `/`.
    pub(crate) folder: String,
}

impl RunOptions {
    /// Prints a line on standard output, unless that is suppressed.
    pub(crate) fn say(&self, console: &mut dyn Console, line: impl std::fmt::Display) {
        if self.verbose {
            console.line(line);
        }
    }
}

/// The folder for all results, ending in `/`.
pub(crate) fn folder(values: &Values, program: &str) -> Result<String> {
    match values.given("--out_folder") {
        Some(folder) if folder.ends_with('/') => Ok(folder.to_owned()),
        Some(folder) => Ok(format!("{folder}/")),
        None => bail!("{program} needs --out_folder"),
    }
}

/// The seed; where it is 0, a random one in `random`, as the script draws it.
pub(crate) fn seed(values: &Values, random: Range<u64>) -> u64 {
    match values.int("--seed") {
        0 => random.start + RandomState::new().hash_one(std::process::id()) % (random.end - random.start),
        seed => seed as u64,
    }
}
