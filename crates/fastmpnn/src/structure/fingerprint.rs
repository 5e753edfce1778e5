//! A hash that identifies the structure behind a saved encoding.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{Atom, Structure};

/// A hash of everything in a structure that a network can see, except the sequence: residues, chains, and the positions
/// of protein and ligand atoms. It does not cover file names and model numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The hash of bytes.
    pub(crate) fn of(bytes: &[u8]) -> Fingerprint {
        Fingerprint(Sha256::digest(bytes).into())
    }

    /// Reads what [`Display`](fmt::Display) writes: 64 hexadecimal digits.
    pub(crate) fn parse(text: &str) -> Option<Fingerprint> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, place) in hash.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(text.get(place..place + 2)?, 16).ok()?;
        }
        Some(Fingerprint(hash))
    }
}

impl Structure {
    /// The structure's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        let mut bytes = Vec::new();
        for residue in &self.residues {
            bytes.clear();
            text(&mut bytes, &residue.id.chain);
            bytes.extend_from_slice(&residue.id.number.to_le_bytes());
            bytes.extend_from_slice(&residue.id.insertion.map_or(0, u32::from).to_le_bytes());
            bytes.extend_from_slice(&(residue.chain as u64).to_le_bytes());
            bytes.extend_from_slice(&residue.sequence_position.to_le_bytes());
            bytes.extend_from_slice(&(residue.atoms.len() as u64).to_le_bytes());
            residue.atoms.iter().for_each(|atom| add(&mut bytes, atom));
            hash.update(&bytes);
        }
        for ligand in &self.ligand_atoms {
            bytes.clear();
            bytes.push(u8::MAX);
            text(&mut bytes, &ligand.atom.element);
            add(&mut bytes, &ligand.atom);
            hash.update(&bytes);
        }
        Fingerprint(hash.finalize().into())
    }
}

/// Appends a text and a terminator that no text contains, so that different lists of texts give different bytes.
fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(u8::MAX);
}

fn add(bytes: &mut Vec<u8>, atom: &Atom) {
    text(bytes, &atom.name);
    for coordinate in atom.position {
        bytes.extend_from_slice(&coordinate.to_le_bytes());
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}
