//! `@FILE` where a selection stands: a file with selections, one or more a line, `#` before comments.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use fastmpnn::spec::DesignSpec;

/// The specification with the files that its selections call.
pub fn with_files(mut spec: DesignSpec) -> Result<DesignSpec> {
    let mut files = std::mem::take(&mut spec.files);
    for names in spec.files_called() {
        let there = names.iter().find(|name| Path::new(name).exists());
        // `@15` is a residue of a chain that is called @.
        let is_item = |name: &&&str| name.starts_with(|c: char| c.is_ascii_digit() || c == ':' || c == '-');
        let Some(name) = there.or(names.last().filter(|name| !is_item(name))) else { continue };
        if !files.contains_key(*name) {
            files.insert((*name).to_owned(), read(name)?);
        }
    }
    Ok(DesignSpec { files, ..spec })
}

fn read(name: &str) -> Result<String> {
    let bytes = fs::read(name).with_context(|| format!("{name}: the file of selections cannot be read"))?;
    let text = String::from_utf8(bytes).with_context(|| format!("{name}: the file of selections is not UTF-8 text"))?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n"))
}
