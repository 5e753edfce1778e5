//! The columns of a PDB file, each as wide as the format has it. Numbers past the last that fits go on in hybrid-36
//! (Computational Crystallography Toolbox, `iotbx/pdb/hybrid_36`).

use std::io;

use crate::structure::{Atom, ResidueId};

/// Digit and sign, as in `2+`.
pub(super) fn charge_columns(charge: i8) -> String {
    match charge {
        1..=9 => format!("{charge}+"),
        -9..=-1 => format!("{}-", -charge),
        _ => String::new(),
    }
}

/// Four columns; the element's symbol is right-justified in the first two.
pub(super) fn name_columns(atom: &Atom) -> String {
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

pub(super) fn serial_column(serial: u32) -> io::Result<String> {
    hybrid_36(i64::from(serial), 5).ok_or_else(|| no_room("more than 87 million atoms"))
}

pub(super) fn number_column(id: &ResidueId) -> io::Result<String> {
    hybrid_36(i64::from(id.number), 4)
        .ok_or_else(|| no_room(format!("residue {id}: four columns do not hold its number")))
}

pub(super) fn insertion_column(id: &ResidueId) -> io::Result<char> {
    match id.insertion {
        None => Ok(' '),
        Some(code) if code.is_ascii_graphic() => Ok(code),
        Some(_) => Err(no_room(format!("residue {id}: its insertion code is not an ASCII character"))),
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

/// The text in printable ASCII.
pub(super) fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_ascii_graphic() { c.to_string() } else { c.escape_default().to_string() };
    text.chars().map(shown).collect()
}

pub(super) fn no_room(reason: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("cannot be written as PDB: {reason}"))
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
