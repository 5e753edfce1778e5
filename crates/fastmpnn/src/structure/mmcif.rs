//! mmCIF (PDBx), by the dictionary `mmcif_pdbx_v50`: the `_atom_site` category of the first data block that has one.
//!
//! Users name residues by author ids, so `auth_asym_id` and `auth_seq_id` lead and the `label_` ids stand in where the
//! file, as many predictors write it, has only those.

use super::atom_record::{AtomRecord, ParsedModel, choose_model, parse_coordinate, parse_or};
use super::cif_tokens::{Token, Tokens, Value};
use super::read::ReadOptions;
use crate::chemistry::{Letter, modified_residue_letter};
use crate::error::StructureError;

const ATOM_SITE: &str = "_atom_site.";
const PARENTS: &str = "_pdbx_struct_mod_residue.";

/// A category as a table: one row for a category of single items.
struct Table<'a> {
    /// The line of the first tag.
    line: usize,
    /// Item names after the dot, in file order.
    items: Vec<&'a str>,
    /// Row after row.
    values: Vec<(usize, Value<'a>)>,
}

/// Reads the chosen model of an mmCIF file.
pub(super) fn parse<'a>(file: &str, text: &'a str, options: &ReadOptions) -> Result<ParsedModel<'a>, StructureError> {
    let tables = tables_of(file, text)?;
    let Some(atoms) = tables.atoms.filter(|table| !table.values.is_empty()) else {
        return Err(StructureError::NoAtoms {
            file: file.to_owned(),
            reason: "none of its data blocks has an _atom_site category".to_owned(),
        });
    };
    let columns = Columns::locate(file, &atoms)?;
    let width = atoms.items.len();
    let rows = || atoms.values.chunks_exact(width);
    let model_of = |row: &[(usize, Value<'a>)]| -> Result<i32, StructureError> {
        let Some((line, value)) = columns.model.map(|column| row[column]) else {
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
    };
    let mut models: Vec<i32> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for row in rows() {
        let model = model_of(row)?;
        if seen.insert(model) {
            models.push(model);
        }
    }
    let chosen = models[choose_model(file, &models, options.model_number)?];
    let mut parsed = ParsedModel { model_number: chosen, model_count: models.len(), ..ParsedModel::default() };
    for row in rows() {
        if model_of(row)? == chosen {
            parsed.records.push(columns.record(file, row)?);
        }
    }
    if let Some(parents) = tables.parents {
        parsed.declared_parents = declared_parents(&parents);
    }
    Ok(parsed)
}

#[derive(Default)]
struct Tables<'a> {
    atoms: Option<Table<'a>>,
    parents: Option<Table<'a>>,
}

impl<'a> Tables<'a> {
    /// Where the table of a tag's category goes, and the item's name; `None` for categories that are not read.
    fn slot(&mut self, tag: &'a str) -> Option<(&mut Option<Table<'a>>, &'a str)> {
        let item_of = |category: &str| {
            tag.get(..category.len())
                .filter(|start| start.eq_ignore_ascii_case(category))
                .map(|_| &tag[category.len()..])
        };
        if let Some(item) = item_of(ATOM_SITE) {
            return Some((&mut self.atoms, item));
        }
        item_of(PARENTS).map(|item| (&mut self.parents, item))
    }
}

fn tables_of<'a>(file: &str, text: &'a str) -> Result<Tables<'a>, StructureError> {
    let malformed = |(line, reason): (usize, String)| StructureError::Malformed { file: file.to_owned(), line, reason };
    let mut tokens = Tokens::new(text);
    let mut tables = Tables::default();
    let mut pending = tokens.next_token().map_err(malformed)?;
    while let Some((line, token)) = pending {
        match token {
            Token::Data(_) if tables.atoms.is_some() => break,
            Token::Data(_) => tables.parents = None,
            Token::Loop => {
                pending = read_loop(&mut tokens, &mut tables).map_err(malformed)?;
                continue;
            }
            Token::Tag(tag) => {
                pending = tokens.next_token().map_err(malformed)?;
                let Some((value_line, Token::Value(value))) = pending else {
                    return Err(malformed((line, format!("{tag} has no value"))));
                };
                if let Some((slot, item)) = tables.slot(tag) {
                    let empty = || Table { line, items: Vec::new(), values: Vec::new() };
                    let table = slot.get_or_insert_with(empty);
                    table.items.push(item);
                    table.values.push((value_line, value));
                }
            }
            Token::Value(value) => {
                let reason = format!("the value {:?} has no name", shorten(value.text));
                return Err(malformed((line, reason)));
            }
            Token::Other => {}
        }
        pending = tokens.next_token().map_err(malformed)?;
    }
    if let Some(table) = &tables.atoms {
        let excess = table.values.len() % table.items.len().max(1);
        if excess != 0 {
            let line = table.values.last().map_or(table.line, |(line, _)| *line);
            return Err(malformed((
                line,
                format!(
                    "the last row of the _atom_site loop has {excess} values for its {} columns",
                    table.items.len()
                ),
            )));
        }
    }
    Ok(tables)
}

type Pending<'a> = Option<(usize, Token<'a>)>;

/// Reads a loop into its table, or over it; gives back the word after it.
fn read_loop<'a>(tokens: &mut Tokens<'a>, tables: &mut Tables<'a>) -> Result<Pending<'a>, (usize, String)> {
    let mut pending = tokens.next_token()?;
    let first_line = pending.map_or(0, |(line, _)| line);
    let mut table = Table { line: first_line, items: Vec::new(), values: Vec::new() };
    let mut first_tag = None;
    while let Some((_, Token::Tag(tag))) = pending {
        first_tag.get_or_insert(tag);
        table.items.push(tag.split_once('.').map_or(tag, |(_, item)| item));
        pending = tokens.next_token()?;
    }
    let slot = first_tag.and_then(|tag| tables.slot(tag)).map(|(slot, _)| slot);
    while let Some((line, Token::Value(value))) = pending {
        if slot.is_some() {
            table.values.push((line, value));
        }
        pending = tokens.next_token()?;
    }
    if let Some(slot) = slot {
        slot.get_or_insert(table);
    }
    Ok(pending)
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

fn declared_parents<'a>(table: &Table<'a>) -> Vec<(&'a str, &'a str)> {
    let column = |name: &str| table.items.iter().position(|item| item.eq_ignore_ascii_case(name));
    let (Some(name), Some(parent)) =
        (column("label_comp_id").or_else(|| column("auth_comp_id")), column("parent_comp_id"))
    else {
        return Vec::new();
    };
    let rows = table.values.chunks_exact(table.items.len());
    rows.map(|row| (row[name].1.text, row[parent].1.text)).collect()
}

/// A column and the one that stands in for it.
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

/// Where the items of `_atom_site` stand in a row.
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
        let find = |name: &str| table.items.iter().position(|item| item.eq_ignore_ascii_case(name));
        let missing =
            |column: String| StructureError::MissingColumn { file: file.to_owned(), line: table.line, column };
        let need = |name: &str| find(name).ok_or_else(|| missing(format!("{ATOM_SITE}{name}")));
        let either = |first: &str, second: &str| match (find(first), find(second)) {
            (None, None) => Err(missing(format!("{ATOM_SITE}{first} (or {second})"))),
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

    fn record<'a>(&self, file: &str, row: &[(usize, Value<'a>)]) -> Result<AtomRecord<'a>, StructureError> {
        let line = row[self.position[0]].0;
        let known = |column: Option<usize>| column.and_then(|column| row[column].1.known());
        let malformed = |reason: String| StructureError::Malformed { file: file.to_owned(), line, reason };
        let chain = self.chain.of(row).unwrap_or("_");
        let residue_name =
            self.component.of(row).ok_or_else(|| malformed(format!("chain {chain}: an atom has no residue name")))?;
        let number_text = self
            .number
            .of(row)
            .ok_or_else(|| malformed(format!("chain {chain}: a {residue_name} has no residue number")))?;
        let number = number_text
            .parse()
            .map_err(|_| malformed(format!("chain {chain}: the residue number {number_text:?} is not a number")))?;
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
        let mut position = [0.0; 3];
        for (axis, value) in position.iter_mut().enumerate() {
            let text = known(Some(self.position[axis])).unwrap_or("");
            *value = parse_coordinate(text, ['x', 'y', 'z'][axis]).map_err(&bad_atom)?;
        }
        let label_number = known(self.label_number).and_then(|text| text.parse().ok());
        Ok(AtomRecord {
            line,
            hetatm: self.is_hetatm(known(self.group), residue_name),
            name,
            padded_name: name,
            altloc: known(self.altloc).and_then(|code| code.trim().chars().next()),
            residue_name,
            chain,
            label_chain: known(self.label_chain),
            number,
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

    /// Files without `group_PDB` say it by the residue's name alone.
    fn is_hetatm(&self, group: Option<&str>, residue_name: &str) -> bool {
        match group {
            Some(group) => group.eq_ignore_ascii_case("HETATM"),
            None => {
                Letter::from_standard_name(residue_name).is_none() && modified_residue_letter(residue_name).is_none()
            }
        }
    }
}
