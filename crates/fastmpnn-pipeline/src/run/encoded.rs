//! A structure read and encoded, for programs that ask the engine themselves.

use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::Structure;
use fastmpnn::{Encoding, Engine};

use super::Resources;
use super::batch::{Batch, Worker, check_protein};
use super::network_options::NetworkOptions;
use crate::error::{InFile, PipelineError, refusal};
use crate::event::{Observer, Reporter};
use crate::input::ResolvedDesign;
use crate::message::Field;
use crate::request::{ProbsRequest, Request};

/// A structure with its encoding.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// The engine that made it.
    pub engine: Engine,
    /// The structure.
    pub structure: Structure,
    /// The plan that the request comes to.
    pub plan: DesignPlan,
    /// What the encoder makes of both.
    pub encoding: Encoding,
}

/// Reads and encodes the one structure of a request, in the way [`probs`](super::probs) does.
pub fn encoded(
    request: &ProbsRequest,
    resources: &mut Resources<'_>,
    observer: &mut dyn Observer,
) -> Result<Encoded, PipelineError> {
    request.check()?;
    let mut resolved = ResolvedDesign::of_probs(request, &resources.sources)?;
    resolved.spec.by_residue = resources.values.by_residue.clone();
    let (Some(input), 1) = (resolved.run.inputs.get(0), resolved.run.inputs.len()) else {
        let count = resolved.run.inputs.len();
        return Err(refusal(format!("{}: one structure is encoded, and there are {count}", Field("inputs"))));
    };
    let engine = resources.engines.engine(&request.network)?;
    NetworkOptions::of(&resolved).check(&engine)?;
    let batch = Batch { run: &resolved.run, needs: engine.model().config().family.backbone_atoms() };
    let mut reporter = Reporter::new(observer);
    let worker = Worker { sources: &resources.sources, reporter: &mut reporter };
    let file = input.display_name();
    let structure = worker.sources.structure(&input, &batch.options_of(&input))?;
    check_protein(&structure, &file)?;
    worker.reporter.structure_warnings(&file, &structure);
    let spec = resolved.spec_of(&input, &structure, worker.sources)?;
    let plan = spec.resolve(&structure).in_file(&file)?;
    worker.reporter.plan_warnings(&file, &plan.warnings);
    let encoding = resources.encodings.of_structure(&engine, &structure, &plan.environment).in_file(&file)?;
    Ok(Encoded { engine, structure, plan, encoding })
}
