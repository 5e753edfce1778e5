//! Checkpoints: named tensors of trained numbers, and the file's metadata.
//!
//! Tensors have their published names (`encoder_layers.0.W1.weight`, …) and are f32 here, whatever the file stores.
//! Files are those of PyTorch's `torch.save`, as the authors publish them, or safetensors; v_48_020, the published
//! default, is part of the program.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::error::WeightsError;

mod catalogue;
mod config;
mod container;
mod convert;
mod embedded;
mod family;
mod folder;
mod import;
mod number;
mod tensor;
mod torch;

pub use catalogue::{CATALOGUE, ModelKind, PublishedCheckpoint};
pub use config::Config;
pub use family::Family;
pub use folder::{FOLDER_VARIABLE, Presence, folder};
pub use import::{Import, Imported, import};
pub use tensor::Tensor;

/// The most numbers in a checkpoint; the published ones have 1.7 to 3.6 million. It limits the memory that a small file
/// can make us reserve.
const MOST_NUMBERS: usize = 1 << 26;

/// A checkpoint in memory: its tensors by their published names.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    name: String,
    sha256: String,
    metadata: HashMap<String, String>,
    tensors: HashMap<String, Tensor>,
}

impl Checkpoint {
    /// The checkpoint's published name, such as `v_48_020`, or the name of its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the file's bytes, in hexadecimal; of the embedded checkpoint, that of the published file.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The file's metadata under `key`, such as `neighbors` or `source_sha256`. In a `.pt` file these are the numbers
    /// and texts beside its tensors; `num_edges` is `neighbors`, `noise_level` is `noise_angstrom`, and
    /// `atom_context_num` is `context_atoms`.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// All metadata of the file, sorted by key.
    pub fn all_metadata(&self) -> Vec<(&str, &str)> {
        let mut all: Vec<_> = self.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        all.sort_unstable();
        all
    }

    /// The same checkpoint with one metadata entry added or replaced.
    #[must_use]
    pub fn with_metadata(mut self, key: &str, value: String) -> Checkpoint {
        self.metadata.insert(key.to_owned(), value);
        self
    }

    /// The total number of parameters in all tensors.
    pub fn numbers(&self) -> usize {
        self.tensors.values().map(Tensor::len).sum()
    }

    /// K, neighbors per residue, which the tensors do not determine: the value in the file, or the default of its
    /// family.
    pub fn neighbors(&self) -> Result<usize, WeightsError> {
        match self.count("neighbours")? {
            Some(count) => Ok(count),
            None => Ok(self.family()?.usual_neighbors()),
        }
    }

    /// A, context atoms per residue; `None` if the file does not state it, as in networks that see none.
    pub fn context_atoms(&self) -> Result<Option<usize>, WeightsError> {
        self.count("context_atoms")
    }

    /// Standard deviation of the training noise, Å.
    pub fn noise(&self) -> Option<f64> {
        self.metadata("noise_angstrom")?.parse().ok().filter(|noise: &f64| noise.is_finite())
    }

    /// A whole number in the metadata, which must be from 1 to 4096.
    fn count(&self, key: &str) -> Result<Option<usize>, WeightsError> {
        const MOST: usize = 4096;
        let Some(text) = self.metadata(key) else { return Ok(None) };
        match text.parse() {
            Ok(count @ 1..=MOST) => Ok(Some(count)),
            _ => Err(self.unsupported(format!("its {key} are {:?}, not a number from 1 to {MOST}", text))),
        }
    }

    /// The names of all tensors, sorted.
    pub fn tensor_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.tensors.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Whether there is a tensor of that name.
    pub fn contains(&self, tensor: &str) -> bool {
        self.tensors.contains_key(tensor)
    }

    /// The tensor of that name.
    pub fn tensor(&self, tensor: &str) -> Result<&Tensor, WeightsError> {
        self.tensors
            .get(tensor)
            .ok_or_else(|| WeightsError::MissingTensor { name: self.name.clone(), tensor: tensor.to_owned() })
    }

    /// The numbers of a tensor, which must have the given shape; those of the embedded checkpoint are decoded at each call.
    pub fn values(&self, tensor: &str, shape: &[usize]) -> Result<Cow<'_, [f32]>, WeightsError> {
        let found = self.tensor(tensor)?;
        if found.shape == shape {
            Ok(found.values())
        } else {
            Err(WeightsError::WrongShape {
                name: self.name.clone(),
                tensor: tensor.to_owned(),
                found: found.shape.clone(),
                expected: shape.to_vec(),
            })
        }
    }

    fn unsupported(&self, reason: String) -> WeightsError {
        WeightsError::Unsupported { name: self.name.clone(), reason }
    }
}
