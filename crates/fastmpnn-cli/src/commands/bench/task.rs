//! The tasks that `fastmpnn bench time` times, and the checks of their answers.

use anyhow::Result;
use fastmpnn_pipeline::fastmpnn::chemistry::{Sequence, VOCABULARY};
use fastmpnn_pipeline::fastmpnn::decode::Design;
use fastmpnn_pipeline::fastmpnn::error::EngineError;
use fastmpnn_pipeline::fastmpnn::kernels::Isa;
use fastmpnn_pipeline::fastmpnn::model::Precision;
use fastmpnn_pipeline::fastmpnn::model::{Encoding, Operations};
use fastmpnn_pipeline::fastmpnn::spec::DesignPlan;
use fastmpnn_pipeline::fastmpnn::structure::Structure;
use fastmpnn_pipeline::fastmpnn::{Engine, EngineOptions};

use crate::args::bench::Task;
use crate::failure::WrongAnswer;
use fastmpnn_pipeline::measure::resolved;
use fastmpnn_pipeline::request::{Network, SamplingSettings};

/// The largest difference of ln p from f32 on another instruction set, nats. In f32 they differ only by rounding, about
/// 10⁻⁵; the other precisions by the amounts in `docs/numerics.md`, here with room for other structures. A wrong
/// product differs by far more.
fn tolerance(precision: Precision) -> f32 {
    match precision {
        Precision::F32 | Precision::Bf16x3 => 1e-3,
        Precision::F16 | Precision::Q16 => 0.1,
        // bf16, the coarsest.
        _ => 0.4,
    }
}

/// With more residues the scalar kernels would take longer than the timed task.
const SCALAR_RESIDUES: usize = 200;

/// ln p of every letter at every residue. `[N, V]`
type LogLikelihoods = Vec<[f32; VOCABULARY]>;

/// A task of a network that designs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DesignTask {
    Forward,
    Encode,
    Design,
}

impl DesignTask {
    /// The task; `None` if it is one for the packer.
    pub(super) fn of(task: Task) -> Option<DesignTask> {
        Some(match task {
            Task::Forward => DesignTask::Forward,
            Task::Encode => DesignTask::Encode,
            Task::Design => DesignTask::Design,
            Task::Pack => return None,
        })
    }
}

/// A task on a structure, ready to run.
pub(super) struct Work<'a> {
    pub(super) engine: &'a Engine,
    /// The arguments of the engine, for a second engine that checks it.
    pub(super) network: &'a Network,
    pub(super) structure: &'a Structure,
    pub(super) plan: &'a DesignPlan,
    pub(super) native: &'a Sequence,
    /// The decoding order of the native sequence: that of sample 0.
    pub(super) rank: &'a [u32],
    pub(super) task: DesignTask,
    pub(super) sequences: u64,
}

/// The answer of a task.
pub(super) enum Answer {
    Forward(LogLikelihoods),
    Encode(Encoding),
    Design(Encoding, Vec<Design>),
}

impl Work<'_> {
    pub(super) fn run(&self) -> Result<Answer, EngineError> {
        let encoding = self.engine.encode(self.structure)?;
        Ok(match self.task {
            DesignTask::Encode => Answer::Encode(encoding),
            DesignTask::Forward => Answer::Forward(self.score_native(self.engine, &encoding)?),
            DesignTask::Design => {
                let sampling = SamplingSettings::default();
                let designer = self.engine.designer(&encoding, self.structure, self.plan)?;
                let designs = designer.sample(0..self.sequences, sampling.temperature[0])?;
                Answer::Design(encoding, designs)
            }
        })
    }

    /// Multiply-adds of the task.
    pub(super) fn multiply_adds(&self, operations: &Operations) -> u64 {
        match self.task {
            DesignTask::Forward => operations.forward(),
            DesignTask::Encode => operations.encode(),
            DesignTask::Design => operations.design(self.sequences),
        }
    }

    /// Sequences that the task scores or draws.
    pub(super) fn sequences(&self) -> u64 {
        match self.task {
            DesignTask::Forward => 1,
            DesignTask::Encode => 0,
            DesignTask::Design => self.sequences,
        }
    }

    /// Fails if the answer is wrong.
    pub(super) fn check(&self, answer: &Answer) -> Result<()> {
        match answer {
            Answer::Forward(log_p) => self.check_likelihoods(log_p),
            Answer::Encode(encoding) => self.check_likelihoods(&self.score_native(self.engine, encoding)?),
            Answer::Design(encoding, designs) => self.check_designs(encoding, designs),
        }
    }

    fn score_native(&self, engine: &Engine, encoding: &Encoding) -> Result<LogLikelihoods, EngineError> {
        engine.autoregressive(encoding, self.structure, self.native, self.rank)
    }

    fn check_likelihoods(&self, log_p: &LogLikelihoods) -> Result<()> {
        for (residue, row) in self.structure.residues.iter().zip(log_p) {
            let total: f64 = row.iter().map(|&value| f64::from(value).exp()).sum();
            ensure(row.iter().all(|value| value.is_finite()) && (total - 1.0).abs() < 1e-5, || {
                format!("the probabilities of residue {} add up to {total}", residue.id)
            })?;
        }
        let Some(isa) = self.other_instruction_set() else { return Ok(()) };
        let threads = std::num::NonZeroUsize::new(1);
        let options = EngineOptions::default().with_threads(threads).with_isa(Some(isa));
        let other = Engine::with_checkpoint(&self.network.checkpoint()?, &options)?;
        let expected = self.score_native(&other, &other.encode(self.structure)?)?;
        for ((residue, row), expected) in self.structure.residues.iter().zip(log_p).zip(&expected) {
            let difference = row.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            ensure(difference <= tolerance(self.engine.precision()), || {
                format!("log p at residue {} differs from that on {isa} by {difference}", residue.id)
            })?;
        }
        Ok(())
    }

    /// The instruction set to compare with: the scalar kernels if they are quick enough, else any other vector kernels.
    fn other_instruction_set(&self) -> Option<Isa> {
        let own = self.engine.isa();
        if self.native.len() <= SCALAR_RESIDUES {
            return Some(Isa::Scalar);
        }
        Isa::available().filter(|&isa| isa != own && isa != Isa::Scalar).last()
    }

    fn check_designs(&self, encoding: &Encoding, designs: &[Design]) -> Result<()> {
        ensure(designs.len() as u64 == self.sequences, || format!("{} designs were drawn", designs.len()))?;
        let resolved = resolved(self.structure);
        for design in designs {
            for (index, residue) in self.structure.residues.iter().enumerate() {
                let (letter, score) = (design.sequence[index], design.negative_log_likelihood[index]);
                let free = self.plan.designed[index] && resolved[index];
                ensure(score.is_finite() && (!free || self.plan.allows(index, letter)), || {
                    let letter = letter.to_char();
                    format!("sample {} has {letter} with -ln p = {score} at residue {}", design.sample, residue.id)
                })?;
            }
        }
        let Some(first) = designs.first() else { return Ok(()) };
        let scored = self.engine.autoregressive(encoding, self.structure, &first.sequence, &first.rank)?;
        let drawn = first.sequence.iter().zip(&first.negative_log_likelihood);
        for ((residue, row), (letter, drawn)) in self.structure.residues.iter().zip(&scored).zip(drawn) {
            let difference = (row[letter.index()] + drawn).abs();
            ensure(difference <= tolerance(self.engine.precision()), || {
                format!("residue {} was drawn with a -ln p that differs from its score by {difference}", residue.id)
            })?;
        }
        Ok(())
    }
}

fn ensure(right: bool, wrong: impl FnOnce() -> String) -> Result<(), WrongAnswer> {
    if right { Ok(()) } else { Err(WrongAnswer(wrong())) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use fastmpnn_pipeline::fastmpnn::spec::DesignSpec;
    use fastmpnn_pipeline::fastmpnn::structure::read_path;
    use fastmpnn_pipeline::fastmpnn::weights::PublishedCheckpoint;

    use super::*;
    use fastmpnn_pipeline::measure::native_sequence;

    #[test]
    fn right_answers_pass_and_wrong_ones_do_not() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/6MRR.pdb");
        let structure = read_path(&path, &Default::default()).unwrap();
        let engine = Engine::embedded(&EngineOptions::default()).unwrap();
        let plan = DesignSpec::default().resolve(&structure).unwrap();
        let native = native_sequence(&structure);
        let rank: Vec<u32> = (0..native.len() as u32).collect();
        let network = Network::Published(PublishedCheckpoint::named("v_48_020").unwrap());
        let work = |task| Work {
            engine: &engine,
            network: &network,
            structure: &structure,
            plan: &plan,
            native: &native,
            rank: &rank,
            task,
            sequences: 2,
        };
        for task in [DesignTask::Forward, DesignTask::Encode, DesignTask::Design] {
            let work = work(task);
            let mut answer = work.run().unwrap();
            work.check(&answer).unwrap();
            match &mut answer {
                Answer::Forward(log_p) => log_p[5].swap(0, 1),
                // The encoding of another structure: the residues in another order.
                Answer::Encode(encoding) => {
                    let mut other = structure.clone();
                    other.residues.reverse();
                    *encoding = engine.encode(&other).unwrap();
                }
                Answer::Design(_, designs) => designs[0].negative_log_likelihood[7] += 0.01,
            }
            let error = work.check(&answer).unwrap_err();
            // The engine itself refuses the encoding of another structure.
            let expected =
                if task == DesignTask::Encode { error.is::<EngineError>() } else { error.is::<WrongAnswer>() };
            assert!(expected, "{task:?}: {error}");
        }
        let mut answer = work(DesignTask::Design).run().unwrap();
        if let Answer::Design(_, designs) = &mut answer {
            designs[1].negative_log_likelihood[3] = f32::NAN;
        }
        assert!(work(DesignTask::Design).check(&answer).is_err());
    }
}
