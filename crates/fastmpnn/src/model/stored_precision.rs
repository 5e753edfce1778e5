//! The numbers that a saved encoding is stored in.

use std::fmt;
use std::str::FromStr;

use crate::error::EngineError;

/// The numbers that an encoding is stored in. It is computed with in the network's precision in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoredPrecision {
    /// As they are: what is read is identical to the bit.
    #[default]
    F32,
    /// Rounded to IEEE binary16, in half the space.
    F16,
}

impl fmt::Display for StoredPrecision {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            StoredPrecision::F32 => "f32",
            StoredPrecision::F16 => "f16",
        })
    }
}

impl FromStr for StoredPrecision {
    type Err = EngineError;

    fn from_str(name: &str) -> Result<StoredPrecision, EngineError> {
        let all = [StoredPrecision::F32, StoredPrecision::F16];
        all.into_iter().find(|stored| stored.to_string() == name).ok_or_else(|| EngineError::Setting {
            setting: "stored precision",
            value: name.to_owned(),
            allowed: "f32 or f16".to_owned(),
        })
    }
}
