//! The residues that options name as fixed or to be redesigned.

use anyhow::{Context, Result, bail};

use crate::ligand::parsed::ParsedStructure;
use crate::ligand::residue_options::{load_object, split};
use crate::python::argparse::Values;
use crate::python::json::{Json, Object};

/// The residues that the options name: fixed and redesigned ones, the same for all structures or by path.
pub(super) struct NamedResidues {
    redesigned: Named,
    fixed: Named,
}

/// The named residues of a structure.
pub(super) struct ResidueNames {
    pub(super) redesigned: Vec<String>,
    pub(super) fixed: Vec<String>,
}

impl ResidueNames {
    /// Whether any residue is named.
    pub(super) fn any(&self) -> bool {
        !self.redesigned.is_empty() || !self.fixed.is_empty()
    }
}

enum Named {
    All(Vec<String>),
    /// A dictionary by path, and the option that names it.
    ByPath(Object, &'static str),
}

impl NamedResidues {
    pub(super) fn load(values: &Values) -> Result<NamedResidues> {
        let named = |one: &str, multi: &'static str| -> Result<Named> {
            Ok(match values.given(multi) {
                Some(path) => Named::ByPath(load_object(path, multi)?, multi),
                None => Named::All(split(values.text(one))),
            })
        };
        Ok(NamedResidues {
            fixed: named("--fixed_residues", "--fixed_residues_multi")?,
            redesigned: named("--redesigned_residues", "--redesigned_residues_multi")?,
        })
    }

    /// The named residues of the structure at `path`.
    pub(super) fn of(&self, path: &str, parsed: &ParsedStructure) -> Result<ResidueNames> {
        Ok(ResidueNames { redesigned: self.redesigned.of(path, parsed)?, fixed: self.fixed.of(path, parsed)? })
    }
}

impl Named {
    fn of(&self, path: &str, parsed: &ParsedStructure) -> Result<Vec<String>> {
        let (dictionary, flag) = match self {
            Named::All(names) => return Ok(names.clone()),
            Named::ByPath(dictionary, flag) => (dictionary, flag),
        };
        let value = dictionary.get(path).with_context(|| format!("{flag}: it has no entry for {path}"))?;
        match value {
            Json::List(items) => Ok(items.iter().filter_map(|item| item.as_text()).map(str::to_owned).collect()),
            // For a text, Python's `in` looks for the name as a substring. The text itself is also in the list: even if
            // it names no residue, the list is not empty.
            _ => match value.as_text() {
                Some("") => Ok(Vec::new()),
                Some(text) => {
                    let parts = parsed.names.iter().filter(|name| text.contains(name.as_str())).cloned();
                    Ok(parts.chain([text.to_owned()]).collect())
                }
                None => bail!("{flag}: {path}: {} is not a text of residue names", value.dumps()),
            },
        }
    }
}
