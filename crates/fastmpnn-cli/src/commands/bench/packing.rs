//! The task `pack` of `fastmpnn bench time`.

use anyhow::{Context, Result, bail};
use fastmpnn_pipeline::fastmpnn::chemistry::SideChain;
use fastmpnn_pipeline::fastmpnn::decode::{PackId, Packing, PackingChoice, PackingSettings, StreamDraws};
use fastmpnn_pipeline::fastmpnn::kernels::{Isa, Kernels};
use fastmpnn_pipeline::fastmpnn::model::Precision;
use fastmpnn_pipeline::fastmpnn::structure::{ReadOptions, Structure, read_path};
use fastmpnn_pipeline::fastmpnn::weights::Checkpoint;
use fastmpnn_pipeline::fastmpnn::{EngineOptions, Packer};

use super::printing::print;
use super::timing::{Processor, Subject, measure, report};
use crate::args::bench::TimeArgs;
use crate::failure::WrongAnswer;
use fastmpnn_pipeline::measure::native_sequence;
use fastmpnn_pipeline::request::{PackRequest, SideChainSettings};

/// The fraction of torsions that must agree with another instruction set, and the tolerance in radians. Rounding may
/// swap two angles of equal density, and later steps then differ; a wrong product changes all torsions.
const SAME_SHARE: f64 = 0.95;
const SAME_ANGLE: f32 = 1e-3;

pub(super) fn run(args: &TimeArgs) -> Result<()> {
    if args.timed.precision != Precision::F32 {
        bail!("--precision {}: side chains are packed in f32", args.timed.precision);
    }
    let checkpoint = Checkpoint::find(&SideChainSettings::default().packer)?;
    let packer = Packer::with_checkpoint(&checkpoint, &args.timed.options())?;
    let file = args.file.display().to_string();
    let structure = read_path(&args.file, &ReadOptions::default())?;
    if structure.residues.is_empty() {
        bail!("{file}: holds no protein residues");
    }
    let first = packings(&packer, &structure, args.num_seqs).with_context(|| file.clone())?;
    // Measured before the check, which needs memory of its own.
    let peak_rss_mb = fastmpnn_study::memory::peak_of_process();
    check(&checkpoint, &packer, &structure, &first)?;
    let operations = packer.prepare(&structure, &everything(&structure))?.operations();
    let processor = Processor { kernels: Kernels::on(packer.isa())?, threads: packer.threads() };
    let timing = measure(processor, args, || packings(&packer, &structure, args.num_seqs))?;
    let record = timing.record(
        args,
        Subject {
            checkpoint: packer.checkpoint_name(),
            residues: first.first().map_or(0, |packing| packing.resolved.iter().filter(|&&resolved| resolved).count()),
            sequences: args.num_seqs,
            threads: packer.threads(),
            precision: Precision::F32,
            isa: packer.isa().to_string(),
            multiply_adds: operations.packings(args.num_seqs, PackingSettings::default().steps as u64),
            peak_rss_mb,
        },
    )?;
    print(&record, args.timed.json, || report(&record))
}

fn everything(structure: &Structure) -> PackingChoice {
    let sequence = native_sequence(structure);
    PackingChoice::default().with_packed(vec![true; sequence.len()]).with_sequence(sequence)
}

/// Prepares the structure and draws `count` packings, with the published numbers of steps and samples.
fn packings(packer: &Packer, structure: &Structure, count: u64) -> Result<Vec<Packing>> {
    let task = packer.prepare(structure, &everything(structure))?;
    let settings = PackingSettings::default();
    let seed = PackRequest::default().seed;
    let pack = |pack| task.pack(settings, &StreamDraws::new(structure, PackId { seed, sample: 0, pack }));
    (1..=count).map(|number| Ok(pack(number)?)).collect()
}

/// Compares the first packing with that on another instruction set, if there is one.
fn check(checkpoint: &Checkpoint, packer: &Packer, structure: &Structure, found: &[Packing]) -> Result<()> {
    let Some(found) = found.first() else { return Ok(()) };
    let finite = found.atoms.iter().flatten().flatten().all(|value| value.is_finite());
    if !finite {
        return Err(WrongAnswer("an atom has no finite coordinates".to_owned()).into());
    }
    let Some(isa) = Isa::available().find(|&isa| isa != packer.isa()) else { return Ok(()) };
    let options = EngineOptions::default().with_isa(Some(isa));
    let other = packings(&Packer::with_checkpoint(checkpoint, &options)?, structure, 1)?;
    let (mut same, mut count) = (0_u32, 0_u32);
    for (residue, angles) in found.angles.iter().enumerate().filter(|&(residue, _)| found.resolved[residue]) {
        let torsions = SideChain::of(found.sequence[residue]).torsions();
        for (angle, expected) in angles.iter().zip(&other[0].angles[residue]).take(torsions) {
            count += 1;
            same += u32::from((angle - expected).abs() < SAME_ANGLE);
        }
    }
    if f64::from(same) < SAME_SHARE * f64::from(count) {
        return Err(WrongAnswer(format!("{same} of {count} torsions are those on {isa}")).into());
    }
    Ok(())
}
