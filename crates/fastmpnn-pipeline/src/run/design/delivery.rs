//! Shows and writes designs in the order of the inputs, on the thread of the run's observer.

use std::sync::Arc;

use fastmpnn::Engine;

use super::step::{Begun, Made, PackedState};
use crate::error::{InFile, PipelineError};
use crate::event::{DesignOutcome, DesignResult, NativeOutcome, Outcome, Progress, Reporter};
use crate::input::{Input, ResolvedDesign};
use crate::output::{DesignLogos, DesignOutput, DesignReport, DesignTarget, StateStructures, TargetParts};
use crate::request::DesignRequest;
use crate::run::DesignSummary;
use crate::run::batch::{Step, failed};
use crate::run::lanes::{Steps, Taken};
use crate::run::pack::DesignPackings;

/// What all designs go through.
pub(super) struct Delivery<'d, 'o, 'p> {
    pub(super) request: &'d DesignRequest,
    pub(super) resolved: &'d ResolvedDesign,
    pub(super) engine: &'d Engine,
    pub(super) output: Option<Box<dyn DesignOutput>>,
    pub(super) packings: Option<DesignPackings>,
    pub(super) logos: Option<DesignLogos<'d>>,
    pub(super) report: Option<DesignReport<'p>>,
    pub(super) summary: DesignSummary,
    pub(super) reporter: &'d mut Reporter<'o>,
}

/// How far the designs of a structure have come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Delivered {
    All,
    /// The run is to end before.
    CutShort,
}

type DesignSteps<'s, 'r> = Steps<'s, Step<Made<'r>>>;

impl Delivery<'_, '_, '_> {
    /// Takes the steps of an input. An input that fails is reported and the next one follows; a result that cannot be
    /// written ends the run.
    pub(super) fn input(&mut self, index: usize, steps: &mut DesignSteps<'_, '_>) -> Result<Taken, PipelineError> {
        let inputs = &self.resolved.run.inputs;
        let own = inputs.get(index).unwrap_or_default();
        let input = own.display_name();
        let of_states = self.request.states.states;
        if !of_states {
            if self.reporter.stops() {
                return Ok(Taken::Stop);
            }
            self.reporter.input(&input, index, inputs.len());
        }
        match self.steps(&own, steps) {
            Ok(()) => Ok(Taken::Next),
            Err(error) if of_states || error.output_failure().is_some() => Err(error),
            Err(error) => {
                // What could not be used may still be worked on, where its result does not fit its file.
                steps.cancel();
                let failed = failed(input, &error, self.reporter);
                if let Some(output) = &mut self.output {
                    output.fail(&own, &failed)?;
                }
                self.summary.run.failed.push(failed);
                Ok(Taken::Next)
            }
        }
    }

    /// What comes before the designs.
    fn steps(&mut self, input: &Input, steps: &mut DesignSteps<'_, '_>) -> Result<(), PipelineError> {
        while let Some(step) = steps.next() {
            match step {
                Step::Made(Made::Begun(begun)) => return self.protein(&begun, steps),
                Step::Made(Made::Finished) => {
                    self.summary.resumed += 1;
                    let designs = self.resolved.designs_of(self.request, input);
                    self.reporter.advance(designs);
                }
                Step::Failed(error) => return Err(error),
                step => step.tell(self.reporter),
            }
        }
        Ok(())
    }

    /// The designs of a protein.
    fn protein(&mut self, begun: &Arc<Begun<'_>>, steps: &mut DesignSteps<'_, '_>) -> Result<(), PipelineError> {
        let Begun { request, file, states, tied, formats, summary, .. } = &**begun;
        let structures = StateStructures::new(&tied.plan, states.structures(), formats);
        let target = DesignTarget::new(TargetParts {
            request,
            engine: self.engine,
            file,
            structure: states.protein(),
            states: &structures,
            plan: &tied.plan,
            summary,
            warnings: begun.warnings.iter().map(|warning| self.reporter.text(warning)).collect(),
            identity: begun.identity.as_ref(),
        });
        let Begun { measures, rescored, native, log_p, .. } = &**begun;
        let native = NativeOutcome { target: &target, sequence: native, measures: *measures, rescored: *rescored };
        if let Some(output) = &mut self.output {
            output.begin(&native)?;
        }
        if let Some(logos) = &mut self.logos {
            logos.begin(&target, native.sequence);
        }
        if let Some(report) = &mut self.report {
            report.begin(&native, log_p.as_deref()).in_file(&target.input.input)?;
        }
        self.reporter.result(&Outcome::Native(native));
        let delivered = self.designs(&target, steps)?;
        if let Some(logos) = &mut self.logos {
            logos.end()?;
        }
        if let Some(report) = &mut self.report {
            report.end(delivered == Delivered::CutShort)?;
        }
        if let Some(output) = &mut self.output {
            match delivered {
                Delivered::All => output.end(&target)?,
                Delivered::CutShort => output.cut_short(&target)?,
            }
        }
        self.summary.structures += usize::from(delivered == Delivered::All);
        Ok(())
    }

    fn designs(
        &mut self,
        target: &DesignTarget<'_>,
        steps: &mut DesignSteps<'_, '_>,
    ) -> Result<Delivered, PipelineError> {
        while let Some(step) = steps.next() {
            match step {
                // Samples that were in hand when the observer stopped the run are lost.
                Step::Made(Made::Drawn(_) | Made::Packed(_)) if self.reporter.has_stopped() => {
                    return Ok(Delivered::CutShort);
                }
                Step::Made(Made::Drawn(drawn)) => self.drawn(target, &drawn)?,
                Step::Made(Made::Packed(packed)) => self.packed(target, &packed)?,
                Step::Made(Made::Selected(report)) => {
                    self.summary.selection.merge(&report);
                    if let Some(output) = &mut self.output {
                        output.selected(&report);
                    }
                }
                Step::Done => return Ok(Delivered::All),
                Step::Failed(error) => return Err(error),
                step => {
                    step.tell(self.reporter);
                    if let Step::Progress(Progress::Advanced(_)) = step {
                        self.reporter.stops();
                    }
                }
            }
            if self.reporter.has_stopped() {
                steps.cancel();
            }
        }
        Ok(Delivered::CutShort)
    }

    fn drawn(&mut self, target: &DesignTarget<'_>, drawn: &[DesignResult]) -> Result<(), PipelineError> {
        if let Some(output) = &mut self.output {
            output.add(target, drawn).in_file(&target.input.input)?;
        }
        self.summary.run.results += drawn.len();
        if let Some(logos) = &mut self.logos {
            logos.add(drawn);
        }
        if let Some(report) = &mut self.report {
            report.add(target, drawn)?;
        }
        for result in drawn {
            self.summary.score.add(result.measures.score);
            self.summary.recovery.add(result.measures.recovery);
        }
        for result in drawn {
            self.reporter.result(&Outcome::Design(DesignOutcome { target, result }));
        }
        Ok(())
    }

    fn packed(&mut self, target: &DesignTarget<'_>, packed: &PackedState) -> Result<(), PipelineError> {
        let (Some(packings), Some(state)) = (&mut self.packings, target.states.iter().nth(packed.state)) else {
            return Ok(());
        };
        let outcome = packings.add(&packed.file, state, &packed.packed)?;
        self.reporter.result(&Outcome::Packing(outcome));
        Ok(())
    }
}
