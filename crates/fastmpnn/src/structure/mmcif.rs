//! mmCIF (PDBx), by the dictionary `mmcif_pdbx_v50`: the `_atom_site` category of the data blocks that have one.
//!
//! Users name residues by author ids, so `auth_asym_id` and `auth_seq_id` are used first; the `label_` ids replace them
//! in files that have only those, as many structure predictors write them.

use std::collections::HashSet;

use super::atom_record::{
    AtomRecord, ModelChoice, ParsedModel, choose_model, is_hetatm_by_name, parse_or, parse_position,
};
use super::cif_tables::{Block, Table, blocks_of};
use super::cif_tokens::Value;
use super::numbering::{number_the_unnumbered, part_equal_numbers};
use crate::chemistry::is_water;
use crate::error::StructureError;

/// Reads the chosen model of an mmCIF file.
pub(super) fn parse<'a>(file: &str, text: &'a str, model: ModelChoice) -> Result<ParsedModel<'a>, StructureError> {
    let malformed = |(line, reason): (usize, String)| StructureError::Malformed { file: file.to_owned(), line, reason };
    let found = blocks_of(text).map_err(malformed)?;
    let mut blocks = found.blocks.iter();
    let Some(first) = blocks.next() else {
        return Err(StructureError::NoAtoms {
            file: file.to_owned(),
            reason: "none of its data blocks has an _atom_site category".to_owned(),
        });
    };
    let mut parsed = parse_block(file, first, model)?;
    for block in blocks {
        add_block(file, &mut parsed, block, model)?;
    }
    if let Some((line, reason)) = found.trouble {
        let message = format!("the rest of the file was left out because it is not mmCIF: {reason}");
        parsed.warnings.push((line, message));
    }
    Ok(parsed)
}

/// Reads a further data block, unless its residues repeat those already read: programs such as PyMOL save one data
/// block for each object, and all of them are meant.
fn add_block<'a>(
    file: &str,
    parsed: &mut ParsedModel<'a>,
    block: &Block<'a>,
    model: ModelChoice,
) -> Result<(), StructureError> {
    // A further object may have one model where the first has several.
    let further = match parse_block(file, block, model) {
        Err(StructureError::MissingModel { .. }) => parse_block(file, block, ModelChoice::Place(0))?,
        other => other?,
    };
    let site = |record: &AtomRecord<'a>| (record.chain, record.number, record.insertion, record.residue_name);
    let taken: HashSet<_> = parsed.records.iter().map(site).collect();
    let name = if block.name.is_empty() { "without a name" } else { block.name };
    // Water is not read, and two objects may number theirs alike.
    let is_taken = |record: &&AtomRecord<'a>| !is_water(record.residue_name) && taken.contains(&site(record));
    if let Some(twice) = further.records.iter().find(is_taken) {
        let residues: HashSet<_> = further.records.iter().map(site).collect();
        let message = format!(
            "the data block {name} was left out, {} residues with {} atoms: its residue {} {} is in an earlier block, \
             too; save it as a file of its own, or give its chains other ids",
            residues.len(),
            further.records.len(),
            twice.residue_name,
            twice.residue_id(),
        );
        parsed.warnings.push((block.line, message));
        return Ok(());
    }
    parsed.records.extend(further.records);
    parsed.warnings.extend(further.warnings);
    parsed.declared_parents.extend(further.declared_parents);
    Ok(())
}

fn parse_block<'a>(file: &str, block: &Block<'a>, model: ModelChoice) -> Result<ParsedModel<'a>, StructureError> {
    let tables: Vec<&Table<'a>> = block.atoms.iter().filter(|table| !table.values.is_empty()).collect();
    let columns: Vec<Columns> =
        tables.iter().map(|table| Columns::locate(file, table)).collect::<Result<_, StructureError>>()?;
    let rows = || tables.iter().zip(&columns).flat_map(|(table, columns)| table.rows().map(move |row| (columns, row)));
    let mut models: Vec<i32> = Vec::new();
    let mut seen = HashSet::new();
    for (columns, row) in rows() {
        let model = columns.model_of(file, row)?;
        if seen.insert(model) {
            models.push(model);
        }
    }
    let chosen = models[choose_model(file, &models, model)?];
    let mut parsed = ParsedModel { model_number: chosen, model_count: models.len(), ..ParsedModel::default() };
    for (columns, row) in rows() {
        if columns.model_of(file, row)? == chosen {
            let record = columns.record(file, row)?;
            parsed.records.push(AtomRecord { follows_end: parsed.records.is_empty(), ..record });
        }
    }
    number_the_unnumbered(&mut parsed);
    part_equal_numbers(&mut parsed);
    parsed.declared_parents = block.parents.iter().flat_map(declared_parents).collect();
    Ok(parsed)
}

fn declared_parents<'a>(table: &Table<'a>) -> Vec<(&'a str, &'a str)> {
    let (Some(name), Some(parent)) =
        (table.column("label_comp_id").or_else(|| table.column("auth_comp_id")), table.column("parent_comp_id"))
    else {
        return Vec::new();
    };
    table.rows().map(|row| (row[name].1.text, row[parent].1.text)).collect()
}

/// A column and its fallback.
#[derive(Clone, Copy)]
struct Either(Option<usize>, Option<usize>);

impl Either {
    fn of<'a>(self, row: &[(usize, Value<'a>)]) -> Option<&'a str> {
        let known = |column: Option<usize>| {
            let text = row[column?].1.known()?.trim();
            (!text.is_empty()).then_some(text)
        };
        known(self.0).or_else(|| known(self.1))
    }
}

/// The columns of the items of `_atom_site`.
struct Columns {
    position: [usize; 3],
    atom: Either,
    component: Either,
    chain: Either,
    number: Either,
    label_chain: Option<usize>,
    label_number: Option<usize>,
    group: Option<usize>,
    altloc: Option<usize>,
    insertion: Option<usize>,
    element: Option<usize>,
    occupancy: Option<usize>,
    b_factor: Option<usize>,
    charge: Option<usize>,
    model: Option<usize>,
}

impl Columns {
    fn locate(file: &str, table: &Table<'_>) -> Result<Columns, StructureError> {
        let find = |name: &str| table.column(name);
        let missing =
            |column: String| StructureError::MissingColumn { file: file.to_owned(), line: table.line, column };
        let need = |name: &str| find(name).ok_or_else(|| missing(format!("_atom_site.{name}")));
        let either = |first: &str, second: &str| match (find(first), find(second)) {
            (None, None) => Err(missing(format!("_atom_site.{first} (or {second})"))),
            (found, fallback) => Ok(Either(found, fallback)),
        };
        Ok(Columns {
            position: [need("Cartn_x")?, need("Cartn_y")?, need("Cartn_z")?],
            atom: either("label_atom_id", "auth_atom_id")?,
            component: either("label_comp_id", "auth_comp_id")?,
            chain: either("auth_asym_id", "label_asym_id")?,
            number: either("auth_seq_id", "label_seq_id")?,
            label_chain: find("label_asym_id"),
            label_number: find("label_seq_id"),
            group: find("group_PDB"),
            altloc: find("label_alt_id"),
            insertion: find("pdbx_PDB_ins_code"),
            element: find("type_symbol"),
            occupancy: find("occupancy"),
            b_factor: find("B_iso_or_equiv"),
            charge: find("pdbx_formal_charge"),
            model: find("pdbx_PDB_model_num"),
        })
    }

    fn model_of(&self, file: &str, row: &[(usize, Value<'_>)]) -> Result<i32, StructureError> {
        let Some((line, value)) = self.model.map(|column| row[column]) else {
            return Ok(1);
        };
        let Some(text) = value.known() else {
            return Ok(1);
        };
        text.parse().map_err(|_| StructureError::Malformed {
            file: file.to_owned(),
            line,
            reason: format!("the model number {text:?} is not a whole number"),
        })
    }

    fn record<'a>(&self, file: &str, row: &[(usize, Value<'a>)]) -> Result<AtomRecord<'a>, StructureError> {
        let line = row[self.position[0]].0;
        let known = |column: Option<usize>| column.and_then(|column| row[column].1.known());
        let malformed = |reason: String| StructureError::Malformed { file: file.to_owned(), line, reason };
        let chain = self.chain.of(row).unwrap_or("_");
        let residue_name =
            self.component.of(row).ok_or_else(|| malformed(format!("chain {chain}: an atom has no residue name")))?;
        let number_text = self.number.of(row);
        let number = number_text.map(str::parse).transpose().map_err(|_| {
            let text = number_text.unwrap_or_default();
            malformed(format!("chain {chain}: the residue number {text:?} is not a number"))
        })?;
        let (number, has_number) = (number.unwrap_or(0), number.is_some());
        let insertion = known(self.insertion).and_then(|code| code.trim().chars().next());
        let bad_atom = |reason: String| StructureError::BadAtom {
            file: file.to_owned(),
            line,
            chain: chain.to_owned(),
            residue: match insertion {
                Some(code) => format!("{residue_name} {number}{code}"),
                None => format!("{residue_name} {number}"),
            },
            reason,
        };
        let name = self.atom.of(row).ok_or_else(|| bad_atom("an atom has no name".to_owned()))?;
        let position =
            parse_position(self.position.map(|axis| known(Some(axis)).unwrap_or("nan"))).map_err(&bad_atom)?;
        let label_number = known(self.label_number).and_then(|text| text.parse().ok());
        let label_chain = known(self.label_chain);
        Ok(AtomRecord {
            line,
            hetatm: self.is_hetatm(known(self.group), residue_name),
            name,
            padded_name: name,
            altloc: known(self.altloc).and_then(|code| code.trim().chars().next()),
            residue_name,
            chain,
            label_chain,
            segment: label_chain.unwrap_or(""),
            follows_end: false,
            number,
            has_number,
            insertion,
            label_number,
            in_polymer: self.label_number.map(|_| label_number.is_some()),
            position,
            occupancy: known(self.occupancy).map_or(1.0, |text| parse_or(text, 1.0)),
            b_factor: known(self.b_factor).map_or(0.0, |text| parse_or(text, 0.0)),
            charge: known(self.charge).and_then(|text| text.trim().parse().ok()).unwrap_or(0),
            element: known(self.element).unwrap_or(""),
        })
    }

    /// In files without `group_PDB` the residue's name decides.
    fn is_hetatm(&self, group: Option<&str>, residue_name: &str) -> bool {
        match group {
            Some(group) => group.eq_ignore_ascii_case("HETATM"),
            None => is_hetatm_by_name(residue_name),
        }
    }
}
