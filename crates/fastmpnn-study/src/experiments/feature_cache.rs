//! Encodings kept in files: reading one compared with computing it.

use std::collections::BTreeMap;
use std::time::Instant;

use fastmpnn::structure::{ReadOptions, read_path};
use fastmpnn::weights::Checkpoint;
use serde_json::Value;

use super::jobs::Machinery;
use crate::accuracy::Answer;
use crate::bench::Bench;
use crate::error::StudyError;
use crate::experiment::Experiment;
use crate::job::{Job, Start, Timed};
use crate::task::{Drawing, Task};
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "feature_cache",
    title: "Saved encodings",
    question: "Is it worth saving a structure's encoding for later designs?",
    variants,
    finish: None,
};

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let machinery = Machinery { threads: bench.settings.threads, ..Machinery::default() };
    let mut variants = Vec::new();
    for sequences in [1, 8] {
        for (name, saved) in [("from the structure", false), ("from a saved encoding", true)] {
            let start = design(machinery, bench.drawing(), saved);
            let plural = if sequences == 1 { "" } else { "s" };
            let variant =
                Variant::new(bench, format!("{sequences} design{plural} {name}"), Task::Design(sequences), start);
            let group = format!("{sequences} design{plural}");
            variants.push(variant.group(group).note("reading the file is included"));
        }
    }
    Ok(variants)
}

fn design(machinery: Machinery, drawing: Drawing, saved: bool) -> Start {
    Box::new(move |subjects, task| {
        let engine = machinery.engine(&Checkpoint::embedded()?)?;
        let subjects = subjects.to_vec();
        let mut files = Vec::new();
        for (index, subject) in subjects.iter().enumerate() {
            let bytes = engine.save_encoding(&engine.encode(&subject.structure)?)?;
            let name = format!("fastmpnn-study-{}-{index}-{}.safetensors", std::process::id(), task.sequences());
            let path = std::env::temp_dir().join(name);
            std::fs::write(&path, &bytes).map_err(|source| StudyError::Unwritable { path: path.clone(), source })?;
            files.push(Kept { path, bytes: bytes.len() });
        }
        Ok(Box::new(move |check| {
            let mut timed = Timed::default();
            for (subject, file) in subjects.iter().zip(&files) {
                let clock = Instant::now();
                let encoding = if saved {
                    let unreadable = |error: std::io::Error| StudyError::Unreadable {
                        path: file.path.clone(),
                        reason: error.to_string(),
                    };
                    engine.load_encoding(&std::fs::read(&file.path).map_err(unreadable)?)?
                } else if let Some(path) = &subject.path {
                    let unreadable = |error: fastmpnn::error::StructureError| StudyError::Unreadable {
                        path: path.clone(),
                        reason: error.to_string(),
                    };
                    engine.encode(&read_path(path, &ReadOptions::default()).map_err(unreadable)?)?
                } else {
                    engine.encode(&subject.structure)?
                };
                let designer = engine.designer(&encoding, &subject.structure, &subject.plan)?;
                let designs = designer.sample(0..task.sequences(), drawing.temperature)?;
                timed.ms += clock.elapsed().as_secs_f64() * 1e3;
                if saved {
                    timed.more = BTreeMap::from([("file_bytes".to_owned(), Value::from(file.bytes))]);
                }
                let designs = designs.into_iter().map(|design| design.sequence).collect();
                let mut answer = Answer { designs, log_p: None };
                if check {
                    answer.log_p = Some(subject.log_p(&engine, &encoding)?);
                }
                timed.answers.push(answer);
            }
            Ok(timed)
        }) as Job)
    })
}

/// A file that is removed when it is dropped.
struct Kept {
    path: std::path::PathBuf,
    bytes: usize,
}

impl Drop for Kept {
    fn drop(&mut self) {
        // A leftover in the system's folder for temporary files does no harm.
        let _ = std::fs::remove_file(&self.path);
    }
}
