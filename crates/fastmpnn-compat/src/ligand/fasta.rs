//! The FASTA file of a structure.

use std::fs;
use std::io::{self, BufWriter, Write};

use anyhow::Result;
use fastmpnn::chemistry::Letter;

use super::target::{Run, Sample, Target};
use crate::outcome::WritingTo;
use crate::python::text;

/// Writes `seqs/NAME.fa`: the native sequence, then the designs. The file has no line end after the last one.
pub(super) fn write(run: &Run<'_>, target: &Target<'_>, samples: &[Sample]) -> Result<()> {
    let settings = run.settings;
    let ending = settings.values.text("--file_ending");
    let path = format!("{}seqs/{}{ending}.fa", settings.run.folder, target.parsed.name);
    let mut out = BufWriter::new(fs::File::create(&path).writing_to(&path)?);
    write_native(&mut out, run, target).writing_to(&path)?;
    for (place, sample) in samples.iter().enumerate() {
        write_design(&mut out, run, target, place, sample).writing_to(&path)?;
        if place + 1 < samples.len() {
            writeln!(out).writing_to(&path)?;
        }
    }
    out.flush().writing_to(&path)?;
    Ok(())
}

fn write_native(out: &mut impl Write, run: &Run<'_>, target: &Target<'_>) -> io::Result<()> {
    let settings = run.settings;
    let values = &settings.values;
    let count = |of: &[bool]| of.iter().filter(|counted| **counted).count();
    writeln!(
        out,
        ">{}, T={}, seed={}, num_res={}, num_ligand_res={}, use_ligand_context={}, ligand_cutoff_distance={}, \
         batch_size={}, number_of_batches={}, model_path={}",
        target.parsed.name,
        text::float(settings.temperature),
        settings.run.seed,
        count(&target.designed),
        count(&target.near_ligand),
        if values.truth("--ligand_mpnn_use_atom_context") { "True" } else { "False" },
        text::float(values.float("--ligand_mpnn_cutoff_for_score")),
        settings.run.copies,
        settings.run.batches,
        run.network.path,
    )?;
    writeln!(out, "{}", joined(run, target, &target.native))
}

/// The header and sequence of design number `place`, from 0, without the line end.
fn write_design(
    out: &mut impl Write,
    run: &Run<'_>,
    target: &Target<'_>,
    place: usize,
    sample: &Sample,
) -> io::Result<()> {
    let losses = sample.losses();
    writeln!(
        out,
        ">{}, id={}, T={}, seed={}, overall_confidence={}, ligand_confidence={}, seq_rec={}",
        target.parsed.name,
        run.number(place),
        text::float(run.settings.temperature),
        run.settings.run.seed,
        text::four_decimals(confidence(&losses, &target.designed)),
        text::four_decimals(confidence(&losses, &target.near_ligand)),
        text::four_decimals(target.recovery(&sample.sequence)),
    )?;
    write!(out, "{}", joined(run, target, &sample.sequence))
}

/// exp(−mean loss) over the `counted` residues; 1 if there are none.
fn confidence(losses: &[f32], counted: &[bool]) -> f32 {
    let (mut sum, mut count) = (0.0_f64, 0_u32);
    for (loss, _) in losses.iter().zip(counted).filter(|(_, counted)| **counted) {
        sum += f64::from(*loss);
        count += 1;
    }
    let mean = (sum / (f64::from(count) + 1e-8)) as f32;
    (-mean).exp()
}

/// The chains sorted by letter, each followed by the separator, without the last character. So the rest of a longer
/// separator stays, and with an empty separator the last letter is lost, as in the published script.
fn joined(run: &Run<'_>, target: &Target<'_>, sequence: &[Letter]) -> String {
    let parsed = &target.parsed;
    let mut joined = String::new();
    for chain in &parsed.chain_list {
        joined.extend(parsed.of_chain(chain).map(|residue| sequence[residue].to_char()));
        joined.push_str(run.settings.values.text("--fasta_seq_separation"));
    }
    joined.pop();
    joined
}
