//! What a client asks for: files in memory and a request of the pipeline, which reads nothing else.

mod files;
mod settings;

use std::path::PathBuf;

use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::request::{
    DesignRequest, InputSettings, PackRequest, ProbsRequest, Request, ScanRequest, ScoreRequest,
};
use serde_json::{Map, Value};

pub(crate) use self::files::File;
pub(crate) use self::settings::{REFUSED, is_refused};
use crate::limits::Limits;
use crate::problem::Problem;

/// A task of the pipeline.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    Design(Box<DesignRequest>),
    Score(Box<ScoreRequest>),
    Probabilities(Box<ProbsRequest>),
    Scan(Box<ScanRequest>),
    Pack(Box<PackRequest>),
}

/// The kinds of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Design,
    Score,
    Probabilities,
    Scan,
    Pack,
}

impl Kind {
    pub(crate) const ALL: [Kind; 5] = [Kind::Design, Kind::Score, Kind::Probabilities, Kind::Scan, Kind::Pack];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Design => "design",
            Kind::Score => "score",
            Kind::Probabilities => "probabilities",
            Kind::Scan => "scan",
            Kind::Pack => "pack",
        }
    }
}

/// What a client asks for.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) work: Work,
    files: Vec<File>,
    /// Whether the answer is that of NVIDIA's microservice.
    pub(crate) for_nim: bool,
}

/// A task, and whether its client waits for the result.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) task: Task,
    pub(crate) wait: bool,
}

impl Order {
    /// Reads the body of a request.
    pub(crate) fn read(kind: Kind, mut body: Map<String, Value>, limits: &Limits) -> Result<Order, Problem> {
        let files = files::take(&mut body, limits)?;
        let wait = match body.remove("wait") {
            None | Some(Value::Null) => true,
            Some(Value::Bool(wait)) => wait,
            Some(_) => return Err(Problem::unprocessable("wait: expected true or false").of_setting("wait")),
        };
        let work = match kind {
            Kind::Design => Work::Design(Box::new(settings::read(body, &files)?)),
            Kind::Score => Work::Score(Box::new(settings::read(body, &files)?)),
            Kind::Probabilities => Work::Probabilities(Box::new(settings::read(body, &files)?)),
            Kind::Scan => Work::Scan(Box::new(settings::read(body, &files)?)),
            Kind::Pack => Work::Pack(Box::new(settings::read(body, &files)?)),
        };
        let task = Task { work, files, for_nim: false };
        task.check(limits)?;
        Ok(Order { task, wait })
    }
}

impl Task {
    /// A task for a client of NVIDIA's microservice.
    pub(crate) fn for_nim(request: DesignRequest, files: Vec<File>, limits: &Limits) -> Result<Task, Problem> {
        request.check().map_err(|error| Problem::of_pipeline(&error))?;
        let task = Task { work: Work::Design(Box::new(request)), files, for_nim: true };
        task.check(limits)?;
        Ok(task)
    }

    pub(crate) fn kind(&self) -> Kind {
        match self.work {
            Work::Design(_) => Kind::Design,
            Work::Score(_) => Kind::Score,
            Work::Probabilities(_) => Kind::Probabilities,
            Work::Scan(_) => Kind::Scan,
            Work::Pack(_) => Kind::Pack,
        }
    }

    /// Which structures are read, and how.
    pub(crate) fn input(&self) -> &InputSettings {
        match &self.work {
            Work::Design(request) => &request.input,
            Work::Score(request) => &request.input,
            Work::Probabilities(request) => &request.input,
            Work::Scan(request) => &request.input,
            Work::Pack(request) => &request.input,
        }
    }

    /// The only files that the pipeline can read.
    pub(crate) fn sources(&self) -> Sources {
        let add = |sources: Sources, file: &File| sources.with_file(PathBuf::from(&file.name), file.text.as_bytes());
        self.files.iter().fold(Sources::memory(), add)
    }

    /// The files that are structures.
    pub(crate) fn structures(&self) -> impl Iterator<Item = &File> {
        let inputs = &self.input().inputs;
        inputs.iter().filter_map(|path| self.files.iter().find(|file| path.as_os_str() == file.name.as_str()))
    }

    /// The number of designs of each residue; none where nothing is designed.
    pub(crate) fn designs(&self) -> Option<u64> {
        match &self.work {
            Work::Design(request) => {
                let structures = if request.states.states { 1 } else { request.input.inputs.len() as u64 };
                let each = request.sampling.num_seqs.saturating_mul(request.sampling.temperature.len() as u64);
                Some(each.saturating_mul(structures))
            }
            _ => None,
        }
    }

    /// Refuses a task that is larger than the limits, as far as that is known before the structures are read.
    fn check(&self, limits: &Limits) -> Result<(), Problem> {
        let refuse = |setting: &str, value: u64, most: u64| match value > most {
            true => Err(Problem::unprocessable(format!("{setting} {value}: this service takes {most} at most"))
                .of_setting(setting)),
            false => Ok(()),
        };
        if let Some(designs) = self.designs().filter(|&designs| designs > limits.designs) {
            let detail = format!("{designs} designs: this service makes {} at most for a request", limits.designs);
            return Err(Problem::unprocessable(detail).of_setting("num_seqs"));
        }
        let (orders, packings) = (u64::from(limits.orders), limits.packings);
        match &self.work {
            Work::Design(request) => {
                refuse("rescore_orders", request.rescore_orders.unwrap_or(0).into(), orders)?;
                if request.pack { refuse("num_packs", request.side_chains.num_packs, packings) } else { Ok(()) }
            }
            Work::Score(request) => refuse("num_orders", request.num_orders.into(), orders),
            Work::Scan(request) => refuse("num_orders", request.num_orders.into(), orders),
            Work::Pack(request) => refuse("num_packs", request.side_chains.num_packs, packings),
            Work::Probabilities(_) => Ok(()),
        }
    }
}
