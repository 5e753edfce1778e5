//! Answers about drawing sequences.

use super::claim::{Answer, Claim, gain, more, more_text, pace};
use crate::numerals::times;
use crate::record::Row;
use crate::records::StudyRecords;

pub(super) fn samples_and_structures(claim: &Claim, records: &StudyRecords) -> Option<Answer> {
    let of = |name: &str| gain(records, "batching", name);
    let samples = [of("2 samples")?, of("4 samples")?, of("8 samples")?];
    let structures = of("8 structures, one a thread").or_else(|| of("8 structures, all threads on each"));
    let [.., eight] = samples;
    Some(Answer {
        measured: format!(
            "samples of one structure {}; eight structures {}",
            samples.map(|ratio| times(ratio.value)).join(", "),
            structures.map_or_else(|| "–".to_owned(), |ratio| times(ratio.value))
        ),
        verdict: format!(
            "8 samples of one structure: {}{}{}",
            pace(eight),
            claim.beside(eight),
            structures.map_or_else(String::new, |ratio| format!("; 8 structures: {}", pace(ratio)))
        ),
    })
}

pub(super) fn kv_caching(_: &Claim, records: &StudyRecords) -> Option<Answer> {
    let row = |name: &str| records.row("kv_cache", name);
    let states = gain(records, "kv_cache", "node states cached")?;
    let edges = row("edge projections cached")?.over(row("node states cached")?);
    let messages = row("first-layer messages memoized")?.over(row("edge projections cached")?);
    Some(Answer {
        measured: format!(
            "node states {} over nothing; edge projections {} more, first-layer messages {} more",
            times(states.value),
            times(edges.value),
            times(messages.value)
        ),
        verdict: format!(
            "node states, which the published code caches too: {}; edge projections on top: {}; first-layer messages on top: {}",
            pace(states),
            pace(edges),
            pace(messages)
        ),
    })
}

pub(super) fn speculative(claim: &Claim, records: &StudyRecords) -> Option<Answer> {
    let row = |name: &str| records.row("speculative", name);
    let single = row("one at a time, T = 0.1")?;
    let levels = row("by levels, T = 0.1")?;
    let colored = row("by levels of a colored order, T = 0.1")?;
    let drafts = row("draft and verify, T = 0.1")?;
    let gain = |row: &Row| row.over(single);
    let drafting = gain(drafts);
    let fewer = more(drafts, "steps").zip(more(single, "steps")).is_some_and(|(own, all)| own < all);
    let why = if fewer && drafting.pace().is_slower() {
        "; its steps are fewer, but each computes every residue"
    } else if fewer {
        "; its steps are fewer"
    } else {
        "; its steps are no fewer"
    };
    let exact = [levels, colored, drafts].iter().all(|row| row.accuracy.same_letters == Some(1.0));
    Some(Answer {
        measured: format!(
            "levels {} ({} steps), colors {} ({}), draft and verify {} ({}){}",
            times(gain(levels).value),
            more_text(levels, "steps"),
            times(gain(colored).value),
            more_text(colored, "steps"),
            times(drafting.value),
            more_text(drafts, "steps"),
            if exact { ", all exact" } else { ", not all exact" }
        ),
        verdict: format!(
            "drafting: {}{}{why}; levels: {}; colors: {}",
            pace(drafting),
            claim.beside(drafting),
            pace(gain(levels)),
            pace(gain(colored))
        ),
    })
}
