//! The page around the sections: heading, navigation, colors for light, dark and print.

use fastmpnn_report::{policy, table_script};

use super::sections::{glance, roofline, section, speed_and_accuracy};
use super::svg::escape;
use crate::experiments::ALL;
use crate::machine::Machine;
use crate::numerals::short;
use crate::records::StudyRecords;
use crate::verdict::LEAST_MARGIN;

const STYLE: &str = include_str!("style.css");

pub(super) fn page(records: &StudyRecords) -> String {
    let machine = records.machine().map(machine_line).unwrap_or_default();
    let quick = records.experiments.iter().any(|record| record.settings.quick);
    let mut warning = String::new();
    if quick {
        warning += "<p class=\"warning\">A quick run: few runs and small sizes. It shows that everything works; do not quote it.</p>";
    }
    if let Some(sentence) = records.spread_sentence() {
        let class = if records.is_busy() { "warning" } else { "machine" };
        warning += &format!("<p class=\"{class}\">{}</p>", escape(&sentence));
    }
    let mut links = String::new();
    let mut sections = String::new();
    let mut add = |id: &str, title: &str, section: String| {
        if !section.is_empty() {
            links += &format!("<li><a href=\"#{id}\">{}</a></li>", escape(title));
            sections += &section;
        }
    };
    add("speed-accuracy", "Speed against accuracy", speed_and_accuracy(records));
    add("roofline", "Roofline", roofline(records));
    for experiment in &ALL {
        if let Some(record) = records.record(experiment.name) {
            add(experiment.name, experiment.title, section(experiment, record));
        }
    }
    let script = table_script();
    let tail = script.map_or_else(String::new, |script| format!("<script>{script}</script>"));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>FastMPNN: the optimization study</title>\
         <style>{STYLE}</style></head><body><header><h1>The optimization study</h1>\
         <p class=\"lead\">Every claimed speed-up of ProteinMPNN, measured on trained weights, with its accuracy beside it.</p>\
         <p class=\"machine\">{machine}</p>{warning}</header><nav aria-label=\"Sections\"><ul>{links}</ul></nav><main>{}{sections}\
         </main><footer><p>Times are medians of runs in turn; whiskers are one standard deviation. A ratio is over the first variant of \
         its group, per residue and sequence; it is faster or slower where it differs from 1 by more than the two variants' standard \
         deviations over their medians, added in quadrature, and by more than {margin} %. Accuracy is against FastMPNN in f32, \
         whose ln p is within 10⁻⁴ of the published code's. Recovery is that of the designs where sequences are drawn, and that of \
         the likeliest letters, with the native ones before them given, elsewhere. Memory is the peak of a process that does the \
         variant once and nothing else.</p></footer>{tail}</body></html>\n",
        glance(records),
        policy = policy(script, STYLE),
        margin = short(100.0 * LEAST_MARGIN),
    )
}

/// `Intel …, 2 processors, avx512 · fastmpnn 0.1.0, v_48_020 · 2026-11-25`
fn machine_line(machine: &Machine) -> String {
    let identification = if machine.cpu_identification.is_empty() {
        String::new()
    } else {
        format!(" ({})", escape(&machine.cpu_identification))
    };
    format!(
        "{}{identification}, {} processors, {} · FastMPNN {}, {} · {}",
        escape(&machine.cpu),
        machine.cores,
        escape(&machine.isa),
        escape(&machine.fastmpnn),
        escape(&machine.checkpoint),
        escape(&machine.date),
    )
}
