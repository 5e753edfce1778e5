//! The tables of an mmCIF file that are read, data block by data block.

use super::cif_tokens::{Token, TokenError, Tokens, Value};

const ATOM_SITE: &str = "_atom_site.";
const PARENTS: &str = "_pdbx_struct_mod_residue.";

/// A category as a table: one row for a category of single items.
pub(super) struct Table<'a> {
    /// The line of the first tag.
    pub(super) line: usize,
    is_loop: bool,
    /// Item names after the dot, in file order.
    pub(super) items: Vec<&'a str>,
    /// Row after row.
    pub(super) values: Vec<(usize, Value<'a>)>,
}

impl<'a> Table<'a> {
    fn begin(line: usize, is_loop: bool) -> Table<'a> {
        Table { line, is_loop, items: Vec::new(), values: Vec::new() }
    }

    /// The column of the item with the given name.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.items.iter().position(|item| item.eq_ignore_ascii_case(name))
    }

    pub(super) fn rows(&self) -> std::slice::ChunksExact<'_, (usize, Value<'a>)> {
        self.values.chunks_exact(self.items.len().max(1))
    }

    /// Checks that the last row is complete.
    fn check(&self) -> Result<(), TokenError> {
        let excess = self.values.len() % self.items.len().max(1);
        if excess == 0 {
            return Ok(());
        }
        let line = self.values.last().map_or(self.line, |(line, _)| *line);
        let columns = self.items.len();
        Err((line, format!("the last row of the _atom_site loop has {excess} values for its {columns} columns")))
    }
}

/// A data block.
#[derive(Default)]
pub(super) struct Block<'a> {
    /// What follows `data_`; empty before the first.
    pub(super) name: &'a str,
    pub(super) line: usize,
    /// `_atom_site`: the loops of that category, one as a rule.
    pub(super) atoms: Vec<Table<'a>>,
    /// `_pdbx_struct_mod_residue`.
    pub(super) parents: Vec<Table<'a>>,
}

impl<'a> Block<'a> {
    /// The list that collects the tables of a tag's category, and the item's name; `None` for categories that are not
    /// read.
    fn slot(&mut self, tag: &'a str) -> Option<(&mut Vec<Table<'a>>, &'a str)> {
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

/// The blocks that hold atoms. An error after the first of them ends the reading and is kept beside them, because the
/// rest of the file may be irrelevant: ligand dictionaries, diffraction data.
pub(super) struct Blocks<'a> {
    pub(super) blocks: Vec<Block<'a>>,
    pub(super) trouble: Option<TokenError>,
}

/// Reads the blocks of a file.
pub(super) fn blocks_of(text: &str) -> Result<Blocks<'_>, TokenError> {
    let mut tokens = Tokens::new(text);
    let mut found = Blocks { blocks: Vec::new(), trouble: None };
    let mut block = Block::default();
    loop {
        let next = read_block(&mut tokens, &mut block);
        let whole = block.atoms.iter().try_for_each(Table::check);
        match next.and_then(|next| whole.map(|()| next)) {
            Err(error) if found.blocks.is_empty() => return Err(error),
            Err(error) => {
                found.trouble = Some(error);
                return Ok(found);
            }
            Ok(next) => {
                if block.atoms.iter().any(|table| !table.values.is_empty()) {
                    found.blocks.push(std::mem::take(&mut block));
                }
                let Some((line, name)) = next else { return Ok(found) };
                block = Block { line, name, ..Block::default() };
            }
        }
    }
}

/// Reads up to the next data block, and returns the line it begins on and its name.
fn read_block<'a>(tokens: &mut Tokens<'a>, block: &mut Block<'a>) -> Result<Option<(usize, &'a str)>, TokenError> {
    let mut pending = tokens.next_token()?;
    while let Some((line, token)) = pending {
        match token {
            Token::Data(name) => return Ok(Some((line, name))),
            Token::Loop => {
                pending = read_loop(tokens, block)?;
                continue;
            }
            Token::Tag(tag) => {
                pending = tokens.next_token()?;
                let Some((value_line, Token::Value(value))) = pending else {
                    return Err((line, format!("{tag} has no value")));
                };
                if let Some((tables, item)) = block.slot(tag) {
                    if tables.last().is_none_or(|table| table.is_loop) {
                        tables.push(Table::begin(line, false));
                    }
                    if let Some(table) = tables.last_mut() {
                        table.items.push(item);
                        table.values.push((value_line, value));
                    }
                }
            }
            Token::Value(value) => {
                let text: String = value.text.chars().take(40).collect();
                return Err((line, format!("the value {text:?} has no name")));
            }
            Token::Other => {}
        }
        pending = tokens.next_token()?;
    }
    Ok(None)
}

type Pending<'a> = Option<(usize, Token<'a>)>;

/// Reads a loop into a table, or skips it; returns the token after it.
fn read_loop<'a>(tokens: &mut Tokens<'a>, block: &mut Block<'a>) -> Result<Pending<'a>, TokenError> {
    let mut pending = tokens.next_token()?;
    let mut table = Table::begin(pending.map_or(0, |(line, _)| line), true);
    let mut first_tag = None;
    while let Some((_, Token::Tag(tag))) = pending {
        first_tag.get_or_insert(tag);
        table.items.push(tag.split_once('.').map_or(tag, |(_, item)| item));
        pending = tokens.next_token()?;
    }
    let slot = first_tag.and_then(|tag| block.slot(tag)).map(|(tables, _)| tables);
    while let Some((line, Token::Value(value))) = pending {
        if slot.is_some() {
            table.values.push((line, value));
        }
        pending = tokens.next_token()?;
    }
    if let Some(tables) = slot {
        tables.push(table);
    }
    Ok(pending)
}
