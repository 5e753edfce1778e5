//! What fields of requests are called on the command line.

/// What a field of a request is called on the command line.
pub(crate) fn option(field: &str) -> String {
    match field {
        "inputs" => "INPUT".to_owned(),
        field => format!("--{}", field.replace('_', "-")),
    }
}
