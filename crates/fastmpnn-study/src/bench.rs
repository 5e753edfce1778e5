//! Shared by all experiments: structures, settings, and the reference that answers are compared with.

use std::collections::HashMap;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fastmpnn::kernels::Kernels;
use fastmpnn::{Engine, EngineOptions};

use crate::accuracy::Answer;
use crate::error::StudyError;
use crate::job::engine_answers;
use crate::machine::Machine;
use crate::peers::PeerOptions;
use crate::settings::Settings;
use crate::subject::Subject;
use crate::task::{Drawing, Task};

/// The executable that runs the study, for measurements that need a process of their own.
#[derive(Clone, Debug)]
pub struct Program {
    /// The path; the program must have the command `design`.
    pub path: PathBuf,
    /// Arguments that, followed by `EXPERIMENT=VARIANT`, make it print the peak memory of a variant.
    pub memory_arguments: Vec<OsString>,
}

/// The structures, settings and references that experiments share.
pub struct Bench {
    /// The settings of the run.
    pub settings: Settings,
    /// The structures; the first is the one that is timed.
    pub(crate) subjects: Vec<Arc<Subject>>,
    /// The executable; without it, memory is not measured.
    pub program: Option<Program>,
    /// The published code; without it, torch is not measured.
    pub peers: Option<PeerOptions>,
    reference: OnceLock<Arc<Engine>>,
    machine: OnceLock<Machine>,
    answers: Mutex<HashMap<(String, Task), Arc<Answer>>>,
    progress: Box<dyn Fn(&str) + Send + Sync>,
}

impl std::fmt::Debug for Bench {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Bench")
            .field("settings", &self.settings)
            .field("program", &self.program)
            .finish_non_exhaustive()
    }
}

impl Bench {
    /// A bench for these structures; `progress` receives a line for each step.
    pub fn new(
        mut settings: Settings,
        subjects: Vec<Subject>,
        progress: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Bench, StudyError> {
        settings.timed = subjects.first().ok_or(StudyError::NoStructures)?.name.clone();
        settings.panel = subjects.iter().map(|subject| subject.name.clone()).collect();
        let seed = settings.seed;
        Ok(Bench {
            settings,
            subjects: subjects.into_iter().map(|subject| Arc::new(subject.with_seed(seed))).collect(),
            program: None,
            peers: None,
            reference: OnceLock::new(),
            machine: OnceLock::new(),
            answers: Mutex::default(),
            progress: Box::new(progress),
        })
    }

    /// The structure that is timed.
    pub(crate) fn timed(&self) -> Arc<Subject> {
        // There is at least one: `new` refuses an empty list.
        Arc::clone(&self.subjects[0])
    }

    /// Reports a step to `progress`.
    pub fn say(&self, text: &str) {
        (self.progress)(text);
    }

    /// The options of an engine with `threads` threads.
    pub(crate) fn options(&self, threads: usize) -> EngineOptions {
        EngineOptions::default().with_threads(NonZeroUsize::new(threads))
    }

    /// The kernels in use.
    pub(crate) fn kernels(&self) -> Result<Kernels, StudyError> {
        Ok(Kernels::detect()?)
    }

    /// Our f32 engine: what all answers are compared with.
    pub(crate) fn reference(&self) -> Result<Arc<Engine>, StudyError> {
        if let Some(engine) = self.reference.get() {
            return Ok(Arc::clone(engine));
        }
        let engine = Arc::new(Engine::embedded(&self.options(self.settings.threads))?);
        Ok(Arc::clone(self.reference.get_or_init(|| engine)))
    }

    /// The machine, examined once.
    pub(crate) fn machine(&self) -> Result<Machine, StudyError> {
        if let Some(machine) = self.machine.get() {
            return Ok(machine.clone());
        }
        let machine = Machine::describe(&*self.reference()?, self.settings.threads)?;
        Ok(self.machine.get_or_init(|| machine).clone())
    }

    /// The settings with which designs are drawn.
    pub(crate) fn drawing(&self) -> Drawing {
        Drawing { seed: self.settings.seed, temperature: self.settings.temperature, ..Drawing::default() }
    }

    /// The reference's answer for a structure.
    pub(crate) fn expected(
        &self,
        subject: &Arc<Subject>,
        task: Task,
        temperature: Option<f32>,
    ) -> Result<Arc<Answer>, StudyError> {
        let key = (format!("{} {:?} {temperature:?}", subject.name, subject.plan.order), task);
        let known = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known().get(&key) {
            return Ok(Arc::clone(answer));
        }
        let engine = self.reference()?;
        let mut drawing = self.drawing();
        drawing.temperature = temperature.unwrap_or(drawing.temperature);
        let mut timed = engine_answers(&engine, std::slice::from_ref(subject), task, drawing, true)?;
        let answer = Arc::new(timed.answers.pop().unwrap_or_default());
        known().insert(key, Arc::clone(&answer));
        Ok(answer)
    }
}
