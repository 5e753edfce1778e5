//! The dictionaries of the published programs as settings of our own commands: JSON files with entries by structure.
//!
//! | program | dictionaries |
//! | --- | --- |
//! | ProteinMPNN | `chain_id`, `fixed_positions`, `tied_positions`, `omit_AA`, `bias_AA`, `bias_by_res`, `pssm` |
//! | LigandMPNN | `fixed_residues`, `redesigned_residues`, `omit_AA_per_residue`, `bias_AA_per_residue` |
//!
//! Source: the helper scripts of dauparas/ProteinMPNN, and `run.py` of dauparas/LigandMPNN.

mod entries;
mod kind;
mod positions;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fastmpnn::spec::DesignSpec;
use fastmpnn::structure::{Structure, structure_name};
use serde_json::Value;

use self::entries::Addition;
use self::kind::{DictionaryKind, Given};
use super::input_list::InputList;
use super::python_json::without_nan;
use super::source::Sources;
use super::structure_input::Input;
use crate::error::{PipelineError, refusal, unreadable, unusable};
use crate::message::Field;

/// What messages call the setting.
const DICTIONARY: Field = Field("dictionary");

/// More names than this are counted.
const NAMED: usize = 5;

/// All dictionaries of a run.
#[derive(Debug, Default)]
pub(crate) struct Dictionaries {
    list: Vec<Dictionary>,
    profile: ProfileSettings,
}

/// How profiles are mixed in: `--pssm_multi` and `--pssm_threshold` of ProteinMPNN.
#[derive(Clone, Copy, Debug, Default)]
struct ProfileSettings {
    weight: Option<f32>,
    threshold: Option<f32>,
}

/// A dictionary.
#[derive(Debug)]
struct Dictionary {
    kind: DictionaryKind,
    path: PathBuf,
    /// The text of each entry, by its key as written.
    entries: BTreeMap<String, String>,
    /// The keys by the names of the structures that they mean.
    names: BTreeMap<String, String>,
}

impl Dictionaries {
    /// Reads the dictionaries of a request, `KIND=FILE`.
    pub(crate) fn read(settings: &[String], sources: &Sources) -> Result<Dictionaries, PipelineError> {
        let mut dictionaries = Dictionaries::default();
        for text in settings {
            match kind::parse(text).map_err(|reason| refusal(format!("{DICTIONARY} {text}: {reason}")))? {
                Given::File(kind, path) => {
                    if dictionaries.has(kind) {
                        return Err(refusal(format!("{DICTIONARY} {} is given twice", kind.name())));
                    }
                    dictionaries.list.push(Dictionary::read(kind, path, sources)?);
                }
                Given::Weight(weight) => dictionaries.profile.weight = Some(weight),
                Given::Threshold(threshold) => dictionaries.profile.threshold = Some(threshold),
            }
        }
        let ProfileSettings { weight, threshold } = dictionaries.profile;
        let given = weight.is_some() || threshold.is_some();
        match dictionaries.has(DictionaryKind::Pssm) {
            true if !given => Err(refusal(format!(
                "{DICTIONARY} pssm: profiles are mixed in by a weight, as pssm_multi=0.3, and log odds count from a \
                 threshold, as pssm_threshold=0.0: add one of the two"
            ))),
            false if given => {
                Err(refusal(format!("{DICTIONARY} pssm_multi and pssm_threshold are of profiles: add pssm=FILE")))
            }
            _ => Ok(dictionaries),
        }
    }

    fn has(&self, kind: DictionaryKind) -> bool {
        self.list.iter().any(|dictionary| dictionary.kind == kind)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Refuses dictionaries beside settings that say the same.
    pub(crate) fn check(&self, spec: &DesignSpec) -> Result<(), PipelineError> {
        let chains = spec.chains.is_some() && self.has(DictionaryKind::ChainId);
        let redesign = !spec.redesign.is_empty() && self.has(DictionaryKind::RedesignedResidues);
        let (setting, kind) = match (chains, redesign) {
            (true, _) => ("chains", DictionaryKind::ChainId),
            (_, true) => ("redesign", DictionaryKind::RedesignedResidues),
            _ => return Ok(()),
        };
        Err(refusal(format!("{} and {DICTIONARY} {} say the same: give one", Field(setting), kind.name())))
    }

    /// What is to be said of the dictionaries: how many structures each has something for, and for which there is none.
    pub(crate) fn notes(&self, inputs: &InputList) -> Vec<String> {
        let of_structures = self.list.iter().filter(|dictionary| dictionary.kind != DictionaryKind::BiasAa);
        of_structures.flat_map(|dictionary| dictionary.notes(inputs)).collect()
    }

    /// The texts of the entries of an input.
    pub(crate) fn texts_of(&self, input: &Input) -> Vec<&str> {
        self.list.iter().filter_map(|dictionary| dictionary.entry(input)).collect()
    }

    /// The specification with what the dictionaries say of a structure.
    pub(crate) fn applied_to(
        &self,
        mut spec: DesignSpec,
        input: &Input,
        structure: &Structure,
    ) -> Result<DesignSpec, PipelineError> {
        for dictionary in &self.list {
            let Some(text) = dictionary.entry(input) else { continue };
            let wrong = |reason: String| {
                let (file, kind) = (dictionary.path.display(), dictionary.kind.name());
                unusable(format!("{file}: {kind}: {}: {reason}", structure.name))
            };
            let value: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
            let ProfileSettings { weight, threshold } = self.profile;
            let addition = Addition { structure, parsed: input.is_parsed(), weight, threshold };
            addition.add(dictionary.kind, &value, &mut spec).map_err(wrong)?;
        }
        Ok(spec)
    }
}

impl Dictionary {
    fn read(kind: DictionaryKind, path: PathBuf, sources: &Sources) -> Result<Dictionary, PipelineError> {
        let shown = path.display().to_string();
        let bytes = sources.read(&path);
        let bytes = bytes.map_err(|error| unreadable(format!("{DICTIONARY} {shown}: cannot be read"), error))?;
        let objects = objects(&bytes).map_err(|reason| unusable(format!("{shown}: {reason}")))?;
        let mut entries = BTreeMap::new();
        if kind == DictionaryKind::BiasAa {
            let all = objects.into_iter().next_back().unwrap_or_default();
            entries.insert(String::new(), Value::Object(all).to_string());
        } else {
            // Of equal names the last counts.
            let all = objects.into_iter().flatten();
            entries.extend(all.map(|(key, value)| (key, value.to_string())));
        }
        let mut names = BTreeMap::new();
        for key in entries.keys() {
            let file = Path::new(key).file_name().unwrap_or_default().to_string_lossy();
            names.insert(structure_name(&file), key.clone());
        }
        for key in entries.keys() {
            names.insert(key.clone(), key.clone());
        }
        Ok(Dictionary { kind, path, entries, names })
    }

    /// The key of an input's entry: its path, or its name.
    fn key(&self, input: &Input) -> Option<&str> {
        let path = input.path.to_str()?;
        match self.entries.get_key_value(path) {
            Some((key, _)) => Some(key),
            None => self.names.get(&input.name).map(String::as_str),
        }
    }

    fn entry(&self, input: &Input) -> Option<&str> {
        let key = if self.kind == DictionaryKind::BiasAa { "" } else { self.key(input)? };
        self.entries.get(key).map(String::as_str)
    }

    fn notes(&self, inputs: &InputList) -> Vec<String> {
        let mut used = BTreeSet::new();
        let mut count = 0;
        for input in inputs.iter() {
            if let Some(key) = self.key(&input) {
                used.insert(key.to_owned());
                count += 1;
            }
        }
        let (shown, kind, all) = (self.path.display(), self.kind.name(), inputs.len());
        let mut notes = vec![format!("{shown}: {kind} of {count} of {all} structures")];
        let left: Vec<&str> = self.entries.keys().map(String::as_str).filter(|key| !used.contains(*key)).collect();
        if !left.is_empty() {
            let more = left.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let named: Vec<String> = left.iter().take(NAMED).map(|key| key.escape_debug().to_string()).collect();
            let named = named.join(", ");
            notes.push(format!("{shown}: no structure is called {named}{more}: what it says of them is not used"));
        }
        notes
    }
}

/// The objects of a file: one, or one a line.
fn objects(bytes: &[u8]) -> Result<Vec<serde_json::Map<String, Value>>, String> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = without_nan(text);
    if let Ok(Value::Object(only)) = serde_json::from_slice(&text) {
        return Ok(vec![only]);
    }
    let mut objects = Vec::new();
    for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(line) {
            Ok(Value::Object(object)) => objects.push(object),
            Ok(_) => return Err(format!("line {}: is not a dictionary", index + 1)),
            Err(error) => {
                let text = error.to_string();
                let reason = text.split(" at line ").next().unwrap_or_default();
                return Err(format!("line {}: is not JSON: {reason}", index + 1));
            }
        }
    }
    if objects.is_empty() { Err("the dictionary is empty".to_owned()) } else { Ok(objects) }
}
