//! Tables of rows. A column with the same value in every row moves to the caption; on narrow pages a row becomes a
//! card, on which every number is named.

use super::svg::escape;
use crate::numerals::{count, number, percent, recorded, shown, signed, times};
use crate::record::{ExperimentRecord, Row};

/// Headings of the numbers that only some experiments have.
const MORE: [(&str, &str); 12] = [
    ("steps", "sequential steps"),
    ("message_bytes", "bytes of messages at once"),
    ("padding_share", "share that is padding"),
    ("neighbours_lost", "neighbors lost"),
    ("file_bytes", "bytes of the file"),
    ("kept", "kept"),
    ("kept_per_s", "kept per second"),
    ("kept_mean_score", "mean score of the kept, nats"),
    ("share_of_validation", "share of the validator's time"),
    ("validator_s", "validator, s per design"),
    ("first_call_s", "first call, s"),
    ("deviation_from_eager", "deviation from eager"),
];

/// An empty cell.
const NOTHING: &str = "–";

/// A column: its heading and a cell for each line.
struct Column {
    head: &'static str,
    cells: Vec<String>,
}

impl Column {
    fn new(head: &'static str, cells: impl Iterator<Item = String>) -> Column {
        Column { head, cells: cells.collect() }
    }

    /// The text of all cells, if it is the same.
    fn constant(&self) -> Option<&str> {
        let first = self.cells.first()?;
        self.cells.iter().all(|cell| cell == first).then_some(first)
    }
}

/// The head of a line.
struct Head<'a> {
    name: String,
    group: Option<&'a str>,
    trained: bool,
}

/// A table: the heads of its lines, and its columns.
pub(super) struct Table<'a> {
    caption: String,
    heads: Vec<Head<'a>>,
    columns: Vec<Column>,
}

impl<'a> Table<'a> {
    fn new(caption: impl Into<String>, heads: Vec<Head<'a>>) -> Table<'a> {
        Table { caption: caption.into(), heads, columns: Vec::new() }
    }

    /// Adds a column of numbers.
    fn column(mut self, head: &'static str, cells: impl Iterator<Item = String>) -> Table<'a> {
        self.columns.push(Column::new(head, cells));
        self
    }

    /// Adds a column that is left out if it is empty, and moves to the caption if all its cells are the same.
    fn setting(mut self, head: &'static str, cells: impl Iterator<Item = String>) -> Table<'a> {
        let column = Column::new(head, cells);
        match column.constant() {
            Some(NOTHING) => {}
            Some(text) => {
                self.caption += &format!("; {head} {text}");
            }
            None => self.columns.push(column),
        }
        self
    }

    /// The markup.
    fn markup(&self) -> String {
        let heads: String =
            self.columns.iter().map(|column| format!("<th scope=\"col\">{}</th>", escape(column.head))).collect();
        let mut body = String::new();
        let mut group = None;
        for (line, head) in self.heads.iter().enumerate() {
            if head.group != group {
                group = head.group;
                if let Some(name) = group {
                    let width = self.columns.len() + 1;
                    body += &format!(
                        "<tr class=\"group\"><th colspan=\"{width}\" scope=\"colgroup\">{}</th></tr>",
                        escape(name)
                    );
                }
            }
            let cells: String = self
                .columns
                .iter()
                .filter_map(|column| Some((column.head, column.cells.get(line)?)))
                .map(|(head, cell)| format!("<td data-head=\"{}\">{}</td>", escape(head), escape(cell)))
                .collect();
            let (class, untrained) = if head.trained { ("", "") } else { (" class=\"untrained\"", " (not trained)") };
            body += &format!("<tr{class}><th scope=\"row\">{}{untrained}</th>{cells}</tr>", head.name);
        }
        format!(
            "<table><caption>{}</caption><thead><tr><th scope=\"col\"></th>{heads}</tr></thead><tbody>{body}</tbody></table>",
            escape(&self.caption)
        )
    }
}

/// Remarks under a table, each listed once.
#[derive(Default)]
struct Notes<'a> {
    texts: Vec<&'a str>,
}

impl<'a> Notes<'a> {
    /// The number of a remark, as a superscript.
    fn mark(&mut self, note: &'a str) -> String {
        let place = self.texts.iter().position(|known| *known == note).unwrap_or_else(|| {
            self.texts.push(note);
            self.texts.len() - 1
        });
        format!("<sup>{}</sup>", place + 1)
    }

    fn markup(&self) -> String {
        let items: String = self.texts.iter().map(|note| format!("<li>{}</li>", escape(note))).collect();
        if items.is_empty() { items } else { format!("<ol class=\"notes\">{items}</ol>") }
    }
}

/// The tables of an experiment, with notes under them.
pub(super) fn tables(record: &ExperimentRecord) -> String {
    let rows = || record.rows.iter();
    let mut notes = Notes::default();
    let heads: Vec<Head<'_>> = rows()
        .map(|row| {
            let mark = row.note.as_deref().map_or_else(String::new, |note| notes.mark(note));
            Head { name: escape(&row.variant) + &mark, ..head(row) }
        })
        .collect();
    let mut time = Table::new("Time", heads)
        .column("median ms", rows().map(|row| number(row.median_ms)))
        .column("std ms", rows().map(|row| number(row.std_ms)))
        .column("times as fast", rows().map(|row| times(row.speedup)))
        .column("verdict", rows().map(|row| judged(record, row)))
        .column("residues/s", rows().map(|row| number(row.residues_per_s)))
        .setting("memory MB", rows().map(|row| shown(row.peak_rss_mb)))
        .setting("runs", rows().map(|row| count(row.runs)))
        .setting("residues", rows().map(|row| count(row.residues)))
        .setting("sequences", rows().map(|row| count(row.sequences as usize)))
        .setting("threads", rows().map(|row| count(row.threads)));
    for (key, head) in MORE {
        let cell = |row: &Row| row.more.get(key).map_or_else(|| NOTHING.to_owned(), recorded);
        time = time.setting(head, rows().map(cell));
    }
    format!("{}{}{}", accuracy_table(record), time.markup(), notes.markup())
}

/// The verdict on a row's ratio; empty for the row that others are compared with, and for emulated arithmetic.
fn judged(record: &ExperimentRecord, row: &Row) -> String {
    let first = record.first_of_group(row).is_none_or(|first| first.variant == row.variant);
    let words = record.gain(row).filter(|_| !first && !row.emulated).map(|ratio| ratio.pace().words());
    words.unwrap_or(NOTHING).to_owned()
}

fn head(row: &Row) -> Head<'_> {
    Head { name: escape(&row.variant), group: row.group.as_deref(), trained: row.trained }
}

/// The accuracy on the rows' own structures; empty if none was measured.
fn accuracy_table(record: &ExperimentRecord) -> String {
    let measured: Vec<&Row> = record.rows.iter().filter(|row| row.accuracy != Default::default()).collect();
    if measured.is_empty() {
        return String::new();
    }
    let rows = || measured.iter().copied();
    Table::new("Accuracy on the structures that are timed", rows().map(head).collect())
        .column("argmax %", rows().map(|row| percent(row.accuracy.argmax_agreement)))
        .column("max |\u{2060}Δ\u{a0}ln\u{a0}p|", rows().map(|row| shown(row.accuracy.max_abs_delta_logp)))
        .column("mean KL", rows().map(|row| shown(row.accuracy.mean_kl)))
        .column("recovery %", rows().map(|row| percent(row.accuracy.recovery)))
        .column("perplexity", rows().map(|row| shown(row.accuracy.perplexity)))
        .setting("same letters %", rows().map(|row| percent(row.accuracy.same_letters)))
        .markup()
}

/// The table of quality over the panel; empty if it was not measured.
pub(super) fn quality_table(record: &ExperimentRecord) -> String {
    let measured: Vec<_> = record.rows.iter().filter_map(|row| Some((row, row.quality.as_ref()?))).collect();
    let Some((_, first)) = measured.first() else { return String::new() };
    let plural = if first.structures == 1 { "" } else { "s" };
    let caption = format!(
        "Quality on {} structure{plural}, {} residues, {} designs each; averaged by structure, with 95 % intervals from a bootstrap over structures",
        count(first.structures),
        count(first.residues),
        first.sequences,
    );
    let heads = measured.iter().map(|(row, _)| Head { group: None, ..head(row) }).collect();
    let qualities = || measured.iter().map(|(_, quality)| quality);
    Table::new(caption, heads)
        .column("recovery %", qualities().map(|quality| format!("{:.1}", 100.0 * quality.recovery)))
        .column("difference, points", qualities().map(|quality| signed(100.0 * quality.recovery_difference)))
        .column(
            "95 % interval",
            qualities().map(|quality| {
                let [low, high] = quality.recovery_difference_95.map(|end| signed(100.0 * end));
                format!("{low} to {high}")
            }),
        )
        .column("perplexity", qualities().map(|quality| number(quality.perplexity)))
        .column("argmax %", qualities().map(|quality| format!("{:.2}", 100.0 * quality.argmax_agreement)))
        .column("max |\u{2060}Δ\u{a0}ln\u{a0}p|", qualities().map(|quality| number(quality.max_abs_delta_logp)))
        .column("mean KL", qualities().map(|quality| number(quality.mean_kl)))
        .setting("neighbors lost %", qualities().map(|quality| percent(quality.neighbors_lost)))
        .markup()
}

/// Stages beside the machine's limits.
pub(super) fn stage_table(roofline: &crate::roofline::Roofline) -> String {
    let stages = || roofline.stages.iter();
    let share = |value: f64| format!("{:.0} %", 100.0 * value);
    let heads = stages().map(|stage| Head { name: escape(&stage.stage), group: None, trained: true }).collect();
    Table::new(format!("Stages on {}, {} residues", roofline.structure, count(roofline.residues)), heads)
        .column("median ms", stages().map(|stage| number(stage.median_ms)))
        .column("GFLOP", stages().map(|stage| number(stage.gflop)))
        .column("MB", stages().map(|stage| number(stage.megabytes)))
        .column("FLOP per byte", stages().map(|stage| number(stage.flop_per_byte)))
        .column("GFLOP/s", stages().map(|stage| number(stage.gflops)))
        .column("of the peak", stages().map(|stage| share(stage.share_of_peak)))
        .column("GB/s", stages().map(|stage| number(stage.gb_s)))
        .column("of the bandwidth", stages().map(|stage| share(stage.share_of_bandwidth)))
        .column("bound by", stages().map(|stage| stage.limit().words().to_owned()))
        .markup()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table<'static> {
        let head = |name: &str, group| Head { name: name.to_owned(), group, trained: true };
        Table::new("Time", vec![head("one", Some("first")), head("two", Some("second"))])
    }

    fn cells(texts: [&str; 2]) -> impl Iterator<Item = String> {
        texts.map(str::to_owned).into_iter()
    }

    #[test]
    fn what_all_rows_share_stands_in_the_caption() {
        let text = table()
            .column("ms", cells(["1.00", "1.00"]))
            .setting("runs", cells(["5", "5"]))
            .setting("threads", cells(["1", "2"]))
            .setting("memory MB", cells(["–", "–"]))
            .markup();
        assert!(text.contains("<caption>Time; runs 5</caption>") && !text.contains("memory"), "{text}");
        assert!(text.contains("<td data-head=\"ms\">1.00</td><td data-head=\"threads\">2</td>"), "{text}");
    }

    #[test]
    fn groups_are_named_once() {
        let text = table().column("ms", cells(["1.00", "2.00"])).markup();
        assert_eq!(text.matches("class=\"group\"").count(), 2);
        assert!(text.contains("<th colspan=\"2\" scope=\"colgroup\">second</th>"), "{text}");
    }
}
