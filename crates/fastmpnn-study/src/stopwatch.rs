//! Timing: summary statistics, threads started together, and the peak that rates are compared with.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use fastmpnn::kernels::Kernels;

/// Summary statistics of a list of measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The middle value, or the mean of the middle two.
    pub median: f64,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub largest: f64,
    /// Their mean.
    pub mean: f64,
    /// The standard deviation of a sample (n − 1); `None` for a single value.
    pub deviation: Option<f64>,
}

impl Summary {
    /// `None` for an empty list.
    pub fn of(values: &[f64]) -> Option<Summary> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&least, &largest) = (sorted.first()?, sorted.last()?);
        let middle = sorted.len() / 2;
        let even = sorted.len().is_multiple_of(2);
        let median = if even { (sorted[middle - 1] + sorted[middle]) / 2.0 } else { sorted[middle] };
        let count = sorted.len() as f64;
        let mean = sorted.iter().sum::<f64>() / count;
        let squares: f64 = sorted.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (sorted.len() > 1).then(|| (squares / (count - 1.0)).sqrt());
        Some(Summary { median, least, largest, mean, deviation })
    }
}

/// Runs `work` on `threads` threads at once and hands each its index. Returns the seconds from the first start to the last
/// end, which holds even with fewer processors than threads.
pub fn at_once<R: Send>(threads: usize, work: impl Fn(usize) -> R + Sync) -> (f64, Vec<R>) {
    let barrier = Barrier::new(threads);
    let run = |index| {
        barrier.wait();
        let start = Instant::now();
        let result = work(index);
        (start, Instant::now(), result)
    };
    let run = &run;
    let spans: Vec<(Instant, Instant, R)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|index| scope.spawn(move || run(index))).collect();
        // This thread works too: if it only waited, it would still occupy a processor at the start.
        let own = run(0);
        let join = |thread: thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        std::iter::once(own).chain(others.into_iter().map(join)).collect()
    });
    let start = spans.iter().map(|span| span.0).min();
    let end = spans.iter().map(|span| span.1).max();
    let seconds = start.zip(end).map_or(0.0, |(start, end)| end.duration_since(start).as_secs_f64());
    (seconds, spans.into_iter().map(|span| span.2).collect())
}

/// Measures multiply-adds from registers in short windows.
pub struct PeakMeter {
    kernels: Kernels,
    threads: usize,
    rounds: u64,
}

impl PeakMeter {
    /// Finds the number of rounds that a thread completes in a window.
    pub fn new(kernels: Kernels, threads: usize, window: Duration) -> PeakMeter {
        let mut rounds = 1 << 10;
        loop {
            let start = Instant::now();
            kernels.multiply_adds(rounds);
            let elapsed = start.elapsed();
            if elapsed * 4 >= window {
                let rounds = (rounds as f64 * window.as_secs_f64() / elapsed.as_secs_f64()) as u64;
                return PeakMeter { kernels, threads, rounds: rounds.max(1) };
            }
            rounds *= 2;
        }
    }

    /// GFLOP/s of all threads together in one window.
    pub fn measure(&self) -> f64 {
        let (seconds, operations) = at_once(self.threads, |_| self.kernels.multiply_adds(self.rounds));
        operations.iter().sum::<f64>() / seconds / 1e9
    }

    /// The best of `windows` windows. A peak is a maximum: any disturbance lowers it, and a lower peak would flatter
    /// everything that is compared with it.
    pub fn best_of(&self, windows: usize) -> f64 {
        (0..windows).map(|_| self.measure()).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_those_of_the_numbers() {
        let summary = Summary::of(&[4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!((summary.median, summary.least, summary.largest, summary.mean), (2.5, 1.0, 4.0, 2.5));
        assert!((summary.deviation.unwrap() - (5.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(Summary::of(&[5.0]).unwrap().deviation, None);
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn all_threads_run_and_the_time_covers_them() {
        let (seconds, results) = at_once(3, |index| {
            thread::sleep(Duration::from_millis(5));
            index
        });
        assert_eq!(results, [0, 1, 2]);
        assert!(seconds >= 0.005);
    }
}
