//! `@FILE` where a selection stands: a file with selections, one or more a line, `#` before comments.

use std::path::Path;

use fastmpnn::spec::DesignSpec;

use super::Sources;
use crate::error::{PipelineError, unreadable, unusable};

/// The specification with the files that its selections call.
pub(crate) fn with_files(mut spec: DesignSpec, sources: &Sources) -> Result<DesignSpec, PipelineError> {
    let mut files = std::mem::take(&mut spec.files);
    for names in spec.files_called() {
        let there = names.iter().find(|name| sources.exists(Path::new(name)));
        // `@15` is a residue of a chain that is called @.
        let is_item = |name: &&&str| name.starts_with(|c: char| c.is_ascii_digit() || c == ':' || c == '-');
        let Some(name) = there.or(names.last().filter(|name| !is_item(name))) else { continue };
        if !files.contains_key(*name) {
            files.insert((*name).to_owned(), read(name, sources)?);
        }
    }
    Ok(DesignSpec { files, ..spec })
}

fn read(name: &str, sources: &Sources) -> Result<String, PipelineError> {
    let bytes = sources.read(Path::new(name));
    let bytes = bytes.map_err(|error| unreadable(format!("{name}: the file of selections cannot be read"), error))?;
    let text = String::from_utf8(bytes)
        .map_err(|error| unusable(format!("{name}: the file of selections is not UTF-8 text: {error}")))?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n"))
}
