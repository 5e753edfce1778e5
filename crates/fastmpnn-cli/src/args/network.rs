//! What can be written about the network: which one of those published, or a file.

use std::path::PathBuf;

use clap::ValueEnum;

/// Which network.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// What the network is for. The network protein with 0.20 Å of noise is part of the program; `fastmpnn weights get`
    /// brings the others.
    #[arg(long, value_enum, default_value_t = Model::Protein)]
    pub(crate) model: Model,
    /// The noise that the network was trained with, in Å, such as 0.02 or 0.30: more of it forgives errors of the backbone,
    /// less follows details. 0.10 by default for ligand, 0.20 for the others; `fastmpnn weights list` shows which there are.
    #[arg(long, value_name = "ANGSTROM", value_parser = noise)]
    pub(crate) noise: Option<Hundredths>,
    /// A network of your own, or a converted one: a .pt file of PyTorch or a safetensors file. Its tensors tell what it is
    /// for.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "noise"])]
    pub(crate) checkpoint: Option<PathBuf>,
}

/// Hundredths of an Å.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hundredths(pub(crate) u8);

/// The published networks that see a backbone and give letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Model {
    /// ProteinMPNN: proteins and their complexes.
    Protein,
    /// ProteinMPNN trained on soluble proteins only.
    Soluble,
    /// ProteinMPNN that sees CA atoms alone.
    Ca,
    /// LigandMPNN: sees ligands, nucleic acids and ions.
    Ligand,
    /// For membrane proteins, with one label for the whole protein.
    MembraneGlobal,
    /// For membrane proteins, with a label for each residue.
    MembraneResidue,
}

fn noise(text: &str) -> Result<Hundredths, String> {
    let value: Option<f64> = text.trim().parse().ok();
    let hundredths = value.map(|value| value * 100.0).filter(|value| (0.0..=100.0).contains(value));
    match hundredths {
        Some(value) if (value - value.round()).abs() < 1e-6 => Ok(Hundredths(value.round() as u8)),
        _ => Err("a noise is in Å with two decimals, such as 0.02, 0.10 or 0.20".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noises_in_any_spelling() {
        for (text, expected) in [("0.02", 2), ("0.1", 10), ("0.10", 10), (".2", 20), ("0.30", 30), ("1e-1", 10)] {
            assert_eq!(noise(text), Ok(Hundredths(expected)), "{text}");
        }
        for text in ["", "a", "-0.1", "0.025", "nan", "inf", "1000"] {
            assert!(noise(text).is_err(), "{text}");
        }
    }
}
