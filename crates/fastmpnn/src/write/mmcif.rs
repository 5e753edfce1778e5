//! A structure as an mmCIF file: one data block with `_entity`, `_struct_asym` and `_atom_site` loops.
//!
//! Chain ids, residue names and numbers are the author's. Unlike PDB, no number or name is too long. What is written under
//! another name than it was read stands in `_pdbx_database_remark`, whose numbers are those of PDB's REMARK.

use std::io::{self, Write};

use super::entities::{Entities, Molecule};
use super::pdb_columns::plain;
use super::written::{Group, WrittenStructure};

const ITEMS: [&str; 20] = [
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
    "pdbx_formal_charge",
    "auth_seq_id",
    "auth_asym_id",
    "auth_comp_id",
    "pdbx_PDB_model_num",
];

/// Writes a structure: its polymers, then everything else.
pub(super) fn write(out: &mut impl Write, written: &WrittenStructure<'_>) -> io::Result<()> {
    let block: String = written.name.chars().map(|c| if c.is_ascii_graphic() { c } else { '_' }).collect();
    writeln!(out, "data_{}\n#\n_entry.id {}\n#", block, value(written.name))?;
    if !written.renamed.is_empty() {
        writeln!(out, "_pdbx_database_remark.id 6\n_pdbx_database_remark.text\n;")?;
        for renamed in &written.renamed {
            let (id, from) = (renamed.id, plain(renamed.from));
            writeln!(out, "RESIDUE {from} {id} IS WRITTEN AS {}", renamed.to)?;
        }
        writeln!(out, ";\n#")?;
    }
    let entities = Entities::of(written);
    write_entities(out, &entities)?;
    writeln!(out, "loop_")?;
    for item in ITEMS {
        writeln!(out, "_atom_site.{item}")?;
    }
    let mut serial = 0;
    for (polymer, molecule) in written.polymers.iter().zip(&entities.polymers) {
        for group in &polymer.groups {
            write_group(out, &mut serial, group, molecule)?;
        }
    }
    for (group, molecule) in written.others.iter().zip(&entities.others) {
        write_group(out, &mut serial, group, molecule)?;
    }
    writeln!(out, "#")
}

fn write_entities(out: &mut impl Write, entities: &Entities<'_>) -> io::Result<()> {
    writeln!(out, "loop_\n_entity.id\n_entity.type")?;
    for (number, entity) in (1..).zip(&entities.entities) {
        writeln!(out, "{number} {}", entity.kind.name())?;
    }
    let polymers = (1..).zip(&entities.entities).filter_map(|(number, e)| Some((number, e.kind.polymer()?, &e.chains)));
    let polymers: Vec<(u32, &str, &Vec<&str>)> = polymers.collect();
    if !polymers.is_empty() {
        writeln!(out, "#\nloop_\n_entity_poly.entity_id\n_entity_poly.type\n_entity_poly.pdbx_strand_id")?;
        for (number, kind, chains) in polymers {
            writeln!(out, "{number} {kind} {}", value(&chains.join(",")))?;
        }
    }
    writeln!(out, "#\nloop_\n_struct_asym.id\n_struct_asym.entity_id")?;
    for molecule in entities.molecules() {
        writeln!(out, "{} {}", value(&molecule.label), molecule.entity + 1)?;
    }
    writeln!(out, "#")
}

fn write_group(out: &mut impl Write, serial: &mut u64, group: &Group<'_>, molecule: &Molecule) -> io::Result<()> {
    let record = if group.hetatm { "HETATM" } else { "ATOM" };
    let (residue_name, label, entity) = (value(group.name), value(&molecule.label), molecule.entity + 1);
    let label_number = group.label_number.map_or_else(|| ".".to_owned(), |number| number.to_string());
    let insertion = group.id.insertion.map_or_else(|| "?".to_owned(), |code| value(&code.to_string()));
    let (number, chain) = (group.id.number, value(&group.id.chain));
    for atom in &group.atoms {
        *serial += 1;
        let (element, name) = (value(&atom.element), value(&atom.name));
        let [x, y, z] = atom.position;
        let (occupancy, b_factor) = (atom.occupancy, atom.b_factor);
        let charge = if atom.charge == 0 { "?".to_owned() } else { atom.charge.to_string() };
        writeln!(
            out,
            "{record} {serial} {element} {name} . {residue_name} {label} {entity} {label_number} {insertion} {x:.3} {y:.3} \
             {z:.3} {occupancy:.2} {b_factor:.2} {charge} {number} {chain} {residue_name} 1"
        )?;
    }
    Ok(())
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
    use super::value;

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
}
