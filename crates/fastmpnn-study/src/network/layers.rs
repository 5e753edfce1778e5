//! The layers, operation by operation.

use fastmpnn::kernels::{Buffer, Kernels, padded};
use fastmpnn::weights::Checkpoint;
use fastmpnn::weights::Config;

use super::encoded::Encoded;
use super::formulation::Form;
use super::graph::Wiring;
use super::numbers::{EdgeNumbers, MapShape, Numerics, Part, Weight};
use super::tensor::{Linear, Norm, Tensor, Worker};
use crate::error::StudyError;

/// Divisor of the sums of messages (`scale=30` in the published layers).
const MESSAGE_SCALE: f32 = 30.0;

/// Loads weights from a checkpoint.
pub(super) struct Loader<'a> {
    pub(super) checkpoint: &'a Checkpoint,
    pub(super) kernels: Kernels,
    pub(super) form: Form,
    pub(super) numerics: Numerics,
    pub(super) config: &'a Config,
}

impl Loader<'_> {
    /// `weight` is `[outputs, inputs]`, row major.
    pub(super) fn linear(&self, numbers: EdgeNumbers, weight: &[f32], bias: Option<&[f32]>, shape: MapShape) -> Linear {
        let outputs = shape.outputs;
        let mut weight = weight.to_vec();
        self.numerics.format.round(&mut weight);
        let mut padded_bias = Buffer::zeros(padded(outputs));
        padded_bias[..outputs].copy_from_slice(bias.unwrap_or(&vec![0.0; outputs]));
        self.numerics.format.round(&mut padded_bias);
        Linear { weight: Weight::pack(self.kernels, numbers, &weight, shape), bias: padded_bias, outputs }
    }

    /// `{name}.weight` and `{name}.bias`.
    pub(super) fn named(&self, numbers: EdgeNumbers, name: &str, shape: MapShape) -> Result<Linear, StudyError> {
        let MapShape { outputs, inputs } = shape;
        let weight = &*self.checkpoint.values(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = &*self.checkpoint.values(&format!("{name}.bias"), &[outputs])?;
        Ok(self.linear(numbers, weight, Some(bias), shape))
    }

    /// [`Loader::named`] for nodes: always in floats.
    pub(super) fn node_linear(&self, name: &str, outputs: usize, inputs: usize) -> Result<Linear, StudyError> {
        self.named(EdgeNumbers::F32, name, MapShape { outputs, inputs })
    }

    pub(super) fn norm(&self, name: &str, width: usize) -> Result<Norm, StudyError> {
        let vector = |which: &str| -> Result<Buffer, StudyError> {
            let mut buffer = Buffer::zeros(padded(width));
            buffer[..width].copy_from_slice(&self.checkpoint.values(&format!("{name}.{which}"), &[width])?);
            self.numerics.format.round(&mut buffer);
            Ok(buffer)
        };
        Ok(Norm { gain: vector("weight")?, bias: vector("bias")? })
    }
}

/// W1 split by its input.
#[derive(Debug)]
struct Split {
    /// The center's part, with the bias.
    center: Linear,
    edge: Linear,
    /// The letter's part, in the decoder.
    letter: Option<Linear>,
    neighbor: Linear,
}

/// The first map of a message.
#[derive(Debug)]
enum First {
    /// W1 on the concatenation.
    Whole(Linear),
    /// W1 split by its input.
    Split(Box<Split>),
}

impl First {
    fn load(loader: &Loader<'_>, name: &str, blocks: usize, numbers: EdgeNumbers) -> Result<First, StudyError> {
        let hidden = loader.config.hidden;
        if loader.form == Form::Published {
            return Ok(First::Whole(loader.node_linear(name, hidden, blocks * hidden)?));
        }
        let inputs = blocks * hidden;
        let weight = &*loader.checkpoint.values(&format!("{name}.weight"), &[hidden, inputs])?;
        let bias = &*loader.checkpoint.values(&format!("{name}.bias"), &[hidden])?;
        let block = |index: usize, numbers: EdgeNumbers, bias: Option<&[f32]>| {
            let rows = weight.chunks_exact(inputs);
            let columns: Vec<f32> = rows.flat_map(|row| &row[index * hidden..][..hidden]).copied().collect();
            loader.linear(numbers, &columns, bias, MapShape { outputs: hidden, inputs: hidden })
        };
        Ok(First::Split(Box::new(Split {
            center: block(0, EdgeNumbers::F32, Some(bias)),
            edge: block(1, numbers, None),
            letter: (blocks == 4).then(|| block(2, EdgeNumbers::F32, None)),
            neighbor: block(blocks - 1, EdgeNumbers::F32, None),
        })))
    }
}

/// The update from messages to the nodes' new states.
#[derive(Debug)]
struct NodeUpdate {
    third: Linear,
    norms: [Norm; 2],
    widen: Linear,
    narrow: Linear,
    form: Form,
}

impl NodeUpdate {
    fn load(loader: &Loader<'_>, layer: &str) -> Result<NodeUpdate, StudyError> {
        let Config { hidden, feed_forward, .. } = *loader.config;
        Ok(NodeUpdate {
            third: loader.node_linear(&format!("{layer}.W3"), hidden, hidden)?,
            norms: [loader.norm(&format!("{layer}.norm1"), hidden)?, loader.norm(&format!("{layer}.norm2"), hidden)?],
            widen: loader.node_linear(&format!("{layer}.dense.W_in"), feed_forward, hidden)?,
            narrow: loader.node_linear(&format!("{layer}.dense.W_out"), hidden, feed_forward)?,
            form: loader.form,
        })
    }

    /// `hidden` are the edges' gelu(W2·…), before W3. A message of an edge is weighted by `weight`.
    fn apply(
        &self,
        worker: &Worker,
        wiring: &Wiring,
        hidden: &Tensor,
        weight: impl Fn(usize, usize) -> f32 + Sync,
        nodes: &mut Tensor,
    ) {
        let share = |residue: usize, neighbor: usize| weight(residue, neighbor) / MESSAGE_SCALE;
        let sums = match self.form {
            Form::Published => worker.sum(wiring, &worker.linear(hidden, &self.third), share),
            Form::Split => {
                let sums = worker.sum(wiring, hidden, share);
                let mut sums = worker.linear(&sums, &self.third);
                // The bias counts once per message.
                let stride = sums.stride;
                worker.edit(&mut sums, |first, rows| {
                    for (offset, row) in rows.chunks_exact_mut(stride).enumerate() {
                        let residue = first + offset;
                        let neighbors = wiring.neighbors(residue).iter();
                        let times: f32 = neighbors.map(|&neighbor| share(residue, neighbor as usize)).sum();
                        for (value, bias) in row.iter_mut().zip(self.third.bias.iter()) {
                            *value += (times - 1.0) * bias;
                        }
                    }
                });
                sums
            }
        };
        worker.add(nodes, &sums);
        worker.normalize(nodes, &self.norms[0]);
        let wide = worker.gelu(&worker.linear(nodes, &self.widen));
        worker.add(nodes, &worker.linear(&wide, &self.narrow));
        worker.normalize(nodes, &self.norms[1]);
        let stride = nodes.stride;
        worker.edit(nodes, |first, rows| {
            for (row, &resolved) in rows.chunks_exact_mut(stride).zip(&wiring.resolved()[first..]) {
                if !resolved {
                    row.fill(0.0);
                }
            }
        });
    }
}

#[derive(Debug)]
pub(super) struct EncoderLayer {
    first: First,
    second: Linear,
    node: NodeUpdate,
    edge_first: First,
    edge_second: Linear,
    edge_third: Linear,
    edge_norm: Norm,
}

impl EncoderLayer {
    pub(super) fn load(loader: &Loader<'_>, layer: usize) -> Result<EncoderLayer, StudyError> {
        let numbers = loader.numerics.edges_of(Part::Encoder(layer));
        let hidden = loader.config.hidden;
        let square = MapShape { outputs: hidden, inputs: hidden };
        let name = |map: &str| format!("encoder_layers.{layer}.{map}");
        Ok(EncoderLayer {
            first: First::load(loader, &name("W1"), 3, numbers)?,
            second: loader.named(numbers, &name("W2"), square)?,
            node: NodeUpdate::load(loader, &format!("encoder_layers.{layer}"))?,
            edge_first: First::load(loader, &name("W11"), 3, numbers)?,
            edge_second: loader.named(numbers, &name("W12"), square)?,
            edge_third: loader.named(numbers, &name("W13"), square)?,
            edge_norm: loader.norm(&name("norm3"), hidden)?,
        })
    }

    pub(super) fn update(&self, worker: &Worker, wiring: &Wiring, nodes: &mut Tensor, edges: &mut Tensor) {
        let hidden = first_map(worker, wiring, &self.first, nodes, edges);
        let hidden = worker.gelu(&worker.linear(&hidden, &self.second));
        let attended = |residue: usize, neighbor: usize| {
            f32::from(u8::from(wiring.resolved()[residue] && wiring.resolved()[neighbor]))
        };
        self.node.apply(worker, wiring, &hidden, attended, nodes);
        let hidden = first_map(worker, wiring, &self.edge_first, nodes, edges);
        let hidden = worker.gelu(&worker.linear(&hidden, &self.edge_second));
        worker.add(edges, &worker.linear(&hidden, &self.edge_third));
        worker.normalize(edges, &self.edge_norm);
    }
}

/// gelu(W1·[h_i ; e_ij ; h_j]), `[N·K, H]`.
fn first_map(worker: &Worker, wiring: &Wiring, first: &First, nodes: &Tensor, edges: &Tensor) -> Tensor {
    match first {
        First::Whole(map) => {
            let neighbor = |_: usize, neighbor: usize| nodes.row(neighbor);
            let joined = join(worker, wiring, nodes, edges, &[&neighbor]);
            worker.gelu(&worker.linear(&joined, map))
        }
        First::Split(split) => {
            let Split { center, edge, neighbor, .. } = &**split;
            let (center, neighbor) = (worker.linear(nodes, center), worker.linear(nodes, neighbor));
            worker.gather_gelu(wiring, &worker.linear(edges, edge), &center, &neighbor)
        }
    }
}

/// The row of H numbers that an edge takes from its neighbor, given residue and neighbor.
type Gathered<'a> = &'a (dyn Fn(usize, usize) -> &'a [f32] + Sync);

/// [h_i ; e_ij ; gathered…] for every edge.
fn join<'a>(worker: &Worker, wiring: &Wiring, nodes: &Tensor, edges: &Tensor, gathered: &[Gathered<'a>]) -> Tensor {
    let (hidden, degree) = (nodes.width, wiring.degree());
    let width = (2 + gathered.len()) * hidden;
    worker.make(wiring.len() * degree, width, |first, out| {
        for (offset, row) in out.chunks_exact_mut(padded(width)).enumerate() {
            let edge = first + offset;
            let residue = edge / degree;
            let neighbor = wiring.neighbors(residue)[edge % degree] as usize;
            let mut blocks = row.chunks_exact_mut(hidden);
            let sources = [nodes.row(residue), edges.row(edge)].into_iter();
            for source in sources.chain(gathered.iter().map(|gather| gather(residue, neighbor))) {
                if let Some(block) = blocks.next() {
                    block.copy_from_slice(source);
                }
            }
        }
    })
}

#[derive(Debug)]
pub(super) struct DecoderLayer {
    first: First,
    second: Linear,
    node: NodeUpdate,
}

impl DecoderLayer {
    pub(super) fn load(loader: &Loader<'_>, layer: usize) -> Result<DecoderLayer, StudyError> {
        let numbers = loader.numerics.edges_of(Part::Decoder(layer));
        let hidden = loader.config.hidden;
        let square = MapShape { outputs: hidden, inputs: hidden };
        let name = |map: &str| format!("decoder_layers.{layer}.{map}");
        Ok(DecoderLayer {
            first: First::load(loader, &name("W1"), 4, numbers)?,
            second: loader.named(numbers, &name("W2"), square)?,
            node: NodeUpdate::load(loader, &format!("decoder_layers.{layer}"))?,
        })
    }

    /// A neighbor that comes later shows the encoder's state and no letter.
    pub(super) fn update(
        &self,
        worker: &Worker,
        encoded: &Encoded,
        nodes: &mut Tensor,
        letters: &Tensor,
        rank: &[u32],
    ) {
        let wiring = &encoded.wiring;
        let before = |residue: usize, neighbor: usize| rank[neighbor] < rank[residue];
        let hidden = match &self.first {
            First::Whole(map) => {
                let none = vec![0.0; nodes.width];
                let letter = |residue, neighbor| if before(residue, neighbor) { letters.row(neighbor) } else { &none };
                let states = &*nodes;
                let state = |residue, neighbor| {
                    if before(residue, neighbor) { states.row(neighbor) } else { encoded.nodes.row(neighbor) }
                };
                let joined = join(worker, wiring, states, &encoded.edges, &[&letter, &state]);
                worker.gelu(&worker.linear(&joined, map))
            }
            First::Split(split) => {
                let Split { center, edge, letter, neighbor } = &**split;
                let mut seen = worker.linear(nodes, neighbor);
                if let Some(letter) = letter {
                    worker.add(&mut seen, &worker.linear(letters, letter));
                }
                let hidden = worker.linear(&encoded.nodes, neighbor);
                let center = worker.linear(nodes, center);
                let mut edges = worker.linear(&encoded.edges, edge);
                let (stride, degree) = (edges.stride, wiring.degree());
                worker.edit(&mut edges, |first, rows| {
                    for (offset, row) in rows.chunks_exact_mut(stride).enumerate() {
                        let residue = (first + offset) / degree;
                        let neighbor = wiring.neighbors(residue)[(first + offset) % degree] as usize;
                        let table = if before(residue, neighbor) { &seen } else { &hidden };
                        let terms = center.row(residue).iter().zip(table.row(neighbor));
                        for (value, (center, neighbor)) in row.iter_mut().zip(terms) {
                            *value += center + neighbor;
                        }
                    }
                });
                worker.gelu(&edges)
            }
        };
        let hidden = worker.gelu(&worker.linear(&hidden, &self.second));
        self.node.apply(worker, wiring, &hidden, |_, _| 1.0, nodes);
    }
}
