//! Plain-text tables: each column is as wide as its widest cell.

use std::fmt;

pub(crate) struct Columns<const COUNT: usize> {
    rows: Vec<[String; COUNT]>,
}

impl<const COUNT: usize> Columns<COUNT> {
    pub(crate) fn new(header: [&str; COUNT]) -> Columns<COUNT> {
        Columns { rows: vec![header.map(str::to_owned)] }
    }

    pub(crate) fn push(&mut self, row: [String; COUNT]) {
        self.rows.push(row);
    }
}

impl<const COUNT: usize> fmt::Display for Columns<COUNT> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: [usize; COUNT] =
            std::array::from_fn(|column| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
        for row in &self.rows {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("  {cell:<width$}"));
            writeln!(out, "{}", cells.collect::<String>().trim_end())?;
        }
        Ok(())
    }
}
