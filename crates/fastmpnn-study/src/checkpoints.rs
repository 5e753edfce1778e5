//! Networks of other shapes: the trained one with layers dropped, and untrained ones.

use std::collections::HashMap;

use fastmpnn::chemistry::VOCABULARY;
use fastmpnn::weights::Checkpoint;
use fastmpnn::weights::Config;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use crate::error::StudyError;

/// The sizes of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Encoder layers.
    pub(crate) encoder: usize,
    /// Decoder layers.
    pub(crate) decoder: usize,
    /// H.
    pub(crate) hidden: usize,
    /// K.
    pub(crate) neighbors: usize,
}

const ENCODER_MAPS: [(&str, usize); 6] = [("W1", 3), ("W2", 1), ("W3", 1), ("W11", 3), ("W12", 1), ("W13", 1)];
const DECODER_MAPS: [(&str, usize); 3] = [("W1", 4), ("W2", 1), ("W3", 1)];

/// A tensor of a checkpoint, without its numbers.
struct TensorShape {
    name: String,
    sizes: Vec<usize>,
}

impl TensorShape {
    fn new(name: impl Into<String>, sizes: &[usize]) -> TensorShape {
        TensorShape { name: name.into(), sizes: sizes.to_vec() }
    }
}

/// A tensor of a checkpoint with its numbers, row major.
struct NamedTensor {
    name: String,
    sizes: Vec<usize>,
    values: Vec<f32>,
}

/// Names and shapes of a layer's tensors, without its prefix.
fn layer_tensors(encoder: bool, hidden: usize, feed_forward: usize) -> Vec<TensorShape> {
    let maps: &[(&str, usize)] = if encoder { &ENCODER_MAPS } else { &DECODER_MAPS };
    let norms = if encoder { 3 } else { 2 };
    let mut tensors = Vec::new();
    for &(map, blocks) in maps {
        tensors.push(TensorShape::new(format!("{map}.weight"), &[hidden, blocks * hidden]));
        tensors.push(TensorShape::new(format!("{map}.bias"), &[hidden]));
    }
    for norm in 1..=norms {
        tensors.push(TensorShape::new(format!("norm{norm}.weight"), &[hidden]));
        tensors.push(TensorShape::new(format!("norm{norm}.bias"), &[hidden]));
    }
    tensors.push(TensorShape::new("dense.W_in.weight", &[feed_forward, hidden]));
    tensors.push(TensorShape::new("dense.W_in.bias", &[feed_forward]));
    tensors.push(TensorShape::new("dense.W_out.weight", &[hidden, feed_forward]));
    tensors.push(TensorShape::new("dense.W_out.bias", &[hidden]));
    tensors
}

/// Names and shapes of the tensors outside the layers.
fn other_tensors(config: &Config, hidden: usize) -> Vec<TensorShape> {
    let width = config.position_width;
    let inputs = width + fastmpnn::featurize::backbone_pairs().len() * config.radial_functions;
    vec![
        TensorShape::new("features.embeddings.linear.weight", &[width, 2 * config.position_reach + 2]),
        TensorShape::new("features.embeddings.linear.bias", &[width]),
        TensorShape::new("features.edge_embedding.weight", &[hidden, inputs]),
        TensorShape::new("features.norm_edges.weight", &[hidden]),
        TensorShape::new("features.norm_edges.bias", &[hidden]),
        TensorShape::new("W_e.weight", &[hidden, hidden]),
        TensorShape::new("W_e.bias", &[hidden]),
        TensorShape::new("W_s.weight", &[VOCABULARY, hidden]),
        TensorShape::new("W_out.weight", &[VOCABULARY, hidden]),
        TensorShape::new("W_out.bias", &[VOCABULARY]),
    ]
}

/// The trained network with only these layers, numbered from 0.
pub(crate) fn with_layers(
    trained: &Checkpoint,
    encoder: &[usize],
    decoder: &[usize],
) -> Result<Checkpoint, StudyError> {
    let config = Config::of(trained)?;
    let mut tensors = Vec::new();
    let copy = |from: &str, name: String| {
        trained.tensor(from).map(|tensor| NamedTensor {
            name,
            sizes: tensor.shape.clone(),
            values: tensor.values().into_owned(),
        })
    };
    for TensorShape { name, .. } in other_tensors(&config, config.hidden) {
        tensors.push(copy(&name.clone(), name)?);
    }
    for (stack, kept) in [("encoder_layers", encoder), ("decoder_layers", decoder)] {
        for (place, layer) in kept.iter().enumerate() {
            for TensorShape { name, .. } in layer_tensors(stack == "encoder_layers", config.hidden, config.feed_forward)
            {
                tensors.push(copy(&format!("{stack}.{layer}.{name}"), format!("{stack}.{place}.{name}"))?);
            }
        }
    }
    container("layers dropped", config.neighbors, &tensors)
}

/// An untrained network: weights drawn uniformly from ±√(6 / (inputs + outputs)) (Glorot and Bengio 2010), as in the
/// published code, biases zero, norms one.
pub(crate) fn untrained(trained: &Checkpoint, shape: Shape) -> Result<Checkpoint, StudyError> {
    let config = Config::of(trained)?;
    let mut names = other_tensors(&config, shape.hidden);
    for (stack, layers) in [("encoder_layers", shape.encoder), ("decoder_layers", shape.decoder)] {
        for layer in 0..layers {
            let tensors = layer_tensors(stack == "encoder_layers", shape.hidden, 4 * shape.hidden);
            names.extend(
                tensors
                    .into_iter()
                    .map(|tensor| TensorShape { name: format!("{stack}.{layer}.{}", tensor.name), ..tensor }),
            );
        }
    }
    let mut numbers = Numbers(0x5eed);
    let tensors: Vec<_> = names
        .into_iter()
        .map(|TensorShape { name, sizes }| {
            let count = sizes.iter().product();
            let values = match sizes[..] {
                [outputs, inputs] => {
                    let bound = (6.0 / (outputs + inputs) as f32).sqrt();
                    (0..count).map(|_| bound * numbers.next()).collect()
                }
                _ if name.contains("norm") && name.ends_with("weight") => vec![1.0; count],
                _ => vec![0.0; count],
            };
            NamedTensor { name, sizes, values }
        })
        .collect();
    container("untrained", shape.neighbors, &tensors)
}

fn container(name: &str, neighbors: usize, tensors: &[NamedTensor]) -> Result<Checkpoint, StudyError> {
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|tensor| tensor.values.iter().copied().flat_map(f32::to_le_bytes).collect()).collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|(tensor, bytes)| Ok((tensor.name.as_str(), TensorView::new(Dtype::F32, tensor.sizes.clone(), bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|error| StudyError::Shape(error.to_string()))?;
    let metadata: HashMap<String, String> =
        [("name", name), ("family", "protein"), ("neighbors", &neighbors.to_string())]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
    let bytes = safetensors::serialize(views, Some(metadata)).map_err(|error| StudyError::Shape(error.to_string()))?;
    Ok(Checkpoint::from_bytes(name, &bytes)?)
}

/// Numbers in −1 … 1 from a linear congruential generator: the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32) / (1u32 << 23) as f32 - 1.0
    }
}
