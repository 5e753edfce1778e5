//! `designs.csv`: it grows as designs are made, and is sorted at the end. Its rows stay on the disk; in memory there is
//! where each begins and what it is sorted by.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::Path;

use fastmpnn::structure::Structure;
use fastmpnn::write::{DesignColumns, DesignRow};

use super::{AtomicFile, GrowingTable};

/// The table of a folder of designs.
pub(super) struct DesignTable {
    table: GrowingTable,
    columns: DesignColumns,
    /// In the order of the file.
    rows: Vec<RowPlace>,
}

/// A row in the file.
#[derive(Clone, Copy)]
struct RowPlace {
    /// What it is sorted by, the least first.
    key: f64,
    /// Bytes from the beginning of the file.
    begin: u64,
    /// Bytes, with the end of the line.
    length: u32,
}

impl DesignTable {
    /// Begins a table with the columns of a structure, if there is one. The file must not exist.
    pub(super) fn create(
        path: &Path,
        mut columns: DesignColumns,
        first: Option<&Structure>,
    ) -> io::Result<DesignTable> {
        if let Some(first) = first {
            columns.add_chains(first);
        }
        let mut header = Vec::new();
        columns.write_header(&mut header)?;
        Ok(DesignTable { table: GrowingTable::create(path.to_owned(), &header)?, columns, rows: Vec::new() })
    }

    pub(super) fn path(&self) -> &Path {
        self.table.path()
    }

    /// Adds columns for the chains of a structure that have none yet. The rows so far get empty cells there.
    pub(super) fn widen(&mut self, structure: &Structure) -> io::Result<()> {
        let before = self.columns.chains().len();
        if !self.columns.add_chains(structure) {
            return Ok(());
        }
        let more = ",".repeat(self.columns.chains().len() - before);
        let order: Vec<usize> = (0..self.rows.len()).collect();
        self.rewrite(&order, &more)
    }

    /// Adds rows. They are on the disk afterwards, or none of them is.
    pub(super) fn add(&mut self, rows: &[DesignRow]) -> io::Result<()> {
        let (mut bytes, mut places) = (Vec::new(), Vec::with_capacity(rows.len()));
        for row in rows {
            let begin = bytes.len();
            self.columns.write_rows(&mut bytes, std::slice::from_ref(row))?;
            let length = u32::try_from(bytes.len() - begin).map_err(io::Error::other)?;
            let key = row.rescored.or(row.score).unwrap_or(f64::INFINITY);
            places.push(RowPlace { key, begin: self.table.size() + begin as u64, length });
        }
        self.table.append(&bytes)?;
        self.rows.extend(places);
        Ok(())
    }

    /// Sorts the table. Equal scores stay in the order of inputs, temperatures and samples.
    pub(super) fn sort(&mut self) -> io::Result<()> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by(|&a, &b| self.rows[a].key.total_cmp(&self.rows[b].key));
        self.rewrite(&order, "")
    }

    /// Writes the whole table anew, its rows in this order and with `more` at their ends.
    fn rewrite(&mut self, order: &[usize], more: &str) -> io::Result<()> {
        let path = self.path().to_owned();
        let mut old = BufReader::new(File::open(&path)?);
        let mut header = Vec::new();
        self.columns.write_header(&mut header)?;
        let mut file = AtomicFile::create(&path)?;
        file.write_all(&header)?;
        let (mut end, mut row) = (header.len() as u64, Vec::new());
        let mut places = Vec::with_capacity(self.rows.len());
        for &place in order {
            let RowPlace { key, begin, length } = self.rows[place];
            row.resize(length as usize, 0);
            // Within the buffer where rows are taken in their order.
            let by = begin as i64 - old.stream_position()? as i64;
            old.seek_relative(by)?;
            old.read_exact(&mut row)?;
            let line = row.strip_suffix(b"\n").unwrap_or(&row);
            file.write_all(line)?;
            file.write_all(more.as_bytes())?;
            file.write_all(b"\n")?;
            let length = line.len() + more.len() + 1;
            places.push(RowPlace { key, begin: end, length: u32::try_from(length).map_err(io::Error::other)? });
            end += length as u64;
        }
        self.table.replace_with(file, end)?;
        self.rows = places;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use fastmpnn::structure::Chain;

    use super::*;

    fn structure(chains: &[&str]) -> Structure {
        let chain = |id: &&str| Chain { id: (*id).into(), label_id: None, residues: 0..0 };
        Structure { chains: chains.iter().map(chain).collect(), ..Structure::default() }
    }

    fn row(name: &str, score: Option<f64>) -> DesignRow {
        DesignRow {
            name: name.to_owned(),
            sample: 1,
            temperature: 0.1,
            seed: 37,
            score,
            rescored: None,
            global_score: None,
            recovery: None,
            ligand: None,
            goals: None,
            file: None,
            sequence: "AC".to_owned(),
            chains: vec![("A".to_owned(), "AC".to_owned())],
        }
    }

    #[test]
    fn rows_are_widened_and_sorted_as_a_table_written_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("designs.csv");
        let mut table = DesignTable::create(&path, DesignColumns::new(false, false), Some(&structure(&["A"]))).unwrap();
        let rows =
            [row("x", Some(2.0)), row("y \"quoted\", with a comma", Some(1.0)), row("z", None), row("w", Some(1.0))];
        table.add(&rows[..2]).unwrap();
        table.widen(&structure(&["A", "B"])).unwrap();
        table.add(&rows[2..]).unwrap();
        table.widen(&structure(&["C", "D"])).unwrap();
        let mut columns = DesignColumns::new(false, false);
        columns.add_chains(&structure(&["A", "B", "C", "D"]));
        let expected = |order: [usize; 4]| {
            let mut bytes = Vec::new();
            columns.write_header(&mut bytes).unwrap();
            columns.write_rows(&mut bytes, &order.map(|index| rows[index].clone())).unwrap();
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(fs::read_to_string(&path).unwrap(), expected([0, 1, 2, 3]));
        table.sort().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), expected([1, 3, 0, 2]));
    }
}
