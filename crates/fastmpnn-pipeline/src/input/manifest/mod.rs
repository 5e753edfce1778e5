//! Manifests: a table with a structure a row, whose columns are settings of a request.
//!
//! A manifest is checked whole before the work starts. There may be a million rows, so that a row's settings are kept as the
//! text of a JSON object, and become a request when its turn comes.

mod cell;
mod columns;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use self::columns::{Column, Columns};
use super::input_list::InputList;
use super::names::name_rows;
use super::source::Sources;
use super::standard_input::is_standard_input;
use super::structure_input::Input;
use super::text_store::{Span, TextStore};
use crate::address::{in_folder, is_address};
use crate::error::{PipelineError, unreadable, unusable};
use crate::request::{LetterSettings, Request};
use crate::table::{NumberedRow, TableReader};

/// Settings whose values, of the kind of their column, are right as far as can be told without a structure.
const ANY_VALUE: [&str; 19] = [
    "bias",
    "bias_at",
    "chains",
    "charge",
    "count",
    "cyclic",
    "double",
    "fasta",
    "fix",
    "membrane_buried",
    "membrane_interface",
    "membrane_labels",
    "mutations",
    "no_motif",
    "omit_at",
    "redesign",
    "repack",
    "seed",
    "tie",
];

/// More errors than this are counted.
const NAMED: usize = 20;

/// The settings of each row.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// The file.
    path: PathBuf,
    /// The request without the rows' settings, as an object of JSON.
    request: Map<String, Value>,
    text: TextStore,
    /// An object of JSON for each row; an empty text where it has no settings.
    settings: Vec<Span>,
    /// The first row of each kind: rows of a kind differ in nothing that can be checked without their structures.
    kinds: Vec<RowKind>,
    /// The settings that some row gives.
    given: BTreeSet<&'static str>,
}

/// The first row of a kind.
#[derive(Clone, Copy, Debug)]
struct RowKind {
    /// What messages call it: the number of its line, in a text file.
    number: u64,
    settings: Span,
}

/// A manifest that was read.
pub(crate) struct ManifestInputs {
    pub(crate) list: InputList,
    pub(crate) manifest: Manifest,
    /// About names that differ from the files'.
    pub(crate) notes: Vec<String>,
}

impl Manifest {
    /// Reads and checks a manifest; `request` has the settings that rows do not give.
    pub(crate) fn read<R: Request>(
        path: &Path,
        request: &R,
        sources: &Sources,
    ) -> Result<ManifestInputs, PipelineError> {
        let shown = path.display().to_string();
        let unread = |error| unreadable(format!("{shown}: the manifest cannot be read"), error);
        let table = match is_address(path) {
            true => TableReader::of_bytes(path.to_string_lossy(), sources.read(path).map_err(unread)?, None)?,
            false => TableReader::open(path)?,
        };
        let columns = Columns::of::<R>(table.schema()).map_err(|reason| unusable(format!("{shown}: {reason}")))?;
        let request = match serde_json::to_value(request) {
            Ok(Value::Object(request)) => request,
            Ok(_) => Map::new(),
            Err(error) => return Err(unusable(format!("{shown}: {error}"))),
        };
        let manifest = Manifest {
            path: path.to_owned(),
            request,
            text: TextStore::default(),
            settings: Vec::new(),
            kinds: Vec::new(),
            given: BTreeSet::new(),
        };
        let mut reading = Reading {
            folder: path.parent().unwrap_or(Path::new("")),
            sources,
            columns: &columns,
            manifest,
            list: InputList::default(),
            names: HashMap::new(),
            checked: HashSet::new(),
            letters: HashSet::new(),
            errors: Errors::default(),
        };
        for row in table {
            // A damaged file says nothing of what follows.
            let row = row?;
            reading.add::<R>(&row);
        }
        let Reading { manifest, list, errors, .. } = reading;
        if let Some(errors) = errors.sentence() {
            return Err(unusable(format!("{shown}: {errors}")));
        }
        if list.is_empty() {
            return Err(unusable(format!("{shown}: the manifest has no rows")));
        }
        let (list, notes) = name_rows(list);
        Ok(ManifestInputs { list, manifest, notes })
    }

    /// The settings of a row; `None` where it has none of its own.
    pub(crate) fn settings(&self, row: usize) -> Option<Map<String, Value>> {
        let text = self.settings.get(row).map(|&span| self.text.get(span)).filter(|text| !text.is_empty())?;
        serde_json::from_str(text).ok()
    }

    /// The request of a row, or the part of it that a type reads; `None` where the row has no settings of its own.
    pub(crate) fn request<R: DeserializeOwned>(&self, row: usize) -> Option<R> {
        merged(&self.request, self.settings(row)?).ok()
    }

    /// Whether some row gives one of these settings.
    pub(crate) fn gives(&self, settings: &[&str]) -> bool {
        settings.iter().any(|setting| self.given.contains(setting))
    }

    /// Checks the requests, or the parts of them that a type reads, of all rows; the error names the first row that is wrong.
    pub(crate) fn check_rows<R: DeserializeOwned>(
        &self,
        check: impl Fn(&R) -> Result<(), PipelineError>,
    ) -> Result<(), PipelineError> {
        for kind in &self.kinds {
            let settings = serde_json::from_str(self.text.get(kind.settings)).unwrap_or_default();
            // What cannot be read was refused with the manifest.
            let Ok(request) = merged(&self.request, settings) else { continue };
            // Where rows give no settings it is the request that is wrong.
            let of_row = |error: PipelineError| match self.kinds.len() {
                1 if self.given.is_empty() => error,
                _ => unusable(format!("{}: row {}: {error}", self.path.display(), kind.number)),
            };
            check(&request).map_err(of_row)?;
        }
        Ok(())
    }
}

/// A request, or the part of it that a type reads, with settings in the place of its own.
fn merged<R: DeserializeOwned>(request: &Map<String, Value>, settings: Map<String, Value>) -> Result<R, String> {
    let mut request = request.clone();
    request.extend(settings);
    serde_json::from_value(Value::Object(request)).map_err(|error| error.to_string())
}

/// A row of a manifest, for front ends that carry out its requests themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ManifestRow {
    /// The structure.
    pub path: PathBuf,
    /// What it is called; no two rows share it.
    pub name: String,
    /// The settings of the row, as an object of JSON.
    pub settings: String,
}

/// The rows of a manifest of requests of that kind, which are checked.
pub fn manifest_rows<R: Request>(path: &Path, sources: &Sources) -> Result<Vec<ManifestRow>, PipelineError> {
    let ManifestInputs { list, manifest, .. } = Manifest::read(path, &R::default(), sources)?;
    let row = |(index, input): (usize, Input)| {
        let settings = Value::Object(manifest.settings(index).unwrap_or_default()).to_string();
        ManifestRow { path: input.path, name: input.name, settings }
    };
    Ok(list.iter().enumerate().map(row).collect())
}

/// A manifest on its way.
struct Reading<'m> {
    folder: &'m Path,
    sources: &'m Sources,
    columns: &'m Columns,
    manifest: Manifest,
    list: InputList,
    /// The rows that have the names given, by name.
    names: HashMap<String, u64>,
    /// The settings that were checked, as 64 bits of each.
    checked: HashSet<u64>,
    /// The texts about letters that were checked, likewise.
    letters: HashSet<u64>,
    errors: Errors,
}

impl Reading<'_> {
    fn add<R: Request>(&mut self, row: &NumberedRow) {
        let mut settings = Map::new();
        let (mut path, mut name) = (None, None);
        for (column, cell) in self.columns.list.iter().zip(&row.values).filter(|(_, cell)| !cell.is_missing()) {
            let text = cell.to_string();
            match column {
                _ if text.trim().is_empty() => {}
                Column::Path => path = Some(text),
                Column::Name => name = Some(text),
                Column::Setting(setting) => match setting.value(cell, self.folder) {
                    Ok(value) => {
                        settings.insert(setting.name.clone(), value);
                    }
                    Err(reason) => self.errors.add(row.number, Some(&setting.name), reason),
                },
            }
        }
        let Some(path) = path else {
            self.errors.add(row.number, Some("path"), "a row names a structure, and this one does not".to_owned());
            return;
        };
        let path = in_folder(self.folder, path.trim());
        if let Err(reason) = self.add_input(&path) {
            self.errors.add(row.number, Some("path"), reason);
            return;
        }
        if let Some(name) = name.as_deref().map(str::trim) {
            self.add_name(row.number, name);
        }
        self.add_settings::<R>(row.number, settings);
    }

    fn add_input(&mut self, path: &Path) -> Result<(), String> {
        if is_standard_input(path) || path.file_name().is_some_and(|name| name == "-") {
            return Err("standard input (-) is no file of a manifest".to_owned());
        }
        if is_address(path) {
            self.list.add_file(path);
            return Ok(());
        }
        if path.is_dir() {
            return Err(format!("{} is a folder, and a row is one structure", path.display()));
        }
        let member = match path.to_str().filter(|text| text.contains(':')) {
            Some(text) if !path.exists() => self.sources.member(text).map_err(|error| error.to_string())?,
            _ => None,
        };
        match member {
            Some((container, index)) => self.list.add_members(container, [index]),
            None => self.list.add_file(path),
        }
        Ok(())
    }

    fn add_name(&mut self, number: u64, name: &str) {
        const COLUMN: Option<&str> = Some("name");
        if name.contains(|code: char| code.is_control() || matches!(code, '/' | '\\')) {
            let name = name.escape_debug();
            self.errors.add(number, COLUMN, format!("{name} cannot be the name of a file"));
            return;
        }
        if let Some(other) = self.names.insert(name.to_owned(), number) {
            self.errors.add(number, COLUMN, format!("{name} is the name of row {other}, too"));
        }
        let last = self.list.len() - 1;
        self.list.rename(last, name);
    }

    /// Checks the texts about letters, of which no more than the selections need a structure.
    fn check_letters(&mut self, number: u64, settings: &Map<String, Value>) {
        let of_letters = |name: &str| LetterSettings::OF_A_STRUCTURE.contains(&name);
        let own: Map<String, Value> = settings
            .iter()
            .filter(|(name, _)| of_letters(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let mut hasher = DefaultHasher::new();
        own.hash(&mut hasher);
        if own.is_empty() || !self.letters.insert(hasher.finish()) {
            return;
        }
        // Values of another kind are refused with the request.
        let Ok(letters) = serde_json::from_value::<LetterSettings>(Value::Object(own)) else { return };
        if let Err(error) = letters.spec().check_letters() {
            self.letters.clear();
            let reason = error.to_string();
            let column = named_in(&reason, LetterSettings::OF_A_STRUCTURE.iter().copied());
            self.errors.add(number, column, reason);
        }
    }

    /// Whether settings like these have not been checked yet: any text is a selection until there is a structure, and any
    /// whole number is a seed.
    fn is_new(&mut self, settings: &Map<String, Value>) -> bool {
        let mut hasher = DefaultHasher::new();
        for (name, value) in settings {
            name.hash(&mut hasher);
            if !ANY_VALUE.contains(&name.as_str()) {
                value.hash(&mut hasher);
            }
        }
        self.checked.insert(hasher.finish())
    }

    fn add_settings<R: Request>(&mut self, number: u64, settings: Map<String, Value>) {
        if settings.is_empty() {
            self.manifest.settings.push(Span::default());
            if self.is_new(&settings) {
                self.manifest.kinds.push(RowKind { number, settings: Span::default() });
            }
            return;
        }
        let text = Value::Object(settings.clone()).to_string();
        // Neighboring rows often have the same settings.
        let last = self.manifest.settings.last().copied().filter(|&span| self.manifest.text.get(span) == text);
        let span = last.unwrap_or_else(|| self.manifest.text.add(&text));
        self.manifest.settings.push(span);
        if last.is_some() {
            return;
        }
        self.check_letters(number, &settings);
        if !self.is_new(&settings) {
            return;
        }
        let all = || R::OF_A_STRUCTURE.iter().flat_map(|group| group.iter().copied());
        self.manifest.given.extend(all().filter(|&setting| settings.contains_key(setting)));
        self.manifest.kinds.push(RowKind { number, settings: span });
        let columns: Vec<String> = settings.keys().cloned().collect();
        let checked = merged::<R>(&self.manifest.request, settings)
            .and_then(|request| request.check().map_err(|error| error.to_string()));
        if let Err(reason) = checked {
            // The next such row is wrong, too.
            self.checked.clear();
            // The reason names the setting; where the row gives but one, that is its column.
            let column = named_in(&reason, columns.iter().map(String::as_str));
            self.errors.add(number, column, reason);
        }
    }
}

/// The setting that a sentence names first.
fn named_in<'c>(sentence: &str, settings: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let is_part = |code: char| code.is_alphanumeric() || code == '_';
    let place = |setting: &&str| {
        let is_whole = |&(at, _): &(usize, &str)| {
            let (before, after) = (&sentence[..at], &sentence[at + setting.len()..]);
            !before.ends_with(is_part) && !after.starts_with(is_part)
        };
        sentence.match_indices(*setting).find(is_whole).map(|(at, _)| at)
    };
    settings.filter_map(|setting| Some((place(&setting)?, setting))).min().map(|(_, setting)| setting)
}

/// The errors of a manifest, the first of them in words.
#[derive(Default)]
struct Errors {
    named: Vec<String>,
    count: usize,
}

impl Errors {
    fn add(&mut self, number: u64, column: Option<&str>, reason: String) {
        self.count += 1;
        if self.named.len() < NAMED {
            let column = column.map_or_else(String::new, |column| format!(", column {column}"));
            self.named.push(format!("row {number}{column}: {reason}"));
        }
    }

    fn sentence(&self) -> Option<String> {
        let more = self.count - self.named.len();
        let more = if more > 0 { format!("; and {more} more errors") } else { String::new() };
        match self.count {
            0 => None,
            1 => self.named.first().cloned(),
            count => Some(format!("the manifest has {count} errors: {}{more}", self.named.join("; "))),
        }
    }
}
