//! Reads the biological assemblies that PDB and mmCIF files list.

use std::collections::HashMap;

use super::cif_tokens::{Token, Tokens};
use super::operator::Operator;
use crate::error::StructureError;

/// The largest number of copies accepted. The largest assemblies in the PDB have a few thousand.
const MOST_COPIES: usize = 10_000;

/// Operators, and the chains to which each of them applies.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Generator {
    pub(super) operators: Vec<Operator>,
    /// Author chain ids in PDB files, label ids in mmCIF files.
    pub(super) chains: Vec<String>,
}

/// The assemblies of a file, in its order.
type Assemblies = Vec<(String, Vec<Generator>)>;

/// The generators of an assembly of a PDB file.
pub(super) fn of_pdb(file: &str, bytes: &[u8], asked: &str) -> Result<Vec<Generator>, StructureError> {
    chosen(file, remark_350(file, bytes)?, asked, "REMARK 350")
}

/// The generators of an assembly of an mmCIF file.
pub(super) fn of_mmcif(file: &str, text: &str, asked: &str) -> Result<Vec<Generator>, StructureError> {
    let tables = Tables::read(file, text)?;
    chosen(file, tables.assemblies(file, asked)?, asked, "_pdbx_struct_assembly_gen")
}

fn chosen(file: &str, assemblies: Assemblies, asked: &str, source: &str) -> Result<Vec<Generator>, StructureError> {
    let ids: Vec<String> = assemblies.iter().map(|(id, _)| id.clone()).collect();
    let found = assemblies.into_iter().find(|(id, _)| id.eq_ignore_ascii_case(asked));
    found.map(|(_, generators)| generators).ok_or_else(|| StructureError::NoAssembly {
        file: file.to_owned(),
        reason: match &ids[..] {
            [] => {
                format!("it says nothing of assemblies ({source}); `assembly models` takes its models for the copies")
            }
            [only] => format!("it has no assembly {asked}; its only assembly is {only}"),
            _ => format!("it has no assembly {asked}; its assemblies are {}", ids.join(", ")),
        },
    })
}

fn malformed(file: &str, line: usize, reason: String) -> StructureError {
    StructureError::Malformed { file: file.to_owned(), line, reason }
}

/// Reads REMARK 350.
fn remark_350(file: &str, bytes: &[u8]) -> Result<Assemblies, StructureError> {
    let mut remark = Remark350::default();
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        if let Some(text) = line.strip_prefix(b"REMARK 350") {
            let text = String::from_utf8_lossy(text);
            remark.add(text.trim()).map_err(|reason| malformed(file, index + 1, reason))?;
        }
    }
    Ok(remark.assemblies)
}

#[derive(Default)]
struct Remark350 {
    assemblies: Assemblies,
    /// The assemblies that the current lines describe: `BIOMOLECULE: 1, 2`.
    current: Vec<usize>,
    /// Whether a list of chains continues on the next line.
    in_list: bool,
    /// The rows of the current matrix read so far.
    rows: Vec<[f64; 4]>,
}

impl Remark350 {
    fn add(&mut self, text: &str) -> Result<(), String> {
        let in_list = std::mem::take(&mut self.in_list);
        if let Some((_, ids)) = text.strip_prefix("BIOMOLECULE").and_then(|rest| rest.split_once(':')) {
            self.current.clear();
            for id in list(ids) {
                self.current.push(self.assemblies.len());
                self.assemblies.push((id.to_owned(), Vec::new()));
            }
        } else if text.starts_with("BIOMT") {
            return self.add_row(text);
        } else if let Some((start, chains)) = text.split_once("CHAINS:") {
            if !start.trim_end().ends_with("AND") {
                self.of_current(|generators| generators.push(Generator::default()));
            }
            self.add_chains(chains);
        } else if in_list {
            self.add_chains(text);
        }
        Ok(())
    }

    fn of_current(&mut self, mut change: impl FnMut(&mut Vec<Generator>)) {
        if self.current.is_empty() {
            // Files older than format version 3 may omit the number of their only assembly.
            self.current.push(0);
            self.assemblies.push(("1".to_owned(), Vec::new()));
        }
        self.current.iter().for_each(|&index| change(&mut self.assemblies[index].1));
    }

    fn add_chains(&mut self, text: &str) {
        self.in_list = text.trim_end().ends_with(',');
        // REMARK 350 writes NULL for a blank chain id; ours is `_`.
        let chains: Vec<String> = list(text).map(|id| if id == "NULL" { "_" } else { id }.to_owned()).collect();
        self.of_current(|generators| {
            if let Some(generator) = generators.last_mut() {
                generator.chains.extend(chains.iter().cloned());
            }
        });
    }

    /// `BIOMT1   1  1.000000  0.000000  0.000000        0.00000`
    fn add_row(&mut self, text: &str) -> Result<(), String> {
        let numbers: Vec<f64> = text.split_whitespace().skip(2).map_while(|word| word.parse().ok()).collect();
        let Ok(row) = <[f64; 4]>::try_from(numbers) else {
            return Err(format!("{text:?} is not a matrix row: a name, a number, three factors and a shift"));
        };
        let place = self.rows.len() + 1;
        if !text.starts_with(&format!("BIOMT{place}")) {
            return Err(format!("{text:?} stands where BIOMT{place} is expected"));
        }
        self.rows.push(row);
        let [x, y, z] = self.rows[..] else { return Ok(()) };
        self.rows.clear();
        let operator = operator_of([x, y, z]);
        self.of_current(|generators| {
            if generators.is_empty() {
                generators.push(Generator::default());
            }
            generators.last_mut().into_iter().for_each(|generator| generator.operators.push(operator));
        });
        Ok(())
    }
}

fn operator_of(rows: [[f64; 4]; 3]) -> Operator {
    Operator { rotation: rows.map(|[x, y, z, _]| [x, y, z]), shift: rows.map(|[.., shift]| shift) }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty())
}

const GENERATORS: &str = "_pdbx_struct_assembly_gen.";
const OPERATORS: &str = "_pdbx_struct_oper_list.";

/// Rows of a category, each by item.
type Rows<'a> = Vec<HashMap<String, (usize, &'a str)>>;

/// The two categories of an mmCIF file.
#[derive(Default)]
struct Tables<'a> {
    generators: Rows<'a>,
    operators: Rows<'a>,
}

impl<'a> Tables<'a> {
    fn read(file: &str, text: &'a str) -> Result<Tables<'a>, StructureError> {
        let failed = |(line, reason)| malformed(file, line, reason);
        let mut tables = Tables::default();
        let mut tokens = Tokens::new(text);
        // The items that the next values belong to; in a loop they repeat for every row.
        let mut items: Vec<&str> = Vec::new();
        let mut place = 0;
        let mut heading = false;
        while let Some((line, token)) = tokens.next_token().map_err(failed)? {
            match token {
                Token::Tag(tag) if heading => items.push(tag),
                Token::Tag(tag) => {
                    items = vec![tag];
                    place = 0;
                }
                Token::Loop => {
                    items.clear();
                    (place, heading) = (0, true);
                }
                Token::Value(value) => {
                    heading = false;
                    let Some(tag) = items.get(place) else { continue };
                    if let Some((rows, item)) = tables.rows_of(tag) {
                        if (place == 0 && items.len() > 1) || rows.is_empty() {
                            rows.push(HashMap::new());
                        }
                        if let Some(row) = rows.last_mut() {
                            row.insert(item, (line, value.known().unwrap_or("")));
                        }
                    }
                    place = (place + 1) % items.len();
                }
                Token::Data(_) | Token::Other => items.clear(),
            }
        }
        Ok(tables)
    }

    fn rows_of(&mut self, tag: &str) -> Option<(&mut Rows<'a>, String)> {
        let tag = tag.to_ascii_lowercase();
        match (tag.strip_prefix(GENERATORS), tag.strip_prefix(OPERATORS)) {
            (Some(item), _) => Some((&mut self.generators, item.to_owned())),
            (_, Some(item)) => Some((&mut self.operators, item.to_owned())),
            _ => None,
        }
    }

    /// All assemblies; only the requested one has its generators.
    fn assemblies(&self, file: &str, asked: &str) -> Result<Assemblies, StructureError> {
        let mut assemblies: Assemblies = Vec::new();
        for row in &self.generators {
            let Some(&(line, id)) = row.get("assembly_id") else { continue };
            let place = assemblies.iter().position(|(known, _)| known == id).unwrap_or_else(|| {
                assemblies.push((id.to_owned(), Vec::new()));
                assemblies.len() - 1
            });
            if id.eq_ignore_ascii_case(asked) {
                let text = |item: &str| row.get(item).map_or("", |(_, text)| *text);
                assemblies[place].1.push(Generator {
                    operators: self
                        .operators(text("oper_expression"))
                        .map_err(|reason| malformed(file, line, reason))?,
                    chains: list(text("asym_id_list")).map(str::to_owned).collect(),
                });
            }
        }
        Ok(assemblies)
    }

    /// The operators of an expression: `1`, `1,2,5-8`, `(1-60)`, `(X0)(1-5)`; the last in a product is applied first.
    fn operators(&self, expression: &str) -> Result<Vec<Operator>, String> {
        let unreadable = || format!("the operator expression {expression:?} cannot be read");
        let compact: String = expression.chars().filter(|code| !code.is_whitespace()).collect();
        let factors: Vec<&str> = match compact.strip_prefix('(') {
            Some(inside) => inside.strip_suffix(')').ok_or_else(unreadable)?.split(")(").collect(),
            None => vec![&compact],
        };
        let mut product: Option<Vec<Operator>> = None;
        for factor in factors {
            if factor.is_empty() || factor.contains(['(', ')']) {
                return Err(unreadable());
            }
            let operators = self.of_factor(factor)?;
            let all = match product {
                None => operators,
                Some(first) => {
                    let pairs = first.iter().flat_map(|first| operators.iter().map(|second| first.after(second)));
                    pairs.take(MOST_COPIES + 1).collect()
                }
            };
            if all.len() > MOST_COPIES {
                return Err(format!("the operator expression {expression:?} makes more than {MOST_COPIES} copies"));
            }
            product = Some(all);
        }
        Ok(product.unwrap_or_default())
    }

    /// `1,2,5-8`
    fn of_factor(&self, factor: &str) -> Result<Vec<Operator>, String> {
        let mut operators = Vec::new();
        for word in factor.split(',').filter(|word| !word.is_empty()) {
            // An id may hold a hyphen itself.
            let range = word.split_once('-').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
            match range {
                Some((first, last)) if self.row(word).is_none() => {
                    for number in first..=last {
                        let number: u32 = number;
                        operators.push(self.operator(&number.to_string())?);
                    }
                }
                _ => operators.push(self.operator(word)?),
            }
        }
        Ok(operators)
    }

    fn row(&self, id: &str) -> Option<&HashMap<String, (usize, &'a str)>> {
        self.operators.iter().find(|row| row.get("id").is_some_and(|(_, known)| *known == id))
    }

    fn operator(&self, id: &str) -> Result<Operator, String> {
        let row = self.row(id).ok_or_else(|| format!("there is no operator {id:?} in _pdbx_struct_oper_list"))?;
        let number = |item: String| -> Result<f64, String> {
            let text = row.get(&item).map_or("", |(_, text)| *text);
            text.trim().parse().map_err(|_| format!("{item} of operator {id} is {text:?}, not a number"))
        };
        let mut rows = [[0.0; 4]; 3];
        for (index, row) in (1..).zip(&mut rows) {
            for (column, value) in (1..).zip(&mut row[..3]) {
                *value = number(format!("matrix[{index}][{column}]"))?;
            }
            row[3] = number(format!("vector[{index}]"))?;
        }
        Ok(operator_of(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_lists_ranges_and_products() {
        let row = |number: usize| {
            format!(
                "{} 1 0 0 {number} 0 1 0 0 0 0 1 0\n",
                if number == 9 { "P-A".to_owned() } else { number.to_string() }
            )
        };
        let items = "matrix[1][1] matrix[1][2] matrix[1][3] vector[1] matrix[2][1] matrix[2][2] matrix[2][3] vector[2] \
                     matrix[3][1] matrix[3][2] matrix[3][3] vector[3]";
        let items: String = items.split(' ').map(|item| format!("_pdbx_struct_oper_list.{item}\n")).collect();
        let text = format!("loop_\n_pdbx_struct_oper_list.id\n{items}{}", (1..10).map(row).collect::<String>());
        let tables = Tables::read("x", &text).unwrap();
        let shifts = |expression: &str| -> Vec<f64> {
            tables.operators(expression).unwrap().iter().map(|operator| operator.shift[0]).collect()
        };
        assert_eq!(shifts("1"), [1.0]);
        assert_eq!(shifts("1,3"), [1.0, 3.0]);
        assert_eq!(shifts("(2-4)"), [2.0, 3.0, 4.0]);
        assert_eq!(shifts("1,3-4, P-A"), [1.0, 3.0, 4.0, 9.0]);
        assert_eq!(shifts("(1,2)(3-5)"), [4.0, 5.0, 6.0, 5.0, 6.0, 7.0]);
        for (expression, reason) in [
            ("(1", "cannot be read"),
            ("(1)2", "cannot be read"),
            ("1-12", "no operator \"P-A\""),
            ("(1-8)(1-8)(1-8)(1-8)(1-8)", "more than 10000 copies"),
        ] {
            let error = tables.operators(expression).unwrap_err();
            assert!(error.contains(reason) || expression == "1-12" && error.contains("no operator \"9\""), "{error}");
        }
    }
}
