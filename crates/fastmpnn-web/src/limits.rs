//! What a request, a client and all of them together may take.

use std::time::Duration;

/// What a request, a client and all of them together may take.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a request's body, as sent.
    pub body_bytes: usize,
    /// Bytes of a gzipped body, unpacked.
    pub unpacked_bytes: usize,
    /// Bytes of the bodies of all requests that are being read, wait in the queue or are worked on.
    pub bodies_bytes: usize,
    /// Files of a request.
    pub files: usize,
    /// Protein residues of a request, those of all its structures, states and copies together.
    pub residues: usize,
    /// Designs of a request, those of all its structures and temperatures together.
    pub designs: u64,
    /// Letters of a request's designs: their number times the residues.
    pub letters: u64,
    /// Decoding orders that a request averages over.
    pub orders: u32,
    /// Mutants that a request compares.
    pub mutants: usize,
    /// Packings of each sequence.
    pub packings: u64,
    /// Jobs that wait for their turn.
    pub queued_jobs: usize,
    /// Jobs that are worked on at once, on the same threads.
    pub running_jobs: usize,
    /// Finished jobs whose results are kept.
    pub kept_jobs: usize,
    /// Bytes of the results that are kept.
    pub kept_bytes: usize,
    /// How long a result is kept.
    pub kept_time: Duration,
    /// Open connections; others wait until one is closed.
    pub connections: usize,
    /// How long a client may take for the head of a request, and how long a connection may be idle.
    pub head_time: Duration,
    /// How long a client may take for a request's body.
    pub body_time: Duration,
    /// How long a client may take to accept more of an answer.
    pub write_time: Duration,
    /// How long an answer waits for its job; after that it is the job itself (202).
    pub answer_time: Duration,
    /// How long a job may take.
    pub job_time: Duration,
    /// How long running jobs may go on after the service was asked to end.
    pub grace_time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Limits {
            body_bytes: 32 << 20,
            unpacked_bytes: 64 << 20,
            bodies_bytes: 512 << 20,
            files: 64,
            residues: 5_000,
            designs: 1_000,
            letters: 2_000_000,
            orders: 1_000,
            mutants: 100_000,
            packings: 64,
            queued_jobs: 64,
            // Small proteins do not fill many threads.
            running_jobs: (threads / 2).clamp(2, 8),
            kept_jobs: 256,
            kept_bytes: 256 << 20,
            kept_time: Duration::from_secs(3600),
            connections: 512,
            head_time: Duration::from_secs(15),
            body_time: Duration::from_secs(60),
            write_time: Duration::from_secs(60),
            answer_time: Duration::from_secs(60),
            job_time: Duration::from_secs(3600),
            grace_time: Duration::from_secs(10),
        }
    }
}
