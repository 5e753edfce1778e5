//! JSON Schemas of the requests.

use fastmpnn::model::Precision;
use fastmpnn::spec::OrderKind;
use fastmpnn::weights::ModelKind;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::Request;

/// The JSON Schema of a request, draft 2020-12.
pub fn schema_of<R: Request>() -> Value {
    let mut schema = schemars::schema_for!(R).to_value();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".to_owned(), json!(R::NAME));
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
    tidy(&mut schema);
    schema
}

/// Writes numbers of single precision as short as they are, 0.1 instead of 0.10000000149011612, and descriptions on one line.
pub(crate) fn tidy(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(tidy),
        Value::Object(map) => map.values_mut().for_each(tidy),
        // The lines of a comment are no lines of a description.
        Value::String(text) if text.contains('\n') => *text = text.replace('\n', " "),
        Value::Number(number) if number.is_f64() => {
            let single = number.as_f64().map(|value| (value, value as f32));
            if let Some((value, single)) = single.filter(|&(value, single)| f64::from(single) == value) {
                *number = single.to_string().parse::<f64>().ok().and_then(serde_json::Number::from_f64).unwrap_or_else(
                    || serde_json::Number::from_f64(value).unwrap_or_else(|| serde_json::Number::from(0)),
                );
            }
        }
        _ => {}
    }
}

fn words(names: &[&str]) -> Schema {
    json_schema!({ "type": "string", "enum": names })
}

fn words_or_null(names: &[&str]) -> Schema {
    let values: Vec<Value> = names.iter().map(|name| json!(name)).chain([Value::Null]).collect();
    json_schema!({ "type": ["string", "null"], "enum": values })
}

pub(super) fn gaps(_: &mut SchemaGenerator) -> Schema {
    words(&["break", "ignore"])
}

pub(super) fn order(_: &mut SchemaGenerator) -> Schema {
    words(&OrderKind::ALL.map(OrderKind::name))
}

pub(super) fn precision(_: &mut SchemaGenerator) -> Schema {
    words(&Precision::ALL.map(Precision::name))
}

pub(super) fn model(_: &mut SchemaGenerator) -> Schema {
    let kinds = ModelKind::ALL.into_iter().filter(|&kind| kind != ModelKind::Packer);
    words(&kinds.map(ModelKind::name).collect::<Vec<_>>())
}

pub(super) fn membrane_label(_: &mut SchemaGenerator) -> Schema {
    words_or_null(&["soluble", "transmembrane"])
}

pub(super) fn chain_separator(_: &mut SchemaGenerator) -> Schema {
    words(&["/", ":"])
}

pub(super) fn structure_format(_: &mut SchemaGenerator) -> Schema {
    words_or_null(&["pdb", "cif"])
}

pub(super) fn trb(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "boolean", "null"] })
}
