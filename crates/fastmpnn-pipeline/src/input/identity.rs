//! What the results of an input depend on, so that they are found again by content and never by name alone.

use fastmpnn::Engine;
use fastmpnn::model::StoredPrecision;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{Input, ResolvedDesign, Sources};
use crate::request::{DesignRequest, Request, tidy};

/// What the results of an input depend on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct InputIdentity {
    /// SHA-256 of its file and of the files beside it that its settings read, in hexadecimal digits.
    pub(crate) content: String,
    /// SHA-256 of its name and of all settings, in hexadecimal digits.
    pub(crate) settings: String,
}

/// Settings of a request that its results do not depend on, and names of files whose content counts on its own; of
/// dictionaries, their entries do.
const INDIFFERENT: [&str; 13] = [
    "inputs",
    "recursive",
    "manifest",
    "dictionary",
    "out",
    "overwrite",
    "report",
    "table",
    "part_rows",
    "resume",
    "shard",
    "checkpoint",
    "membrane_labels",
];

/// The settings of a request that its results depend on.
pub(crate) fn settings_that_matter(request: &DesignRequest) -> Map<String, Value> {
    // Requests hold nothing that JSON has no form for.
    let mut settings = serde_json::to_value(request).unwrap_or_default();
    tidy(&mut settings);
    let mut settings = match settings {
        Value::Object(settings) => settings,
        _ => Map::new(),
    };
    settings.retain(|name, _| !INDIFFERENT.contains(&name.as_str()));
    settings
}

impl ResolvedDesign {
    /// SHA-256 of what the designs of an input depend on beside its content: its name, the request without its inputs and
    /// outputs, the files that the settings read, the network, what encodings are rounded to, and the version. In
    /// hexadecimal digits.
    pub(crate) fn settings_sha256(
        &self,
        request: &DesignRequest,
        input: &Input,
        engine: &Engine,
        sources: &Sources,
        rounded: Option<StoredPrecision>,
    ) -> String {
        let settings = settings_that_matter(request);
        let labels = self.labels.as_ref().map(|labels| labels.sha256.as_str());
        let parts = serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "command": DesignRequest::NAME,
            "name": input.name,
            "settings": settings,
            "files": self.files_of(input, sources),
            "dictionaries": self.entries_of(input),
            "membrane_labels": labels,
            "checkpoint": engine.checkpoint_sha256(),
            "encodings": rounded.map(|rounded| rounded.to_string()),
            "neighbors": engine.model().config().neighbors,
        });
        // The keys of an object are in alphabetical order, so that equal settings give equal bytes.
        format!("{:x}", Sha256::digest(parts.to_string()))
    }
}
