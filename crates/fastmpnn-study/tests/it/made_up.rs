//! Records with numbers of choice.

use std::collections::BTreeMap;

use fastmpnn_study::Settings;
use fastmpnn_study::accuracy::{Accuracy, Quality};
use fastmpnn_study::machine::Machine;
use fastmpnn_study::record::{ExperimentRecord, Row};
use fastmpnn_study::records::StudyRecords;
use fastmpnn_study::roofline::{Limit, Roofline, Stage};
use serde_json::Value;

pub(crate) fn machine() -> Machine {
    Machine {
        cpu: "A made-up processor".into(),
        cpu_identification: String::new(),
        cores: 2,
        memory_gb: None,
        system: "linux".into(),
        isa: "avx2".into(),
        fastmpnn: "0.0.0".into(),
        checkpoint: "v_48_020".into(),
        checkpoint_sha256: String::new(),
        date: "2026-01-01".into(),
        peak_gflops: [100.0, 200.0],
        read_gb_s: [10.0, 20.0],
    }
}

/// A row of 100 residues whose times spread by 2 % of their median.
pub(crate) fn row(variant: &str, median_ms: f64) -> Row {
    Row {
        variant: variant.into(),
        group: None,
        structure: "1ABC".into(),
        residues: 100,
        sequences: 1,
        threads: 2,
        trained: true,
        emulated: false,
        median_ms,
        mean_ms: median_ms * 1.5,
        std_ms: 0.02 * median_ms,
        runs: 9,
        residues_per_s: 100.0 / median_ms * 1e3,
        speedup: 1.0,
        peak_rss_mb: None,
        accuracy: Accuracy { same_letters: Some(1.0), ..Accuracy::default() },
        quality: None,
        more: BTreeMap::new(),
        note: None,
    }
}

/// Quality in which a share of the likeliest letters are those of f32.
pub(crate) fn quality(agreement: f64) -> Quality {
    Quality {
        structures: 2,
        residues: 200,
        sequences: 2,
        recovery: 0.45,
        recovery_difference: 0.0,
        recovery_difference_95: [-0.01, 0.01],
        perplexity: 5.0,
        argmax_agreement: agreement,
        max_abs_delta_logp: 0.1,
        mean_kl: 0.01,
        neighbors_lost: None,
        recoveries: vec![0.45, 0.45],
    }
}

/// A row with something changed.
pub(crate) trait Change {
    fn group(self, group: &str) -> Row;
    fn with_sequences(self, sequences: u64) -> Row;
    fn with_quality(self, quality: Quality) -> Row;
    fn with(self, name: &str, value: f64) -> Row;
    fn spread(self, share: f64) -> Row;
}

impl Change for Row {
    fn group(self, group: &str) -> Row {
        Row { group: Some(group.into()), ..self }
    }

    fn with_sequences(self, sequences: u64) -> Row {
        Row { sequences, residues_per_s: (100 * sequences) as f64 / self.median_ms * 1e3, ..self }
    }

    fn with_quality(self, quality: Quality) -> Row {
        Row { quality: Some(quality), ..self }
    }

    fn with(mut self, name: &str, value: f64) -> Row {
        self.more.insert(name.into(), Value::from(value));
        self
    }

    fn spread(self, share: f64) -> Row {
        Row { std_ms: share * self.median_ms, ..self }
    }
}

pub(crate) fn record(experiment: &str, rows: Vec<Row>) -> ExperimentRecord {
    ExperimentRecord {
        experiment: experiment.into(),
        machine: machine(),
        settings: Settings::full(2),
        rows,
        findings: BTreeMap::new(),
    }
}

pub(crate) fn records(experiments: Vec<ExperimentRecord>) -> StudyRecords {
    StudyRecords { experiments, roofline: None }
}

/// A stage that reaches these shares of the machine's limits.
pub(crate) fn stage(name: &str, of_peak: f64, of_bandwidth: f64) -> Stage {
    Stage {
        stage: name.into(),
        median_ms: 10.0,
        gflop: 2.0 * of_peak,
        megabytes: 200.0 * of_bandwidth,
        flop_per_byte: 10.0 * of_peak / of_bandwidth,
        gflops: 200.0 * of_peak,
        gb_s: 20.0 * of_bandwidth,
        share_of_peak: of_peak,
        share_of_bandwidth: of_bandwidth,
        // Sentences go by the shares.
        bound_by: Limit::Neither,
    }
}

pub(crate) fn roofline(stages: Vec<Stage>) -> StudyRecords {
    let roofline = Roofline {
        machine: machine(),
        settings: Settings::full(2),
        structure: "1ABC".into(),
        residues: 100,
        peak_gflops: 200.0,
        read_gb_s: 20.0,
        ridge_flop_per_byte: 10.0,
        stages,
    };
    StudyRecords { experiments: Vec::new(), roofline: Some(roofline) }
}
