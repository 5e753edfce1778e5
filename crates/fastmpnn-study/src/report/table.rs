//! Tables of rows.

use serde_json::Value;

use super::svg::escape;
use crate::numerals::{number, percent, shown, signed};
use crate::record::{ExperimentRecord, Row};

/// Headings of what only some experiments have.
const MORE: [(&str, &str); 13] = [
    ("steps", "sequential steps"),
    ("message_bytes", "bytes of messages at once"),
    ("padding_share", "share that is padding"),
    ("neighbours_lost", "neighbors lost"),
    ("file_bytes", "bytes of the file"),
    ("kept", "kept"),
    ("kept_per_s", "kept a second"),
    ("kept_mean_score", "mean score of the kept, nats"),
    ("share_of_validation", "share of the validator's time"),
    ("first_call_s", "first call, s"),
    ("deviation_from_eager", "deviation from eager"),
    ("validator_s", "validator, s a design"),
    ("padding", "padding"),
];

/// The main table of an experiment, with notes under it.
pub(super) fn table(record: &ExperimentRecord) -> String {
    let more: Vec<(&str, &str)> =
        MORE.into_iter().filter(|(key, _)| record.rows.iter().any(|row| row.more.contains_key(*key))).collect();
    let same = record.rows.iter().any(|row| row.accuracy.same_letters.is_some());
    let mut heads = vec![
        "variant",
        "median ms",
        "speed-up",
        "max |Δ\u{a0}ln\u{a0}p|",
        "mean KL",
        "argmax %",
        "recovery %",
        "perplexity",
        "memory MB",
        "residues/s",
        "mean ± std ms",
        "runs",
        "residues",
        "sequences",
        "threads",
    ];
    if same {
        heads.push("same letters %");
    }
    heads.extend(more.iter().map(|(_, head)| *head));
    let columns = heads.len();
    let head: String = heads.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
    let mut notes: Vec<&str> = Vec::new();
    let mut body = String::new();
    let mut group: Option<&str> = None;
    for row in &record.rows {
        if row.group.as_deref() != group {
            group = row.group.as_deref();
            if let Some(name) = group {
                body += &format!("<tr class=\"group\"><td colspan=\"{columns}\">{}</td></tr>", escape(name));
            }
        }
        body += &line(row, same, &more, &mut notes);
    }
    let notes: String = notes.iter().map(|note| format!("<li>{}</li>", escape(note))).collect();
    let notes = if notes.is_empty() { notes } else { format!("<ol class=\"notes\">{notes}</ol>") };
    format!("<div class=\"scroll\"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{notes}")
}

fn line<'a>(row: &'a Row, same: bool, more: &[(&str, &str)], notes: &mut Vec<&'a str>) -> String {
    let mark = row.note.as_deref().map(|note| {
        let place = notes.iter().position(|known| *known == note).unwrap_or_else(|| {
            notes.push(note);
            notes.len() - 1
        });
        format!("<sup>{}</sup>", place + 1)
    });
    let accuracy = &row.accuracy;
    let mut cells = vec![
        number(row.median_ms),
        format!("{:.2} ×", row.speedup),
        shown(accuracy.max_abs_delta_logp),
        shown(accuracy.mean_kl),
        percent(accuracy.argmax_agreement),
        percent(accuracy.recovery),
        shown(accuracy.perplexity),
        shown(row.peak_rss_mb),
        number(row.residues_per_s),
        format!("{} ± {}", number(row.mean_ms), number(row.std_ms)),
        row.runs.to_string(),
        row.residues.to_string(),
        row.sequences.to_string(),
        row.threads.to_string(),
    ];
    if same {
        cells.push(percent(accuracy.same_letters));
    }
    cells.extend(more.iter().map(|(key, _)| shown(row.more.get(*key).and_then(Value::as_f64))));
    let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
    let class = if row.trained { "" } else { " class=\"untrained\"" };
    let untrained = if row.trained { "" } else { " (not trained)" };
    let (name, mark) = (escape(&row.variant), mark.unwrap_or_default());
    format!("<tr{class}><td>{name}{untrained}{mark}</td>{cells}</tr>")
}

/// The table of quality over the panel; nothing where it was not measured.
pub(super) fn quality_table(record: &ExperimentRecord) -> String {
    let measured: Vec<_> = record.rows.iter().filter_map(|row| Some((row, row.quality.as_ref()?))).collect();
    let Some((_, first)) = measured.first() else { return String::new() };
    let lost = measured.iter().any(|(_, quality)| quality.neighbors_lost.is_some());
    let mut heads = vec![
        "variant",
        "recovery %",
        "difference, points",
        "95 % of it",
        "perplexity",
        "argmax %",
        "max |Δ\u{a0}ln\u{a0}p|",
        "mean KL",
    ];
    if lost {
        heads.push("neighbors lost %");
    }
    let head: String = heads.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
    let rows: String = measured
        .iter()
        .map(|(row, quality)| {
            let [low, high] = quality.recovery_difference_95;
            let mut cells = vec![
                format!("{:.1}", 100.0 * quality.recovery),
                signed(100.0 * quality.recovery_difference),
                format!("{} to {}", signed(100.0 * low), signed(100.0 * high)),
                number(quality.perplexity),
                format!("{:.2}", 100.0 * quality.argmax_agreement),
                number(quality.max_abs_delta_logp),
                number(quality.mean_kl),
            ];
            if lost {
                cells.push(percent(quality.neighbors_lost));
            }
            let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
            let class = if row.trained { "" } else { " class=\"untrained\"" };
            let untrained = if row.trained { "" } else { " (not trained)" };
            format!("<tr{class}><td>{}{untrained}</td>{cells}</tr>", escape(&row.variant))
        })
        .collect();
    let plural = if first.structures == 1 { "" } else { "s" };
    let caption = format!(
        "Quality on {} structure{plural}, {} residues, {} designs of each; a structure counts as one, 95 % by bootstrap over structures",
        first.structures,
        number(first.residues as f64),
        first.sequences,
    );
    format!(
        "<div class=\"scroll\"><table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
}
