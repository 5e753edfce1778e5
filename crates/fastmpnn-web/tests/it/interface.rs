//! The interface as it describes itself.

use serde_json::Value;

use crate::client::Served;

/// All references of a document.
fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str));
            map.values().for_each(|value| references(value, found));
        }
        _ => {}
    }
}

#[test]
fn the_document_is_whole() {
    let served = Served::new();
    let document = served.get("/openapi.json").of(200);
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 30, "{}", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference}"));
        assert!(document.pointer(pointer).is_some(), "{reference} is not there");
    }
    for path in ["/v1/design", "/v1/score", "/v1/probabilities", "/v1/scan", "/v1/pack"] {
        let operation = &document["paths"][path]["post"];
        let request = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
        let schema = document.pointer(&request[1..]).unwrap();
        let example = &operation["requestBody"]["content"]["application/json"]["example"];
        // The packer is a checkpoint of its own, which may not be here.
        if path != "/v1/pack" {
            served.post(path, example).of(200);
        }
        let properties = schema["properties"].as_object().unwrap();
        for setting in ["files", "wait", "inputs", "seed", "altloc"] {
            // Probabilities have a seed, too.
            assert!(properties.contains_key(setting), "{path} {setting}");
        }
        for setting in ["out", "manifest", "checkpoint", "table", "logo"] {
            assert!(!properties.contains_key(setting), "{path} {setting}");
        }
    }
}

#[test]
fn models_and_metrics_are_listed() {
    let served = Served::new();
    let list = served.get("/v1/models").of(200);
    let models = list["models"].as_array().unwrap();
    assert_eq!(models.len(), fastmpnn_pipeline::fastmpnn::weights::CATALOGUE.len());
    let embedded = models.iter().find(|model| model["name"] == "proteinmpnn_v_48_020").unwrap();
    assert_eq!((&embedded["presence"], &embedded["default"]), (&"embedded".into(), &true.into()));
    let answer = served.get("/metrics");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = String::from_utf8(answer.body).unwrap();
    assert!(
        text.contains("fastmpnn_http_requests_total{method=\"GET\",route=\"/v1/models\",status=\"200\"} 1\n"),
        "{text}"
    );
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (_, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}
