//! Options that choose the network: a published one, or a file.

use std::path::PathBuf;

use fastmpnn_pipeline::fastmpnn::model::Precision;
use fastmpnn_pipeline::fastmpnn::weights::ModelKind;
use fastmpnn_pipeline::request::{NOISE_RULE, NetworkSettings, noise_hundredths};

/// Which network.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// The kind of network. The network protein with 0.20 Å of noise is part of the program; `fastmpnn weights get`
    /// downloads the others.
    #[arg(long, value_enum, default_value_t = NetworkSettings::default().model)]
    pub(crate) model: ModelKind,
    /// The noise that the network was trained with, in Å, such as 0.02 or 0.30: more noise tolerates
    /// errors of the backbone, less noise follows its details. 0.10 by default for ligand, 0.20 for the others; `fastmpnn
    /// weights list` shows the choices.
    #[arg(long, value_name = "ANGSTROM", value_parser = noise)]
    pub(crate) noise: Option<f64>,
    /// A network of your own, or a converted one: a .pt file of PyTorch or a safetensors file. Its kind is
    /// recognized from its tensors.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "noise"])]
    pub(crate) checkpoint: Option<PathBuf>,
}

impl NetworkArgs {
    /// As settings of a request.
    pub(crate) fn settings(self, precision: Precision) -> NetworkSettings {
        let NetworkArgs { model, noise, checkpoint } = self;
        NetworkSettings { model, noise, checkpoint, precision }
    }
}

fn noise(text: &str) -> Result<f64, String> {
    let value: Option<f64> = text.trim().parse().ok();
    value.filter(|&value| noise_hundredths(value).is_some()).ok_or_else(|| NOISE_RULE.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noises_in_any_spelling() {
        for (text, expected) in [("0.02", 0.02), ("0.1", 0.1), ("0.10", 0.1), (".2", 0.2), ("0.30", 0.3), ("1e-1", 0.1)]
        {
            assert_eq!(noise(text), Ok(expected), "{text}");
        }
        for text in ["", "a", "-0.1", "0.025", "nan", "inf", "1000"] {
            assert!(noise(text).is_err(), "{text}");
        }
    }
}
