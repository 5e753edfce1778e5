//! Answers about the work around the network: lengths, graphs, threads, files and validators.

use super::claim::{Answer, Claim, gain, more, pace};
use crate::numerals::{count, number, short, times};
use crate::record::Row;
use crate::records::StudyRecords;
use crate::verdict::{LEAST_MARGIN, Ratio, growth};

pub(super) fn baseline(_: &Claim, records: &StudyRecords) -> Option<Answer> {
    let row = records.row("baseline", "forward, the published protocol")?;
    let plural = if row.threads == 1 { "" } else { "s" };
    Some(Answer {
        measured: format!(
            "median {} ms (standard deviation {}), {} residues/s",
            number(row.median_ms),
            number(row.std_ms),
            number(row.residues_per_s)
        ),
        verdict: format!("{} thread{plural} of a CPU against a GPU: not compared", row.threads),
    })
}

pub(super) fn length(_: &Claim, records: &StudyRecords) -> Option<Answer> {
    let encode = records.finding("length_scaling", "encode_exponent")?;
    let decode = records.finding("length_scaling", "decode_exponent")?;
    let last = records.rows("length_scaling", "encode, ").last()?;
    let verdict = if growth(encode) == growth(decode) {
        growth(encode).to_owned()
    } else {
        format!("encoder {}, decoder {}", growth(encode), growth(decode))
    };
    Some(Answer {
        measured: format!("encoder N^{encode:.2}, decoder N^{decode:.2}, up to {} residues", count(last.residues)),
        verdict,
    })
}

pub(super) fn nearest_neighbors(claim: &Claim, records: &StudyRecords) -> Option<Answer> {
    let record = records.record("graph_construction")?;
    // Longer structures are not sorted: there the vectorized search is the first of its group.
    let gains: Vec<Ratio> = records
        .rows("graph_construction", "brute force, vectorized")
        .filter(|row| record.first_of_group(row).is_some_and(|first| first.variant != row.variant))
        .filter_map(|row| record.gain(row))
        .collect();
    let least = gains.iter().copied().min_by(|a, b| a.value.total_cmp(&b.value))?;
    let most = gains.iter().copied().max_by(|a, b| a.value.total_cmp(&b.value))?;
    let forward = records.row("baseline", "forward")?;
    let distance = |row: &Row| row.residues.abs_diff(forward.residues);
    let search = records.rows("graph_construction", "tree of boxes, ").min_by_key(|row| distance(row))?;
    let share = search.median_ms / forward.median_ms;
    let crossover = records.finding("graph_construction", "crossover_residues");
    let meets = crossover
        .map_or_else(String::new, |residues| format!("; a tree wins from about {} residues", number(residues)));
    Some(Answer {
        measured: format!("{:.0}–{:.0} × over sorting{meets}", least.value, most.value),
        verdict: format!(
            "search: at least {}{}; {} % of a forward pass, {}",
            pace(least),
            claim.beside(least),
            number(100.0 * share),
            if share < LEAST_MARGIN { "too little to matter" } else { "enough to matter" }
        ),
    })
}

pub(super) fn mixed_lengths(claim: &Claim, records: &StudyRecords) -> Option<Answer> {
    let ragged = records.rows("mixed_lengths", "ragged").next()?;
    let buckets = records.row("mixed_lengths", "padded to buckets")?;
    let bucketing = gain(records, "mixed_lengths", "padded to buckets")?;
    let further = ragged.over(buckets);
    Some(Answer {
        measured: format!(
            "buckets {}, no padding at all {}",
            times(bucketing.value),
            times(gain(records, "mixed_lengths", &ragged.variant)?.value)
        ),
        verdict: format!(
            "buckets over padding to the longest: {}{}; no padding over buckets: {}",
            pace(bucketing),
            claim.beside(bucketing),
            pace(further)
        ),
    })
}

pub(super) fn processes(_: &Claim, records: &StudyRecords) -> Option<Answer> {
    let row = |name: &str| records.row("pipeline_parallel", name);
    let of = |name: &str| gain(records, "pipeline_parallel", name);
    let (shared, apart) = (of("threads share a structure")?, of("a structure a thread")?);
    let mut measured =
        format!("threads sharing a structure {}, one structure per thread {}", times(shared.value), times(apart.value));
    let sharing = row("threads share a structure")?.over(row("a structure a thread")?);
    let mut verdict = format!("sharing a structure over one structure per thread: {}", pace(sharing));
    let whole = (of("one process, all threads"), of("a process a processor, one thread each"));
    if let (Some(one), Some(several)) = whole {
        measured += &format!(
            "; whole processes: one with all threads {}, one per processor {}",
            times(one.value),
            times(several.value)
        );
        verdict += &format!("; one process with all threads over one per processor: {}", pace(one.over(several)));
    }
    Some(Answer { measured, verdict })
}

pub(super) fn feature_cache(_: &Claim, records: &StudyRecords) -> Option<Answer> {
    let one = gain(records, "feature_cache", "1 design from a saved encoding")?;
    let eight = gain(records, "feature_cache", "8 designs from a saved encoding")?;
    let bytes = more(records.row("feature_cache", "1 design from a saved encoding")?, "file_bytes")?;
    Some(Answer {
        measured: format!(
            "{} for one design, {} for eight; {} MB per structure",
            times(one.value),
            times(eight.value),
            number(bytes / 1e6)
        ),
        verdict: format!("1 design: {}; 8 designs: {}", pace(one), pace(eight)),
    })
}

pub(super) fn filtering(_: &Claim, records: &StudyRecords) -> Option<Answer> {
    let rows: Vec<&Row> = records.rows("filtering", "").collect();
    let (first, last) = (rows.first()?, rows.last()?);
    let share = more(last, "share_of_validation")?;
    let scores = [more(first, "kept_mean_score")?, more(last, "kept_mean_score")?];
    Some(Answer {
        measured: format!(
            "the best 8 of {} score {} nats, all of 8 {}; {} kept per second instead of {}",
            last.sequences,
            number(scores[1]),
            number(scores[0]),
            number(more(last, "kept_per_s")?),
            number(more(first, "kept_per_s")?)
        ),
        verdict: format!(
            "{} kept, {}: {} % of a validator's {} s per design",
            if scores[1] < scores[0] { "better designs" } else { "no better designs" },
            if share < LEAST_MARGIN { "nearly free" } else { "not free" },
            number(100.0 * share),
            short(more(last, "validator_s")?)
        ),
    })
}
