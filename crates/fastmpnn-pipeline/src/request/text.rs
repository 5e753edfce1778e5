//! Values that are words in JSON, as the library displays and parses them.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

pub(super) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    parsed(&String::deserialize(deserializer)?)
}

fn parsed<T: FromStr<Err: Display>, E: Error>(text: &str) -> Result<T, E> {
    text.parse().map_err(E::custom)
}

/// A list of such values.
pub(super) mod list {
    use super::*;

    pub(in super::super) fn serialize<T: Display, S: Serializer>(
        values: &[T],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(ToString::to_string))
    }

    pub(in super::super) fn deserialize<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        Vec::<String>::deserialize(deserializer)?.iter().map(|text| parsed(text)).collect()
    }
}

/// Which alternate location counts: `first`, `occupancy`, or a letter.
pub(super) mod altloc {
    use fastmpnn::structure::AltlocChoice;

    use super::*;
    use crate::request::{altloc_name, parse_altloc};

    pub(in super::super) fn serialize<S: Serializer>(value: &AltlocChoice, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&altloc_name(*value))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AltlocChoice, D::Error> {
        parse_altloc(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A share of the inputs, such as `2/4`; none where all are meant.
pub(super) mod shard {
    use super::*;
    use crate::request::Shard;

    pub(in super::super) fn serialize<S: Serializer>(value: &Option<Shard>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(shard) => serializer.collect_str(shard),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D>(deserializer: D) -> Result<Option<Shard>, D::Error>
    where
        D: Deserializer<'de>,
    {
        Option::<String>::deserialize(deserializer)?.map(|text| parsed(&text)).transpose()
    }
}

/// The format of structures: `pdb` or `cif`; none where it is left to the structure.
pub(super) mod structure_format {
    use fastmpnn::write::StructureFormat;

    use super::*;

    const ALL: [StructureFormat; 2] = [StructureFormat::Pdb, StructureFormat::Mmcif];

    pub(in super::super) fn serialize<S: Serializer>(
        value: &Option<StructureFormat>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(format) => serializer.serialize_some(format.ending()),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D>(deserializer: D) -> Result<Option<StructureFormat>, D::Error>
    where
        D: Deserializer<'de>,
    {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let format = ALL.into_iter().find(|format| format.ending() == text);
        format.map(Some).ok_or_else(|| D::Error::custom("a format of structures is pdb or cif"))
    }
}
