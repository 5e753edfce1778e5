//! The interface of NVIDIA's ProteinMPNN microservice.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::tasks::answer;
use crate::body::{JsonBody, read_json};
use crate::nim_request::NimRequest;
use crate::problem::Problem;
use crate::shared::Shared;

/// Where its clients ask: local ones and those of its cloud.
pub(super) const PATHS: [&str; 2] = ["/biology/ipd/proteinmpnn/predict", "/v1/biology/ipd/proteinmpnn/predict"];

/// `POST /biology/ipd/proteinmpnn/predict`
pub(super) async fn predict(State(shared): State<Arc<Shared>>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    shared.jobs.check_room()?;
    let JsonBody { map, room } = read_json(&parts.headers, body, &shared.room, &shared.limits).await?;
    let job = shared.jobs.add(NimRequest::task(map, &shared.limits)?, room)?;
    // These clients know no jobs, and wait.
    match answer(&shared.jobs, &job, None).await {
        Some(outcome) => outcome,
        None => Err(Problem::internal("the job has no end")),
    }
}
