//! Structures of different lengths: padded to the longest, in buckets, and each at its own length.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastmpnn::weights::Checkpoint;
use serde_json::Value;

use super::jobs::Machinery;
use crate::bench::Bench;
use crate::error::StudyError;
use crate::experiment::Experiment;
use crate::job::{Job, Start, engine_job};
use crate::subject::Subject;
use crate::task::Task;
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "mixed_lengths",
    title: "Mixed lengths",
    question: "What does padding cost, and how much of that do buckets save?",
    variants,
    finish: None,
};

/// Typical lengths in design work: mostly small domains, a few large ones.
const FULL: [usize; 16] = [52, 58, 64, 70, 76, 84, 92, 100, 106, 118, 130, 150, 180, 230, 320, 500];
const QUICK: [usize; 8] = [52, 64, 76, 92, 106, 130, 180, 300];

/// Bucket borders.
const BUCKETS: [usize; 7] = [64, 96, 128, 192, 256, 384, 512];

/// The distance between the copies of the structure that lengths are cut from, Å.
const APART: f32 = 40.0;

/// The distance from the structure to the residues that pad it, Å: none of them is a neighbor of its residues.
const FAR: f32 = 2000.0;

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let lengths: &[usize] = if bench.settings.quick { &QUICK } else { &FULL };
    let lengths = || lengths.iter().filter(|&&length| length <= bench.settings.most_residues);
    let own = lengths().map(|&length| Ok(Arc::new(bench.timed().of_length(length, APART)?)));
    let subjects = own.collect::<Result<Vec<_>, StudyError>>()?;
    let longest = lengths().copied().max().unwrap_or(0);
    let threads = bench.settings.threads;
    let add = |name: &str, pad: fn(usize, usize) -> usize| {
        Variant::new(bench, name, Task::Forward, padded(threads, longest, pad)).on(subjects.clone())
    };
    let filler = "padding residues take part in every product, as they do in a framework's batch";
    Ok(vec![
        add("padded to the longest", |_, longest| longest).note(filler),
        add("padded to buckets", |length, longest| {
            BUCKETS.into_iter().find(|&border| border >= length).unwrap_or(longest)
        })
        .note(filler),
        add("ragged: each at its own length", |length, _| length),
    ])
}

/// Pads every structure to the length that `pad` returns for its own length and the longest.
fn padded(threads: usize, longest: usize, pad: fn(usize, usize) -> usize) -> Start {
    Box::new(move |subjects, task| {
        let engine = Arc::new(Machinery { threads, ..Machinery::default() }.engine(&Checkpoint::embedded()?)?);
        let lengths: Vec<usize> = subjects.iter().map(|subject| subject.native.len()).collect();
        let with_padding = |subject: &Arc<Subject>| with_padding(subject, pad(subject.native.len(), longest));
        let padded = subjects.iter().map(with_padding).collect::<Result<Vec<_>, _>>()?;
        let wanted: usize = lengths.iter().sum();
        let computed: usize = padded.iter().map(|subject| subject.native.len()).sum();
        let wasted = 1.0 - wanted as f64 / computed as f64;
        let mut job = engine_job(engine, &padded, task, Default::default());
        Ok(Box::new(move |check| {
            let mut timed = job(check)?;
            for (answer, &length) in timed.answers.iter_mut().zip(&lengths) {
                answer.log_p.iter_mut().for_each(|log_p| log_p.truncate(length));
            }
            timed.more = BTreeMap::from([("padding_share".to_owned(), Value::from(wasted))]);
            Ok(timed)
        }) as Job)
    })
}

/// The structure with residues added far away, up to `length`. They come last in the decoding order.
fn with_padding(subject: &Arc<Subject>, length: usize) -> Result<Arc<Subject>, StudyError> {
    let own = subject.native.len();
    if length <= own {
        return Ok(Arc::clone(subject));
    }
    let mut structure = subject.structure.clone();
    let filler = subject.of_length(length - own, APART)?.structure;
    let first_chain = structure.chains.len();
    structure.residues.extend(filler.residues.into_iter().map(|mut residue| {
        residue.chain += first_chain;
        residue.id.chain = format!("pad {}", residue.id.chain).into();
        residue.atoms.iter_mut().for_each(|atom| atom.position[0] += FAR);
        residue
    }));
    structure.chains.extend(filler.chains.into_iter().map(|mut chain| {
        chain.residues = chain.residues.start + own..chain.residues.end + own;
        chain.id = format!("pad {}", chain.id).into();
        chain
    }));
    let mut padded = Subject::new(structure, None)?.with_seed(subject.plan.seed);
    padded.rank[..own].copy_from_slice(&subject.rank);
    padded.rank[own..].iter_mut().zip(own as u32..).for_each(|(rank, place)| *rank = place);
    Ok(Arc::new(padded))
}
