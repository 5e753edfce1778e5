//! Fixed residues from the files that RFdiffusion writes beside its designs.

use std::fmt;
use std::path::{Path, PathBuf};

use fastmpnn::spec::{DesignSpec, kept_by_rfdiffusion};
use fastmpnn::structure::{Structure, structure_name};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Input, InputList, Sources, is_standard_input};
use crate::error::{PipelineError, refusal, unreadable, unusable};
use crate::message::Field;

/// What messages call the setting.
const TRB: Field = Field("trb");

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

    /// The path of an input's file.
    pub(crate) fn path_of(&self, input: &Input) -> PathBuf {
        match self {
            TrbSource::Beside => beside(&input.path),
            TrbSource::File(path) => path.clone(),
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
        let path = self.path_of(input);
        let file = path.display();
        let bytes = sources.read(&path).map_err(|error| unreadable(format!("{TRB}: {file} cannot be read"), error))?;
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

fn beside(path: &Path) -> PathBuf {
    let name = structure_name(&path.file_name().unwrap_or_default().to_string_lossy());
    path.with_file_name(format!("{name}.trb"))
}
