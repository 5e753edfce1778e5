//! A backbone with side chains as an mmCIF file: one data block with an `_atom_site` loop.
//!
//! Chain ids, residue names and numbers are the author's; `label` items repeat them where the file that was read had no
//! others. Unlike PDB, no number or name is too long.

use std::io::{self, Write};

use super::packed_atoms::{check_packing, packed_atoms};
use crate::decode::Packing;
use crate::structure::{Atom, ResidueId, Structure};

const ITEMS: [&str; 19] = [
    "group_PDB",
    "id",
    "type_symbol",
    "label_atom_id",
    "label_alt_id",
    "label_comp_id",
    "label_asym_id",
    "label_entity_id",
    "label_seq_id",
    "pdbx_PDB_ins_code",
    "Cartn_x",
    "Cartn_y",
    "Cartn_z",
    "occupancy",
    "B_iso_or_equiv",
    "auth_seq_id",
    "auth_asym_id",
    "auth_comp_id",
    "pdbx_PDB_model_num",
];

/// What the atoms of a residue or group share.
struct Place<'s> {
    group: &'static str,
    residue_name: &'s str,
    label_chain: &'s str,
    /// Proteins are one entity, all else another.
    entity: u8,
    label_number: Option<i32>,
    id: &'s ResidueId,
}

/// Writes every heavy atom of a packing, with its log density (nats per radian) as B-factor, then the ligand atoms as they
/// were read.
pub fn write_packing(out: &mut impl Write, structure: &Structure, packing: &Packing) -> io::Result<()> {
    check_packing(structure, packing)?;
    let block: String = structure.name.chars().map(|c| if c.is_ascii_graphic() { c } else { '_' }).collect();
    writeln!(out, "data_{}\n#\n_entry.id {}\n#\nloop_", block, value(&structure.name))?;
    for item in ITEMS {
        writeln!(out, "_atom_site.{item}")?;
    }
    let mut serial = 0;
    for chain in &structure.chains {
        for index in chain.residues.clone() {
            let residue = &structure.residues[index];
            let place = Place {
                group: "ATOM",
                residue_name: packing.sequence[index].residue_name(),
                label_chain: chain.label_id.as_deref().unwrap_or(&chain.id),
                entity: 1,
                label_number: residue.label_number.or(Some(residue.sequence_position + 1)),
                id: &residue.id,
            };
            for atom in packed_atoms(structure, packing, index) {
                serial += 1;
                write_atom(out, serial, &place, &atom)?;
            }
        }
    }
    for ligand in &structure.ligand_atoms {
        serial += 1;
        let place = Place {
            group: "HETATM",
            residue_name: &ligand.residue_name,
            label_chain: &ligand.residue.chain,
            entity: 2,
            label_number: None,
            id: &ligand.residue,
        };
        write_atom(out, serial, &place, &ligand.atom)?;
    }
    writeln!(out, "#")
}

fn write_atom(out: &mut impl Write, serial: u64, place: &Place<'_>, atom: &Atom) -> io::Result<()> {
    let Place { group, residue_name, label_chain, entity, label_number, id } = place;
    let (name, residue_name, label_chain) = (value(&atom.name), value(residue_name), value(label_chain));
    let label_number = label_number.map_or_else(|| ".".to_owned(), |number| number.to_string());
    let insertion = id.insertion.map_or_else(|| "?".to_owned(), |code| value(&code.to_string()));
    let [x, y, z] = atom.position;
    let (occupancy, b_factor, element) = (atom.occupancy, atom.b_factor, value(&atom.element));
    let (number, chain) = (id.number, value(&id.chain));
    writeln!(
        out,
        "{group} {serial} {element} {name} . {residue_name} {label_chain} {entity} {label_number} {insertion} {x:.3} {y:.3} \
         {z:.3} {occupancy:.2} {b_factor:.2} {number} {chain} {residue_name} 1"
    )
}

/// Text as a CIF value: quoted where it is more than one word or would be read as something else.
fn value(text: &str) -> String {
    let special = |first: char| matches!(first, '_' | '#' | '$' | '\'' | '"' | '[' | ']' | ';');
    let reserved = ["data_", "loop_", "save_", "stop_", "global_"];
    let lower = text.to_ascii_lowercase();
    let plain = !text.is_empty()
        && text.chars().all(|c| c.is_ascii_graphic())
        && !text.starts_with(special)
        && text != "."
        && text != "?"
        && !reserved.iter().any(|word| lower.starts_with(word));
    if plain {
        return text.to_owned();
    }
    let clean: String = text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '_' }).collect();
    // A quote ends a value only before white space.
    let quote = if clean.contains("' ") || clean.ends_with('\'') { '"' } else { '\'' };
    format!("{quote}{clean}{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chemistry::Letter;
    use crate::decode::FIXED_LOG_DENSITY;
    use crate::structure::{ReadOptions, read_bytes};
    use crate::write::write_packing_pdb;

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
ATOM N N SER AAA 10000 B 1.0 2.0 3.0
ATOM C CA SER AAA 10000 B 2.0 2.0 3.0
ATOM C C SER AAA 10000 B 3.0 2.5 3.0
ATOM O O SER AAA 10000 B 3.0 3.5 3.0
ATOM N N UNK A -5 ? -100.125 2.0 -12.5
ATOM C CA UNK A -5 ? 2.0 2.0 3.0
HETATM C \"C1'\" LIGND B 2 ? 0.0 0.0 0.5
";

    fn packing(structure: &Structure) -> Packing {
        let mut packing = Packing {
            sequence: vec![Letter::from_char('S').expect("a letter"), Letter::X],
            resolved: vec![true, false],
            packed: vec![true, false],
            atoms: vec![[[1.5, -2.25, 3.0]; 14]; 2],
            angles: vec![[0.0; 4]; 2],
            log_density: vec![[1.25, 0.0, 0.0, 0.0], [FIXED_LOG_DENSITY; 4]],
        };
        packing.keep_side_chains(structure);
        packing
    }

    #[test]
    fn what_is_written_reads_back() {
        let structure = read_bytes("x.cif", SOURCE.as_bytes(), &ReadOptions::default()).expect("a structure");
        let packing = packing(&structure);
        let mut text = Vec::new();
        write_packing(&mut text, &structure, &packing).expect("room");
        let back = read_bytes("x.cif", &text, &ReadOptions::default()).expect("a structure");
        assert_eq!(back.residues.len(), 2);
        for (back, read) in back.residues.iter().zip(&structure.residues) {
            assert_eq!((&back.id, back.letter), (&read.id, read.letter));
        }
        let oxygen = back.residues[0].atom("OG").expect("the packed atom");
        assert_eq!((oxygen.position, oxygen.b_factor, oxygen.element.as_str()), ([1.5, -2.25, 3.0], 1.25, "O"));
        assert_eq!(back.residues[0].atoms.len(), 6);
        assert_eq!(back.residues[1].atoms.len(), 2);
        assert_eq!(back.residues[1].atoms[0].position, structure.residues[1].atoms[0].position);
        assert_eq!(back.ligand_atoms[0].atom.name, "C1'");
        assert_eq!(back.ligand_atoms[0].residue_name, "LIGND");

        let mut text = Vec::new();
        write_packing_pdb(&mut text, &structure, &packing).expect("room");
        let back = read_bytes("x.pdb", &text, &ReadOptions::default()).expect("a structure");
        assert_eq!(
            back.residues[0].atom("OG").map(|atom| (atom.position, atom.b_factor)),
            Some(([1.5, -2.25, 3.0], 1.25))
        );
    }

    #[test]
    fn odd_texts_are_quoted() {
        let cases = [
            ("CA", "CA"),
            ("C1'", "C1'"),
            ("'A", "''A'"),
            ("a b", "'a b'"),
            ("", "''"),
            ("?", "'?'"),
            ("_x", "'_x'"),
            ("it' s", "\"it' s\""),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text), expected);
        }
    }

    #[test]
    fn packings_of_another_structure_are_refused() {
        let structure = read_bytes("x.cif", SOURCE.as_bytes(), &ReadOptions::default()).expect("a structure");
        let mut packing = packing(&structure);
        packing.atoms.pop();
        assert!(write_packing(&mut Vec::new(), &structure, &packing).is_err());
    }
}
