//! The lines that the script prints about a structure.

use super::parsed::ParsedStructure;
use crate::console::Console;
use crate::python::{numpy_text, text};

/// Prints which residues are designed and which are fixed.
pub(crate) fn print_choice(parsed: &ParsedStructure, chosen: &[bool], homo_oligomer: bool, console: &mut dyn Console) {
    let names = |wanted: bool| -> Vec<String> {
        let residues = parsed.names.iter().zip(chosen).filter(|(_, chosen)| **chosen == wanted);
        residues.map(|(name, _)| name.clone()).collect()
    };
    console.line(format_args!("These residues will be redesigned:  {}", text::list(&names(true))));
    console.line(format_args!("These residues will be fixed:  {}", text::list(&names(false))));
    if homo_oligomer {
        console.line("Designing HOMO-OLIGOMER");
    }
}

/// Prints the ligand atoms that the network may see.
pub(crate) fn print_ligands(parsed: &ParsedStructure, listed: bool, console: &mut dyn Console) {
    let atoms: Vec<_> = parsed.context_atoms().collect();
    if atoms.is_empty() {
        console.line("No ligand atoms parsed");
    } else if listed {
        console.line(format_args!("The number of ligand atoms parsed is equal to: {}", atoms.len()));
        for (symbol, position) in atoms {
            console.line(format_args!("Type: {symbol}, Coords {}, Mask 1", numpy_text::array(&position)));
        }
    }
}
