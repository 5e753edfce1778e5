//! From a structure to what is done with it, the same for every command that scores.

use fastmpnn::error::SpecError;
use fastmpnn::spec::{DesignPlan, DesignSpec};
use fastmpnn::structure::Structure;

use super::check_protein;
use crate::error::{InFile, PipelineError};
use crate::event::Reporter;
use crate::input::{Input, ResolvedDesign, Sources};

/// Makes the plan of each structure of a run, and tells what is odd about both.
#[derive(Clone, Copy)]
pub(in crate::run) struct Planner<'r> {
    resolved: &'r ResolvedDesign,
    sources: &'r Sources,
    may_be_empty: bool,
}

/// A specification and what it comes to.
pub(in crate::run) struct Planned {
    pub(in crate::run) spec: DesignSpec,
    pub(in crate::run) plan: DesignPlan,
}

impl<'r> Planner<'r> {
    pub(in crate::run) fn new(resolved: &'r ResolvedDesign, sources: &'r Sources) -> Planner<'r> {
        Planner { resolved, sources, may_be_empty: false }
    }

    /// Also takes structures in which no residue is left to design; nothing is designed in their plans.
    pub(in crate::run) fn with_nothing_designed(self) -> Planner<'r> {
        Planner { may_be_empty: true, ..self }
    }

    /// The specification of a structure, and its plan.
    pub(in crate::run) fn plan(
        &self,
        input: &Input,
        structure: &Structure,
        reporter: &mut Reporter<'_>,
    ) -> Result<Planned, PipelineError> {
        let file = input.display_name();
        check_protein(structure, &file)?;
        reporter.structure_warnings(&file, structure);
        let spec = self.resolved.spec_of(input, structure, self.sources)?;
        let plan = match spec.resolve(structure) {
            Err(SpecError::NothingDesigned { .. }) if self.may_be_empty => {
                nothing_designed(spec.clone(), structure).in_file(&file)?
            }
            plan => plan.in_file(&file)?,
        };
        reporter.plan_warnings(&file, &plan.warnings);
        Ok(Planned { spec, plan })
    }
}

/// The plan of a structure in which nothing is designed.
fn nothing_designed(spec: DesignSpec, structure: &Structure) -> Result<DesignPlan, SpecError> {
    let (chains, fix, redesign) = Default::default();
    let everything = DesignSpec { chains, fix, redesign, ..spec };
    let mut plan = everything.resolve(structure)?;
    plan.designed.fill(false);
    Ok(plan)
}
