//! The columns of a manifest.

use std::path::Path;

use serde_json::Value as Json;

use super::cell::SettingKind;
use crate::request::{Request, schema_of};
use crate::table::{Schema, Value};

/// What names the structure of a row.
const PATHS: [&str; 4] = ["path", "inputs", "input", "file"];

/// The columns, in their order.
pub(super) struct Columns {
    pub(super) list: Vec<Column>,
}

/// What a column holds.
pub(super) enum Column {
    Path,
    Name,
    Setting(Setting),
}

/// A setting of a request.
pub(super) struct Setting {
    pub(super) name: String,
    kind: SettingKind,
}

impl Setting {
    /// The value of a cell that is not empty.
    pub(super) fn value(&self, cell: &Value, folder: &Path) -> Result<Json, String> {
        self.kind.value(cell, folder)
    }
}

impl Columns {
    /// The columns of a table; the error is a sentence without the file's name.
    pub(super) fn of<R: Request>(schema: &Schema) -> Result<Columns, String> {
        let settings = schema_of::<R>();
        let mut list: Vec<Column> = Vec::new();
        for column in &schema.columns {
            let name = column.name.trim().replace('-', "_");
            let found = match name.as_str() {
                path if PATHS.contains(&path) => Column::Path,
                "name" => Column::Name,
                _ => Column::Setting(Setting::of::<R>(&name, &settings)?),
            };
            let same = |other: &Column| match (other, &found) {
                (Column::Path, Column::Path) | (Column::Name, Column::Name) => true,
                (Column::Setting(one), Column::Setting(other)) => one.name == other.name,
                _ => false,
            };
            if list.iter().any(same) {
                return Err(format!("two columns of the manifest say {name}"));
            }
            list.push(found);
        }
        if list.iter().all(|column| !matches!(column, Column::Path)) {
            return Err("the manifest has no column path, which names the structure of a row".to_owned());
        }
        Ok(Columns { list })
    }
}

impl Setting {
    fn of<R: Request>(name: &str, settings: &Json) -> Result<Setting, String> {
        let of_a_structure = || R::OF_A_STRUCTURE.iter().flat_map(|group| group.iter().copied());
        if of_a_structure().any(|setting| setting == name) {
            let kind = SettingKind::of_setting(name, &settings["properties"][name]);
            return Ok(Setting { name: name.to_owned(), kind });
        }
        let shown = name.escape_debug();
        if R::fields().iter().any(|field| field == name) {
            return Err(format!("{shown} is a setting of the whole run, and no column of a manifest"));
        }
        let known = ["path", "name"].into_iter().chain(of_a_structure());
        let nearest = known.min_by_key(|known| strsim::damerau_levenshtein(&name.to_lowercase(), known));
        let nearest = nearest.map_or_else(String::new, |nearest| format!("; the nearest is {nearest}"));
        Err(format!("a manifest has no column {shown}{nearest}"))
    }
}
