//! The service itself: models, health, metrics, and what it can be asked for.

use std::path::Path;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use fastmpnn_pipeline::fastmpnn::weights::{CATALOGUE, Presence, PublishedCheckpoint, folder};
use serde_json::{Value, json};

use crate::job::Phase;
use crate::openapi::{ModelEntry, ModelList, document};
use crate::problem::Problem;
use crate::shared::Shared;

fn answer(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// `GET /v1/health/live`
pub(super) async fn live() -> Response {
    answer(StatusCode::OK, &json!({ "status": "live" }))
}

/// `GET /v1/health/ready`
pub(super) async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    match shared.jobs.is_ending() {
        false => answer(StatusCode::OK, &json!({ "status": "ready" })),
        true => answer(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "ending" })),
    }
}

/// `GET /v1/models`
pub(super) async fn models() -> Result<Response, Problem> {
    let list = tokio::task::spawn_blocking(|| {
        let folder = folder();
        let entry = |known: &PublishedCheckpoint| ModelEntry {
            name: known.name,
            model: known.model.name(),
            noise: known.noise(),
            neighbors: known.neighbors,
            context_atoms: known.context_atoms,
            presence: presence(known, folder.as_deref()).name(),
            default: known.noise_hundredths == known.model.default_noise(),
        };
        ModelList { models: CATALOGUE.iter().map(entry).collect() }
    });
    let list = list.await.map_err(|error| Problem::internal(format!("the models cannot be listed: {error}")))?;
    Ok(answer(StatusCode::OK, &serde_json::to_value(&list).unwrap_or_default()))
}

/// Whether a checkpoint is there, by the size of its file. Its content is checked when it is loaded.
fn presence(known: &PublishedCheckpoint, folder: Option<&Path>) -> Presence {
    if known.is_embedded() {
        return Presence::Embedded;
    }
    match folder.and_then(|folder| known.file_in(folder)).and_then(|path| path.metadata().ok()) {
        None => Presence::Absent,
        Some(file) if file.len() == known.bytes => Presence::Present,
        Some(_) => Presence::Damaged,
    }
}

/// `GET /openapi.json`
pub(super) async fn openapi() -> Response {
    answer(StatusCode::OK, document())
}

/// `GET /metrics`
pub(super) async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let mut text = shared.metrics.text();
    let (waiting, running) = shared.jobs.load();
    text.one("fastmpnn_jobs_queued", "gauge", "Jobs that wait.", waiting as f64);
    text.one("fastmpnn_jobs_running", "gauge", "Jobs that are worked on.", running as f64);
    let counts = &shared.jobs.counts;
    let ended = Phase::ALL.into_iter().filter(|phase| phase.is_end());
    let ended = ended.map(|phase| (format!("outcome=\"{}\"", phase.name()), counts.of(phase) as f64));
    text.many("fastmpnn_jobs_total", "counter", "Jobs that have ended.", ended);
    text.one("fastmpnn_jobs_refused_total", "counter", "Jobs refused because too many wait.", counts.refused() as f64);
    text.one("fastmpnn_job_seconds_total", "counter", "Seconds of work on jobs.", counts.work().as_secs_f64());
    text.one("fastmpnn_kept_bytes", "gauge", "Bytes of the results that are kept.", shared.jobs.kept_bytes() as f64);
    text.one("fastmpnn_engines", "gauge", "Networks in memory.", shared.engines.count() as f64);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text.finish()).into_response()
}
