//! Sequences as FASTA: one line per sequence, chains in file order with a separator between them.

use std::io::{self, Write};

use crate::chemistry::{Letter, sequence_string};
use crate::structure::{Chain, Structure};

/// Writes a record: `>header`, then the letters on one line as [`chains_joined`] puts them.
pub fn write_record(
    out: &mut impl Write,
    header: &str,
    structure: &Structure,
    sequence: &[Letter],
    separator: char,
) -> io::Result<()> {
    // File names may hold line ends; a header may not.
    writeln!(out, ">{}", header.replace(['\n', '\r'], " "))?;
    writeln!(out, "{}", chains_joined(structure, sequence, separator))
}

/// The letters of each chain in file order, with a separator between chains. Residues beyond the sequence are left out.
pub fn chains_joined(structure: &Structure, sequence: &[Letter], separator: char) -> String {
    let chains = structure.chains.iter().map(|chain| letters_of(chain, sequence));
    chains.collect::<Vec<_>>().join(&separator.to_string())
}

/// The letters of each chain by its id, in file order; chains of one id are joined.
pub fn chains_by_id(structure: &Structure, sequence: &[Letter], separator: char) -> Vec<(String, String)> {
    let mut chains: Vec<(String, String)> = Vec::new();
    for chain in &structure.chains {
        let letters = letters_of(chain, sequence);
        match chains.iter_mut().find(|(id, _)| **id == *chain.id) {
            Some((_, before)) => {
                before.push(separator);
                before.push_str(&letters);
            }
            None => chains.push((chain.id.to_string(), letters)),
        }
    }
    chains
}

fn letters_of(chain: &Chain, sequence: &[Letter]) -> String {
    sequence_string(sequence.get(chain.residues.clone()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chemistry::parse_sequence;

    #[test]
    fn chains_are_joined_by_a_separator() {
        let chain = |id: &str, residues| Chain { id: id.into(), label_id: None, residues };
        let structure = Structure { chains: vec![chain("A", 0..2), chain("B", 2..5)], ..Structure::default() };
        let sequence = parse_sequence("ACDXF").unwrap();
        let mut text = Vec::new();
        write_record(&mut text, "x\n, sample=1", &structure, &sequence, '/').unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), ">x , sample=1\nAC/DXF\n");
        assert_eq!(chains_joined(&structure, &sequence, ':'), "AC:DXF");
        let pair = |id: &str, letters: &str| (id.to_owned(), letters.to_owned());
        assert_eq!(chains_by_id(&structure, &sequence, ':'), [pair("A", "AC"), pair("B", "DXF")]);
        let again = Structure { chains: vec![chain("A", 0..2), chain("A", 2..5)], ..Structure::default() };
        assert_eq!(chains_by_id(&again, &sequence, ':'), [pair("A", "AC:DXF")]);
    }
}
