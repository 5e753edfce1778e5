//! Requests: one type per task, with every default. Settings have the same names in JSON, in a manifest's columns, as
//! arguments in Python and, with hyphens, as options of the command line.
//!
//! A request is flat in JSON: the settings of its groups are all at the top level. Unknown names are refused.
//!
//! ```
//! use fastmpnn_pipeline::request::{DesignRequest, Request};
//!
//! let request = DesignRequest::from_json(r#"{ "inputs": ["5L33.pdb"], "num_seqs": 8, "fix": ["A1-10"] }"#).unwrap();
//! assert_eq!((request.sampling.num_seqs, request.sampling.seed), (8, 37));
//! let error = DesignRequest::from_json(r#"{ "num_seq": 8 }"#).unwrap_err();
//! assert_eq!(error.to_string(), "a design request has no setting num_seq; the nearest is num_seqs");
//! ```

mod checks;
mod collect;
mod dataset;
mod design;
mod groups;
mod network;
mod pack;
mod probs;
mod rank;
mod scan;
mod schema;
mod score;
mod selection;
mod shard;
mod text;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use checks::{
    CUTOFF_RULE, NOISE_RULE, TEMPERATURE_RULE, altloc_name, is_cutoff, is_temperature, noise_hundredths, parse_altloc,
};
pub use collect::CollectRequest;
pub use dataset::{DatasetSettings, Resume};
pub use design::DesignRequest;
pub use groups::{
    ContextSettings, FolderSettings, InputSettings, LetterSettings, LogoSettings, MembraneSettings, NetworkSettings,
    ResidueSettings, SamplingSettings, SideChainSettings, StateSettings,
};
pub use network::Network;
pub use pack::PackRequest;
pub use probs::{ProbabilityMode, ProbsRequest};
pub use rank::RankRequest;
pub use scan::ScanRequest;
pub use schema::schema_of;
pub(crate) use schema::tidy;
pub use score::ScoreRequest;
pub use selection::SelectionSettings;
pub use shard::Shard;

use crate::error::{PipelineError, refusal};

/// The interface that all requests share.
pub trait Request: Clone + Default + PartialEq + Serialize + DeserializeOwned + JsonSchema {
    /// The task: `design`.
    const NAME: &'static str;

    /// The settings that a manifest may give each structure in a column, group by group.
    const OF_A_STRUCTURE: &'static [&'static [&'static str]] = &[];

    /// Refuses values out of range and settings that contradict each other.
    fn check(&self) -> Result<(), PipelineError>;

    /// The names of all settings, in their order.
    fn fields() -> Vec<String> {
        match serde_json::to_value(Self::default()) {
            Ok(Value::Object(map)) => map.into_iter().map(|(name, _)| name).collect(),
            _ => Vec::new(),
        }
    }

    /// The request as JSON, with all settings.
    fn to_json(&self) -> String {
        // Requests hold nothing that JSON has no form for.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Parses a request from JSON; settings that it does not name have their defaults.
    fn from_json(text: &str) -> Result<Self, PipelineError> {
        serde_json::from_str(text).map_err(|error| refusal(plain(&error)))
    }
}

/// The message without its position, which is misleading where a value as a whole is wrong: it is the end of the text.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match error.classify() {
        serde_json::error::Category::Data => match text.rfind(" at line ") {
            Some(end) => text[..end].to_owned(),
            None => text,
        },
        _ => format!("not JSON: {text}"),
    }
}

/// Refuses a name that no setting has.
fn check_names<R: Request>(map: &Map<String, Value>, known: &[String]) -> Result<(), String> {
    let Some(unknown) = map.keys().find(|name| !known.contains(name)) else { return Ok(()) };
    let distance = |name: &String| strsim::damerau_levenshtein(&unknown.to_lowercase().replace('-', "_"), name);
    let nearest = known.iter().min_by_key(|name| distance(name));
    let nearest = nearest.map_or_else(String::new, |name| format!("; the nearest is {name}"));
    Err(format!("a {} request has no setting {}{nearest}", R::NAME, unknown.escape_debug()))
}

/// What is wrong with the first setting that cannot be read, with its name: `read` gives the error of a request that has
/// only the settings of a map.
fn named(map: &Map<String, Value>, read: impl Fn(Map<String, Value>) -> Option<String>) -> Option<String> {
    let alone = |(name, value): (&String, &Value)| {
        let error = read(Map::from_iter([(name.clone(), value.clone())]))?;
        let expected = match error.rsplit_once(", expected ") {
            Some((_, expected)) if error.starts_with("invalid ") => expected,
            _ => return Some(format!("{name}: {error}")),
        };
        let expected = match expected {
            "u64" | "u32" | "usize" => "a whole number, 0 or more",
            "i32" | "i64" => "a whole number",
            "f32" | "f64" => "a number",
            "a boolean" => "true or false",
            "a sequence" => "a list",
            "a string" => "text",
            other => other,
        };
        Some(format!("{name} {value}: expected {expected}"))
    };
    map.iter().find_map(alone)
}

/// Implements reading and writing of a request, with its groups flattened and unknown names refused. The derived
/// functions are those of serde's `remote`, because a derived reader of flattened groups ignores unknown names.
macro_rules! flat_in_json {
    ($request:ty) => {
        impl<'de> serde::Deserialize<'de> for $request {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$request, D::Error> {
                let map = serde_json::Map::<String, serde_json::Value>::deserialize(deserializer)?;
                // Names are asked for a million times where a manifest has as many rows.
                static KNOWN: std::sync::LazyLock<Vec<String>> =
                    std::sync::LazyLock::new(<$request as $crate::request::Request>::fields);
                $crate::request::check_names::<$request>(&map, &KNOWN).map_err(serde::de::Error::custom)?;
                let read = |map| <$request>::deserialize(serde_json::Value::Object(map));
                read(map.clone()).map_err(|error| {
                    let of_one = |one| read(one).err().map(|error: serde_json::Error| error.to_string());
                    serde::de::Error::custom($crate::request::named(&map, of_one).unwrap_or_else(|| error.to_string()))
                })
            }
        }

        impl serde::Serialize for $request {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$request>::serialize(self, serializer)
            }
        }
    };
}
use flat_in_json;
