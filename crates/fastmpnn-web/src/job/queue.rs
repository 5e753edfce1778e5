//! The queue of jobs, the threads that work on them, and the jobs that have ended.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::run::run;
use super::state::{Job, Phase};
use crate::engines::KeptEngines;
use crate::limits::Limits;
use crate::problem::Problem;
use crate::task::Task;

/// Why a job is not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    Full(usize),
    Ending,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::Full(waiting) => {
                Problem::queue_full(format!("{waiting} jobs wait already; try again later")).retry_after(5)
            }
            Refusal::Ending => Problem::ending("the service is ending and takes no more jobs").retry_after(30),
        }
    }
}

/// A job that waits, and what it needs.
#[derive(Debug)]
struct Waiting {
    job: Arc<Job>,
    task: Task,
    /// The room that the request takes in memory.
    _room: OwnedSemaphorePermit,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: VecDeque<Waiting>,
    jobs: HashMap<String, Arc<Job>>,
    running: Vec<Arc<Job>>,
    /// The jobs that have ended, the first one first.
    ended: VecDeque<Ended>,
    ended_bytes: usize,
    ending: bool,
}

#[derive(Debug)]
struct Ended {
    id: String,
    bytes: usize,
}

/// What has become of jobs, and how long they took.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Jobs by how they have ended: done, failed, cancelled.
    ended: [AtomicU64; 3],
    /// Jobs that were refused because too many waited.
    refused: AtomicU64,
    /// The milliseconds of all work.
    work_milliseconds: AtomicU64,
}

impl Counts {
    pub(crate) fn of(&self, phase: Phase) -> u64 {
        self.place(phase).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    fn place(&self, phase: Phase) -> Option<&AtomicU64> {
        match phase {
            Phase::Done => Some(&self.ended[0]),
            Phase::Failed => Some(&self.ended[1]),
            Phase::Cancelled => Some(&self.ended[2]),
            Phase::Queued | Phase::Running => None,
        }
    }

    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    pub(crate) fn work(&self) -> Duration {
        Duration::from_millis(self.work_milliseconds.load(Ordering::Relaxed))
    }
}

/// All jobs.
#[derive(Debug)]
pub(crate) struct Jobs {
    inner: Mutex<Inner>,
    /// Wakes a thread that waits for a job.
    more: Condvar,
    limits: Limits,
    pub(crate) counts: Counts,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Jobs {
    /// Starts the threads that work on jobs.
    pub(crate) fn start(limits: &Limits, engines: &KeptEngines) -> io::Result<Arc<Jobs>> {
        let jobs = Arc::new(Jobs {
            inner: Mutex::default(),
            more: Condvar::new(),
            limits: limits.clone(),
            counts: Counts::default(),
            threads: Mutex::default(),
        });
        let mut threads = Vec::new();
        for number in 1..=limits.running_jobs {
            let (jobs, engines) = (jobs.clone(), engines.clone());
            let name = format!("fastmpnn-job-{number}");
            threads.push(thread::Builder::new().name(name).spawn(move || jobs.work(engines))?);
        }
        *jobs.threads.lock().unwrap_or_else(PoisonError::into_inner) = threads;
        Ok(jobs)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses a job before its body is read, where there is no room for it.
    pub(crate) fn check_room(&self) -> Result<(), Refusal> {
        self.check_room_in(&self.inner())
    }

    fn check_room_in(&self, inner: &Inner) -> Result<(), Refusal> {
        if inner.ending {
            return Err(Refusal::Ending);
        }
        if inner.waiting.len() >= self.limits.queued_jobs {
            self.counts.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Refusal::Full(inner.waiting.len()));
        }
        Ok(())
    }

    /// Takes a job into the queue.
    pub(crate) fn add(&self, task: Task, room: OwnedSemaphorePermit) -> Result<Arc<Job>, Problem> {
        let id = random_id()?;
        let job = Arc::new(Job::new(id.clone(), task.kind().name(), self.limits.job_time));
        let mut inner = self.inner();
        self.check_room_in(&inner)?;
        inner.jobs.insert(id, job.clone());
        inner.waiting.push_back(Waiting { job: job.clone(), task, _room: room });
        drop(inner);
        self.more.notify_one();
        Ok(job)
    }

    /// A job, and its place in the queue, from 1.
    pub(crate) fn find(&self, id: &str) -> Option<(Arc<Job>, Option<usize>)> {
        let mut inner = self.inner();
        self.forget_old(&mut inner);
        let job = inner.jobs.get(id)?.clone();
        let position = inner.waiting.iter().position(|waiting| waiting.job.id() == id).map(|place| place + 1);
        Some((job, position))
    }

    /// Cancels a job; one that has ended is forgotten.
    pub(crate) fn cancel(&self, id: &str) -> Option<Arc<Job>> {
        let mut inner = self.inner();
        let job = inner.jobs.get(id)?.clone();
        if job.phase().is_end() {
            forget(&mut inner, id);
            return Some(job);
        }
        job.stop();
        if let Some(place) = inner.waiting.iter().position(|waiting| waiting.job.id() == id) {
            inner.waiting.remove(place);
            self.end(&mut inner, &job, Err(Problem::cancelled("the job was cancelled")));
        }
        Some(job)
    }

    /// Forgets a job whose result was delivered.
    pub(crate) fn forget(&self, id: &str) {
        forget(&mut self.inner(), id);
    }

    /// The number of jobs that wait, and of those that are worked on.
    pub(crate) fn load(&self) -> (usize, usize) {
        let inner = self.inner();
        (inner.waiting.len(), inner.running.len())
    }

    /// The bytes of the results that are kept.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.inner().ended_bytes
    }

    /// Whether no more jobs are taken.
    pub(crate) fn is_ending(&self) -> bool {
        self.inner().ending
    }

    /// Takes no more jobs, and cancels those that wait.
    pub(crate) fn begin_ending(&self) {
        let mut inner = self.inner();
        inner.ending = true;
        while let Some(waiting) = inner.waiting.pop_front() {
            waiting.job.stop();
            self.end(&mut inner, &waiting.job, Err(Problem::ending("the service has ended")));
        }
        drop(inner);
        self.more.notify_all();
    }

    /// Stops the jobs that are worked on.
    pub(crate) fn stop_running(&self) {
        self.inner().running.iter().for_each(|job| job.stop());
    }

    /// Waits for the threads, which end when nothing is left to do.
    pub(crate) fn join(&self) {
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A panic of a job was caught before.
            let _ = thread.join();
        }
    }

    /// Works on one job after the other.
    fn work(&self, mut engines: KeptEngines) {
        while let Some(waiting) = self.next() {
            let Waiting { job, task, _room } = waiting;
            job.begin();
            let worked = catch_unwind(AssertUnwindSafe(|| run(&task, &mut engines, &self.limits, &*job)));
            let outcome = worked.unwrap_or_else(|_| Err(Problem::internal("the work has failed; this is a defect")));
            let mut inner = self.inner();
            inner.running.retain(|running| running.id() != job.id());
            self.end(&mut inner, &job, outcome);
        }
    }

    /// The next job; `None` at the end.
    fn next(&self) -> Option<Waiting> {
        let mut inner = self.inner();
        loop {
            if let Some(waiting) = inner.waiting.pop_front() {
                inner.running.push(waiting.job.clone());
                return Some(waiting);
            }
            if inner.ending {
                return None;
            }
            inner = self.more.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn end(&self, inner: &mut Inner, job: &Arc<Job>, outcome: Result<String, Problem>) {
        job.end(outcome);
        if let Some(count) = self.counts.place(job.phase()) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let milliseconds = job.work_time().map_or(0, |time| time.as_millis() as u64);
        self.counts.work_milliseconds.fetch_add(milliseconds, Ordering::Relaxed);
        // Its client may have gone.
        if !inner.jobs.contains_key(job.id()) {
            return;
        }
        let bytes = job.bytes();
        inner.ended.push_back(Ended { id: job.id().to_owned(), bytes });
        inner.ended_bytes += bytes;
        self.forget_old(inner);
    }

    /// Forgets the oldest jobs, where there are too many, and those that have ended long ago.
    fn forget_old(&self, inner: &mut Inner) {
        while let Some(oldest) = inner.ended.front() {
            let ended = inner.jobs.get(&oldest.id).and_then(|job| job.ended());
            let old = ended.is_none_or(|ended| ended.elapsed() > self.limits.kept_time);
            let full = inner.ended.len() > self.limits.kept_jobs || inner.ended_bytes > self.limits.kept_bytes;
            if !(old || full && inner.ended.len() > 1) {
                return;
            }
            let id = oldest.id.clone();
            forget(inner, &id);
        }
    }
}

fn forget(inner: &mut Inner, id: &str) {
    inner.jobs.remove(id);
    if let Some(place) = inner.ended.iter().position(|ended| ended.id == id)
        && let Some(ended) = inner.ended.remove(place)
    {
        inner.ended_bytes -= ended.bytes;
    }
}

/// A name that nobody can guess.
fn random_id() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Problem::internal(format!("the system gives no random numbers: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
