//! Residues from left to right, wrapped into rows, with their chains and numbers below.

use std::ops::Range;

use fastmpnn::structure::ResidueId;

use super::svg::{escaped, number, put};

/// Residues in a row.
const RESIDUES_A_ROW: usize = 60;

/// The width of a residue, px.
pub(super) const CELL: f64 = 12.0;

/// The residues that a picture shows.
pub(super) struct ResidueRows<'a> {
    residues: &'a [ResidueId],
    labels: Vec<String>,
}

impl<'a> ResidueRows<'a> {
    pub(super) fn new(residues: &'a [ResidueId]) -> ResidueRows<'a> {
        ResidueRows { residues, labels: residues.iter().map(ToString::to_string).collect() }
    }

    /// The residues of each row.
    pub(super) fn rows(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let count = self.residues.len();
        (0..count).step_by(RESIDUES_A_ROW).map(move |start| start..count.min(start + RESIDUES_A_ROW))
    }

    /// The width of the longest row, px.
    pub(super) fn width(&self) -> f64 {
        CELL * self.residues.len().clamp(1, RESIDUES_A_ROW) as f64
    }

    /// The name of a residue.
    pub(super) fn label(&self, index: usize) -> &str {
        &self.labels[index]
    }

    /// Whether a residue is the first of a chain, and not of the picture.
    fn starts_chain(&self, index: usize) -> bool {
        index > 0 && self.residues[index].chain != self.residues[index - 1].chain
    }

    /// Whether numbers are missing before a residue in its chain.
    fn follows_gap(&self, index: usize) -> bool {
        index > 0
            && !self.starts_chain(index)
            && i64::from(self.residues[index].number) - i64::from(self.residues[index - 1].number) > 1
    }

    /// The names of some residues of a row, with a stroke up to each; `top` is where the strokes begin.
    pub(super) fn ticks(&self, row: &Range<usize>, left: f64, top: f64) -> String {
        let (mut strokes, mut texts) = (String::new(), String::new());
        for index in self.labeled(row) {
            let x = number(left + ((index - row.start) as f64 + 0.5) * CELL);
            put(&mut strokes, format_args!("M{x} {}v3", number(top)));
            let (y, label) = (number(top + 12.0), escaped(&self.labels[index]));
            put(&mut texts, format_args!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{label}</text>"));
        }
        format!(
            "<path d=\"{strokes}\" stroke=\"currentColor\" stroke-opacity=\"0.6\" fill=\"none\"/>\n\
             <g font-size=\"10\" fill=\"currentColor\" fill-opacity=\"0.8\">{texts}</g>\n"
        )
    }

    /// The residues of a row whose names are written: the first, that of each chain, and tens; after a gap of the
    /// numbering, the first that follows. Of two names that would touch, the first of a row or chain is written, or else
    /// the left one.
    fn labeled(&self, row: &Range<usize>) -> Vec<usize> {
        const CHARACTER: f64 = 5.8 / CELL;
        let reach = |index: usize| (self.labels[index].chars().count() as f64 + 1.0) * CHARACTER / 2.0;
        let needed = |index: usize| index == row.start || self.starts_chain(index);
        let touches = |left: usize, right: usize| left as f64 + reach(left) > right as f64 - reach(right);
        let mut chosen: Vec<usize> = Vec::new();
        for index in row.clone() {
            let id = &self.residues[index];
            let ten = id.number % 10 == 0 && id.insertion.is_none();
            if !needed(index) && !ten && !self.follows_gap(index) {
                continue;
            }
            while needed(index) && chosen.last().is_some_and(|&last| !needed(last) && touches(last, index)) {
                chosen.pop();
            }
            if chosen.last().is_none_or(|&last| !touches(last, index)) {
                chosen.push(index);
            }
        }
        chosen
    }

    /// Dashed lines where a chain ends within a row.
    pub(super) fn breaks(&self, row: &Range<usize>, left: f64, top: f64, height: f64) -> String {
        let mut lines = String::new();
        for index in row.clone().skip(1).filter(|&index| self.starts_chain(index)) {
            let x = number(left + (index - row.start) as f64 * CELL);
            put(&mut lines, format_args!("M{x} {}v{}", number(top), number(height)));
        }
        if lines.is_empty() {
            return lines;
        }
        format!("<path d=\"{lines}\" stroke=\"currentColor\" stroke-dasharray=\"3 2\" fill=\"none\"/>\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(chain: &str, numbers: Range<i32>) -> impl Iterator<Item = ResidueId> {
        numbers.map(move |number| ResidueId { chain: chain.into(), number, insertion: None })
    }

    #[test]
    fn rows_name_their_first_residues_tens_chains_and_the_ends_of_gaps() {
        let residues: Vec<ResidueId> = ids("A", 3..34).chain(ids("A", 58..61)).chain(ids("B", 1..40)).collect();
        let rows = ResidueRows::new(&residues);
        let named = |row| rows.labeled(&row).into_iter().map(|index| rows.label(index).to_owned()).collect::<Vec<_>>();
        assert_eq!(rows.rows().collect::<Vec<_>>(), [0..60, 60..73]);
        assert_eq!(named(0..60), ["A3", "A10", "A20", "A30", "A58", "B1", "B10", "B20"]);
        assert_eq!(named(60..73), ["B27", "B30"]);
        assert_eq!(rows.breaks(&(60..73), 0.0, 0.0, 5.0), "");
        assert!(rows.breaks(&(0..60), 0.0, 0.0, 5.0).contains("M408 0v5"));
    }
}
