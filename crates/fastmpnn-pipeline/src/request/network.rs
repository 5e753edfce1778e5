//! The chosen network, and how its checkpoint is read.

use std::path::PathBuf;

use fastmpnn::weights::{Checkpoint, ModelKind, PublishedCheckpoint};

use super::{NOISE_RULE, NetworkSettings, noise_hundredths};
use crate::error::{PipelineError, refusal};
use crate::message::Field;

/// A network, not yet read.
#[derive(Clone, Debug, PartialEq)]
pub enum Network {
    /// A checkpoint published by the authors.
    Published(&'static PublishedCheckpoint),
    /// A file of the user.
    File(PathBuf),
}

impl Network {
    /// Reads the checkpoint: a file of some megabytes, or the data embedded in the program.
    pub fn checkpoint(&self) -> Result<Checkpoint, PipelineError> {
        Ok(match self {
            Network::Published(known) => known.load()?,
            Network::File(path) => Checkpoint::open(path)?,
        })
    }
}

impl NetworkSettings {
    /// The network that these settings choose.
    pub fn network(&self) -> Result<Network, PipelineError> {
        let (model, noise) = (Field("model"), Field("noise"));
        if let Some(path) = &self.checkpoint {
            let checkpoint = Field("checkpoint");
            if self.noise.is_some() {
                return Err(refusal(format!("{checkpoint} is a network of its own: {noise} chooses none")));
            }
            if self.model != NetworkSettings::default().model {
                return Err(refusal(format!("{checkpoint} is a network of its own: {model} chooses none")));
            }
            return Ok(Network::File(path.clone()));
        }
        let kind = self.model;
        if kind == ModelKind::Packer {
            return Err(refusal(format!("{model} {kind}: packs side chains and draws no letters")));
        }
        let hundredths = match self.noise {
            None => kind.default_noise(),
            Some(value) => noise_hundredths(value).ok_or_else(|| refusal(format!("{noise} {value}: {NOISE_RULE}")))?,
        };
        match PublishedCheckpoint::chosen(kind, hundredths) {
            Some(known) => Ok(Network::Published(known)),
            None => {
                let there = kind.checkpoints().map(|known| format!("{:.2}", known.noise())).collect::<Vec<_>>();
                let (value, there) = (f64::from(hundredths) / 100.0, there.join(", "));
                Err(refusal(format!("{noise} {value:.2}: the networks of {model} {kind} have {there}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(model: ModelKind, noise: Option<f64>) -> Result<Network, PipelineError> {
        NetworkSettings { model, noise, ..NetworkSettings::default() }.network()
    }

    #[test]
    fn every_model_has_a_default() {
        for model in ModelKind::ALL.into_iter().filter(|&model| model != ModelKind::Packer) {
            let Ok(Network::Published(known)) = network(model, None) else { panic!("{model} has no default") };
            assert_eq!(known.model, model);
        }
        assert!(network(ModelKind::Packer, None).is_err());
    }

    #[test]
    fn noises_that_do_not_exist_are_refused() {
        let error = network(ModelKind::Ca, Some(0.3)).unwrap_err().message();
        let option = |field: &str| format!("--{field}");
        assert_eq!(error.with_fields(option), "--noise 0.30: the networks of --model ca have 0.02, 0.10, 0.20");
        assert_eq!(error.to_string(), "noise 0.30: the networks of model ca have 0.02, 0.10, 0.20");
        let error = network(ModelKind::Ligand, Some(0.02)).unwrap_err().to_string();
        assert!(error.ends_with("model ligand have 0.05, 0.10, 0.20, 0.30"), "{error}");
        assert_eq!(network(ModelKind::Ligand, Some(0.3)).unwrap(), network(ModelKind::Ligand, Some(0.3)).unwrap());
        let own = NetworkSettings { checkpoint: Some("x.pt".into()), ..NetworkSettings::default() };
        assert_eq!(own.network().unwrap(), Network::File("x.pt".into()));
        assert!(NetworkSettings { noise: Some(0.1), ..own }.network().is_err());
    }
}
