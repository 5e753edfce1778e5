//! Published checkpoints in tests. Other test programs, and the library's own tests, include this file by its path.

use fastmpnn::error::WeightsError;
use fastmpnn::weights::Checkpoint;

/// When it is 1, a test that lacks a checkpoint fails instead of being skipped.
pub(crate) const REQUIRED: &str = "FASTMPNN_REQUIRE_WEIGHTS";

/// The published checkpoint of that name (`fastmpnn weights list` has them all), or `None`, and a sentence on standard
/// error, where it is not on this machine: the test then has nothing to do.
pub(crate) fn published(name: &str) -> Option<Checkpoint> {
    match Checkpoint::find(name) {
        Ok(checkpoint) => Some(checkpoint),
        Err(absent @ WeightsError::Absent { .. }) => {
            let required = std::env::var_os(REQUIRED).is_some_and(|value| value == "1");
            assert!(!required, "{REQUIRED} is 1, and {absent}");
            eprintln!("skipped: {absent}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}
