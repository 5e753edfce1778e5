//! What the service can be asked for, as an OpenAPI 3.1 document.
//!
//! Its schemas are those of the types themselves: OpenAPI 3.1 speaks the JSON Schema that requests have already. So nothing
//! is said twice, and a new setting of a request is in the document at once.

use std::sync::OnceLock;

use fastmpnn_pipeline::request::{
    DesignRequest, PackRequest, ProbsRequest, Request, ScanRequest, ScoreRequest, schema_of,
};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::nim_request::NimRequest;
use crate::outcome::{
    DesignedStructure, NimAnswer, PackedStructure, ProbabilityTable, ScannedStructure, ScoredStructure, TaskResult,
};
use crate::problem::{PROBLEM_JSON, Problem};
use crate::task::{File, REFUSED};

/// A published network.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ModelEntry {
    /// The published name of its checkpoint.
    pub(crate) name: &'static str,
    /// What it is for, as the setting `model` calls it.
    pub(crate) model: &'static str,
    /// The noise that it was trained with, Å, as the setting `noise` chooses it.
    pub(crate) noise: f64,
    /// Neighbors of each residue.
    pub(crate) neighbors: usize,
    /// Context atoms of each residue; 0 where it sees none.
    pub(crate) context_atoms: usize,
    /// `embedded` or `present` where it can be used, else `absent` or `damaged`.
    pub(crate) presence: &'static str,
    /// Whether its model means it where no noise is given.
    pub(crate) default: bool,
}

/// The published networks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ModelList {
    /// The networks.
    pub(crate) models: Vec<ModelEntry>,
}

/// The backbone of six residues of 5L33, for the document's examples.
const EXAMPLE: &str = include_str!("example.pdb");

/// The document.
pub(crate) fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(Builder::build)
}

/// Collects the schemas of the types that operations name.
struct Builder {
    schemas: Map<String, Value>,
}

impl Builder {
    fn build() -> Value {
        let mut builder = Builder { schemas: Map::new() };
        builder.add::<Problem>("Problem");
        let mut paths = Map::new();
        let design = builder.task::<DesignRequest, DesignedStructure>("Design", "Draw sequences for structures");
        paths.insert("/v1/design".to_owned(), design);
        let score = builder.task::<ScoreRequest, ScoredStructure>("Score", "Score sequences on structures");
        paths.insert("/v1/score".to_owned(), score);
        let probabilities = builder.task::<ProbsRequest, ProbabilityTable>(
            "Probabilities",
            "The probabilities of all letters at every residue",
        );
        paths.insert("/v1/probabilities".to_owned(), probabilities);
        let scan = builder.task::<ScanRequest, ScannedStructure>("Scan", "The effect of mutations");
        paths.insert("/v1/scan".to_owned(), scan);
        let pack = builder.task::<PackRequest, PackedStructure>("Pack", "Place side chains");
        paths.insert("/v1/pack".to_owned(), pack);
        builder.schemas.insert("Job".to_owned(), job_schema());
        paths.insert("/v1/jobs/{id}".to_owned(), jobs());
        paths.insert("/v1/jobs/{id}/events".to_owned(), events());
        builder.add::<ModelList>("ModelList");
        let models = answers(&[("200", "The networks", "ModelList")]);
        paths.insert(
            "/v1/models".to_owned(),
            json!({ "get": operation("listModels", "The published networks", models) }),
        );
        let health =
            json!({ "type": "object", "properties": { "status": { "type": "string" } }, "required": ["status"] });
        builder.schemas.insert("Health".to_owned(), health);
        for (path, name, summary) in [
            ("/v1/health/live", "live", "Whether the service runs"),
            ("/v1/health/ready", "ready", "Whether the service takes jobs"),
        ] {
            let mut responses = answers(&[("200", "It does", "Health")]);
            if name == "ready" {
                responses["503"] = json!({ "description": "It is ending", "content": content("Health") });
            }
            let mut health = operation(name, summary, responses);
            health["security"] = json!([{}]);
            paths.insert(path.to_owned(), json!({ "get": health }));
        }
        builder.add::<NimRequest>("NimRequest");
        builder.add::<NimAnswer>("NimAnswer");
        for (path, name) in [
            ("/biology/ipd/proteinmpnn/predict", "predict"),
            ("/v1/biology/ipd/proteinmpnn/predict", "predictAsInCloud"),
        ] {
            let responses = with_problems(answers(&[("200", "The designs", "NimAnswer")]));
            let mut predict = operation(name, "Designs for clients of NVIDIA's ProteinMPNN microservice", responses);
            predict["requestBody"] = json!({ "required": true, "content": content("NimRequest") });
            predict["requestBody"]["content"]["application/json"]["example"] = json!({ "input_pdb": EXAMPLE });
            paths.insert(path.to_owned(), json!({ "post": predict }));
        }
        let text = |description: &str, kind: &str| {
            let schema = json!({ "type": "string" });
            json!({ "200": { "description": description, "content": { kind: { "schema": schema } } }, "401": problem() })
        };
        let metrics = operation("metrics", "Numbers for Prometheus", text("The numbers", "text/plain"));
        paths.insert("/metrics".to_owned(), json!({ "get": metrics }));
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "FastMPNN",
                "version": env!("CARGO_PKG_VERSION"),
                "summary": "Inverse folding with the ProteinMPNN networks",
                "license": { "name": "MIT", "identifier": "MIT" },
            },
            "paths": paths,
            "components": {
                "schemas": builder.schemas,
                "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            },
            "security": [{}, { "token": [] }],
        })
    }

    /// Adds the schema of a type, and of those that it is made of.
    fn add<T: JsonSchema>(&mut self, name: &str) {
        let mut settings = SchemaSettings::draft2020_12();
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        let mut generator = settings.into_generator();
        let mut schema: Schema = generator.root_schema_for::<T>();
        if let Some(Value::Object(parts)) = schema.remove("$defs") {
            self.schemas.extend(parts);
        }
        // The generator leaves the parts at a place of its own, under the path that references name.
        if let Some(Value::Object(mut components)) = schema.remove("components")
            && let Some(Value::Object(parts)) = components.remove("schemas")
        {
            self.schemas.extend(parts);
        }
        self.schemas.insert(name.to_owned(), schema.to_value());
    }

    /// The operation of a task, with its request and its result.
    fn task<R: Request, S: JsonSchema>(&mut self, name: &str, summary: &str) -> Value {
        self.add::<File>("File");
        let mut request = schema_of::<R>();
        if let Some(map) = request.as_object_mut() {
            map.remove("$schema");
            map.insert("title".to_owned(), format!("{name}Request").into());
            map.insert("required".to_owned(), json!(["files"]));
            // References become those of the document.
            if let Some(Value::Object(parts)) = map.remove("$defs") {
                self.schemas.extend(parts);
            }
        }
        redirect(&mut request);
        if let Some(properties) = request.get_mut("properties").and_then(Value::as_object_mut) {
            properties.retain(|setting, _| !REFUSED.iter().any(|(refused, _)| refused == setting));
            properties.insert("inputs".to_owned(), json!({
                "description": "The files that are structures; where it is not given, all that no other setting names.",
                "type": ["array", "null"],
                "items": { "type": "string" },
            }));
            properties.insert(
                "files".to_owned(),
                json!({
                    "description": "All files that the request may read.",
                    "type": "array",
                    "minItems": 1,
                    "items": { "$ref": "#/components/schemas/File" },
                }),
            );
            properties.insert("wait".to_owned(), json!({
                "description": "Whether the answer is the result; false for the job, whose result is fetched later.",
                "type": ["boolean", "null"],
                "default": true,
            }));
        }
        self.schemas.insert(format!("{name}Request"), request);
        self.add::<TaskResult<S>>(&format!("{name}Result"));
        let result = format!("{name}Result");
        let responses = answers(&[("200", "The result", &result), ("202", "The job, which goes on", "Job")]);
        let mut post = operation(&name.to_lowercase(), summary, with_problems(responses));
        post["requestBody"] = json!({ "required": true, "content": content(&format!("{name}Request")) });
        post["requestBody"]["content"]["application/json"]["example"] =
            json!({ "files": [{ "name": "example.pdb", "text": EXAMPLE }] });
        post["parameters"] = json!([{
            "name": "Prefer",
            "in": "header",
            "description": "respond-async for the job at once; wait=SECONDS for the job after some time (RFC 7240).",
            "schema": { "type": "string" },
        }]);
        json!({ "post": post })
    }
}

/// Lets the references of a schema on its own be references of the document.
fn redirect(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(redirect),
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref") {
                *reference = reference.replace("#/$defs/", "#/components/schemas/");
            }
            map.values_mut().for_each(redirect);
        }
        _ => {}
    }
}

fn operation(name: &str, summary: &str, responses: Value) -> Value {
    json!({ "operationId": name, "summary": summary, "responses": responses })
}

fn content(schema: &str) -> Value {
    json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } })
}

fn problem() -> Value {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    json!({ "description": "Why not", "content": { PROBLEM_JSON: { "schema": schema } } })
}

/// Answers, and the problem of every request that has no token where one is needed.
fn answers(all: &[(&str, &str, &str)]) -> Value {
    let mut responses = json!({ "401": problem(), "403": problem() });
    for (status, description, schema) in all {
        responses[*status] = json!({ "description": description, "content": content(schema) });
    }
    responses
}

/// The problems of requests with a body.
fn with_problems(mut responses: Value) -> Value {
    for status in ["400", "408", "413", "415", "422", "429", "503"] {
        responses[status] = problem();
    }
    responses
}

fn id() -> Value {
    json!([{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }])
}

fn jobs() -> Value {
    let mut get = operation("showJob", "How far a job is, and its result", answers(&[("200", "The job", "Job")]));
    let mut delete = operation("cancelJob", "Cancel a job", answers(&[("200", "The job, without its result", "Job")]));
    for operation in [&mut get, &mut delete] {
        operation["responses"]["404"] = problem();
        operation["parameters"] = id();
    }
    json!({ "get": get, "delete": delete })
}

fn events() -> Value {
    let description = "Server-Sent Events: progress, native, design, score, probabilities, scan, packing, warning, note, \
                       failure, and at last end";
    let schema = json!({ "type": "string" });
    let mut responses = answers(&[]);
    responses["200"] = json!({ "description": description, "content": { "text/event-stream": { "schema": schema } } });
    responses["404"] = problem();
    let mut get = operation("followJob", "What happens to a job, as it happens", responses);
    get["parameters"] = id();
    json!({ "get": get })
}

fn job_schema() -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "type": "object",
        "required": ["id", "task", "state", "position", "progress", "problem"],
        "properties": {
            "id": { "type": "string", "description": "Its name" },
            "task": { "type": "string", "description": "design, score, probabilities, scan or pack" },
            "state": { "type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"] },
            "position": { "type": ["integer", "null"], "description": "Its place in the queue, from 1" },
            "progress": {
                "type": "object",
                "required": ["done", "total", "unit"],
                "properties": { "done": count, "total": count, "unit": { "type": "string" } },
            },
            "problem": {
                "description": "Why it has no result",
                "anyOf": [{ "$ref": "#/components/schemas/Problem" }, { "type": "null" }],
            },
            "result": { "description": "The task's result, at the end", "type": ["object", "null"] },
        },
    })
}
