//! The files that the scripts write.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use super::arguments::needed;
use crate::outcome::WritingTo;
use crate::python::argparse::Values;
use crate::python::json::{Json, Object};

/// Writes a dictionary as one line.
pub(super) fn write(values: &Values, dictionary: Object) -> Result<()> {
    let path = needed(values, "--output_path")?;
    write_text(path, &(Json::Object(dictionary).dumps() + "\n"))
}

pub(super) fn write_text(path: &str, text: &str) -> Result<()> {
    if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        bail!("{path}: there is no folder {}", folder.display());
    }
    fs::write(path, text).writing_to(path)?;
    Ok(())
}
