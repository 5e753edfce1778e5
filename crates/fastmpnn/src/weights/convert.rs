//! A checkpoint as safetensors, the same bytes on every run.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Checkpoint;
use crate::error::WeightsError;

/// The version of the metadata that `weights/README.md` of this crate describes.
const FORMAT_VERSION: &str = "1";

/// One tensor in the header of a safetensors file.
#[derive(Serialize)]
struct Entry<'a> {
    dtype: &'static str,
    shape: &'a [usize],
    data_offsets: [usize; 2],
}

/// The header: `__metadata__`, and each tensor by its name.
#[derive(Serialize)]
struct Header<'a> {
    #[serde(rename = "__metadata__")]
    metadata: BTreeMap<&'a str, String>,
    #[serde(flatten)]
    tensors: BTreeMap<&'a str, Entry<'a>>,
}

impl Checkpoint {
    /// The checkpoint as a safetensors file: f32 tensors sorted by name under their published names, and metadata that
    /// name the network and the file it came from.
    ///
    /// The crate safetensors writes metadata in a random order; ours is sorted, so that equal checkpoints are equal files.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, WeightsError> {
        let mut metadata: BTreeMap<&str, String> =
            self.metadata.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
        metadata.insert("format_version", FORMAT_VERSION.to_owned());
        metadata.insert("name", self.name.clone());
        metadata.insert("family", self.family()?.to_string());
        metadata.insert("neighbours", self.neighbors()?.to_string());
        for stack in ["encoder_layers", "decoder_layers"] {
            metadata.insert(stack, self.layers(stack).to_string());
        }
        metadata.insert("hidden", self.tensor("encoder_layers.0.W1.bias")?.shape.iter().product::<usize>().to_string());
        // The first file of a chain of conversions is the source.
        let known = metadata.get("source_sha256").is_some_and(|source| source.len() == self.sha256.len());
        if !known {
            metadata.insert("source_sha256", self.sha256.clone());
        }

        let names = self.tensor_names();
        let mut tensors = BTreeMap::new();
        let mut end = 0;
        for name in &names {
            let tensor = &self.tensors[*name];
            let start = end;
            end += 4 * tensor.len();
            tensors.insert(*name, Entry { dtype: "F32", shape: &tensor.shape, data_offsets: [start, end] });
        }
        let failed = |error: serde_json::Error| self.unsupported(format!("its header cannot be written: {error}"));
        let mut header = serde_json::to_vec(&Header { metadata, tensors }).map_err(failed)?;
        // Numbers begin at a multiple of eight, as the format asks.
        header.resize(header.len().next_multiple_of(8), b' ');
        let mut bytes = Vec::with_capacity(8 + header.len() + end);
        bytes.extend((header.len() as u64).to_le_bytes());
        bytes.extend(header);
        for name in names {
            bytes.extend(self.tensors[name].values().iter().flat_map(|value| value.to_le_bytes()));
        }
        Ok(bytes)
    }

    /// The number of layers in a stack, such as `encoder_layers`.
    pub fn layers(&self, stack: &str) -> usize {
        (0..).take_while(|layer| self.contains(&format!("{stack}.{layer}.W1.weight"))).count()
    }
}
