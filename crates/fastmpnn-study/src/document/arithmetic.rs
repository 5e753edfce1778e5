//! Answers about numbers of fewer bits.

use super::claim::{Answer, Claim, gain, pace};
use crate::numerals::{number, short, times};
use crate::records::StudyRecords;
use crate::verdict::{KEPT_LETTERS, keeps_letters};

/// The speedup over f32 that q16 is meant to reach.
const Q16_AIM: f64 = 1.3;

pub(super) fn bf16(claim: &Claim, records: &StudyRecords) -> Option<Answer> {
    half(claim, records, "bf16", "all in bf16, distances too")
}

pub(super) fn f16(claim: &Claim, records: &StudyRecords) -> Option<Answer> {
    half(claim, records, "f16", "all in f16, distances too")
}

fn half(claim: &Claim, records: &StudyRecords, storage: &str, whole: &str) -> Option<Answer> {
    let row = records.row("precision", storage)?;
    let stored = row.quality.as_ref()?;
    // What the processor did: it rounds what it stores, or it multiplies such numbers.
    let how = row.note.as_deref().and_then(|note| note.split(':').next()).unwrap_or("rounded numbers in f32 memory");
    let quality = records.row("precision", whole)?.quality.as_ref()?;
    let lost = quality.neighbors_lost.map_or_else(|| "–".to_owned(), |share| number(100.0 * share));
    let ratio = gain(records, "precision", storage)?;
    Some(Answer {
        measured: format!(
            "{how} {}, {:.2} % of the likeliest letters; distances halved too {:.1} %, up to \
             {lost} % of a structure's neighbors lost",
            times(ratio.value),
            100.0 * stored.argmax_agreement,
            100.0 * quality.argmax_agreement
        ),
        verdict: format!(
            "storage: {}{}, {}; all in half precision, distances too: {}",
            pace(ratio),
            claim.beside(ratio),
            letters(stored.argmax_agreement),
            letters(quality.argmax_agreement)
        ),
    })
}

fn letters(agreement: f64) -> &'static str {
    if keeps_letters(agreement) { "letters kept" } else { "letters changed" }
}

pub(super) fn integers(claim: &Claim, records: &StudyRecords) -> Option<Answer> {
    let q16 = records.row("quantization", "q16")?.quality.as_ref()?;
    let int8 = records.row("quantization", "int8, whole network")?.quality.as_ref()?;
    let ratio = gain(records, "quantization", "q16")?;
    let aim = |met: bool| if met { "meets" } else { "misses" };
    Some(Answer {
        measured: format!(
            "q16 {} with {:.2} % of the likeliest letters; int8 {:.2} % (accuracy only)",
            times(ratio.value),
            100.0 * q16.argmax_agreement,
            100.0 * int8.argmax_agreement
        ),
        verdict: format!(
            "q16: {}{}; {} its aim of {} ×, {} that of {} % of the letters; int8: {}",
            pace(ratio),
            claim.beside(ratio),
            aim(ratio.value >= Q16_AIM),
            short(Q16_AIM),
            aim(keeps_letters(q16.argmax_agreement)),
            short(100.0 * KEPT_LETTERS),
            letters(int8.argmax_agreement)
        ),
    })
}
