//! Reads structures for commands that are not tasks.

use fastmpnn::structure::{BackboneAtoms, Structure};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Summary;
use super::batch::{Batch, BatchEnd, note_inputs};
use crate::error::PipelineError;
use crate::event::{Observer, Reporter};
use crate::input::{Input, Naming, ResolvedInputs, Sources};
use crate::request::{InputSettings, Request};

/// What commands that only read ask for, as the request that a manifest's rows have settings of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct ReadingRequest {
    #[serde(flatten)]
    input: InputSettings,
}

impl Request for ReadingRequest {
    const NAME: &'static str = "reading";

    const OF_A_STRUCTURE: &'static [&'static [&'static str]] = &[InputSettings::OF_A_STRUCTURE];

    fn check(&self) -> Result<(), PipelineError> {
        Ok(())
    }
}

/// A structure that was read.
#[derive(Clone, Debug)]
pub struct ReadStructure<'a> {
    /// The input it was read from.
    pub input: &'a Input,
    /// The structure.
    pub structure: Structure,
    /// The number of inputs.
    pub inputs: usize,
}

/// Reads one structure after the other and gives each to `work`. What is wrong with one is a failure, and the others go on;
/// a result that cannot be written ends everything.
pub fn read_structures(
    settings: &InputSettings,
    sources: &Sources,
    observer: &mut dyn Observer,
    mut work: impl FnMut(ReadStructure<'_>, &mut dyn Observer) -> Result<(), PipelineError>,
) -> Result<Summary, PipelineError> {
    let request = ReadingRequest { input: settings.clone() };
    let resolved = ResolvedInputs::new(&request, settings, Naming::Distinct, sources)?;
    let mut reporter = Reporter::new(observer);
    note_inputs(&resolved, &mut reporter);
    let inputs = resolved.inputs.len();
    let mut results = 0;
    let batch = Batch { run: &resolved, sources, needs: BackboneAtoms::All };
    let BatchEnd { failed, stopped } = batch.read(&mut reporter, |input, structure, reporter| {
        work(ReadStructure { input, structure, inputs }, reporter.observer())?;
        results += 1;
        Ok(())
    })?;
    Ok(Summary { inputs, failed, stopped, results })
}
