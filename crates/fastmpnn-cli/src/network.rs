//! The network that was chosen, and how an engine comes of it.

use std::path::PathBuf;

use anyhow::{Result, bail};
use fastmpnn::weights::{Checkpoint, ModelKind, PublishedCheckpoint};
use fastmpnn::{Engine, EngineOptions};

use crate::args::network::{Hundredths, Model, NetworkArgs};

/// A network, not yet read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Network {
    /// One that the authors published.
    Published(&'static PublishedCheckpoint),
    /// A file of the user's.
    File(PathBuf),
}

impl Network {
    /// Reads the checkpoint: a file of some megabytes, or what is part of the program.
    pub(crate) fn checkpoint(&self) -> Result<Checkpoint> {
        Ok(match self {
            Network::Published(known) => known.load()?,
            Network::File(path) => Checkpoint::open(path)?,
        })
    }

    /// An engine that runs it. The checkpoint itself is let go.
    pub(crate) fn engine(&self, options: &EngineOptions) -> Result<Engine> {
        Ok(Engine::with_checkpoint(&self.checkpoint()?, options)?)
    }
}

impl TryFrom<NetworkArgs> for Network {
    type Error = anyhow::Error;

    fn try_from(args: NetworkArgs) -> Result<Network> {
        if let Some(path) = args.checkpoint {
            return Ok(Network::File(path));
        }
        let model = match args.model {
            Model::Protein => ModelKind::Protein,
            Model::Soluble => ModelKind::Soluble,
            Model::Ca => ModelKind::Ca,
            Model::Ligand => ModelKind::Ligand,
            Model::MembraneGlobal => ModelKind::MembraneGlobal,
            Model::MembraneResidue => ModelKind::MembraneResidue,
        };
        let Hundredths(noise) = args.noise.unwrap_or(Hundredths(model.default_noise()));
        match PublishedCheckpoint::chosen(model, noise) {
            Some(known) => Ok(Network::Published(known)),
            None => {
                let there = model.checkpoints().map(|known| format!("{:.2}", known.noise())).collect::<Vec<_>>();
                let noise = f64::from(noise) / 100.0;
                bail!("--noise {noise:.2}: the networks of --model {model} have {}", there.join(", "));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    fn network(model: Model, noise: Option<u8>) -> Result<Network> {
        NetworkArgs { model, noise: noise.map(Hundredths), checkpoint: None }.try_into()
    }

    #[test]
    fn every_model_has_a_default_and_is_called_the_same_everywhere() {
        for model in Model::value_variants() {
            let Ok(Network::Published(known)) = network(*model, None) else { panic!("{model:?} has no default") };
            let option = model.to_possible_value().expect("no model is hidden");
            assert_eq!(known.model.name(), option.get_name());
        }
    }

    #[test]
    fn noises_that_do_not_exist_are_refused() {
        let error = network(Model::Ca, Some(30)).unwrap_err().to_string();
        assert_eq!(error, "--noise 0.30: the networks of --model ca have 0.02, 0.10, 0.20");
        let error = network(Model::Ligand, Some(2)).unwrap_err().to_string();
        assert!(error.ends_with("--model ligand have 0.05, 0.10, 0.20, 0.30"), "{error}");
        assert_eq!(network(Model::Ligand, Some(30)).unwrap(), network(Model::Ligand, Some(30)).unwrap());
    }
}
