//! A structure read and encoded, for programs that ask the engine themselves.

use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::Structure;
use fastmpnn::{Encoding, Engine};

use super::Resources;
use super::batch::{Batch, Planned, Planner};
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
    let mut reporter = Reporter::new(observer);
    let engine = resources.engine(&request.network, &mut reporter)?;
    NetworkOptions::of(&resolved).check(&engine)?;
    let needs = engine.model().config().family.backbone_atoms();
    let batch = Batch { run: &resolved.run, sources: &resources.sources, needs };
    let file = input.display_name();
    let structure = batch.sources.structure(&input, &batch.options_of(&input))?;
    let planner = Planner::new(&resolved, batch.sources);
    let Planned { plan, .. } = planner.plan(&input, &structure, &mut reporter)?;
    let encoding = resources.encodings.of_structure(&engine, &structure, &plan.environment).in_file(&file)?;
    Ok(Encoded { engine, structure, plan, encoding })
}
