//! Jobs: how far they are, their events as they come, and their end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, unfold};
use serde_json::Value;
use tokio::sync::watch;

use crate::job::{Job, Jobs};
use crate::problem::Problem;
use crate::shared::Shared;

/// How often a stream without news says that it is alive.
const ALIVE: Duration = Duration::from_secs(15);

fn unknown(id: &str) -> Problem {
    Problem::not_found(format!("there is no job {}; results are kept for a while only", id.escape_debug()))
}

/// `GET /v1/jobs/{id}`
pub(super) async fn show(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let (job, position) = shared.jobs.find(&id).ok_or_else(|| unknown(&id))?;
    Ok(json(job.json(position)))
}

/// `DELETE /v1/jobs/{id}`
pub(super) async fn cancel(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let job = shared.jobs.cancel(&id).ok_or_else(|| unknown(&id))?;
    Ok(json(Value::Object(job.summary(None)).to_string()))
}

fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// `GET /v1/jobs/{id}/events`
pub(super) async fn events(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (job, _) = shared.jobs.find(&id).ok_or_else(|| unknown(&id))?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let follower = Follower::new(shared.jobs.clone(), job, last.map_or(0, |last| last.saturating_add(1)));
    let stream = Sse::new(follower.stream()).keep_alive(KeepAlive::new().interval(ALIVE));
    Ok(stream.into_response())
}

/// Follows a job. It takes from the job what its client has room for, so that a slow client keeps nothing in memory.
struct Follower {
    jobs: Arc<Jobs>,
    job: Arc<Job>,
    changes: watch::Receiver<u64>,
    /// The next of the job's events.
    next: usize,
    ready: std::vec::IntoIter<Event>,
    /// What was last said of state and progress.
    said: Option<String>,
    ended: bool,
}

impl Follower {
    fn new(jobs: Arc<Jobs>, job: Arc<Job>, next: usize) -> Follower {
        let changes = job.changes();
        Follower { jobs, job, changes, next, ready: Vec::new().into_iter(), said: None, ended: false }
    }

    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        unfold(self, |mut follower| async move {
            loop {
                if let Some(event) = follower.ready.next() {
                    return Some((Ok(event), follower));
                }
                if follower.ended {
                    return None;
                }
                follower.changes.borrow_and_update();
                let news = follower.news();
                if news.is_empty() && follower.changes.changed().await.is_err() {
                    return None;
                }
                follower.ready = news.into_iter();
            }
        })
    }

    /// What has happened since.
    fn news(&mut self) -> Vec<Event> {
        // The end is looked at first: no event comes after it.
        let ended = self.job.phase().is_end();
        let mut news = Vec::new();
        for event in self.job.events_from(self.next) {
            news.push(Event::default().event(event.name).id(self.next.to_string()).data(&*event.data));
            self.next += 1;
        }
        let position = self.jobs.find(self.job.id()).and_then(|(_, position)| position);
        let summary = Value::Object(self.job.summary(position)).to_string();
        if ended {
            self.ended = true;
            news.push(Event::default().event("end").data(summary));
        } else if self.said.as_ref() != Some(&summary) {
            news.insert(0, Event::default().event("progress").data(&summary));
            self.said = Some(summary);
        }
        news
    }
}
