//! PDB files as ProDy writes them: a first line that names the selection of atoms, atoms in fixed columns with their
//! anisotropic displacement, TER where the input file had it, every model, END.
//!
//! Numbers too large for their columns continue in hexadecimal from the first such atom on. TER follows atoms of
//! residues that ProDy knows as part of a polymer; modified residues count here if the Chemical Component Dictionary
//! gives them a parent.
//!
//! Source: ProDy 2.6.1 (behavior only), `writePDBStream`.

use std::io::{self, Write};

use fastmpnn::chemistry::{Letter, modified_residue_letter};
use fastmpnn::structure::Point;

use super::atoms::AtomGroup;
use super::records::PdbAtom;

const LAST_SERIAL: usize = 99_999;
const LAST_NUMBER: i32 = 9999;

/// Nucleotides that ProDy knows as part of a polymer.
const NUCLEOTIDES: [&str; 16] =
    ["A", "C", "G", "T", "U", "I", "N", "DA", "DC", "DG", "DT", "ADE", "GUA", "CYT", "THY", "URA"];

/// An atom to be written.
#[derive(Clone, Debug)]
pub(super) struct WrittenAtom<'a> {
    pub(super) line: &'a PdbAtom,
    pub(super) residue_name: &'a str,
    pub(super) b_factor: f32,
    pub(super) ends_chain: bool,
    /// Its coordinates in all models, Å.
    pub(super) positions: Vec<Point>,
    pub(super) anisotropy: Option<[i32; 6]>,
}

impl<'a> WrittenAtom<'a> {
    /// An atom of a group, as it was read.
    pub(super) fn of_group(group: &'a AtomGroup, index: usize) -> WrittenAtom<'a> {
        let line = &group.atoms[index];
        let later = group.later_models.iter().map(|points| points[index]);
        WrittenAtom {
            line,
            residue_name: &line.residue_name,
            b_factor: line.b_factor,
            ends_chain: group.ends_chain[index],
            positions: std::iter::once(line.position).chain(later).collect(),
            anisotropy: group.anisotropy.as_ref().map(|anisotropy| anisotropy[index]),
        }
    }
}

/// Writes a file.
pub(super) fn write(out: &mut impl Write, title: &str, atoms: &[WrittenAtom<'_>]) -> io::Result<()> {
    writeln!(out, "REMARK {title}")?;
    let models = atoms.iter().map(|atom| atom.positions.len()).max().unwrap_or(1);
    // TER lines count in the serial numbers of all later models.
    let mut ends = 0;
    for model in 0..models {
        if models > 1 {
            writeln!(out, "MODEL{:9}", model + 1)?;
        }
        let mut columns = Columns::default();
        for (index, atom) in atoms.iter().enumerate() {
            let serial = index + 1 + ends;
            columns.widen(index, serial, atom.line.number);
            let altloc = if model == 0 { atom.line.altloc.unwrap_or(' ') } else { ' ' };
            let (number, insertion) = columns.number(atom.line);
            let head = |record: &str, serial: usize, name: &str, altloc: char| {
                let residue_name = atom.residue_name.get(..3).unwrap_or(atom.residue_name);
                let chain = atom.line.chain.get(..1).unwrap_or(&atom.line.chain);
                let serial = columns.serial(serial);
                format!("{record:<6}{serial} {name:<4}{altloc}{residue_name:<3}{chain:>2}{number}{insertion}")
            };
            let name = if atom.line.name.len() < 4 { format!(" {}", atom.line.name) } else { atom.line.name.clone() };
            let PdbAtom { segment, element, charge, .. } = atom.line;
            let charge = match charge {
                0 => "  ".to_owned(),
                negative @ ..0 => format!("{}-", -negative),
                positive => format!("{positive}+"),
            };
            let tail = format!("{segment:>4}{element:>2}{charge:>2}");
            let record = if atom.line.hetatm { "HETATM" } else { "ATOM" };
            let [x, y, z] = atom.positions.get(model).copied().unwrap_or_default();
            let (occupancy, b_factor) = (atom.line.occupancy, atom.b_factor);
            let start = head(record, serial, &name, altloc);
            writeln!(out, "{start}   {x:8.3}{y:8.3}{z:8.3}{occupancy:6.2}{b_factor:6.2}      {tail}")?;
            if let Some(numbers) = atom.anisotropy {
                write!(out, "{} ", head("ANISOU", serial, &name, altloc))?;
                for number in numbers {
                    // Python divides by 10⁴, multiplies again and cuts.
                    write!(out, "{:7}", (f64::from(number) / 1e4 * 1e4) as i64)?;
                }
                writeln!(out, "  {tail}")?;
            }
            if atom.ends_chain && is_polymer(atom.residue_name) {
                writeln!(out, "{:.26}{:54}", head("TER", serial + 1, "", ' '), "")?;
                ends += 1;
            }
        }
        if models > 1 {
            writeln!(out, "{:80}", "ENDMDL")?;
        }
    }
    writeln!(out, "{:80}", "END")
}

/// The columns that have changed to hexadecimal.
#[derive(Clone, Copy, Debug, Default)]
struct Columns {
    serial: bool,
    number: bool,
}

impl Columns {
    fn widen(&mut self, index: usize, serial: usize, number: i32) {
        if !self.serial && (index == LAST_SERIAL || serial > LAST_SERIAL) {
            self.serial = true;
        } else if !self.number && number > LAST_NUMBER {
            self.number = true;
        }
    }

    fn serial(self, serial: usize) -> String {
        if self.serial { format!("{serial:5x}") } else { format!("{serial:5}") }
    }

    /// Number and insertion code. The fifth character of a number takes the place of a missing insertion code; anything
    /// longer is cut.
    fn number(self, line: &PdbAtom) -> (String, char) {
        let hexadecimal = |number: i32| if number < 0 { format!("-{:x}", -number) } else { format!("{number:x}") };
        let any = self.serial || self.number;
        let full = if any { hexadecimal(line.number) } else { line.number.to_string() };
        let insertion = match full.chars().nth(4).filter(|_| full.len() == 5) {
            Some(fifth) => line.insertion.unwrap_or(fifth),
            None => line.insertion.unwrap_or(' '),
        };
        let kept = if full.len() > 4 { &full[..4] } else { &full[..] };
        let shown = if any && !self.number {
            i32::from_str_radix(kept, 16).map_or_else(|_| kept.to_owned(), |number| number.to_string())
        } else {
            kept.to_owned()
        };
        (format!("{shown:>4}"), insertion)
    }
}

fn is_polymer(name: &str) -> bool {
    let known = Letter::from_standard_name(name).or_else(|| modified_residue_letter(name));
    known.is_some() || NUCLEOTIDES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: i32) -> PdbAtom {
        PdbAtom {
            hetatm: false,
            name: "CA".to_owned(),
            altloc: None,
            residue_name: "MET".to_owned(),
            chain: "C".to_owned(),
            number,
            insertion: None,
            position: [1.0, -2.5, 30.25],
            occupancy: 1.0,
            b_factor: 0.0,
            segment: String::new(),
            element: "C".to_owned(),
            charge: 0,
        }
    }

    fn text(lines: &[PdbAtom]) -> String {
        let atom = |line| WrittenAtom {
            line,
            residue_name: "ALA",
            b_factor: 0.5,
            ends_chain: true,
            positions: vec![line.position],
            anisotropy: Some([9210, -1167, 0, 1, 2, 3]),
        };
        let mut out = Vec::new();
        write(&mut out, "Selection 'all'", &lines.iter().map(atom).collect::<Vec<_>>()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn atoms_displacements_and_ends_stand_in_their_columns() {
        let written = text(&[line(1), line(-17)]);
        let blank = " ".repeat(54);
        // 3 / 10⁴ · 10⁴ is a little less than 3, and is cut.
        let expected = [
            "REMARK Selection 'all'",
            "ATOM      1  CA  ALA C   1       1.000  -2.500  30.250  1.00  0.50           C  ",
            "ANISOU    1  CA  ALA C   1     9210  -1167      0      1      2      2       C  ",
            &format!("TER       2      ALA C   1{blank}"),
            "ATOM      3  CA  ALA C -17       1.000  -2.500  30.250  1.00  0.50           C  ",
            "ANISOU    3  CA  ALA C -17     9210  -1167      0      1      2      2       C  ",
            &format!("TER       4      ALA C -17{blank}"),
            &format!("{:80}", "END"),
        ];
        assert_eq!(written.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn numbers_past_their_columns_go_on_in_hexadecimal() {
        let numbers = |number: i32| {
            let written = text(&[line(number)]);
            written.lines().nth(1).unwrap()[22..27].to_owned()
        };
        assert_eq!([9999, 10_000, 65_535, -999].map(numbers), ["9999 ", "2710 ", "ffff ", "-999 "]);
        assert_eq!(numbers(-1000), "-1000");
    }
}
