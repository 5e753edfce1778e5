//! A job: what is known of it, and what has happened so far.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::sync::watch;

use crate::outcome::Audience;
use crate::problem::Problem;

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl Phase {
    pub(crate) const ALL: [Phase; 5] = [Phase::Queued, Phase::Running, Phase::Done, Phase::Failed, Phase::Cancelled];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Phase::Queued => "queued",
            Phase::Running => "running",
            Phase::Done => "done",
            Phase::Failed => "failed",
            Phase::Cancelled => "cancelled",
        }
    }

    pub(crate) fn is_end(self) -> bool {
        matches!(self, Phase::Done | Phase::Failed | Phase::Cancelled)
    }
}

/// Something that has happened to a job.
#[derive(Clone, Debug)]
pub(crate) struct JobEvent {
    pub(crate) name: &'static str,
    /// JSON.
    pub(crate) data: Arc<str>,
}

/// A job.
#[derive(Debug)]
pub(crate) struct Job {
    id: String,
    task: &'static str,
    /// How long it may take.
    time: Duration,
    stop: AtomicBool,
    state: Mutex<State>,
    /// Counts what has happened.
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    progress: Progress,
    events: Vec<JobEvent>,
    /// JSON.
    result: Option<Arc<str>>,
    problem: Option<Problem>,
    started: Option<Instant>,
    ended: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Progress {
    done: u64,
    total: u64,
    unit: &'static str,
}

impl Job {
    pub(super) fn new(id: String, task: &'static str, time: Duration) -> Job {
        let state = State {
            phase: Phase::Queued,
            progress: Progress { done: 0, total: 0, unit: "steps" },
            events: Vec::new(),
            result: None,
            problem: None,
            started: None,
            ended: None,
        };
        let (changes, _) = watch::channel(0);
        Job { id, task, time, stop: AtomicBool::new(false), state: Mutex::new(state), changes }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn phase(&self) -> Phase {
        self.state().phase
    }

    /// Wakes when something happens.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// Asks a running job to stop.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self) {
        let mut state = self.state();
        (state.phase, state.started) = (Phase::Running, Some(Instant::now()));
        drop(state);
        self.changed();
    }

    /// Ends the job.
    pub(super) fn end(&self, outcome: Result<String, Problem>) {
        let late = self.is_late();
        let mut state = self.state();
        match outcome {
            Ok(result) => {
                state.phase = if self.is_stopping() || late { Phase::Cancelled } else { Phase::Done };
                state.result = Some(result.into());
            }
            Err(problem) => {
                state.phase = if self.is_stopping() { Phase::Cancelled } else { Phase::Failed };
                state.problem = Some(problem);
            }
        }
        if state.phase == Phase::Cancelled {
            let detail = if late { "the job took longer than this service allows" } else { "the job was cancelled" };
            state.problem = Some(Problem::cancelled(detail));
        }
        state.ended = Some(Instant::now());
        drop(state);
        self.changed();
    }

    fn is_late(&self) -> bool {
        self.state().started.is_some_and(|started| started.elapsed() > self.time)
    }

    /// How long it was worked on.
    pub(super) fn work_time(&self) -> Option<Duration> {
        let state = self.state();
        Some(state.ended?.duration_since(state.started?))
    }

    /// Since when it has ended.
    pub(super) fn ended(&self) -> Option<Instant> {
        self.state().ended
    }

    /// The bytes that it takes, its result and its events.
    pub(super) fn bytes(&self) -> usize {
        let state = self.state();
        let events: usize = state.events.iter().map(|event| event.data.len()).sum();
        events + state.result.as_ref().map_or(0, |result| result.len())
    }

    /// The result as JSON, or why there is none; `None` before the end.
    pub(crate) fn outcome(&self) -> Option<Result<Arc<str>, Problem>> {
        let state = self.state();
        if !state.phase.is_end() {
            return None;
        }
        Some(match (&state.problem, &state.result) {
            (Some(problem), _) => Err(problem.clone()),
            (None, Some(result)) => Ok(result.clone()),
            (None, None) => Err(Problem::internal("the job has ended without a result")),
        })
    }

    /// What has happened from the event of that number on.
    pub(crate) fn events_from(&self, first: usize) -> Vec<JobEvent> {
        self.state().events.get(first..).map(<[JobEvent]>::to_vec).unwrap_or_default()
    }

    /// What is known of the job as JSON, without its result; `position` is its place in the queue, from 1.
    pub(crate) fn summary(&self, position: Option<usize>) -> Map<String, Value> {
        let state = self.state();
        let Progress { done, total, unit } = state.progress;
        let mut map = Map::new();
        map.insert("id".to_owned(), self.id.as_str().into());
        map.insert("task".to_owned(), self.task.into());
        map.insert("state".to_owned(), state.phase.name().into());
        map.insert("position".to_owned(), position.into());
        map.insert("progress".to_owned(), json!({ "done": done, "total": total, "unit": unit }));
        map.insert("problem".to_owned(), serde_json::to_value(&state.problem).unwrap_or_default());
        map
    }

    /// The same with the result, as text.
    pub(crate) fn json(&self, position: Option<usize>) -> String {
        let mut text = Value::Object(self.summary(position)).to_string();
        text.pop();
        let result = self.state().result.clone();
        // The result is JSON already, and may be large.
        text.push_str(",\"result\":");
        text.push_str(result.as_deref().unwrap_or("null"));
        text.push('}');
        text
    }
}

impl Audience for Job {
    fn hear(&self, event: &'static str, data: String) {
        self.state().events.push(JobEvent { name: event, data: data.into() });
        self.changed();
    }

    fn progress(&self, done: u64, total: u64, unit: &'static str) {
        let mut state = self.state();
        let same = (state.progress.done, state.progress.total) == (done, total);
        state.progress = Progress { done, total, unit };
        drop(state);
        if !same {
            self.changed();
        }
    }

    fn wants_stop(&self) -> bool {
        self.is_stopping() || self.is_late()
    }
}
