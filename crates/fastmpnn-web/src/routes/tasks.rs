//! Tasks: each becomes a job, and the answer is its result or, for those who do not wait, the job.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use crate::body::{JsonBody, read_json};
use crate::job::{Job, Jobs};
use crate::problem::Problem;
use crate::shared::Shared;
use crate::task::{Kind, Order};

/// `POST /v1/design` and its like.
pub(super) async fn post(State(shared): State<Arc<Shared>>, kind: Kind, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    shared.jobs.check_room()?;
    let JsonBody { map, room } = read_json(&parts.headers, body, &shared.room, &shared.limits).await?;
    let Order { task, wait } = Order::read(kind, map, &shared.limits)?;
    let preference = Preference::of(&parts.headers);
    let job = shared.jobs.add(task, room)?;
    if !wait || preference.asynchronous {
        return Ok(accepted(&shared.jobs, &job));
    }
    let patience = preference.wait.unwrap_or(shared.limits.answer_time).min(shared.limits.answer_time);
    match answer(&shared.jobs, &job, Some(patience)).await {
        Some(outcome) => outcome,
        None => Ok(accepted(&shared.jobs, &job)),
    }
}

/// What a client prefers (RFC 7240).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Preference {
    asynchronous: bool,
    wait: Option<Duration>,
}

impl Preference {
    fn of(headers: &HeaderMap) -> Preference {
        let mut preference = Preference::default();
        let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        for word in values.flat_map(|value| value.split(',')).map(str::trim) {
            if word.eq_ignore_ascii_case("respond-async") {
                preference.asynchronous = true;
            } else if let Some(seconds) = word.strip_prefix("wait=") {
                preference.wait = seconds.trim_matches('"').parse().ok().map(Duration::from_secs);
            }
        }
        // With both, the answer is the job only after the wait.
        preference.asynchronous &= preference.wait.is_none();
        preference
    }
}

/// The answer for those who do not wait.
fn accepted(jobs: &Jobs, job: &Job) -> Response {
    let position = jobs.find(job.id()).and_then(|(_, position)| position);
    let location = format!("/v1/jobs/{}", job.id());
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::LOCATION, location)];
    (StatusCode::ACCEPTED, headers, job.json(position)).into_response()
}

/// Waits for a job and answers with its result; `None` where that takes longer. A client that leaves cancels its job.
pub(super) async fn answer(
    jobs: &Arc<Jobs>,
    job: &Arc<Job>,
    patience: Option<Duration>,
) -> Option<Result<Response, Problem>> {
    let mut guard = Abandoned { jobs: jobs.clone(), job: job.clone(), waits: true };
    let mut changes = job.changes();
    let ended = async {
        // The sender lives as long as the job.
        while job.outcome().is_none() && changes.changed().await.is_ok() {}
    };
    match patience {
        Some(patience) => drop(timeout(patience, ended).await),
        None => ended.await,
    }
    guard.waits = false;
    let outcome = job.outcome()?;
    jobs.forget(job.id());
    Some(outcome.map(|result| {
        let headers = [(header::CONTENT_TYPE, "application/json")];
        (headers, result.to_string()).into_response()
    }))
}

/// Cancels a job whose client has gone while it waited.
struct Abandoned {
    jobs: Arc<Jobs>,
    job: Arc<Job>,
    waits: bool,
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        if self.waits {
            self.jobs.cancel(self.job.id());
            self.jobs.forget(self.job.id());
        }
    }
}
