//! A structure as a PDB file, version 3.3. What does not fit its columns gets another name, and a REMARK 6 says which.

use std::io::{self, Write};

use super::format::{PdbNames, no_room, plain};
use super::written::{Group, WrittenStructure};
use crate::structure::{Atom, ResidueId};

/// Writes a structure: its polymers, each with a TER, then everything else. Fails where the format has no room.
pub(super) fn write(out: &mut impl Write, written: &WrittenStructure<'_>) -> io::Result<()> {
    let names = PdbNames::choose(written)?;
    let renamed = written.renamed.iter().map(|renamed| {
        let (id, from) = (renamed.id, plain(renamed.from));
        format!("RESIDUE {from} {id} IS WRITTEN AS {}", renamed.to)
    });
    for remark in names.remarks().into_iter().chain(renamed) {
        line(out, format!("REMARK   6 {remark}"))?;
    }
    let mut serial = 0;
    for polymer in &written.polymers {
        for group in &polymer.groups {
            write_group(out, &mut serial, group, &names)?;
        }
        if let Some(last) = polymer.groups.last() {
            serial += 1;
            let (serial, number) = (serial_column(serial)?, number_column(last.id)?);
            let (name, column) = (names.residue(last.name), names.chain(&last.id.chain));
            line(out, format!("TER   {serial}      {name:>3} {column}{number}{}", insertion_column(last.id)?))?;
        }
    }
    for group in &written.others {
        write_group(out, &mut serial, group, &names)?;
    }
    line(out, "END".to_owned())
}

fn line(out: &mut impl Write, text: String) -> io::Result<()> {
    writeln!(out, "{text:<80}")
}

fn write_group(out: &mut impl Write, serial: &mut u32, group: &Group<'_>, names: &PdbNames<'_>) -> io::Result<()> {
    let record = if group.hetatm { "HETATM" } else { "ATOM  " };
    let (residue_name, column) = (names.residue(group.name), names.chain(&group.id.chain));
    let (number, insertion) = (number_column(group.id)?, insertion_column(group.id)?);
    for atom in &group.atoms {
        *serial += 1;
        let (serial, name) = (serial_column(*serial)?, name_columns(atom));
        let [x, y, z] = atom.position;
        let (x, y, z) = (coordinate_columns(x)?, coordinate_columns(y)?, coordinate_columns(z)?);
        let (occupancy, b_factor) = (atom.occupancy.clamp(0.0, 999.0), atom.b_factor.clamp(-99.0, 999.0));
        let element = if atom.element == "X" { "" } else { &atom.element };
        let charge = charge_columns(atom.charge);
        writeln!(
            out,
            "{record}{serial} {name} {residue_name:>3} {column}{number}{insertion}   {x}{y}{z}{occupancy:6.2}{b_factor:6.2}\
             {element:>12}{charge:2}"
        )?;
    }
    Ok(())
}

/// Digit and sign, as in `2+`.
fn charge_columns(charge: i8) -> String {
    match charge {
        1..=9 => format!("{charge}+"),
        -9..=-1 => format!("{}-", -charge),
        _ => String::new(),
    }
}

/// Four columns; the element's symbol is right-justified in the first two.
fn name_columns(atom: &Atom) -> String {
    let name: String =
        atom.name.chars().map(|letter| if letter.is_ascii_graphic() { letter } else { '?' }).take(4).collect();
    if name.len() == 4 || atom.element.len() == 2 { format!("{name:<4}") } else { format!(" {name:<3}") }
}

/// Eight columns, with fewer than three decimals where more do not fit.
pub(super) fn coordinate_columns(value: f32) -> io::Result<String> {
    (0..=3)
        .rev()
        .map(|decimals| format!("{value:8.decimals$}"))
        .find(|text| text.len() == 8)
        .ok_or_else(|| no_room(format!("the coordinate {value} has more than eight digits")))
}

fn serial_column(serial: u32) -> io::Result<String> {
    hybrid_36(i64::from(serial), 5).ok_or_else(|| no_room("more than 87 million atoms"))
}

fn number_column(id: &ResidueId) -> io::Result<String> {
    hybrid_36(i64::from(id.number), 4)
        .ok_or_else(|| no_room(format!("residue {id}: four columns do not hold its number")))
}

fn insertion_column(id: &ResidueId) -> io::Result<char> {
    match id.insertion {
        None => Ok(' '),
        Some(code) if code.is_ascii_graphic() => Ok(code),
        Some(_) => Err(no_room(format!("residue {id}: its insertion code is no ASCII character"))),
    }
}

/// Decimal while it fits, then `A000` to `ZZZZ`, then `a000` to `zzzz` (for four columns).
pub(super) fn hybrid_36(number: i64, columns: u32) -> Option<String> {
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
    use super::hybrid_36;

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
}
