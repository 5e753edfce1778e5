//! The checkpoint that is part of the program.

use std::collections::HashMap;

use safetensors::SafeTensors;

use super::Checkpoint;
use super::tensor::{Planes, Tensor};
use crate::error::WeightsError;

/// v_48_020 of ProteinMPNN (MIT, Dauparas et al. 2022), as `reference/convert_checkpoint.py` made it: a safetensors file of
/// f32 with the first bytes of all numbers before their second bytes, and so on (`build.rs`).
static EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/embedded_checkpoint"));

impl Checkpoint {
    /// The published default, v_48_020, embedded in the program. Its SHA-256 is that of the published file from which
    /// it was made.
    pub fn embedded() -> Result<Checkpoint, WeightsError> {
        const NAME: &str = "v_48_020";
        let damaged = |reason: String| WeightsError::Damaged { name: NAME.to_owned(), reason };
        let (length, header) = SafeTensors::read_metadata(EMBEDDED).map_err(|error| damaged(error.to_string()))?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let sha256 = metadata.get("source_sha256").cloned().unwrap_or_default();
        let planes = Planes::new(&EMBEDDED[size_of::<u64>() + length..]);
        let mut tensors = HashMap::new();
        for (name, tensor) in header.tensors() {
            let (begin, end) = tensor.data_offsets;
            let planes = planes.part(begin / size_of::<f32>(), end / size_of::<f32>());
            tensors.insert(name, Tensor::embedded(tensor.shape.clone(), planes));
        }
        Ok(Checkpoint { name: NAME.to_owned(), sha256, metadata, tensors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_checkpoint_is_the_file() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/v_48_020.safetensors");
        let file = Checkpoint::open(path.as_ref()).unwrap();
        let embedded = Checkpoint::embedded().unwrap();
        assert_eq!(embedded.name, file.name);
        assert_eq!(embedded.metadata, file.metadata);
        assert!(embedded.tensors == file.tensors);
        assert_eq!(Some(&embedded.sha256), file.metadata.get("source_sha256"));
        assert_eq!(embedded.sha256.len(), 64);
    }
}
