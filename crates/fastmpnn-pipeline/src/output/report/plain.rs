//! A report without a script: tables of sequences.

use std::io::{self, Write};

use fastmpnn_report::{Counted, html_escaped, policy};

use super::records::{DesignRecord, EndRecord, MeasureRecord, RunRecord, StructureRecord};
use crate::measure::four_decimals;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:15px/1.45 system-ui,sans-serif;margin:1em auto;max-width:90em;padding:0 1em}\
.scroll{overflow:auto}\
table{border-collapse:collapse;font-variant-numeric:tabular-nums}\
th,td{padding:2px 8px;text-align:right;white-space:nowrap;border-bottom:1px solid #8888}\
th:last-child,td:last-child{text-align:left}\
td:last-child{font-family:ui-monospace,'DejaVu Sans Mono',monospace}\
mark{background:#ffe2a8;color:#3a2500}";

/// What is not in a program that was built without Node.
const WITHOUT: &str = "This program was built without the page that shows designs in 3D. To get that page, run \
                       <code>make report</code> in a checkout with Node, then build the program again.";

/// A page that is being written.
pub(super) struct PlainPage<W> {
    out: Counted<W>,
    /// The native sequence of the structure whose table is open.
    native: Option<String>,
    /// Where chains end, counted in letters.
    ends: Vec<usize>,
}

impl<W: Write> PlainPage<W> {
    /// Writes what comes before the structures.
    pub(super) fn begin(out: W, run: &RunRecord) -> io::Result<PlainPage<W>> {
        let mut out = Counted::new(out);
        write!(
            out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
             <title>Designs by FastMPNN</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Designs</h1>\n\
             <p>FastMPNN {}, network {}. Scores are mean −ln p in nats; lower is better. Letters that differ from the native \
             ones are marked.</p>\n<p>{WITHOUT}</p>\n",
            policy(None, STYLE),
            html_escaped(run.version),
            html_escaped(&run.network),
        )?;
        Ok(PlainPage { out, native: None, ends: Vec::new() })
    }

    /// The bytes so far.
    pub(super) fn bytes(&self) -> u64 {
        self.out.bytes()
    }

    /// Begins the table of a structure.
    pub(super) fn structure(&mut self, record: StructureRecord) -> io::Result<()> {
        self.close_table()?;
        let StructureRecord { structure, plan, warnings, settings, native, .. } = record;
        let mut end = 0;
        let end_of = |chain: &fastmpnn::structure::ChainSummary| {
            end += chain.residues.len();
            end
        };
        self.ends = structure.chains.iter().map(end_of).collect();
        let name = html_escaped(&structure.name);
        writeln!(self.out, "<h2>{name}</h2>\n<p>{}</p>", html_escaped(&plan))?;
        for warning in &warnings {
            writeln!(self.out, "<p>Warning: {}</p>", html_escaped(warning))?;
        }
        if !settings.is_empty() {
            let text: Vec<String> = settings.iter().map(|(name, value)| format!("{name} {value}")).collect();
            writeln!(self.out, "<p>Settings: <code>{}</code></p>", html_escaped(&text.join(", ")))?;
        }
        writeln!(
            self.out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Designs of {name}\">\n<table>\n\
             <thead><tr><th scope=\"col\">No.</th><th scope=\"col\">T</th><th scope=\"col\">Score</th>\
             <th scope=\"col\">Global</th><th scope=\"col\">Recovery</th><th scope=\"col\">Sequence</th></tr></thead>\n<tbody>"
        )?;
        self.row("native", "", &native.measures, &native.sequence)?;
        self.native = Some(native.sequence);
        Ok(())
    }

    /// Adds some of its designs.
    pub(super) fn designs(&mut self, designs: &[DesignRecord]) -> io::Result<()> {
        for DesignRecord { sample, temperature, measures, sequence, .. } in designs {
            self.row(&sample.to_string(), &temperature.to_string(), measures, sequence)?;
        }
        Ok(())
    }

    fn row(&mut self, name: &str, temperature: &str, measures: &MeasureRecord, sequence: &str) -> io::Result<()> {
        let MeasureRecord { score, global_score, recovery, .. } = *measures;
        let [score, global_score, recovery] = [score, global_score, recovery].map(four_decimals);
        let sequence = self.marked(sequence);
        let (out, ends) = (&mut self.out, "</td><td>");
        writeln!(
            out,
            "<tr><td>{name}{ends}{temperature}{ends}{score}{ends}{global_score}{ends}{recovery}{ends}{sequence}</td></tr>"
        )
    }

    /// A sequence with its differences from the native one, and a space between chains.
    fn marked(&self, sequence: &str) -> String {
        let native = self.native.as_deref().unwrap_or(sequence).as_bytes();
        let mut text = String::new();
        let mut marks = false;
        for (index, letter) in sequence.char_indices() {
            let differs = native.get(index).is_none_or(|native| *native != letter as u8);
            let ends = index > 0 && self.ends.contains(&index);
            if marks && (!differs || ends) {
                text.push_str("</mark>");
                marks = false;
            }
            if ends {
                text.push_str(" / ");
            }
            if differs && !marks {
                text.push_str("<mark>");
                marks = true;
            }
            text.push(letter);
        }
        if marks {
            text.push_str("</mark>");
        }
        text
    }

    fn close_table(&mut self) -> io::Result<()> {
        match self.native.take() {
            Some(_) => self.out.write_all(b"</tbody>\n</table>\n</div>\n"),
            None => Ok(()),
        }
    }

    /// Writes the end of the page.
    pub(super) fn end(mut self, end: &EndRecord) -> io::Result<W> {
        self.close_table()?;
        for sentence in end.sentences() {
            writeln!(self.out, "<p>{}</p>", html_escaped(&sentence))?;
        }
        self.out.write_all(b"</main>\n</body>\n</html>\n")?;
        Ok(self.out.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_from_the_native_sequence_are_marked_chain_by_chain() {
        let page = PlainPage { out: Counted::new(Vec::new()), native: Some("ACDEFG".to_owned()), ends: vec![3, 6] };
        assert_eq!(page.marked("ACWWFG"), "AC<mark>W</mark> / <mark>W</mark>FG");
        assert_eq!(page.marked("ACDEFG"), "ACD / EFG");
        assert_eq!(page.marked("ACDEFA"), "ACD / EF<mark>A</mark>");
    }
}
