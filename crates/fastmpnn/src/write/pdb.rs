//! A designed backbone, or one with side chains, as a PDB file, version 3.3.
//!
//! The format is narrower than what is read: chain ids have one column, serial numbers five, residue numbers four.
//! Serial and residue numbers past 99999 and 9999 go on in hybrid-36 (Computational Crystallography Toolbox,
//! `iotbx/pdb/hybrid_36`); longer chain ids and residue names are replaced, and a REMARK says by what.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};

use super::packed_atoms::{check_packing, packed_atoms};
use crate::chemistry::Letter;
use crate::decode::Packing;
use crate::structure::{Atom, ResidueId, Structure};

const CHAIN_IDS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Writes N, CA, C and O of every residue, named by `sequence`, with `confidence` (0 … 1) as B-factor, then the ligand
/// atoms as they were read. Both slices have one entry per residue. Fails where the format has no room: more than 62
/// chains, a residue number below −999, a coordinate of more than eight digits.
pub fn write_backbone(
    out: &mut impl Write,
    structure: &Structure,
    sequence: &[Letter],
    confidence: &[f32],
) -> io::Result<()> {
    let residues = structure.residues.len();
    if sequence.len() != residues || confidence.len() != residues {
        return Err(unwritable(format!(
            "{} letters and {} confidences for {residues} residues",
            sequence.len(),
            confidence.len()
        )));
    }
    write_model(out, structure, sequence, |index| {
        let shown = Some(confidence[index]).filter(|value| value.is_finite()).unwrap_or(0.0);
        let named = |name: &&str| structure.residues[index].atom(name).cloned();
        let shade = |atom| Atom { b_factor: shown.clamp(0.0, 1.0), ..atom };
        ["N", "CA", "C", "O"].iter().filter_map(named).map(shade).collect()
    })
}

/// Writes every heavy atom of a packing, with its log density (nats per radian) as B-factor, then the ligand atoms as they
/// were read. Fails where the format has no room, as [`write_backbone`] does.
pub fn write_packing(out: &mut impl Write, structure: &Structure, packing: &Packing) -> io::Result<()> {
    check_packing(structure, packing)?;
    write_model(out, structure, &packing.sequence, |index| packed_atoms(structure, packing, index))
}

/// Writes the residues' atoms and the ligands.
fn write_model(
    out: &mut impl Write,
    structure: &Structure,
    sequence: &[Letter],
    atoms: impl Fn(usize) -> Vec<Atom>,
) -> io::Result<()> {
    let chain_ids = chain_columns(structure)?;
    write_remarks(out, structure, &chain_ids)?;
    let mut serial = 0;
    for chain in &structure.chains {
        let column = chain_ids[&*chain.id];
        let mut last_written = None;
        for index in chain.residues.clone() {
            let residue = &structure.residues[index];
            let name = sequence[index].residue_name();
            let place = Place { record: "ATOM  ", residue_name: name, column, id: &residue.id };
            for atom in atoms(index) {
                serial += 1;
                write_atom(out, serial, &place, &atom, atom.b_factor)?;
                last_written = Some((name, &residue.id));
            }
        }
        if let Some((name, id)) = last_written {
            serial += 1;
            let (serial, number) = (serial_column(serial)?, number_column(id)?);
            let line = format!("TER   {serial}      {name:>3} {column}{number}{}", insertion_column(id)?);
            writeln!(out, "{line:<80}")?;
        }
    }
    for ligand in &structure.ligand_atoms {
        serial += 1;
        let place = Place {
            record: "HETATM",
            residue_name: three_columns(&ligand.residue_name),
            column: chain_ids[&*ligand.residue.chain],
            id: &ligand.residue,
        };
        write_atom(out, serial, &place, &ligand.atom, ligand.atom.b_factor)?;
    }
    writeln!(out, "{:<80}", "END")
}

fn unwritable(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("cannot be written as PDB: {reason}"))
}

/// The column of each chain id: itself where it is one character, a blank for `_`, else the first free letter.
fn chain_columns(structure: &Structure) -> io::Result<HashMap<&str, char>> {
    let protein = structure.chains.iter().map(|chain| &*chain.id);
    let ligands = structure.ligand_atoms.iter().map(|ligand| &*ligand.residue.chain);
    let mut in_order: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    for id in protein.chain(ligands) {
        if seen.insert(id) {
            in_order.push(id);
        }
    }
    let own_column = |id: &str| match id.as_bytes() {
        [b'_'] => Some(' '),
        [byte] if byte.is_ascii_graphic() => Some(char::from(*byte)),
        _ => None,
    };
    let taken: BTreeSet<char> = in_order.iter().filter_map(|id| own_column(id)).collect();
    let mut free = CHAIN_IDS.iter().map(|&byte| char::from(byte)).filter(|letter| !taken.contains(letter));
    let chains = in_order.len();
    in_order
        .into_iter()
        .map(|id| {
            let column = own_column(id).or_else(|| free.next());
            let column = column.ok_or_else(|| {
                unwritable(format!("{chains} chains, and the one column for their ids tells 62 apart"))
            })?;
            Ok((id, column))
        })
        .collect()
}

fn write_remarks(out: &mut impl Write, structure: &Structure, chain_ids: &HashMap<&str, char>) -> io::Result<()> {
    let mut renamed: Vec<(&str, char)> =
        chain_ids.iter().filter(|(id, _)| id.len() > 1).map(|(id, column)| (*id, *column)).collect();
    renamed.sort_unstable_by_key(|&(_, column)| column);
    for (id, column) in renamed {
        writeln!(out, "{:<80}", format!("REMARK   3 CHAIN {} IS WRITTEN AS {column}", id.escape_default()))?;
    }
    let cut: BTreeSet<&str> = structure
        .ligand_atoms
        .iter()
        .map(|ligand| ligand.residue_name.as_str())
        .filter(|name| three_columns(name) != *name)
        .collect();
    for name in cut {
        let shown = three_columns(name);
        writeln!(out, "{:<80}", format!("REMARK   3 RESIDUE {} IS WRITTEN AS {shown}", name.escape_default()))?;
    }
    Ok(())
}

/// What the atom lines of one residue share.
struct Place<'s> {
    record: &'static str,
    residue_name: &'s str,
    column: char,
    id: &'s ResidueId,
}

fn write_atom(out: &mut impl Write, serial: u32, place: &Place<'_>, atom: &Atom, b_factor: f32) -> io::Result<()> {
    let Place { record, residue_name, column, id } = place;
    let (serial, number, insertion) = (serial_column(serial)?, number_column(id)?, insertion_column(id)?);
    let name = name_columns(atom);
    let [x, y, z] = atom.position;
    let (x, y, z) = (coordinate_columns(x)?, coordinate_columns(y)?, coordinate_columns(z)?);
    let occupancy = atom.occupancy.clamp(0.0, 999.0);
    let b_factor = b_factor.clamp(-99.0, 999.0);
    let element = if atom.element == "X" { "" } else { &atom.element };
    writeln!(
        out,
        "{record}{serial} {name} {residue_name:>3} {column}{number}{insertion}   {x}{y}{z}{occupancy:6.2}{b_factor:6.2}\
         {element:>12}  "
    )
}

/// Four columns; the element's symbol is right-justified in the first two.
fn name_columns(atom: &Atom) -> String {
    let name: String =
        atom.name.chars().map(|letter| if letter.is_ascii_graphic() { letter } else { '?' }).take(4).collect();
    if name.len() == 4 || atom.element.len() == 2 { format!("{name:<4}") } else { format!(" {name:<3}") }
}

/// As many of the first characters as three columns hold.
fn three_columns(name: &str) -> &str {
    if !name.is_ascii() {
        return "UNL";
    }
    name.get(..3).unwrap_or(name)
}

fn coordinate_columns(value: f32) -> io::Result<String> {
    (0..=3)
        .rev()
        .map(|decimals| format!("{value:8.decimals$}"))
        .find(|text| text.len() == 8)
        .ok_or_else(|| unwritable(format!("the coordinate {value} has more than eight digits")))
}

fn serial_column(serial: u32) -> io::Result<String> {
    hybrid_36(i64::from(serial), 5).ok_or_else(|| unwritable("more than 87 million atoms".to_owned()))
}

fn number_column(id: &ResidueId) -> io::Result<String> {
    hybrid_36(i64::from(id.number), 4)
        .ok_or_else(|| unwritable(format!("residue {id}: four columns do not hold its number")))
}

fn insertion_column(id: &ResidueId) -> io::Result<char> {
    match id.insertion {
        None => Ok(' '),
        Some(code) if code.is_ascii_graphic() => Ok(code),
        Some(_) => Err(unwritable(format!("residue {id}: its insertion code is no ASCII character"))),
    }
}

/// Decimal while it fits, then `A000` to `ZZZZ`, then `a000` to `zzzz` (for four columns).
fn hybrid_36(number: i64, columns: u32) -> Option<String> {
    let width = columns as usize;
    let (decimal, block) = (10_i64.pow(columns), 36_i64.pow(columns - 1));
    if number < decimal {
        let text = format!("{number:>width$}");
        return (text.len() == width).then_some(text);
    }
    let past = number - decimal;
    let (upper, digits): (bool, &[u8; 36]) = if past < 26 * block {
        (true, b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    } else {
        (false, b"0123456789abcdefghijklmnopqrstuvwxyz")
    };
    let mut value = past + 10 * block - if upper { 0 } else { 26 * block };
    if value >= 36 * block {
        return None;
    }
    let mut text = vec![0_u8; width];
    for place in text.iter_mut().rev() {
        *place = digits[(value % 36) as usize];
        value /= 36;
    }
    String::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::{ReadOptions, read_bytes};

    #[test]
    fn hybrid_36_follows_the_published_sequence() {
        let cases = [
            (-999, 4, Some("-999")),
            (-1000, 4, None),
            (9999, 4, Some("9999")),
            (10_000, 4, Some("A000")),
            (1_223_055, 4, Some("ZZZZ")),
            (1_223_056, 4, Some("a000")),
            (2_436_111, 4, Some("zzzz")),
            (2_436_112, 4, None),
            (99_999, 5, Some("99999")),
            (100_000, 5, Some("A0000")),
            (43_770_015, 5, Some("ZZZZZ")),
            (43_770_016, 5, Some("a0000")),
        ];
        for (number, columns, text) in cases {
            assert_eq!(hybrid_36(number, columns).as_deref(), text, "{number}");
        }
    }

    const SOURCE: &str = "\
data_x
loop_
_atom_site.group_PDB
_atom_site.type_symbol
_atom_site.label_atom_id
_atom_site.label_comp_id
_atom_site.auth_asym_id
_atom_site.auth_seq_id
_atom_site.pdbx_PDB_ins_code
_atom_site.Cartn_x
_atom_site.Cartn_y
_atom_site.Cartn_z
ATOM N N ALA AAA 10000 ? 1.0 2.0 3.0
ATOM C CA ALA AAA 10000 ? 2.0 2.0 3.0
ATOM C C ALA AAA 10000 ? 3.0 2.5 3.0
ATOM O O ALA AAA 10000 ? 3.0 3.5 3.0
ATOM N N MSE A -5 B -100.125 2.0 -12345.678
ATOM C CA MSE A -5 B 2.0 2.0 3.0
HETATM ZN ZN ZN B 1 ? 0.0 0.0 0.5
HETATM C C1 LIGND B 2 ? 0.0 0.0 0.5
";

    #[test]
    fn what_is_written_reads_back() {
        let structure = read_bytes("x.cif", SOURCE.as_bytes(), &ReadOptions::default()).unwrap();
        let mut text = Vec::new();
        let sequence = crate::chemistry::parse_sequence("WX").unwrap();
        write_backbone(&mut text, &structure, &sequence, &[0.456, f32::NAN]).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.lines().all(|line| line.len() == 80), "{text}");
        assert!(text.contains("CHAIN AAA IS WRITTEN AS C"), "{text}");
        assert!(text.contains("RESIDUE LIGND IS WRITTEN AS LIG"), "{text}");
        assert!(text.contains("ATOM      1  N   TRP CA000       1.000   2.000   3.000  1.00  0.46           N"));
        assert!(text.contains("-100.125   2.000-12345.7  1.00  0.00"), "{text}");
        assert!(text.contains("HETATM    9 ZN    ZN B   1 "), "{text}");
        let back = read_bytes("x.pdb", text.as_bytes(), &ReadOptions::default()).unwrap();
        let ids: Vec<String> = back.residues.iter().map(|residue| residue.id.to_string()).collect();
        assert_eq!(ids, ["C10000", "A-5B"]);
        assert_eq!(back.residues[0].letter.to_char(), 'W');
        assert_eq!(back.residues[0].backbone(), structure.residues[0].backbone());
        assert_eq!(back.ligand_atoms.len(), 2);
        assert_eq!(back.ligand_atoms[0].atom.element, "ZN");
    }

    #[test]
    fn lengths_that_do_not_match_are_refused() {
        let structure = read_bytes("x.cif", SOURCE.as_bytes(), &ReadOptions::default()).unwrap();
        assert!(write_backbone(&mut Vec::new(), &structure, &[], &[]).is_err());
    }
}
