//! Counters of requests, and all numbers as text for Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Requests by method, route and status, and how long their answers took.
#[derive(Debug)]
pub(crate) struct Metrics {
    started: Instant,
    requests: Mutex<BTreeMap<RequestKey, Answers>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RequestKey {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Copy, Debug, Default)]
struct Answers {
    count: u64,
    time: Duration,
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        Metrics { started: Instant::now(), requests: Mutex::default() }
    }

    /// Counts an answer. Routes are the service's own, so that there are few of them.
    pub(crate) fn count(&self, method: &str, route: &str, status: u16, time: Duration) {
        let key = RequestKey { method: method.to_owned(), route: route.to_owned(), status };
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = requests.entry(key).or_default();
        entry.count += 1;
        entry.time += time;
    }

    /// The counters of requests as text.
    pub(crate) fn text(&self) -> MetricsText {
        let mut text = MetricsText::default();
        text.one("fastmpnn_uptime_seconds", "gauge", "Seconds since the start.", self.started.elapsed().as_secs_f64());
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let labels = |RequestKey { method, route, status }: &RequestKey| {
            format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"")
        };
        let counts = requests.iter().map(|(key, entry)| (labels(key), entry.count as f64));
        text.many("fastmpnn_http_requests_total", "counter", "Answers.", counts);
        let times = requests.iter().map(|(key, entry)| (labels(key), entry.time.as_secs_f64()));
        text.many("fastmpnn_http_request_seconds_total", "counter", "Seconds until the answers.", times);
        text
    }
}

/// Numbers in Prometheus' text format.
#[derive(Debug, Default)]
pub(crate) struct MetricsText(String);

impl MetricsText {
    /// Adds a number.
    pub(crate) fn one(&mut self, name: &str, kind: &str, help: &str, value: f64) {
        self.many(name, kind, help, [(String::new(), value)].into_iter());
    }

    /// Adds a number for each set of labels.
    pub(crate) fn many(&mut self, name: &str, kind: &str, help: &str, values: impl Iterator<Item = (String, f64)>) {
        // Memory takes all that is written.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in values {
            let labels = if labels.is_empty() { labels } else { format!("{{{labels}}}") };
            let _ = writeln!(self.0, "{name}{labels} {value}");
        }
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}
