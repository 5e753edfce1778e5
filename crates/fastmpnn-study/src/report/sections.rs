//! The sections: plots of an experiment's results, then its tables.

use super::plots::{Axes, Bar, BarKind, Mark, Scale, Series, UnderRoof, bars, lines, roof, scatter};
use super::svg::escape;
use super::table::{quality_table, stage_table, tables};
use crate::experiment::Experiment;
use crate::numerals::{number, recorded, signed, times};
use crate::record::{ExperimentRecord, Row};
use crate::records::StudyRecords;

/// Tiles with the most important numbers.
pub(super) fn glance(records: &StudyRecords) -> String {
    let mut tiles = String::new();
    let mut tile = |number: Option<String>, text: &str| {
        if let Some(number) = number {
            tiles += &format!("<div class=\"tile\"><b>{number}</b><span>{text}</span></div>");
        }
    };
    let forward = records.row("baseline", "forward");
    tile(forward.map(|row| format!("{} ms", number(row.median_ms))), "forward pass of the timed structure, f32");
    tile(
        records.row("compile", "fused by hand").map(|row| times(row.speedup)),
        "fused by hand, over the same products operation by operation",
    );
    tile(records.row("quantization", "q16").map(|row| times(row.speedup)), "q16 over f32, forward");
    tile(
        records
            .row("quantization", "q16")
            .and_then(|row| row.quality.as_ref())
            .map(|quality| format!("{:.2} %", 100.0 * quality.argmax_agreement)),
        "of q16's likeliest letters are those of f32, over the panel",
    );
    let many = records.rows("batching", "").filter(|row| row.group.as_deref() == Some("samples of one structure"));
    tile(many.last().map(|row| times(row.speedup)), "a sequence in the largest batch, over one drawn alone");
    let fewer = records.row("k_neighbors", "k = 32");
    tile(fewer.map(|row| times(row.speedup)), "k = 32 over k = 48");
    tile(
        fewer
            .and_then(|row| row.quality.as_ref())
            .map(|quality| format!("{} points", signed(100.0 * quality.recovery_difference))),
        "of recovery with k = 32 instead of 48",
    );
    tile(
        records.finding("length_scaling", "encode_exponent").map(|exponent| format!("N<sup>{exponent:.2}</sup>")),
        "growth of the encoder's time with N residues",
    );
    if tiles.is_empty() { tiles } else { format!("<div class=\"glance\">{tiles}</div>") }
}

fn framed(id: &str, title: &str, question: &str, content: &str) -> String {
    let (title, question) = (escape(title), escape(question));
    format!("<section id=\"{id}\"><h2>{title}</h2><p class=\"question\">{question}</p>{content}</section>")
}

/// Every trained forward pass: its speed relative to f32, and the share of likeliest letters that are those of f32.
pub(super) fn speed_and_accuracy(records: &StudyRecords) -> String {
    const EXPERIMENTS: [&str; 4] = ["precision", "quantization", "k_neighbors", "pruning"];
    let mut marks = Vec::new();
    for (series, experiment) in EXPERIMENTS.into_iter().enumerate() {
        let Some(record) = records.record(experiment) else { continue };
        let Some(base) = record.rows.first() else { continue };
        for row in record.rows.iter().filter(|row| row.trained && row.sequences == 1 && !row.emulated) {
            // Only variants that the library offers: operation by operation, everything is slow.
            let library = row.group.as_deref().is_none_or(|group| group == "storage" || group == "forward");
            let quality = row.quality.as_ref().map(|quality| quality.argmax_agreement);
            if let Some(agreement) = quality.or(row.accuracy.argmax_agreement).filter(|_| library) {
                let known = marks
                    .iter()
                    .any(|mark: &Mark| mark.at[1] == 100.0 && agreement == 1.0 && row.variant == base.variant);
                if !known {
                    marks.push(Mark {
                        name: row.variant.clone(),
                        at: [base.median_ms / row.median_ms, 100.0 * agreement],
                        series,
                    });
                }
            }
        }
    }
    if marks.len() < 2 {
        return String::new();
    }
    let axes = Axes {
        x: Scale::log("times as fast as f32, forward (log)"),
        y: Scale::linear("likeliest letter as in f32, %"),
        zero: false,
    };
    let names = ["half precision", "quantization", "neighbors", "pruning"];
    let plot = scatter("plot-speed-accuracy", "Speed against accuracy, trained weights", axes, &marks, &names);
    let text = "<p class=\"finding\">The broken line is the Pareto front: no other variant is both faster and nearer to f32. \
                Untrained networks are left out; their speed is in the section on pruning.</p>";
    framed(
        "speed-accuracy",
        "Speed against accuracy",
        "What does a faster forward pass cost? Up and to the right is better.",
        &(plot + text),
    )
}

pub(super) fn roofline(records: &StudyRecords) -> String {
    let Some(measured) = &records.roofline else { return String::new() };
    let stages: Vec<UnderRoof> = measured
        .stages
        .iter()
        .map(|stage| UnderRoof {
            name: stage.stage.split(" (").next().unwrap_or_default().to_owned(),
            intensity: stage.flop_per_byte,
            rate: stage.gflops,
        })
        .collect();
    let plot = roof("plot-roofline", measured.limits(), &stages);
    let text = format!(
        "<p class=\"finding\">The ridge is at {} operations per byte: left of it memory is the \
         nearer limit, right of it compute. A stage is bound by a limit if it reaches at least half of it. Bytes are the least \
         that must pass between memory and the caches.</p>",
        number(measured.ridge_flop_per_byte)
    );
    let table = stage_table(measured);
    framed("roofline", "Roofline", "Is the network bound by memory or by compute?", &(plot + &table + &text))
}

/// The section of an experiment.
pub(super) fn section(experiment: &Experiment, record: &ExperimentRecord) -> String {
    let plots = match experiment.name {
        "length_scaling" => length_plots(record),
        "graph_construction" => vec![graph_plot(record)],
        "batching" => vec![batching_plot(record)],
        "k_neighbors" => vec![grouped_bars(record).concat(), neighbor_plot(record)],
        "speculative" => speculative_plots(record),
        _ => grouped_bars(record),
    };
    let figures: String = plots.concat();
    let content = figures + &findings(record) + &quality_table(record) + &tables(record);
    framed(experiment.name, experiment.title, experiment.question, &content)
}

fn findings(record: &ExperimentRecord) -> String {
    let told: Vec<String> = record
        .findings
        .iter()
        .filter_map(|(name, value)| Some(format!("{}: {}", name.replace('_', " "), number(value.as_f64()?))))
        .collect();
    if told.is_empty() {
        String::new()
    } else {
        format!("<p class=\"finding\">Fitted: {}.</p>", escape(&told.join("; ")))
    }
}

fn bar(row: &Row, first: bool, value: f64, spread: f64) -> Bar {
    let kind = if !row.trained || row.emulated {
        BarKind::Pale
    } else if first {
        BarKind::Base
    } else {
        BarKind::Plain
    };
    let remark = if first { String::new() } else { times(row.speedup) };
    Bar { spread, remark, kind, ..Bar::new(row.variant.clone(), value) }
}

/// Rows that are compared with one another.
struct Group<'a> {
    name: &'a str,
    rows: Vec<&'a Row>,
}

/// The groups of an experiment, in order.
fn groups(record: &ExperimentRecord) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for row in &record.rows {
        let name = row.group.as_deref().unwrap_or_default();
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { name, rows: vec![row] }),
        }
    }
    groups
}

/// Bars of the time per sequence for each group.
fn grouped_bars(record: &ExperimentRecord) -> Vec<String> {
    let plot = |index: usize, Group { name, rows }: &Group<'_>| {
        let several = rows.iter().any(|row| row.sequences > 1);
        let unit = if several { "ms per sequence" } else { "ms" };
        let each = |row: &Row| row.sequences.max(1) as f64;
        let all: Vec<Bar> = rows
            .iter()
            .enumerate()
            .map(|(place, row)| bar(row, place == 0, row.median_ms / each(row), row.std_ms / each(row)))
            .collect();
        let title = if name.is_empty() { format!("Time, {unit}") } else { format!("Time, {name}, {unit}") };
        bars(&format!("plot-{}-{index}", record.experiment), &title, unit, &all)
    };
    groups(record).iter().enumerate().map(|(index, group)| plot(index, group)).collect()
}

fn points(rows: &[&Row], y: impl Fn(&Row) -> Option<f64>) -> Vec<[f64; 2]> {
    rows.iter().filter_map(|row| Some([row.residues as f64, y(row)?])).collect()
}

const RESIDUES: Scale<'static> = Scale::log("residues (log)");

fn length_plots(record: &ExperimentRecord) -> Vec<String> {
    let groups = groups(record);
    let series = |y: &dyn Fn(&Row) -> Option<f64>| -> Vec<Series> {
        groups
            .iter()
            .map(|group| Series::new(group.name, points(&group.rows, y)))
            .filter(|one| !one.points.is_empty())
            .collect()
    };
    let time = Axes { x: RESIDUES, y: Scale::log("ms (log)"), zero: false };
    let memory = Axes { x: RESIDUES, y: Scale::log("MB (log)"), zero: false };
    let mut plots = vec![lines("plot-length-time", "Time by length", time, &series(&|row| Some(row.median_ms)))];
    let peaks = series(&|row| row.peak_rss_mb);
    if !peaks.is_empty() {
        plots.push(lines("plot-length-memory", "Peak memory by length", memory, &peaks));
    }
    plots
}

fn graph_plot(record: &ExperimentRecord) -> String {
    let names = ["brute force, plain loops", "brute force, vectorized", "tree of boxes"];
    let series: Vec<Series> = names
        .into_iter()
        .map(|name| {
            let rows: Vec<&Row> = record.rows.iter().filter(|row| row.variant.starts_with(name)).collect();
            Series::new(name, points(&rows, |row| Some(row.median_ms)))
        })
        .filter(|series| !series.points.is_empty())
        .collect();
    let axes = Axes { x: RESIDUES, y: Scale::log("ms, one thread (log)"), zero: false };
    lines("plot-graph", "Time to find the 48 nearest neighbors of every residue", axes, &series)
}

fn batching_plot(record: &ExperimentRecord) -> String {
    let of = |name: &str, wanted: &dyn Fn(&Row) -> bool, size: &dyn Fn(&Row) -> f64| {
        let rows = record.rows.iter().filter(|row| wanted(row));
        Series::new(name, rows.map(|row| [size(row), row.speedup]).collect())
    };
    let structures = |row: &Row| row.variant.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or(1.0);
    let samples = |row: &Row| row.sequences as f64;
    let in_group = |row: &Row, group: &str| row.group.as_deref() == Some(group);
    let series = [
        of("samples of one structure", &|row| in_group(row, "samples of one structure"), &samples),
        of(
            "structures, all threads on each",
            &|row| in_group(row, "structures") && row.variant.contains("all threads"),
            &structures,
        ),
        of(
            "structures, one a thread",
            &|row| in_group(row, "structures") && row.variant.contains("one a thread"),
            &structures,
        ),
    ];
    let series: Vec<Series> = series.into_iter().filter(|series| series.points.len() > 1).collect();
    let axes =
        Axes { x: Scale::log("batch (log)"), y: Scale::linear("times as fast, per item of the batch"), zero: true };
    lines("plot-batching", "Speed-up of one item by the size of its batch", axes, &series)
}

fn neighbor_plot(record: &ExperimentRecord) -> String {
    let mut found: Vec<(f64, f64, [f64; 2])> = record
        .rows
        .iter()
        .filter_map(|row| {
            let quality = row.quality.as_ref()?;
            let count = row.variant.strip_prefix("k = ")?.parse().ok()?;
            let interval = quality.recovery_difference_95.map(|end| 100.0 * end);
            Some((count, 100.0 * quality.recovery_difference, interval))
        })
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    if found.len() < 2 {
        return String::new();
    }
    let mut series = Series::new("recovery", found.iter().map(|&(count, value, _)| [count, value]).collect());
    series.intervals = found.iter().map(|found| found.2).collect();
    let axes = Axes {
        x: Scale::log("k, neighbors (log)"),
        y: Scale::linear("difference in recovery from k = 48, points"),
        zero: false,
    };
    lines("plot-k-recovery", "Recovery by the number of neighbors, with 95 % intervals", axes, &[series])
}

fn speculative_plots(record: &ExperimentRecord) -> Vec<String> {
    let mut plots = Vec::new();
    let steps: Vec<Bar> = record
        .rows
        .iter()
        .filter_map(|row| {
            let steps = row.more.get("steps")?;
            let bar = bar(row, row.variant.starts_with("one at a time"), steps.as_f64()?, 0.0);
            Some(Bar { remark: String::new(), text: recorded(steps), ..bar })
        })
        .collect();
    if !steps.is_empty() {
        plots.push(bars("plot-speculative-steps", "Sequential steps of a sequence", "steps", &steps));
    }
    let all: Vec<Bar> = record
        .rows
        .iter()
        .map(|row| bar(row, row.variant.starts_with("one at a time"), row.median_ms, row.std_ms))
        .collect();
    plots.push(bars("plot-speculative-time", "Time of a sequence, its encoding given, ms", "ms", &all));
    plots
}
