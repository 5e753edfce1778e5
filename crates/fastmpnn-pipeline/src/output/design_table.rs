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
    /// What each row is sorted by, the least first, in the order of the file.
    keys: Vec<f64>,
    /// Bytes of each row, with the end of the line.
    lengths: Vec<u32>,
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
        Ok(DesignTable {
            table: GrowingTable::create(path.to_owned(), &header)?,
            columns,
            keys: Vec::new(),
            lengths: Vec::new(),
        })
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
        let order = self.order()?;
        self.rewrite(&order, &more)
    }

    /// Adds rows. They are on the disk afterwards, or none of them is.
    pub(super) fn add(&mut self, rows: &[DesignRow]) -> io::Result<()> {
        let (mut bytes, mut lengths) = (Vec::new(), Vec::with_capacity(rows.len()));
        for row in rows {
            let begin = bytes.len();
            self.columns.write_rows(&mut bytes, std::slice::from_ref(row))?;
            lengths.push(u32::try_from(bytes.len() - begin).map_err(io::Error::other)?);
        }
        self.table.append(&bytes)?;
        self.lengths.extend(lengths);
        self.keys.extend(rows.iter().map(|row| row.rescored.or(row.score).unwrap_or(f64::INFINITY)));
        Ok(())
    }

    /// Sorts the table. Equal scores stay in the order of inputs, temperatures and samples.
    pub(super) fn sort(&mut self) -> io::Result<()> {
        let mut order = self.order()?;
        let key = |row: u32| self.keys[row as usize];
        order.sort_unstable_by(|&a, &b| key(a).total_cmp(&key(b)).then(a.cmp(&b)));
        self.rewrite(&order, "")
    }

    /// The rows in the order of the file.
    fn order(&self) -> io::Result<Vec<u32>> {
        Ok((0..u32::try_from(self.keys.len()).map_err(io::Error::other)?).collect())
    }

    /// Writes the whole table anew, its rows in this order and with `more` at their ends.
    fn rewrite(&mut self, order: &[u32], more: &str) -> io::Result<()> {
        let path = self.path().to_owned();
        let mut old = BufReader::new(File::open(&path)?);
        let mut header = Vec::new();
        self.columns.write_header(&mut header)?;
        let mut file = AtomicFile::create(&path)?;
        file.write_all(&header)?;
        let (mut end, mut row) = (header.len() as u64, Vec::new());
        let mut begin = self.table.size() - self.lengths.iter().map(|&length| u64::from(length)).sum::<u64>();
        let mut begins = Vec::with_capacity(self.lengths.len());
        for &length in &self.lengths {
            begins.push(begin);
            begin += u64::from(length);
        }
        let mut lengths = Vec::with_capacity(self.lengths.len());
        for &place in order {
            let begin = begins[place as usize];
            row.resize(self.lengths[place as usize] as usize, 0);
            // Within the buffer where rows are taken in their order.
            let by = begin as i64 - old.stream_position()? as i64;
            old.seek_relative(by)?;
            old.read_exact(&mut row)?;
            let line = row.strip_suffix(b"\n").unwrap_or(&row);
            file.write_all(line)?;
            file.write_all(more.as_bytes())?;
            file.write_all(b"\n")?;
            let length = line.len() + more.len() + 1;
            lengths.push(u32::try_from(length).map_err(io::Error::other)?);
            end += length as u64;
        }
        self.table.replace_with(file, end)?;
        self.lengths = lengths;
        self.keys = order.iter().map(|&row| self.keys[row as usize]).collect();
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
