//! Fixed residues from the files that RFdiffusion and RFdiffusion3 write beside their designs.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use fastmpnn::spec::{DesignSpec, kept_by_rfdiffusion};
use fastmpnn::structure::{Structure, structure_name};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::python_json::without_nan;
use super::{Input, InputList, Sources, is_standard_input};
use crate::error::{PipelineError, refusal, unreadable, unusable};
use crate::message::Field;

/// What messages call the setting.
const TRB: Field = Field("trb");

/// Where the .trb file of a structure is.
#[derive(Clone, Debug, PartialEq)]
pub enum TrbSource {
    /// Beside each input, `NAME.trb` of `NAME.pdb`, or `NAME.json` where there is none.
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
    /// Refuses a source that cannot be that of the first `count` inputs.
    pub(crate) fn check(&self, inputs: &InputList, count: usize) -> Result<(), PipelineError> {
        match self {
            TrbSource::Beside if inputs.iter().take(count).any(|input| is_standard_input(&input.path)) => {
                Err(refusal(format!(
                    "{TRB} takes the file beside each input, and nothing is beside standard input: give {TRB}=FILE"
                )))
            }
            TrbSource::File(file) if count > 1 => {
                let file = file.display();
                Err(refusal(format!(
                    "{TRB}={file} is of one design, and there are {count} inputs: {TRB} alone takes the file beside each"
                )))
            }
            _ => Ok(()),
        }
    }

    /// The paths that an input's file may have; the first that is there counts.
    pub(crate) fn paths_of(&self, input: &Input) -> Vec<PathBuf> {
        match self {
            TrbSource::Beside => BESIDE.iter().map(|ending| beside(&input.path, ending)).collect(),
            TrbSource::File(path) => vec![path.clone()],
        }
    }

    /// The specification with the residues that the structure's file keeps fixed, as well as those it fixes itself.
    pub(crate) fn applied_to(
        &self,
        spec: &DesignSpec,
        input: &Input,
        structure: &Structure,
        sources: &Sources,
    ) -> Result<DesignSpec, PipelineError> {
        let paths = self.paths_of(input);
        let first = paths.first().map(PathBuf::as_path).unwrap_or(Path::new(""));
        let mut path = first;
        let mut read = sources.read(first);
        for other in paths.iter().skip(1) {
            match &read {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                _ => break,
            }
            if let Ok(bytes) = sources.read(other) {
                (path, read) = (other, Ok(bytes));
            }
        }
        let file = path.display();
        let bytes = read.map_err(|error| {
            let others: Vec<String> = paths.iter().skip(1).map(|other| other.display().to_string()).collect();
            let others = others.join(", ");
            let others = if others.is_empty() { others } else { format!("there is no {others}, and ") };
            unreadable(format!("{TRB}: {others}{file} cannot be read"), error)
        })?;
        let is_json = bytes.trim_ascii_start().starts_with(b"{");
        let bytes = if is_json { without_nan(&bytes) } else { Cow::Borrowed(&bytes[..]) };
        let kept = kept_by_rfdiffusion(&bytes, structure);
        let kept = kept.map_err(|reason| unusable(format!("{TRB}: {file}: {reason}")))?;
        let mut spec = spec.clone();
        spec.fix.extend(kept.iter().map(ToString::to_string));
        Ok(spec)
    }
}

/// In JSON `true`, or the path of the file.
impl Serialize for TrbSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            TrbSource::Beside => serializer.serialize_bool(true),
            TrbSource::File(path) => path.serialize(serializer),
        }
    }
}

impl TrbSource {
    /// Reads `true` or a path; `false` and null are none.
    pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TrbSource>, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "the path of a .trb file, or true for the file beside each input, is wanted")]
        enum Value {
            Nothing(()),
            Beside(bool),
            File(PathBuf),
        }
        Ok(match Value::deserialize(deserializer)? {
            Value::Nothing(()) | Value::Beside(false) => None,
            Value::Beside(true) => Some(TrbSource::Beside),
            Value::File(path) => Some(TrbSource::File(path)),
        })
    }
}

/// Of RFdiffusion, and of RFdiffusion3.
const BESIDE: [&str; 2] = ["trb", "json"];

fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = structure_name(&path.file_name().unwrap_or_default().to_string_lossy());
    path.with_file_name(format!("{name}.{ending}"))
}
