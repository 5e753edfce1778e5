//! The dictionaries that options name as files.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

use super::settings::{ProteinSettings, RULE};
use crate::console::Console;
use crate::python::json::{Json, Object};

/// All dictionaries; `None` for those that the script would not load.
#[derive(Debug, Default)]
pub(super) struct Dictionaries {
    pub(super) chains: Option<Object>,
    pub(super) fixed: Option<Object>,
    pub(super) pssm: Option<Object>,
    pub(super) omitted: Option<Object>,
    pub(super) letter_bias: Option<Object>,
    pub(super) tied: Option<Object>,
    pub(super) residue_bias: Option<Object>,
}

impl Dictionaries {
    /// Loads those that the settings name, and prints which are not loaded, as the script does.
    pub(super) fn load(settings: &ProteinSettings, console: &mut dyn Console) -> Result<Dictionaries> {
        let mut load = |flag: &str, merge: bool| -> Result<Option<Object>> {
            let loaded = load(settings.values.text(flag), flag, merge, console)?;
            if loaded.is_none() {
                settings.run.say(console, RULE);
                settings.run.say(console, format_args!("{} is NOT loaded", flag.trim_start_matches('-')));
            }
            Ok(loaded)
        };
        let mut dictionaries = Dictionaries {
            chains: load("--chain_id_jsonl", false)?,
            fixed: load("--fixed_positions_jsonl", false)?,
            pssm: load("--pssm_jsonl", true)?,
            omitted: load("--omit_AA_jsonl", false)?,
            letter_bias: load("--bias_AA_jsonl", false)?,
            tied: load("--tied_positions_jsonl", false)?,
            residue_bias: None,
        };
        let flag = "--bias_by_res_jsonl";
        dictionaries.residue_bias = self::load(settings.values.text(flag), flag, false, console)?;
        if dictionaries.residue_bias.is_some() {
            settings.run.say(console, "bias by residue dictionary is loaded");
        } else {
            settings.run.say(console, RULE);
            settings.run.say(console, "bias by residue dictionary is not loaded, or not provided");
        }
        settings.run.say(console, RULE);
        Ok(dictionaries)
    }
}

/// The last line of a file, or all lines merged into one dictionary; `None` if the file does not exist.
fn load(path: &str, flag: &str, merge: bool, console: &mut dyn Console) -> Result<Option<Object>> {
    if path.is_empty() {
        return Ok(None);
    }
    if !Path::new(path).is_file() {
        console.warn(&format!("{flag}: {path} is not a file; it is ignored, as the published script ignores it"));
        return Ok(None);
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?;
    let mut result: Option<Object> = merge.then(Object::default);
    let mut count = 0;
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let json = Json::loads(line).map_err(|error| anyhow!("{path}: line {}: {error}", index + 1))?;
        let Json::Object(object) = json else { bail!("{path}: line {}: a dictionary is expected", index + 1) };
        match &mut result {
            Some(all) if merge => all.update(object),
            other => *other = Some(object),
        }
        count += 1;
    }
    if count == 0 {
        bail!("{path}: it is empty");
    }
    if count > 1 && !merge {
        console.warn(&format!("{path}: only the last of its {count} lines counts, as in the published script"));
    }
    Ok(result)
}

/// The entry of a structure.
pub(super) fn of_structure<'d>(dictionary: &'d Object, name: &str, flag: &str) -> Result<&'d Json> {
    dictionary.get(name).with_context(|| format!("{flag}: it has no entry for {name}"))
}

/// The entry of a chain of a structure.
pub(super) fn of_chain<'d>(dictionary: &'d Object, name: &str, chain: &str, flag: &str) -> Result<&'d Json> {
    let structure = of_structure(dictionary, name, flag)?;
    let structure = structure.as_object().with_context(|| format!("{flag}: {name}: chains are expected"))?;
    structure.get(chain).with_context(|| format!("{flag}: it has no entry for chain {chain} of {name}"))
}
