//! The machine and the version that the study was run with.

use std::time::{Duration, SystemTime};

use fastmpnn::Engine;
use fastmpnn::kernels::Kernels;
use serde::{Deserialize, Serialize};

use crate::error::StudyError;
use crate::memory;
use crate::stopwatch::{PeakMeter, at_once};

/// The machine and the program.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// Its family, model and stepping, if the system reports them.
    pub cpu_identification: String,
    /// The number of processors that may be used.
    pub cores: usize,
    /// Memory, GB (2³⁰ bytes).
    pub memory_gb: Option<f64>,
    /// The operating system.
    pub system: String,
    /// The instructions that the kernels use.
    pub isa: String,
    /// The version of FastMPNN.
    pub fastmpnn: String,
    /// The checkpoint's name.
    pub checkpoint: String,
    /// The checkpoint's SHA-256.
    pub checkpoint_sha256: String,
    /// The date of the run, UTC.
    pub date: String,
    /// Peak rate of multiply-adds from registers, GFLOP/s: with one thread, and with all.
    pub peak_gflops: [f64; 2],
    /// Rate of reading memory, GB/s: with one thread, and with all.
    pub read_gb_s: [f64; 2],
}

impl Machine {
    /// Examines the machine; measuring its peaks takes about a second.
    pub fn describe(engine: &Engine, threads: usize) -> Result<Machine, StudyError> {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let entry = |name: &str| entry(&cpuinfo, name);
        let numbers = ["cpu family", "model", "stepping"];
        let told = numbers.iter().filter_map(|name| Some(format!("{name} {}", entry(name)?)));
        let kernels = Kernels::on(engine.isa())?;
        Ok(Machine {
            cpu: entry("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cpu_identification: told.collect::<Vec<_>>().join(", "),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gb: memory::total().map(|bytes| (bytes as f64 / (1u64 << 30) as f64 * 10.0).round() / 10.0),
            system: std::env::consts::OS.to_owned(),
            isa: engine.instructions(),
            fastmpnn: env!("CARGO_PKG_VERSION").to_owned(),
            checkpoint: engine.checkpoint_name().to_owned(),
            checkpoint_sha256: engine.checkpoint_sha256().to_owned(),
            date: date(SystemTime::now()),
            peak_gflops: [peak(kernels, 1), peak(kernels, threads)],
            read_gb_s: [bandwidth(kernels, 1), bandwidth(kernels, threads)],
        })
    }
}

fn peak(kernels: Kernels, threads: usize) -> f64 {
    PeakMeter::new(kernels, threads, Duration::from_millis(5)).best_of(40)
}

/// The best of five passes over a buffer larger than most last-level caches, GB/s.
fn bandwidth(kernels: Kernels, threads: usize) -> f64 {
    const FLOATS: usize = 1 << 26;
    let buffer = vec![1.0f32; FLOATS];
    let share = FLOATS.div_ceil(threads);
    (0..5)
        .map(|_| {
            let (seconds, _) = at_once(threads, |index| {
                let part = buffer.chunks(share).nth(index).unwrap_or_default();
                std::hint::black_box(kernels.read(std::hint::black_box(part)))
            });
            size_of_val(&buffer[..]) as f64 / seconds / 1e9
        })
        .fold(0.0, f64::max)
}

fn entry(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

/// `2026-11-25`, UTC.
fn date(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    // Days to a date by counting from 1 March of year 0, so that a leap day is a year's last (H. Hinnant's algorithm).
    let days = (seconds / 86_400) as i64 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let day = |days: u64| date(SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400 + 3600));
        assert_eq!(
            [day(0), day(59), day(11_016), day(20_781)],
            ["1970-01-01", "1970-03-01", "2000-02-29", "2026-11-24"]
        );
    }
}
