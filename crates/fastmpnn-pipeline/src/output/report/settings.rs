//! The settings of a run that a reader of its report can repeat.

use serde_json::{Map, Value};

use crate::request::{DesignRequest, tidy};

/// Settings of one run's inputs and outputs: the same designs are made without them.
const OF_THE_RUN: [&str; 16] = [
    "inputs",
    "recursive",
    "manifest",
    "out",
    "overwrite",
    "structures",
    "structure_format",
    "table",
    "part_rows",
    "resume",
    "shard",
    "logo",
    "logo_axis",
    "report",
    "pack",
    "repack_everything",
];

/// The settings that differ from the defaults and that designs depend on.
pub(super) fn of_designs(request: &DesignRequest) -> Map<String, Value> {
    let map = |request: &DesignRequest| {
        // Requests hold nothing that JSON has no form for.
        let mut settings = serde_json::to_value(request).unwrap_or_default();
        tidy(&mut settings);
        match settings {
            Value::Object(settings) => settings,
            _ => Map::new(),
        }
    };
    let (mut settings, defaults) = (map(request), map(&DesignRequest::default()));
    settings.retain(|name, value| defaults.get(name) != Some(value) && !OF_THE_RUN.contains(&name.as_str()));
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;

    #[test]
    fn what_differs_from_the_defaults_is_kept_and_files_of_the_run_are_not() {
        let text = r#"{ "inputs": ["5L33.pdb"], "num_seqs": 8, "temperature": [0.1], "fix": ["A1-10"], "out": "x", "report": "r.html" }"#;
        let settings = of_designs(&DesignRequest::from_json(text).unwrap());
        assert_eq!(Value::Object(settings), serde_json::json!({ "num_seqs": 8, "fix": ["A1-10"] }));
    }

    #[test]
    fn every_setting_of_the_run_is_one() {
        let fields = DesignRequest::fields();
        for name in OF_THE_RUN {
            assert!(fields.iter().any(|field| field == name), "{name}");
        }
    }
}
