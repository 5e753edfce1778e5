//! Checkpoints: named tensors of trained numbers, and what the file says of itself.
//!
//! The container is safetensors with f32 tensors under the published names (`encoder_layers.0.W1.weight`, …).
//! v_48_020, the published default, is part of the program.

use std::collections::HashMap;

use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};

use crate::error::WeightsError;

/// v_48_020 of ProteinMPNN (MIT, Dauparas et al. 2022), as `reference/convert_checkpoint.py` made it.
static EMBEDDED: &[u8] = include_bytes!("../../../../weights/v_48_020.safetensors");

/// A checkpoint in memory: its tensors by their published names.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    name: String,
    sha256: String,
    metadata: HashMap<String, String>,
    tensors: HashMap<String, Tensor>,
}

/// One tensor of f32 numbers, row major.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its sizes, outermost first.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub values: Vec<f32>,
}

impl Checkpoint {
    /// The published default, v_48_020, embedded in the program.
    pub fn embedded() -> Result<Checkpoint, WeightsError> {
        Checkpoint::from_safetensors("v_48_020", EMBEDDED)
    }

    /// Reads a safetensors container of f32 tensors. `name` is used in messages and where the file names nothing.
    pub fn from_safetensors(name: &str, bytes: &[u8]) -> Result<Checkpoint, WeightsError> {
        let damaged = |reason: String| WeightsError::Damaged { name: name.to_owned(), reason };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| damaged(error.to_string()))?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let file = SafeTensors::deserialize(bytes).map_err(|error| damaged(error.to_string()))?;
        let mut tensors = HashMap::new();
        for (key, view) in file.iter() {
            if view.dtype() != Dtype::F32 {
                return Err(damaged(format!("tensor {key} holds {:?}, not F32", view.dtype())));
            }
            let values = view
                .data()
                .chunks_exact(4)
                .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect::<Vec<f32>>();
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return Err(damaged(format!("tensor {key} contains {value}")));
            }
            tensors.insert(key.to_owned(), Tensor { shape: view.shape().to_vec(), values });
        }
        Ok(Checkpoint {
            name: metadata.get("name").cloned().unwrap_or_else(|| name.to_owned()),
            sha256: Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
            metadata,
            tensors,
        })
    }

    /// The checkpoint's published name, such as `v_48_020`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the container's bytes, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What the file says of itself under `key`, such as `family` or `source_sha256`.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
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

    /// The numbers of a tensor that must have that shape.
    pub fn values(&self, tensor: &str, shape: &[usize]) -> Result<&[f32], WeightsError> {
        let found = self.tensor(tensor)?;
        if found.shape == shape {
            Ok(&found.values)
        } else {
            Err(WeightsError::WrongShape {
                name: self.name.clone(),
                tensor: tensor.to_owned(),
                found: found.shape.clone(),
                expected: shape.to_vec(),
            })
        }
    }
}
