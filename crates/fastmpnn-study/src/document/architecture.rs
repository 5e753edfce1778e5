//! Answers about the network: the layout of its operations, and the quality of smaller networks.

use super::claim::{Answer, Claim, gain, more, more_text, pace, recovery};
use crate::numerals::{count, number, times};
use crate::record::Row;
use crate::records::StudyRecords;
use crate::verdict::{Pace, Ratio, is_chance};

pub(super) fn fusing(claim: &Claim, records: &StudyRecords) -> Option<Answer> {
    let by_hand = gain(records, "compile", "fused by hand")?;
    let mut measured = format!("by hand {}", times(by_hand.value));
    let mut verdict = format!("by hand: {}{}", pace(by_hand), claim.beside(by_hand));
    let torch = records.row("compile", "torch, eager").zip(records.row("compile", "torch, inductor"));
    if let Some((eager, inductor)) = torch {
        let compiled = inductor.over(eager);
        measured += &format!(
            "; torch's inductor {} over eager, after a first call of {} s",
            times(compiled.value),
            more_text(inductor, "first_call_s")
        );
        let beside = match by_hand.over(compiled).pace() {
            Pace::MuchFaster | Pace::Faster => ", but less than by hand",
            Pace::Slower | Pace::MuchSlower => ", and more than by hand",
            Pace::Same => ", as much as by hand",
            Pace::Unknown => "",
        };
        verdict += &format!("; compiled: {}{}{beside}", pace(compiled), claim.beside(compiled));
    }
    Some(Answer { measured, verdict })
}

pub(super) fn flash_attention(claim: &Claim, records: &StudyRecords) -> Option<Answer> {
    let record = records.record("fused_attention")?;
    let fused: Vec<(&Row, Ratio)> =
        records.rows("fused_attention", "fused tiles").filter_map(|row| Some((row, record.gain(row)?))).collect();
    let &(last, ratio) = fused.last()?;
    let plain = records.rows("fused_attention", "materialized, as published").last()?;
    let gains = fused.iter().map(|(_, ratio)| times(ratio.value)).collect::<Vec<_>>().join(", ");
    Some(Answer {
        measured: format!(
            "{gains} for the encoder; {} MB of messages become {} kB of tiles",
            number(more(plain, "message_bytes")? / 1e6),
            number(more(last, "message_bytes")? / 1e3)
        ),
        verdict: format!("{}{} ({} residues)", pace(ratio), claim.beside(ratio), count(last.residues)),
    })
}

pub(super) fn minimal(_: &Claim, records: &StudyRecords) -> Option<Answer> {
    let record = records.record("pruning")?;
    let untrained = records.rows("pruning", "untrained \"Minimal\"").next()?;
    let kept = record.row("2 + 2 layers")?;
    let (fast, kept_gain) = (record.gain(untrained)?, record.gain(kept)?);
    let share = untrained.quality.as_ref()?.recovery;
    let recovery = recovery(kept)?;
    Some(Answer {
        measured: format!(
            "{}, recovery {} %. Two of three layers of the trained network: {}",
            times(fast.value),
            number(100.0 * share),
            times(kept_gain.value)
        ),
        verdict: format!(
            "untrained: {}, {}; trained, two of three layers: {}, {recovery}",
            pace(fast),
            chance(is_chance(share)),
            pace(kept_gain)
        ),
    })
}

pub(super) fn extreme(_: &Claim, records: &StudyRecords) -> Option<Answer> {
    let record = records.record("pruning")?;
    let [first, second] =
        ["untrained \"EXTREME\":", "untrained \"EXTREME-v2\":"].map(|name| records.rows("pruning", name).next());
    let (first, second) = (first?, second?);
    let shares = [first.quality.as_ref()?.recovery, second.quality.as_ref()?.recovery];
    let gains = [record.gain(first)?, record.gain(second)?];
    Some(Answer {
        measured: format!(
            "{}, {} without batches; recovery {}, {} %",
            times(gains[0].value),
            times(gains[1].value),
            number(100.0 * shares[0]),
            number(100.0 * shares[1])
        ),
        verdict: format!(
            "the first: {}, {}; the second: {}, {}",
            pace(gains[0]),
            chance(is_chance(shares[0])),
            pace(gains[1]),
            chance(is_chance(shares[1]))
        ),
    })
}

fn chance(is_chance: bool) -> &'static str {
    if is_chance { "recovery no better than chance" } else { "recovery better than chance" }
}

pub(super) fn fewer_neighbors(records: &StudyRecords, name: &str) -> Option<Answer> {
    let row = records.row("k_neighbors", name)?;
    let base = records.row("k_neighbors", "k = 48")?.quality.as_ref()?;
    let ratio = gain(records, "k_neighbors", name)?;
    Some(Answer {
        measured: format!(
            "{}; perplexity {} instead of {}",
            times(ratio.value),
            number(row.quality.as_ref()?.perplexity),
            number(base.perplexity)
        ),
        verdict: format!("{}; {}", pace(ratio), recovery(row)?),
    })
}
