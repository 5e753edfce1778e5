//! Sequences as FASTA: one line a record, chains in file order with `/` between them.

use std::io::{self, Write};

use crate::chemistry::{Letter, sequence_string};
use crate::structure::Structure;

/// Writes a record: `>header`, then the letters on one line as [`chains_joined`] puts them.
pub fn write_record(out: &mut impl Write, header: &str, structure: &Structure, sequence: &[Letter]) -> io::Result<()> {
    // File names may hold line ends; a header may not.
    writeln!(out, ">{}", header.replace(['\n', '\r'], " "))?;
    writeln!(out, "{}", chains_joined(structure, sequence))
}

/// The letters of each chain in file order, with `/` between chains. Residues beyond the sequence are left out.
pub fn chains_joined(structure: &Structure, sequence: &[Letter]) -> String {
    let chains = structure.chains.iter().map(|chain| {
        let letters = sequence.get(chain.residues.clone()).unwrap_or_default();
        sequence_string(letters)
    });
    chains.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chemistry::parse_sequence;
    use crate::structure::Chain;

    #[test]
    fn chains_are_joined_by_slashes() {
        let chain = |id: &str, residues| Chain { id: id.into(), label_id: None, residues };
        let structure = Structure { chains: vec![chain("A", 0..2), chain("B", 2..5)], ..Structure::default() };
        let sequence = parse_sequence("ACDXF").unwrap();
        let mut text = Vec::new();
        write_record(&mut text, "x\n, sample=1", &structure, &sequence).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), ">x , sample=1\nAC/DXF\n");
    }
}
