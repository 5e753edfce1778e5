//! The FASTA file of a structure.

use std::io::{self, Write};

use fastmpnn::chemistry::Letter;

use super::parsed::Parsed;
use super::settings::Settings;
use crate::python::text;

/// What the header of the native sequence says beside the settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct NativeHeader<'a> {
    /// How many residues are designed.
    pub(super) designed: usize,
    /// How many of these count for the confidence near ligands.
    pub(super) near_ligand: usize,
    pub(super) model_path: &'a str,
}

/// What the header of a design says beside the settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct DesignHeader {
    pub(super) number: usize,
    pub(super) overall_confidence: f32,
    pub(super) ligand_confidence: f32,
    pub(super) recovery: f32,
}

/// Writes the native sequence.
pub(super) fn write_native(
    out: &mut impl Write,
    (settings, parsed): (&Settings, &Parsed),
    header: NativeHeader<'_>,
) -> io::Result<()> {
    let values = &settings.values;
    writeln!(
        out,
        ">{}, T={}, seed={}, num_res={}, num_ligand_res={}, use_ligand_context={}, ligand_cutoff_distance={}, \
         batch_size={}, number_of_batches={}, model_path={}",
        parsed.name,
        text::float(settings.temperature),
        settings.run.seed,
        header.designed,
        header.near_ligand,
        if values.truth("--ligand_mpnn_use_atom_context") { "True" } else { "False" },
        text::float(values.float("--ligand_mpnn_cutoff_for_score")),
        settings.run.copies,
        settings.run.batches,
        header.model_path,
    )?;
    writeln!(out, "{}", joined(settings, parsed, &parsed.native()))
}

/// Writes a design; the file has no line end after the last one.
pub(super) fn write_design(
    out: &mut impl Write,
    (settings, parsed): (&Settings, &Parsed),
    (header, sequence): (DesignHeader, &[Letter]),
    last: bool,
) -> io::Result<()> {
    writeln!(
        out,
        ">{}, id={}, T={}, seed={}, overall_confidence={}, ligand_confidence={}, seq_rec={}",
        parsed.name,
        header.number,
        text::float(settings.temperature),
        settings.run.seed,
        text::four_decimals(header.overall_confidence),
        text::four_decimals(header.ligand_confidence),
        text::four_decimals(header.recovery),
    )?;
    let end = if last { "" } else { "\n" };
    write!(out, "{}{end}", joined(settings, parsed, sequence))
}

/// The chains by letter, each with the separator after it, without the last character: of a longer separator the rest
/// stays, and without one a letter is lost, as in the published script.
fn joined(settings: &Settings, parsed: &Parsed, sequence: &[Letter]) -> String {
    let mut joined = String::new();
    for chain in &parsed.chain_list {
        joined.extend(parsed.of_chain(chain).map(|residue| sequence[residue].to_char()));
        joined.push_str(settings.values.text("--fasta_seq_separation"));
    }
    joined.pop();
    joined
}
