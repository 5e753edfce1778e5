//! The published PyTorch code as a variant.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastmpnn::chemistry::VOCABULARY;
use serde_json::{Value, json};

use crate::accuracy::{Accuracy, Answer};
use crate::bench::Bench;
use crate::error::StudyError;
use crate::expectation::Expect;
use crate::job::{Job, Timed};
use crate::memory;
use crate::peers::{Peer, PeerOptions, TorchMode};
use crate::subject::Subject;
use crate::task::Task;
use crate::variant::Variant;

/// The published code in one mode. Its deviation from our f32 is that of ln p given the backbone alone, because the two
/// draw different decoding orders; for inductor, its deviation from eager is added.
pub(super) fn torch_variant(bench: &Bench, options: &PeerOptions, mode: TorchMode) -> Variant {
    let options = options.clone();
    let threads = bench.settings.threads;
    let start = move |subjects: &[Arc<Subject>], _: Task| -> Result<Job, StudyError> {
        let mut peer = Peer::start(&options, threads)?;
        let paths: Vec<String> = subjects
            .iter()
            .filter_map(|subject| Some(subject.path.as_ref()?.canonicalize().ok()?.display().to_string()))
            .collect();
        let mut compile_s = None;
        let mut subjects = subjects.to_vec();
        // The published parser reads PDB files only, and needs a file.
        subjects.truncate(paths.len());
        Ok(Box::new(move |check| {
            let mut timed = Timed::default();
            for (subject, path) in subjects.iter().zip(&paths) {
                let mode = mode.name();
                let forward = json!({"do": "forward", "structure": path, "mode": mode, "warmups": 0, "repeats": 1});
                if check {
                    let first = peer.ask(&forward)?["ms"].as_f64().unwrap_or(f64::NAN);
                    compile_s = Some(first / 1e3);
                }
                let answer = peer.ask(&forward)?;
                timed.ms += answer["ms"].as_f64().unwrap_or(f64::NAN);
                if check {
                    let (accuracy, more) = compare(&mut peer, subject, path, mode)?;
                    timed.accuracy = Some(accuracy);
                    timed.more = more;
                    if let Some(seconds) = compile_s {
                        timed.more.insert("first_call_s".to_owned(), Value::from(seconds));
                    }
                }
                timed.answers.push(Answer::default());
            }
            timed.peak_rss_mb = memory::peak_of(peer.child.id());
            Ok(timed)
        }))
    };
    Variant::new(bench, format!("torch, {}", mode.name()), Task::Forward, start)
        .expect(Expect::Finite)
        .note("the published PyTorch code; deviation given the backbone alone")
}

fn compare(
    peer: &mut Peer,
    subject: &Subject,
    path: &str,
    mode: &str,
) -> Result<(Accuracy, BTreeMap<String, Value>), StudyError> {
    let rows = peer.ask(&json!({"do": "unconditional", "structure": path}))?;
    let rows: Vec<Vec<f32>> = serde_json::from_value(rows).unwrap_or_default();
    let engine = fastmpnn::Engine::embedded(&Default::default())?;
    let own = engine.unconditional(&engine.encode(&subject.structure)?)?;
    let mut theirs = own.clone();
    let resolved = (0..own.len()).filter(|&residue| subject.resolved[residue]);
    if rows.len() != subject.residues || rows.iter().any(|row| row.len() != VOCABULARY) {
        return Ok((Accuracy::default(), BTreeMap::new()));
    }
    for (residue, row) in resolved.zip(rows) {
        theirs[residue] = std::array::from_fn(|letter| row[letter]);
    }
    let answer = |log_p| Answer { log_p: Some(log_p), designs: Vec::new() };
    let mut accuracy = Accuracy::of(subject, &answer(theirs), &answer(own));
    // These are given the backbone alone, unlike the rest of the table.
    (accuracy.recovery, accuracy.perplexity) = (None, None);
    let score = peer.ask(&json!({"do": "native_score", "structure": path, "orders": 4}))?;
    accuracy.perplexity = score.as_f64().map(f64::exp);
    let deviation = peer.ask(&json!({"do": "deviation", "structure": path, "mode": mode}))?;
    let more = BTreeMap::from([("deviation_from_eager".to_owned(), deviation)]);
    Ok((accuracy, more))
}
