//! `stats/NAME.pt`: the probabilities and orders of a structure's designs.

use std::fs;
use std::io::BufWriter;

use anyhow::Result;
use fastmpnn::chemistry::{Letter, VOCABULARY};

use super::draws::DRAWN;
use super::target::{Run, Sample, Target};
use crate::outcome::WritingTo;
use crate::python::torch_file::{self, NumberArray, Numbers, Value};

/// Writes the file.
pub(super) fn write(run: &Run<'_>, target: &Target<'_>, samples: &[Sample]) -> Result<()> {
    let (settings, parsed) = (run.settings, &target.parsed);
    let (count, length) = (samples.len(), parsed.len());
    let tensor = |shape: Vec<usize>, numbers| Value::Tensor(NumberArray { shape, numbers });
    let letters = |sequence: &[Letter]| sequence.iter().map(|letter| letter.index() as i64).collect::<Vec<_>>();
    let sequences = samples.iter().flat_map(|sample| letters(&sample.sequence)).collect();
    let probabilities = samples.iter().flat_map(|sample| sample.probabilities.as_flattened()).copied().collect();
    let log_probabilities =
        samples.iter().flat_map(|sample| sample.log_probabilities.as_flattened()).copied().collect();
    let orders = samples.iter().flat_map(|sample| &sample.order).map(|&residue| i64::from(residue)).collect();
    let native = target.native.iter().map(|letter| letter.index() as i32).collect();
    let mask = parsed.resolved().into_iter().map(i32::from).collect();
    // If residues are named, torch's product of their mask and the chains' mask has 64 bits.
    let chosen = if target.plan.names_residues {
        Numbers::Int64(target.plan.chosen.iter().map(|&chosen| i64::from(chosen)).collect())
    } else {
        Numbers::Int32(target.plan.chosen.iter().map(|&chosen| i32::from(chosen)).collect())
    };
    let statistics = Value::dictionary([
        ("generated_sequences", tensor(vec![count, length], Numbers::Int64(sequences))),
        ("sampling_probs", tensor(vec![count, length, DRAWN], Numbers::Float32(probabilities))),
        ("log_probs", tensor(vec![count, length, VOCABULARY], Numbers::Float32(log_probabilities))),
        ("decoding_order", tensor(vec![count, length], Numbers::Int64(orders))),
        ("native_sequence", tensor(vec![length], Numbers::Int32(native))),
        ("mask", tensor(vec![length], Numbers::Int32(mask))),
        ("chain_mask", tensor(vec![length], chosen)),
        ("seed", Value::Int(settings.run.seed as i64)),
        ("temperature", Value::Float(settings.temperature)),
    ]);
    let path = format!("{}stats/{}{}.pt", settings.run.folder, parsed.name, settings.values.text("--file_ending"));
    let file = fs::File::create(&path).writing_to(&path)?;
    torch_file::write(BufWriter::new(file), &statistics).writing_to(&path)?;
    Ok(())
}
