//! Every single mutation.

use fastmpnn::chemistry::VOCABULARY;
use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::Structure;
use fastmpnn::{Encoding, Engine};

use crate::error::PipelineError;
use crate::event::{Reporter, ScanResult};
use crate::measure::native_sequence;
use crate::request::{ProbabilityMode, ScanRequest};

/// A structure whose mutations are compared.
pub(super) struct SingleScan<'a> {
    pub(super) request: &'a ScanRequest,
    pub(super) engine: &'a Engine,
    pub(super) encoding: &'a Encoding,
    pub(super) structure: &'a Structure,
    pub(super) plan: &'a DesignPlan,
}

impl SingleScan<'_> {
    /// The changes at the residues that are designed; none where the run is to end before.
    pub(super) fn compare(&self, reporter: &mut Reporter<'_>) -> Result<Option<ScanResult>, PipelineError> {
        let SingleScan { structure, plan, .. } = *self;
        let Some(log_p) = self.mean_log_probabilities(reporter)? else { return Ok(None) };
        let mut result = ScanResult { name: structure.name.clone(), ..ScanResult::default() };
        for ((residue, &designed), row) in structure.residues.iter().zip(&plan.designed).zip(log_p) {
            if designed {
                result.residues.push(residue.id.clone());
                result.native.push(residue.letter);
                result.change.push(row.map(|value| value - row[residue.letter.index()]));
            }
        }
        Ok(Some(result))
    }

    /// ln p of every letter, the mean over the decoding orders; none where the run is to end before. `[N, V]`
    fn mean_log_probabilities(
        &self,
        reporter: &mut Reporter<'_>,
    ) -> Result<Option<Vec<[f32; VOCABULARY]>>, PipelineError> {
        let SingleScan { request, engine, encoding, structure, plan } = *self;
        if request.mode == ProbabilityMode::Unconditional {
            return Ok(Some(engine.unconditional(encoding)?));
        }
        let native = native_sequence(structure);
        let mut sums = vec![[0.0_f64; VOCABULARY]; structure.residues.len()];
        for sample in 0..u64::from(request.num_orders) {
            if reporter.stops() {
                return Ok(None);
            }
            let rank = engine.decoding_rank(encoding, structure, plan, sample)?;
            let log_p = engine.conditional(encoding, structure, &native, &rank)?;
            for (sums, row) in sums.iter_mut().zip(&log_p) {
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += f64::from(*value);
                }
            }
        }
        let orders = f64::from(request.num_orders);
        Ok(Some(sums.iter().map(|row| row.map(|sum| (sum / orders) as f32)).collect()))
    }
}
