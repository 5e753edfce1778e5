//! A claim, and the wording that all answers share.

use serde_json::Value;

use crate::numerals::{recorded, signed};
use crate::record::Row;
use crate::records::StudyRecords;
use crate::verdict::{BesideClaim, Pace, Ratio, RecoveryChange};

/// A claimed speedup, and the function that answers it.
pub(super) struct Claim {
    pub(super) technique: &'static str,
    /// The literature's claim, as the published study cites it.
    pub(super) literature: &'static str,
    /// The literature's range of speedups, if it gives one.
    pub(super) range: Option<[f64; 2]>,
    /// The published study's measurement on an M3 Pro.
    pub(super) published: &'static str,
    /// Reads the answer from the records; `None` if its rows are missing.
    pub(super) answer: fn(&Claim, &StudyRecords) -> Option<Answer>,
}

/// The measured numbers, and the verdict on them.
pub(super) struct Answer {
    pub(super) measured: String,
    pub(super) verdict: String,
}

impl Claim {
    /// `, less than claimed`; empty if nothing is claimed or there are too few runs.
    pub(super) fn beside(&self, ratio: Ratio) -> String {
        let beside = self.range.and_then(|range| ratio.beside(range)).map(BesideClaim::words);
        beside.map_or_else(String::new, |words| format!(", {words}"))
    }
}

/// The speedup of a row over the first of its group.
pub(super) fn gain(records: &StudyRecords, experiment: &str, variant: &str) -> Option<Ratio> {
    let record = records.record(experiment)?;
    record.gain(record.row(variant)?)
}

/// The verdict on a ratio, in words.
pub(super) fn pace(ratio: Ratio) -> &'static str {
    Pace::words(ratio.pace())
}

/// `recovery lost: −2.2 points (−3.3 to −1.1)`
pub(super) fn recovery(row: &Row) -> Option<String> {
    let quality = row.quality.as_ref()?;
    let [low, high] = quality.recovery_difference_95.map(|end| signed(100.0 * end));
    let difference = signed(100.0 * quality.recovery_difference);
    let words = RecoveryChange::of(quality.recovery_difference_95).words();
    Some(format!("{words}: {difference} points ({low} to {high})"))
}

/// A further number of a row.
pub(super) fn more(row: &Row, name: &str) -> Option<f64> {
    row.more.get(name).and_then(Value::as_f64)
}

/// A further number of a row, formatted for people, or a dash.
pub(super) fn more_text(row: &Row, name: &str) -> String {
    row.more.get(name).map_or_else(|| "–".to_owned(), recorded)
}
