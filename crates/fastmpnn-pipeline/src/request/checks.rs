//! The ranges of settings, and the messages for values outside them.

use std::path::Path;

use fastmpnn::structure::AltlocChoice;

use super::{
    ContextSettings, FolderSettings, InputSettings, MembraneSettings, NetworkSettings, ResidueSettings,
    SamplingSettings, SideChainSettings,
};
use crate::error::{PipelineError, refusal};
use crate::message::Field;
use crate::table::TableFormat;

/// The rule for temperatures.
pub const TEMPERATURE_RULE: &str = "a temperature is 0 or more, and finite";
/// The rule for distance cutoffs.
pub const CUTOFF_RULE: &str = "a distance is a number of Å above 0";
/// The rule for training noise.
pub const NOISE_RULE: &str = "a noise is in Å with two decimals, such as 0.02, 0.10 or 0.20";

/// Whether a number can be a temperature.
pub fn is_temperature(value: f32) -> bool {
    value.is_finite() && value >= 0.0
}

/// Whether a number can be a distance to ligands, Å.
pub fn is_cutoff(value: f32) -> bool {
    value.is_finite() && value > 0.0
}

/// A noise in hundredths of an Å; `None` if it is not a whole number of them.
pub fn noise_hundredths(noise: f64) -> Option<u8> {
    let value = Some(noise * 100.0).filter(|value| (0.0..=100.0).contains(value))?;
    ((value - value.round()).abs() < 1e-6).then_some(value.round() as u8)
}

/// The name of an alternate location: `first`, `occupancy` or its letter.
pub fn altloc_name(choice: AltlocChoice) -> String {
    match choice {
        AltlocChoice::First => "first".to_owned(),
        AltlocChoice::Occupancy => "occupancy".to_owned(),
        AltlocChoice::Named(letter) => letter.to_string(),
    }
}

/// The alternate location with the given name.
pub fn parse_altloc(text: &str) -> Result<AltlocChoice, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("first", ..) => Ok(AltlocChoice::First),
        ("occupancy", ..) => Ok(AltlocChoice::Occupancy),
        (_, Some(letter), None) => Ok(AltlocChoice::Named(letter)),
        _ => Err("an alternate location is first, occupancy, or one character such as A".to_owned()),
    }
}

/// Refuses a count out of its range.
pub(super) fn check_count(
    field: &'static str,
    value: u64,
    range: std::ops::RangeInclusive<u64>,
) -> Result<(), PipelineError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(refusal(format!("{} {value}: is not between {} and {}", Field(field), range.start(), range.end())))
}

/// The format of the table that is written to `out`; none without a file. Refuses endings of no table.
pub(super) fn table_format(out: Option<&Path>) -> Result<Option<TableFormat>, PipelineError> {
    let Some(out) = out else { return Ok(None) };
    match TableFormat::of_path(out) {
        Some(format) => Ok(Some(format)),
        None => {
            let shown = out.display();
            Err(refusal(format!("{} {shown} ends with none of .csv, .jsonl and .parquet", Field("out"))))
        }
    }
}

/// Refuses a number of decoding orders out of its range.
pub(super) fn check_orders(field: &'static str, orders: u32) -> Result<(), PipelineError> {
    check_count(field, orders.into(), 1..=1_000_000)
}

impl ResidueSettings {
    /// Refuses pose labels together with an assembly, because they number the residues of the file.
    pub(super) fn check(&self, input: &InputSettings) -> Result<(), PipelineError> {
        if self.pdb_labels && input.assembly.is_some() {
            let (labels, assembly) = (Field("pdb_labels"), Field("assembly"));
            return Err(refusal(format!(
                "{labels} counts the residues of the file, and {assembly} makes others of them: give one of the two"
            )));
        }
        Ok(())
    }
}

impl MembraneSettings {
    /// Refuses a file of labels together with labels.
    pub(super) fn check(&self) -> Result<(), PipelineError> {
        let by_options = !self.membrane_buried.is_empty() || !self.membrane_interface.is_empty();
        if self.membrane_labels.is_some() && (self.membrane_global.is_some() || by_options) {
            let (labels, global) = (Field("membrane_labels"), Field("membrane_global"));
            let (buried, interface) = (Field("membrane_buried"), Field("membrane_interface"));
            return Err(refusal(format!("{labels} takes the place of {global}, {buried} and {interface}: give one")));
        }
        Ok(())
    }
}

impl SamplingSettings {
    pub(super) fn check(&self) -> Result<(), PipelineError> {
        check_count("num_seqs", self.num_seqs, 1..=1_000_000_000)?;
        let field = Field("temperature");
        if self.temperature.is_empty() {
            return Err(refusal(format!("{field}: at least one is needed")));
        }
        for (index, temperature) in self.temperature.iter().enumerate() {
            if !is_temperature(*temperature) {
                return Err(refusal(format!("{field} {temperature}: {TEMPERATURE_RULE}")));
            }
            if self.temperature[..index].contains(temperature) {
                return Err(refusal(format!("{field} {temperature} is given twice")));
            }
        }
        Ok(())
    }
}

impl SideChainSettings {
    pub(super) fn check(&self) -> Result<(), PipelineError> {
        check_count("num_packs", self.num_packs, 1..=1_000_000)?;
        check_count("denoising_steps", self.denoising_steps, 1..=1000)?;
        check_count("num_samples", self.num_samples, 1..=10_000)
    }
}

impl FolderSettings {
    pub(super) fn check(&self) -> Result<(), PipelineError> {
        if !matches!(self.chain_separator, '/' | ':') {
            return Err(refusal(format!("{}: chains are separated by / or :", Field("chain_separator"))));
        }
        if self.overwrite && self.out.is_none() {
            return Err(refusal(format!("{} is of a folder: add {}", Field("overwrite"), Field("out"))));
        }
        Ok(())
    }
}

impl NetworkSettings {
    pub(super) fn check(&self) -> Result<(), PipelineError> {
        self.network().map(|_| ())
    }
}

impl ContextSettings {
    /// Refuses a cutoff that is not a distance.
    pub(super) fn check_cutoff(cutoff: Option<f32>) -> Result<(), PipelineError> {
        match cutoff {
            Some(cutoff) if !is_cutoff(cutoff) => {
                Err(refusal(format!("{} {cutoff}: {CUTOFF_RULE}", Field("ligand_cutoff"))))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noises_are_hundredths_of_an_angstrom() {
        for (noise, expected) in [(0.02, 2), (0.1, 10), (0.3, 30), (1.0, 100)] {
            assert_eq!(noise_hundredths(noise), Some(expected), "{noise}");
        }
        for noise in [-0.1, 0.025, f64::NAN, f64::INFINITY, 1000.0] {
            assert_eq!(noise_hundredths(noise), None, "{noise}");
        }
    }
}
