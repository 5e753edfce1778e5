//! `backbones/NAME_NUMBER.pdb`: the backbone with the letters of a design, and everything that is not protein.

use std::fs;
use std::io::{BufWriter, Write};

use anyhow::Result;

use super::pdb_text::{self, WrittenAtom};
use super::target::{Run, Sample, Target};
use crate::outcome::WritingTo;

/// Writes the file of design number `place`, from 0; the B-factor is the probability of the letter.
pub(super) fn write(run: &Run<'_>, target: &Target<'_>, place: usize, sample: &Sample) -> Result<()> {
    let parsed = &target.parsed;
    let (name, ending) = (&parsed.name, run.settings.values.text("--file_ending"));
    let path = format!("{}backbones/{name}_{}{ending}.pdb", run.settings.run.folder, run.number(place));
    let losses = sample.losses();
    let mut atoms = Vec::with_capacity(parsed.backbone.atoms.len() + parsed.others.atoms.len());
    for (&atom, residue) in parsed.backbone.atoms.iter().zip(&parsed.backbone_residues) {
        let mut written = WrittenAtom::of_group(&parsed.group, atom);
        if let Some(residue) = *residue {
            written.residue_name = sample.sequence[residue].residue_name();
            let loss = losses[residue];
            // An almost certain letter gets 0, and so do fixed residues.
            written.b_factor = if loss > 0.01 { (-loss).exp() } else { 0.0 };
        }
        atoms.push(written);
    }
    for &atom in &parsed.others.atoms {
        atoms.push(WrittenAtom { b_factor: 0.0, ..WrittenAtom::of_group(&parsed.group, atom) });
    }
    let mut title = parsed.backbone.title();
    if !parsed.others.atoms.is_empty() {
        title = format!("AtomMap ({title}) + ({})", parsed.others.title());
    }
    let mut out = BufWriter::new(fs::File::create(&path).writing_to(&path)?);
    pdb_text::write(&mut out, &title, &atoms).writing_to(&path)?;
    out.flush().writing_to(&path)?;
    Ok(())
}
