//! Reads a checkpoint from the bytes of a file, whatever its container.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};

use super::number::{bf16_to_f32, f16_to_f32};
use super::{Checkpoint, MOST_NUMBERS, PublishedCheckpoint, Tensor, torch};
use crate::error::WeightsError;

/// The largest size of a checkpoint file, bytes. The published ones take 7 to 14 MB; this leaves room for an
/// optimizer's state.
const LONGEST_FILE: u64 = 1 << 30;

impl Checkpoint {
    /// Reads a file that PyTorch's `torch.save` wrote (`.pt`) or a safetensors file: the content decides, not the
    /// extension.
    pub fn open(path: &Path) -> Result<Checkpoint, WeightsError> {
        let name = path.display().to_string();
        let unreadable = |source| WeightsError::Unreadable { name: name.clone(), source };
        let file = File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(LONGEST_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > LONGEST_FILE {
            let reason = format!("it is longer than {LONGEST_FILE} bytes, so it is not a network of this kind");
            return Err(WeightsError::Damaged { name, reason });
        }
        Checkpoint::from_bytes(&name, &bytes)
    }

    /// Reads the bytes of a `.pt` or safetensors file. `name` is used in messages, and as the checkpoint's name if
    /// neither the catalogue nor the file gives one; then a path's folders and extension are left out.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Checkpoint, WeightsError> {
        let damaged = |reason: String| WeightsError::Damaged { name: name.to_owned(), reason };
        let (tensors, mut metadata) = if torch::looks_like(bytes) {
            let contents = torch::read(bytes).map_err(damaged)?;
            (contents.tensors, published_keys(contents.scalars))
        } else if bytes.get(8) == Some(&b'{') {
            read_safetensors(bytes).map_err(damaged)?
        } else {
            return Err(damaged(what_else(bytes)));
        };
        if tensors.is_empty() {
            return Err(damaged("it holds no tensors of floating-point numbers".to_owned()));
        }
        if let Some((tensor, value)) = first_not_finite(&tensors) {
            return Err(damaged(format!("tensor {tensor} contains {value}")));
        }
        let sha256 = hexadecimal(&Sha256::digest(bytes));
        if let Some(known) = PublishedCheckpoint::with_sha256(&sha256) {
            metadata.insert("name".to_owned(), known.name.to_owned());
        }
        let name = metadata.get("name").cloned().unwrap_or_else(|| {
            let stem = Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            stem.unwrap_or_else(|| name.to_owned())
        });
        Ok(Checkpoint { name, sha256, metadata, tensors })
    }
}

/// Bytes in hexadecimal, as digests are written.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

type Tensors = HashMap<String, Tensor>;
type Metadata = HashMap<String, String>;

/// Renames the scalars beside the tensors of the published `.pt` files to the keys of our metadata.
fn published_keys(mut scalars: Metadata) -> Metadata {
    // A `name` in a training program's file is not the checkpoint's name.
    scalars.remove("name");
    for (published, ours) in
        [("num_edges", "neighbours"), ("noise_level", "noise_angstrom"), ("atom_context_num", "context_atoms")]
    {
        if let Some(value) = scalars.remove(published) {
            scalars.insert(ours.to_owned(), value);
        }
    }
    scalars
}

fn read_safetensors(bytes: &[u8]) -> Result<(Tensors, Metadata), String> {
    let said = |error: safetensors::SafeTensorError| format!("its safetensors container is damaged: {error}");
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(said)?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let file = SafeTensors::deserialize(bytes).map_err(said)?;
    let mut tensors = HashMap::new();
    for (key, view) in file.iter() {
        let data = view.data();
        let two = |convert: fn(u16) -> f32| {
            data.as_chunks().0.iter().map(|&pair| convert(u16::from_le_bytes(pair))).collect::<Vec<f32>>()
        };
        let values = match view.dtype() {
            Dtype::F64 => data.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes) as f32).collect(),
            Dtype::F32 => data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
            Dtype::F16 => two(f16_to_f32),
            Dtype::BF16 => two(bf16_to_f32),
            // Counters and masks beside the weights.
            _ => continue,
        };
        tensors.insert(key.to_owned(), Tensor::new(view.shape().to_vec(), values));
    }
    if tensors.values().map(Tensor::len).sum::<usize>() > MOST_NUMBERS {
        return Err(format!("it holds more than {MOST_NUMBERS} numbers"));
    }
    Ok((tensors, metadata))
}

fn first_not_finite(tensors: &Tensors) -> Option<(&str, f32)> {
    let not_finite = tensors.iter().filter_map(|(name, tensor)| {
        tensor.values().iter().copied().find(|value| !value.is_finite()).map(|value| (name.as_str(), value))
    });
    // The first by name, so that the message is the same every time.
    not_finite.min_by_key(|&(name, _)| name)
}

/// What a file is if it is not a checkpoint, as the end of a sentence.
fn what_else(bytes: &[u8]) -> String {
    foreign(bytes).unwrap_or("it is neither what torch.save writes nor safetensors").to_owned()
}

/// What a file is that cannot be a checkpoint, judged by its first bytes.
pub(super) fn foreign(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        Some("it is empty")
    } else if bytes.trim_ascii_start().starts_with(b"<") {
        Some("it is a web page or XML, perhaps an error page that was saved under its name")
    } else if bytes.starts_with(b"version https://git-lfs") {
        Some("it is a pointer of Git LFS; `git lfs pull` brings the file itself")
    } else if bytes.starts_with(b"\x1f\x8b") {
        Some("it is gzipped")
    } else {
        None
    }
}
