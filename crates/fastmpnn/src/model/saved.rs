//! An [`Encoding`] as bytes, saved for later designs.
//!
//! A safetensors container with the neighbors and the final states. The decoder's node terms are computed again on
//! reading: a matrix product costs less than reading them.

use std::collections::HashMap;
use std::sync::Arc;

use fastmpnn_kernels::{Buffer, round_to_f16};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::{Encoding, EncodingOrigin, Model, NetworkIdentity, StoredPrecision, Workers};
use crate::error::EngineError;
use crate::featurize::Graph;
use crate::structure::Fingerprint;

/// The value of the container's `format` key.
const FORMAT: &str = "fastmpnn encoding 3";

/// The key of the structure's hash.
const STRUCTURE: &str = "structure";

/// The key of the environment's hash.
const ENVIRONMENT: &str = "environment";

fn refused(reason: impl ToString) -> EngineError {
    EngineError::SavedEncoding(reason.to_string())
}

impl EncodingOrigin {
    /// Its entries in the container's metadata, by key.
    fn stamp(&self) -> Vec<(&'static str, String)> {
        let mut stamp = self.network.stamp();
        stamp.push((STRUCTURE, self.structure.to_string()));
        stamp.push((ENVIRONMENT, self.environment.to_string()));
        stamp
    }
}

impl NetworkIdentity {
    fn stamp(&self) -> Vec<(&'static str, String)> {
        vec![
            ("checkpoint_sha256", self.checkpoint_sha256.to_string()),
            ("precision", self.precision.to_string()),
            ("neighbours", self.neighbors.to_string()),
        ]
    }
}

impl Model {
    /// The encoding as a safetensors container.
    pub(crate) fn encoding_to_safetensors(
        &self,
        encoding: &Encoding,
        stored: StoredPrecision,
    ) -> Result<Vec<u8>, EngineError> {
        let stamp = encoding.origin.stamp();
        let encoding = &*encoding.states;
        let graph = &encoding.graph;
        let (residues, degree) = (graph.len(), graph.degree());
        let (hidden, stride) = (self.config.hidden, self.stride());
        let (floating, floats) = match stored {
            StoredPrecision::F32 => (Dtype::F32, f32_bytes as fn(&mut dyn Iterator<Item = f32>) -> Vec<u8>),
            StoredPrecision::F16 => (Dtype::F16, f16_bytes as fn(&mut dyn Iterator<Item = f32>) -> Vec<u8>),
        };
        let rows =
            |buffer: &Buffer| floats(&mut buffer.chunks_exact(stride).flat_map(|row| row[..hidden].iter().copied()));
        let integers = |values: &[u32]| values.iter().copied().flat_map(u32::to_le_bytes).collect::<Vec<u8>>();
        let resolved = graph.resolved.iter().map(|&resolved| u8::from(resolved)).collect::<Vec<u8>>();
        let tensors = [
            ("resolved", Dtype::U8, vec![residues], resolved),
            ("neighbours", Dtype::U32, vec![residues, degree], integers(&graph.neighbors)),
            ("nodes", floating, vec![residues, hidden], rows(&encoding.nodes)),
            ("edges", floating, vec![residues, degree, hidden], rows(&encoding.edges)),
        ];
        let views = tensors
            .iter()
            .map(|(name, kind, shape, bytes)| Ok((*name, TensorView::new(*kind, shape.clone(), bytes)?)))
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
            .map_err(refused)?;
        let mut metadata = HashMap::from([("format".to_owned(), FORMAT.to_owned())]);
        metadata.extend(stamp.into_iter().map(|(key, value)| (key.to_owned(), value)));
        safetensors::serialize(views, Some(metadata)).map_err(refused)
    }

    /// Reads what [`Model::encoding_to_safetensors`] wrote; an error if it was made with another network.
    pub(crate) fn encoding_from_safetensors(
        &self,
        bytes: &[u8],
        network: NetworkIdentity,
        workers: &Workers,
    ) -> Result<Encoding, EngineError> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(refused)?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let expected = [("format", FORMAT.to_owned())];
        for (key, value) in expected.into_iter().chain(network.stamp()) {
            let found = metadata.get(key).map_or("nothing", String::as_str);
            if found != value {
                return Err(refused(format!("its {key} is {found}, not {value}")));
            }
        }
        let fingerprint = |key: &str| metadata.get(key).and_then(|text| Fingerprint::parse(text));
        let structure = fingerprint(STRUCTURE).ok_or_else(|| refused("it does not name its structure"))?;
        let environment = fingerprint(ENVIRONMENT).ok_or_else(|| refused("it does not name its environment"))?;
        let container = Container(SafeTensors::deserialize(bytes).map_err(refused)?);
        let residues = container.residues()?;
        let degree = container.degree(self.config.neighbors.min(residues))?;
        let hidden = self.config.hidden;
        let graph = container.graph(residues, degree)?;
        let nodes = self.rows(&container.floats("nodes", &[residues, hidden])?);
        let edges = self.rows(&container.floats("edges", &[residues, degree, hidden])?);
        Ok(Encoding {
            states: Arc::new(self.encoding_of(graph, nodes, edges, workers)),
            origin: Arc::new(EncodingOrigin { network, structure, environment }),
        })
    }

    /// Rows of H numbers with the stride of this processor's kernels.
    fn rows(&self, values: &[f32]) -> Buffer {
        let (hidden, stride) = (self.config.hidden, self.stride());
        let mut buffer = Buffer::zeros(values.len() / hidden * stride);
        for (target, row) in buffer.chunks_exact_mut(stride).zip(values.chunks_exact(hidden)) {
            target[..hidden].copy_from_slice(row);
        }
        buffer
    }
}

fn f32_bytes(values: &mut dyn Iterator<Item = f32>) -> Vec<u8> {
    values.flat_map(f32::to_le_bytes).collect()
}

fn f16_bytes(values: &mut dyn Iterator<Item = f32>) -> Vec<u8> {
    let mut values: Vec<f32> = values.collect();
    round_to_f16(&mut values);
    values.into_iter().flat_map(|value| f16_bits(value).to_le_bytes()).collect()
}

/// The exponent of f16's smallest normal number, 2⁻¹⁴, as f32 stores it.
const SMALLEST_EXPONENT: u32 = 127 - 14;

/// The bits of a number that f16 has.
fn f16_bits(value: f32) -> u16 {
    let bits = value.to_bits();
    let (sign, exponent) = ((bits >> 16) as u16 & 0x8000, (bits >> 23) & 0xff);
    let magnitude = if exponent < SMALLEST_EXPONENT {
        // A whole multiple of 2⁻²⁴.
        (value.abs() * 16_777_216.0) as u32
    } else if value.is_finite() {
        ((bits & 0x7fff_ffff) - ((SMALLEST_EXPONENT - 1) << 23)) >> 13
    } else {
        0x7c00 + u32::from(value.is_nan())
    };
    sign | magnitude as u16
}

/// The number of the bits of an f16.
fn f16_value(bits: u16) -> f32 {
    let (sign, exponent, mantissa) = (u32::from(bits & 0x8000) << 16, u32::from(bits >> 10 & 0x1f), bits & 0x3ff);
    let magnitude = match exponent {
        0 => f32::from(mantissa) / 16_777_216.0,
        0x1f => {
            if mantissa == 0 {
                f32::INFINITY
            } else {
                f32::NAN
            }
        }
        _ => f32::from_bits((exponent + SMALLEST_EXPONENT - 1) << 23 | u32::from(mantissa) << 13),
    };
    f32::from_bits(magnitude.to_bits() | sign)
}

/// The tensors of a saved encoding.
struct Container<'a>(SafeTensors<'a>);

impl Container<'_> {
    fn residues(&self) -> Result<usize, EngineError> {
        match self.0.tensor("resolved").map_err(refused)?.shape() {
            [residues] if *residues > 0 => Ok(*residues),
            shape => Err(refused(format!("tensor resolved has shape {shape:?}"))),
        }
    }

    /// The number of neighbors per residue, from 1 to `most`: fewer than the network's K where a structure has fewer
    /// residues.
    fn degree(&self, most: usize) -> Result<usize, EngineError> {
        match self.0.tensor("neighbours").map_err(refused)?.shape() {
            [_, degree] if (1..=most).contains(degree) => Ok(*degree),
            shape => Err(refused(format!("tensor neighbours has shape {shape:?}"))),
        }
    }

    fn graph(&self, residues: usize, degree: usize) -> Result<Graph, EngineError> {
        let neighbors = self.words("neighbours", Dtype::U32, &[residues, degree], u32::from_le_bytes)?;
        if let Some(neighbor) = neighbors.iter().find(|&&neighbor| neighbor as usize >= residues) {
            return Err(refused(format!("a neighbor has index {neighbor}, but there are {residues} residues")));
        }
        let resolved = self.bytes("resolved", Dtype::U8, &[residues])?.iter().map(|&byte| byte != 0).collect();
        Ok(Graph::of_neighbors(resolved, neighbors, degree))
    }

    fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EngineError> {
        let halves = self.0.tensor(name).is_ok_and(|tensor| tensor.dtype() == Dtype::F16);
        let values: Vec<f32> = if halves {
            let bytes = self.bytes(name, Dtype::F16, shape)?;
            bytes.chunks_exact(2).map(|half| f16_value(u16::from_le_bytes([half[0], half[1]]))).collect()
        } else {
            self.words(name, Dtype::F32, shape, f32::from_le_bytes)?
        };
        match values.iter().find(|value| !value.is_finite()) {
            None => Ok(values),
            Some(value) => Err(refused(format!("a number of tensor {name} is {value}"))),
        }
    }

    fn words<T>(
        &self,
        name: &str,
        kind: Dtype,
        shape: &[usize],
        read: impl Fn([u8; 4]) -> T,
    ) -> Result<Vec<T>, EngineError> {
        let bytes = self.bytes(name, kind, shape)?;
        Ok(bytes.chunks_exact(4).map(|word| read([word[0], word[1], word[2], word[3]])).collect())
    }

    fn bytes(&self, name: &str, kind: Dtype, shape: &[usize]) -> Result<Vec<u8>, EngineError> {
        let tensor = self.0.tensor(name).map_err(refused)?;
        if tensor.dtype() != kind || tensor.shape() != shape {
            let (found, sizes) = (tensor.dtype(), tensor.shape());
            return Err(refused(format!("tensor {name} is {found:?} {sizes:?}, not {kind:?} {shape:?}")));
        }
        Ok(tensor.data().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_halves_are_read_as_they_were_written() {
        for bits in 0..=u16::MAX {
            let value = f16_value(bits);
            if !value.is_nan() {
                assert_eq!(f16_bits(value), bits, "{value}");
            }
        }
        assert_eq!([0x3c00, 0xc000, 0x0001, 0x7bff].map(f16_value), [1.0, -2.0, 5.960_464_5e-8, 65504.0]);
        assert_eq!(f16_bytes(&mut [1.000_1_f32, 0.1].into_iter()), [0x00, 0x3c, 0x66, 0x2e]);
    }
}
