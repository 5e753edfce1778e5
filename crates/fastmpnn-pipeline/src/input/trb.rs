//! `--trb`: fixed residues from the files that RFdiffusion writes beside its designs.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fastmpnn::spec::{DesignSpec, kept_by_rfdiffusion};
use fastmpnn::structure::{Structure, structure_name};

use crate::input::{Input, is_standard_input};

/// Larger files, bytes, are no .trb files: those of the largest designs have some megabytes.
const LARGEST: u64 = 256 << 20;

/// Where the .trb file of a structure is.
#[derive(Clone, Debug, PartialEq)]
pub enum TrbSource {
    /// Beside each input, `NAME.trb` of `NAME.pdb`.
    Beside,
    /// This file, for the only input.
    File(PathBuf),
}

impl fmt::Display for TrbSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrbSource::Beside => out.write_str("beside each input"),
            TrbSource::File(path) => path.display().fmt(out),
        }
    }
}

impl TrbSource {
    /// Of the option: absent, without a value, or with one.
    pub fn new(option: Option<Option<PathBuf>>, inputs: &[Input]) -> Result<Option<TrbSource>> {
        match option {
            None => Ok(None),
            Some(None) if inputs.iter().any(|input| is_standard_input(&input.path)) => {
                bail!("--trb takes the file beside each input, and nothing is beside standard input: give --trb=FILE")
            }
            Some(None) => Ok(Some(TrbSource::Beside)),
            Some(Some(file)) if inputs.len() > 1 => bail!(
                "--trb={} is of one design, and there are {} inputs: --trb alone takes the file beside each",
                file.display(),
                inputs.len()
            ),
            Some(Some(file)) => Ok(Some(TrbSource::File(file))),
        }
    }

    /// The specification with the residues that the structure's file keeps fixed, as well as those it fixes itself.
    pub fn applied_to<'a>(
        &self,
        spec: Cow<'a, DesignSpec>,
        input: &Input,
        structure: &Structure,
    ) -> Result<Cow<'a, DesignSpec>> {
        let path = match self {
            TrbSource::Beside => beside(&input.path),
            TrbSource::File(path) => path.clone(),
        };
        let bytes = read(&path).with_context(|| format!("--trb: {} cannot be read", path.display()))?;
        let kept = kept_by_rfdiffusion(&bytes, structure)
            .map_err(|reason| anyhow::anyhow!("--trb: {}: {reason}", path.display()))?;
        let mut spec = spec.into_owned();
        spec.fix.extend(kept.iter().map(ToString::to_string));
        Ok(Cow::Owned(spec))
    }
}

fn beside(path: &Path) -> PathBuf {
    let name = structure_name(&path.file_name().unwrap_or_default().to_string_lossy());
    path.with_file_name(format!("{name}.trb"))
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}
