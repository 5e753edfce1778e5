//! What a request designs, without any network: for front ends that show it before the work begins.

use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::{BackboneAtoms, Structure};
use fastmpnn::weights::ModelKind;

use super::Resources;
use super::batch::{Batch, check_protein};
use crate::error::{InFile, PipelineError, refusal};
use crate::event::{Observer, Reporter};
use crate::input::ResolvedDesign;
use crate::message::Field;
use crate::request::{DesignRequest, Request};

/// A structure and the plan that a request comes to on it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The structure.
    pub structure: Structure,
    /// The plan for it.
    pub plan: DesignPlan,
    /// What is designed, fixed, tied, omitted and biased, in words.
    pub summary: String,
}

/// Reads the one structure of a request and resolves its selections. No network is loaded: one that the request names as a
/// file is taken for one that needs whole backbones.
pub fn planned(
    request: &DesignRequest,
    resources: &Resources<'_>,
    observer: &mut dyn Observer,
) -> Result<Planned, PipelineError> {
    request.check()?;
    let mut resolved = ResolvedDesign::of_design(request, &resources.sources)?;
    resolved.spec.by_residue = resources.values.by_residue.clone();
    let (Some(input), 1) = (resolved.run.inputs.get(0), resolved.run.inputs.len()) else {
        let count = resolved.run.inputs.len();
        return Err(refusal(format!("{}: one structure is planned, and there are {count}", Field("inputs"))));
    };
    let needs = if request.network.model == ModelKind::Ca { BackboneAtoms::Alpha } else { BackboneAtoms::All };
    let mut reporter = Reporter::new(observer);
    let file = input.display_name();
    let structure = resources
        .sources
        .structure(&input, &Batch { run: &resolved.run, sources: &resources.sources, needs }.options())?;
    check_protein(&structure, &file)?;
    reporter.structure_warnings(&file, &structure);
    let plan = resolved.spec_of(&input, &structure, &resources.sources)?.resolve(&structure).in_file(&file)?;
    reporter.plan_warnings(&file, &plan.warnings);
    reporter.labels(&structure, request.residues.pdb_labels);
    let summary = plan.summary(&structure).to_string();
    Ok(Planned { structure, plan, summary })
}
