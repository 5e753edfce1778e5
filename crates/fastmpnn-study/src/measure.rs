//! Measures variants: checks their answers, times them in turn, and measures their memory in processes of their own.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::accuracy::{Accuracy, Quality, StructureAccuracy, bootstrap_95, mean};
use crate::bench::Bench;
use crate::error::StudyError;
use crate::expectation::{check_deviation, check_numbers};
use crate::experiment::Experiment;
use crate::job::{Job, Timed};
use crate::memory;
use crate::record::{ExperimentRecord, Row};
use crate::stopwatch::Summary;
use crate::task::Task;
use crate::variant::{Protocol, Variant};

/// The measurements of a variant so far.
#[derive(Debug, Default)]
struct Measured {
    accuracy: Accuracy,
    quality: Option<Quality>,
    peak_rss_mb: Option<f64>,
    more: BTreeMap<String, Value>,
    times_ms: Vec<f64>,
}

/// A variant that is being measured.
struct Running<'a> {
    variant: &'a Variant,
    job: Job,
    /// The number of its timed runs.
    runs: usize,
    measured: Measured,
}

impl Bench {
    /// Runs an experiment.
    pub fn run(&self, experiment: &Experiment) -> Result<ExperimentRecord, StudyError> {
        let variants = (experiment.variants)(self)?;
        let machine = self.machine()?;
        let mut running = Vec::with_capacity(variants.len());
        for variant in &variants {
            self.say(&format!("{}: checking {}", experiment.name, variant.name));
            running.push(self.checked(experiment, variant)?);
        }
        self.say(&format!("{}: timing {} variants", experiment.name, running.len()));
        let most = running.iter().map(|variant| variant.runs).max().unwrap_or(0);
        for round in 0..most {
            // Forward and then in reverse order, so that no variant always follows the same one.
            let count = running.len();
            for place in 0..count {
                let variant = &mut running[if round % 2 == 0 { place } else { count - 1 - place }];
                if due(round, most, variant.runs) {
                    let timed = (variant.job)(false)?;
                    variant.measured.times_ms.push(timed.ms);
                }
            }
        }
        let mut rows = Vec::with_capacity(running.len());
        let mut baseline: Option<Vec<f64>> = None;
        for running in running {
            let Running { variant, job, mut measured, .. } = running;
            // Frees its memory before the next variant's memory is measured.
            drop(job);
            if measured.peak_rss_mb.is_none() {
                measured.peak_rss_mb = self.memory_of(experiment, variant)?;
            }
            if variant.quality {
                measured.quality = Some(self.quality_of(experiment, variant, &mut baseline)?);
            }
            rows.push(row(variant, measured));
        }
        compare(&mut rows, &variants);
        let settings = self.settings.clone();
        let mut record = ExperimentRecord {
            experiment: experiment.name.to_owned(),
            machine,
            settings,
            rows,
            findings: BTreeMap::new(),
        };
        if let Some(finish) = experiment.finish {
            finish(&mut record);
        }
        Ok(record)
    }

    /// Runs a variant once and nothing else; returns this process's peak memory, MB (10⁶ bytes).
    pub fn peak_of(&self, experiment: &Experiment, variant: &str) -> Result<Option<f64>, StudyError> {
        let variants = (experiment.variants)(self)?;
        let unknown =
            || StudyError::UnknownVariant { experiment: experiment.name.to_owned(), variant: variant.to_owned() };
        let variant = variants.iter().find(|one| one.name == variant).ok_or_else(unknown)?;
        let mut job = (variant.start)(&variant.subjects, variant.task)?;
        job(false)?;
        Ok(memory::peak_of_process())
    }

    fn checked<'a>(&self, experiment: &Experiment, variant: &'a Variant) -> Result<Running<'a>, StudyError> {
        let wrong = |reason: String| StudyError::WrongAnswer {
            experiment: experiment.name.to_owned(),
            variant: variant.name.clone(),
            reason,
        };
        let mut job = (variant.start)(&variant.subjects, variant.task)?;
        let Timed { ms, answers, accuracy, peak_rss_mb, more } = job(true)?;
        if answers.len() != variant.subjects.len() {
            return Err(wrong(format!("{} answers for {} structures", answers.len(), variant.subjects.len())));
        }
        let mut parts = Vec::with_capacity(answers.len());
        for (subject, answer) in variant.subjects.iter().zip(&answers) {
            check_numbers(subject, answer).map_err(wrong)?;
            if answer.log_p.is_none() && answer.designs.is_empty() {
                continue;
            }
            let accuracy = Accuracy::of(subject, answer, &*self.expected(subject, variant.task, variant.temperature)?);
            check_deviation(subject, variant.expect, &accuracy).map_err(wrong)?;
            parts.push(StructureAccuracy { residues: subject.residues, accuracy });
        }
        let accuracy = accuracy.unwrap_or_else(|| Accuracy::together(&parts));
        let settings = &self.settings;
        let Protocol { warmups, runs } = variant.protocol.unwrap_or_else(|| {
            let affordable = (settings.seconds_a_variant * 1e3 / ms.max(1e-3)) as usize;
            // A run of half a second or more needs no warm-up.
            let warmups = usize::from(ms < 500.0);
            Protocol { warmups, runs: affordable.max(settings.least_rounds).min(settings.rounds).max(1) }
        });
        for _ in 0..warmups {
            job(false)?;
        }
        // If a run takes seconds, two or three are enough.
        let long = if settings.quick { 2 } else { 3 };
        let runs = if ms > 1500.0 && variant.protocol.is_none() { runs.min(long) } else { runs };
        Ok(Running { variant, job, runs, measured: Measured { accuracy, peak_rss_mb, more, ..Measured::default() } })
    }

    /// The peak memory of a variant, MB (10⁶ bytes), measured in a process that does nothing else.
    fn memory_of(&self, experiment: &Experiment, variant: &Variant) -> Result<Option<f64>, StudyError> {
        let Some(program) = &self.program else { return Ok(None) };
        let name = format!("{}={}", experiment.name, variant.name);
        let output = Command::new(&program.path)
            .args(&program.memory_arguments)
            .arg(&name)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| StudyError::Process { command: name.clone(), reason: error.to_string() })?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(StudyError::Process { command: name, reason });
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
    }

    /// Draws designs for the whole panel and measures their quality. `baseline` holds the recoveries of the first
    /// variant.
    fn quality_of(
        &self,
        experiment: &Experiment,
        variant: &Variant,
        baseline: &mut Option<Vec<f64>>,
    ) -> Result<Quality, StudyError> {
        self.say(&format!("{}: the quality of {}", experiment.name, variant.name));
        let sequences = self.settings.quality_sequences;
        let task = Task::Design(sequences);
        let Timed { answers, more, .. } = (variant.start)(&self.subjects, task)?(true)?;
        let mut parts = Vec::with_capacity(answers.len());
        for (subject, answer) in self.subjects.iter().zip(&answers) {
            let accuracy = Accuracy::of(subject, answer, &*self.expected(subject, task, None)?);
            parts.push(StructureAccuracy { residues: subject.residues, accuracy });
        }
        let together = Accuracy::together(&parts);
        let recoveries: Vec<f64> = parts.iter().map(|part| part.accuracy.recovery.unwrap_or(f64::NAN)).collect();
        let differences: Vec<f64> = recoveries
            .iter()
            .zip(baseline.get_or_insert_with(|| recoveries.clone()))
            .map(|(own, first)| own - *first)
            .collect();
        Ok(Quality {
            structures: parts.len(),
            residues: parts.iter().map(|part| part.residues).sum(),
            sequences,
            recovery: mean(recoveries.iter().copied()).unwrap_or(f64::NAN),
            recovery_difference: mean(differences.iter().copied()).unwrap_or(f64::NAN),
            recovery_difference_95: bootstrap_95(&differences),
            perplexity: together.perplexity.unwrap_or(f64::NAN),
            argmax_agreement: together.argmax_agreement.unwrap_or(f64::NAN),
            max_abs_delta_logp: together.max_abs_delta_logp.unwrap_or(f64::NAN),
            mean_kl: together.mean_kl.unwrap_or(f64::NAN),
            neighbors_lost: more.get("neighbours_lost").and_then(Value::as_f64),
            recoveries,
        })
    }
}

/// Whether a variant that runs `runs` times in `rounds` rounds has a run in this one: runs are spread evenly over the rounds.
fn due(round: usize, rounds: usize, runs: usize) -> bool {
    (round * runs) / rounds != ((round + 1) * runs) / rounds
}

fn row(variant: &Variant, measured: Measured) -> Row {
    let Measured { accuracy, quality, peak_rss_mb, more, times_ms } = measured;
    let nothing = Summary { median: f64::NAN, least: f64::NAN, largest: f64::NAN, mean: f64::NAN, deviation: None };
    let summary = Summary::of(&times_ms).unwrap_or(nothing);
    let names: Vec<&str> = variant.subjects.iter().map(|subject| subject.name.as_str()).collect();
    Row {
        variant: variant.name.clone(),
        group: variant.group.clone(),
        structure: if names.len() > 3 { format!("{} structures", names.len()) } else { names.join(", ") },
        residues: variant.residues(),
        sequences: variant.task.sequences(),
        threads: variant.threads,
        trained: variant.trained,
        emulated: variant.emulated,
        median_ms: summary.median,
        mean_ms: summary.mean,
        std_ms: summary.deviation.unwrap_or(0.0),
        runs: times_ms.len(),
        residues_per_s: variant.work() / summary.median * 1e3,
        speedup: 1.0,
        peak_rss_mb,
        accuracy,
        quality,
        more,
        note: variant.note.clone(),
    }
}

/// Fills in the speedup of each row over the first of its group.
fn compare(rows: &mut [Row], variants: &[Variant]) {
    let rates: Vec<f64> = rows.iter().zip(variants).map(|(row, variant)| row.median_ms / variant.work()).collect();
    for index in 0..rows.len() {
        let first = variants.iter().position(|variant| variant.group == variants[index].group).unwrap_or(index);
        rows[index].speedup = rates[first] / rates[index];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_spread_over_the_rounds() {
        for (rounds, runs) in [(31, 5), (10, 10), (7, 3), (4, 0)] {
            assert_eq!((0..rounds).filter(|&round| due(round, rounds, runs)).count(), runs);
        }
    }
}
