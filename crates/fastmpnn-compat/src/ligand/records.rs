//! The records of a file that ProDy reads, in the order of its lines: atoms, their displacements, ends of chains and
//! models.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use fastmpnn::structure::{AtomLine, DamagedLines, Point, read_atom_lines};

/// One record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ProdyRecord {
    /// An atom.
    Atom(PdbAtom),
    /// Anisotropic displacement of the atom before, the six numbers of the line (Å² · 10⁴), and its alternate location.
    Anisotropic { displacement: [i32; 6], altloc: Option<char> },
    /// The end of a chain: TER.
    EndOfChain,
    /// The end of a model: ENDMDL or END.
    EndOfModel,
}

/// An atom with all its columns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PdbAtom {
    /// HETATM rather than ATOM.
    pub(crate) hetatm: bool,
    /// Without padding.
    pub(crate) name: String,
    pub(crate) altloc: Option<char>,
    pub(crate) residue_name: String,
    pub(crate) chain: String,
    /// The residue's number.
    pub(crate) number: i32,
    pub(crate) insertion: Option<char>,
    /// Å.
    pub(crate) position: Point,
    pub(crate) occupancy: f32,
    /// Å².
    pub(crate) b_factor: f32,
    pub(crate) segment: String,
    /// As written; may be empty.
    pub(crate) element: String,
    pub(crate) charge: i32,
}

/// The records of a file, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ProdyRecords {
    pub(super) records: Vec<NumberedRecord>,
    /// The number of lines in the file; 0 for mmCIF.
    pub(super) lines: usize,
}

/// A record with the number of its line, from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NumberedRecord {
    pub(super) line: usize,
    pub(super) record: ProdyRecord,
}

impl ProdyRecords {
    /// Reads a PDB file, or the first model of an mmCIF file.
    pub(super) fn read(path: &Path) -> Result<ProdyRecords> {
        let shown = path.display().to_string();
        let bytes = fs::read(path).with_context(|| format!("{shown}: cannot be read"))?;
        let file = read_atom_lines(&shown, &bytes, DamagedLines::PassOver)?;
        let Some(text) = file.pdb_text else {
            // Rows without coordinates are skipped.
            let atoms = file.atoms.into_iter().filter(|line| line.position.is_some());
            let records = atoms.map(|line| atom(&shown, line)).collect::<Result<_>>()?;
            return Ok(ProdyRecords { records, lines: 0 });
        };
        let mut atoms = file.atoms.into_iter().peekable();
        let mut found = ProdyRecords::default();
        for (index, line) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
            found.lines += 1;
            let number = index + 1;
            if let Some(of_line) = atoms.next_if(|atom| atom.line == number) {
                found.records.push(atom(&shown, of_line)?);
            } else if let Some(record) = between(line.trim_ascii_end()) {
                found.records.push(NumberedRecord { line: number, record });
            }
        }
        Ok(found)
    }
}

fn atom(file: &str, atom: AtomLine) -> Result<NumberedRecord> {
    let chain = if atom.chain.is_empty() { "_" } else { &atom.chain };
    let Some(number) = atom.number else {
        let name = &atom.residue_name;
        bail!("{file}: line {}: chain {chain}: a {name} has no residue number (columns 23–26)", atom.line);
    };
    let Some(position) = atom.position else {
        bail!("{file}: line {}: chain {chain}: an atom of residue {number} has no coordinates", atom.line);
    };
    let record = ProdyRecord::Atom(PdbAtom {
        hetatm: atom.hetatm,
        name: atom.name,
        altloc: atom.altloc,
        residue_name: atom.residue_name,
        chain: atom.chain,
        number,
        insertion: atom.insertion,
        position,
        occupancy: atom.occupancy,
        b_factor: atom.b_factor,
        segment: atom.segment,
        element: atom.element,
        charge: atom.charge,
    });
    Ok(NumberedRecord { line: atom.line, record })
}

/// The record of a line that is not an atom.
fn between(line: &[u8]) -> Option<ProdyRecord> {
    let name = line.get(..6).unwrap_or(line).trim_ascii_end();
    match name {
        b"TER" => Some(ProdyRecord::EndOfChain),
        // Serial numbers past 99999 may run into the record's name.
        [b'T', b'E', b'R', digit, ..] if digit.is_ascii_digit() => Some(ProdyRecord::EndOfChain),
        b"ENDMDL" | b"END" => Some(ProdyRecord::EndOfModel),
        b"ANISOU" => {
            // Seven columns each from 29 on; anything but a number counts as 0.
            let number = |place: usize| columns(line, 29 + 7 * place, 35 + 7 * place).trim().parse().unwrap_or(0);
            let altloc = columns(line, 17, 17).chars().next().filter(|code| *code != ' ');
            Some(ProdyRecord::Anisotropic { displacement: std::array::from_fn(number), altloc })
        }
        _ => None,
    }
}

/// Columns `first` to `last`, counted from 1, as far as the line has them.
fn columns(line: &[u8], first: usize, last: usize) -> &str {
    let field = line.get(first - 1..last.min(line.len())).unwrap_or(&[]);
    str::from_utf8(field).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
ATOM      1  N   ALA A   1       1.000   2.000   3.000  1.00  0.00      SEG1 N1+
ANISOU    1  N  BALA A   1     9210  -1167      x      1      2      3       N
HETATM    2  C1  LIG     2       4.000   5.000   6.000
TER12345
hetatm
ENDMDL\r
END";

    #[test]
    fn atoms_displacements_and_ends_are_found_with_their_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.pdb");
        fs::write(&path, TEXT).unwrap();
        let found = ProdyRecords::read(&path).unwrap();
        let lines: Vec<usize> = found.records.iter().map(|record| record.line).collect();
        assert_eq!((lines, found.lines), (vec![1, 2, 3, 4, 6, 7], 7));
        let ProdyRecord::Atom(first) = &found.records[0].record else { panic!("{:?}", found.records[0]) };
        assert_eq!((first.position, first.segment.as_str(), first.charge), ([1.0, 2.0, 3.0], "SEG1", 1));
        let displacement = [9210, -1167, 0, 1, 2, 3];
        assert_eq!(found.records[1].record, ProdyRecord::Anisotropic { displacement, altloc: Some('B') });
        let ends: Vec<&ProdyRecord> = found.records[3..].iter().map(|record| &record.record).collect();
        assert_eq!(ends, [&ProdyRecord::EndOfChain, &ProdyRecord::EndOfModel, &ProdyRecord::EndOfModel]);
    }

    #[test]
    fn atoms_without_a_number_or_a_place_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.pdb");
        for (from, to, message) in [
            ("LIG     2", "LIG      ", "line 3: chain _: a LIG has no residue number (columns 23–26)"),
            ("4.000", "  nan", "line 3: chain _: an atom of residue 2 has no coordinates"),
        ] {
            fs::write(&path, TEXT.replace(from, to)).unwrap();
            let error = ProdyRecords::read(&path).unwrap_err().to_string();
            assert_eq!(error, format!("{}: {message}", path.display()));
        }
    }
}
