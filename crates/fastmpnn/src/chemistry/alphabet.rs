//! The 21 letters of the networks' vocabulary, in the published order.
//!
//! Source: `alphabet = 'ACDEFGHIKLMNPQRSTVWYX'` of the published ProteinMPNN; the rows of `W_s.weight`
//! and `W_out.weight` are in this order.

use std::fmt;

/// V, the size of the vocabulary: twenty amino acids and X.
pub const VOCABULARY: usize = 21;

const ONE: &[u8; VOCABULARY] = b"ACDEFGHIKLMNPQRSTVWYX";
const THREE: [&str; VOCABULARY] = [
    "ALA", "CYS", "ASP", "GLU", "PHE", "GLY", "HIS", "ILE", "LYS", "LEU", "MET", "ASN", "PRO", "GLN", "ARG", "SER",
    "THR", "VAL", "TRP", "TYR", "UNK",
];

/// One letter of the vocabulary, stored as its row in the published embedding (0 = A … 19 = Y, 20 = X).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Letter(u8);

/// An amino-acid sequence, one [`Letter`] per residue in structure order.
pub type Sequence = Vec<Letter>;

impl Letter {
    /// The unknown amino acid.
    pub const X: Letter = Letter(20);

    /// The letter of an embedding row; `None` if `index` is 21 or more.
    pub fn from_index(index: usize) -> Option<Letter> {
        (index < VOCABULARY).then_some(Letter(index as u8))
    }

    /// The letter of an upper- or lower-case one-letter code; `None` if it is none of the 21.
    pub fn from_char(code: char) -> Option<Letter> {
        let code = code.to_ascii_uppercase();
        ONE.iter().position(|&one| one as char == code).map(|index| Letter(index as u8))
    }

    /// The letter of a standard three-letter residue name (`ALA` … `TYR`); `None` for every other name. For modified
    /// residues see [`modified_residue_letter`](super::modified_residue_letter).
    pub fn from_standard_name(name: &str) -> Option<Letter> {
        THREE[..20].iter().position(|&three| three == name).map(|index| Letter(index as u8))
    }

    /// The row of this letter in the published embedding, 0 … 20.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The one-letter code.
    pub fn to_char(self) -> char {
        ONE[self.index()] as char
    }

    /// The three-letter residue name; `UNK` for X.
    pub fn residue_name(self) -> &'static str {
        THREE[self.index()]
    }

    /// The charge of the side chain at pH 7 in units of e: +1 for K and R, −1 for D and E, 0 for all others, H among them,
    /// which is mostly neutral (pKa about 6).
    pub fn charge(self) -> i32 {
        match self.to_char() {
            'K' | 'R' => 1,
            'D' | 'E' => -1,
            _ => 0,
        }
    }

    /// All 21 letters in embedding order.
    pub fn all() -> impl Iterator<Item = Letter> {
        (0..VOCABULARY as u8).map(Letter)
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.to_char())
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.to_char())
    }
}

/// Reads one-letter codes in upper or lower case.
///
/// # Errors
/// The first character that is none of the 21.
pub fn parse_sequence(text: &str) -> Result<Sequence, char> {
    text.chars().map(|code| Letter::from_char(code).ok_or(code)).collect()
}

/// The net charge of a sequence: [`Letter::charge`] summed up.
pub fn net_charge(sequence: &[Letter]) -> i32 {
    sequence.iter().map(|letter| letter.charge()).sum()
}

/// The one-letter codes of a sequence, without separators.
pub fn sequence_string(sequence: &[Letter]) -> String {
    sequence.iter().map(|letter| letter.to_char()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_three_letter_codes_name_the_same_rows() {
        for letter in Letter::all().take(20) {
            assert_eq!(Letter::from_char(letter.to_char()), Some(letter));
            assert_eq!(Letter::from_standard_name(letter.residue_name()), Some(letter));
        }
        assert_eq!(Letter::from_char('x'), Some(Letter::X));
        assert_eq!(Letter::from_standard_name("UNK"), None);
        assert_eq!(parse_sequence("ACB"), Err('B'));
        assert_eq!(Letter::from_char('W').map(Letter::index), Some(18));
    }
}
