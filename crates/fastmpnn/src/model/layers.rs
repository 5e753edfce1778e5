//! The layers that every network of the family is made of, packed for this processor.
//!
//! A message of the published code is W3·gelu(W2·gelu(W1·[h_i ; e_ij ; h_j] + b1) + b2) + b3, summed over the
//! neighbors j of i. Here W1 is split by its input into A·h_i + B·e_ij + C·h_j: A·h_i + b1 and C·h_j are products
//! of nodes, made once ([`NodeTerms`]) and gathered; only B·e_ij is a product of edges. W3 is linear, so it leaves the
//! sum: Σ_j m_j·(W3·g_j + b3) = W3·Σ_j m_j·g_j + b3·Σ_j m_j.

use fastmpnn_kernels::{Buffer, Kernels, PackedMatrix, Rows, RowsMut, WeightedBias, padded};
use rayon::prelude::*;

use super::arithmetic::Arithmetic;
use super::mixture::ProductKind;
use super::weight::{Hidden, NarrowRows, Next, RadialWeight, Weight, WideLinear};
use crate::error::WeightsError;
use crate::weights::Checkpoint;

/// Sums of messages are divided by this (`scale=30` of the published `EncLayer` and `DecLayer`).
const MESSAGE_SCALE: f32 = 30.0;

/// Takes tensors out of a checkpoint under a common prefix and packs them.
#[derive(Clone, Copy)]
pub(crate) struct Loader<'a> {
    pub(crate) checkpoint: &'a Checkpoint,
    pub(crate) kernels: Kernels,
    pub(crate) arithmetic: Arithmetic,
}

/// Loads `count` layers, side by side on the threads of the pool that this is called in. Of several errors the first layer's is
/// returned.
pub(crate) fn load_layers<T: Send>(
    count: usize,
    load: impl Fn(usize) -> Result<T, WeightsError> + Send + Sync,
) -> Result<Vec<T>, WeightsError> {
    let layers: Vec<_> = (0..count).into_par_iter().map(load).collect();
    layers.into_iter().collect()
}

impl Loader<'_> {
    /// A vector padded with zeros, times `factor`.
    pub(crate) fn vector(&self, name: &str, length: usize, factor: f32) -> Result<Buffer, WeightsError> {
        let mut buffer = Buffer::zeros(padded(length));
        for (target, &value) in buffer.iter_mut().zip(&*self.checkpoint.values(name, &[length])?) {
            *target = value * factor;
        }
        Ok(buffer)
    }

    /// `{name}.weight` and `{name}.bias`, both times `factor`.
    pub(crate) fn linear(
        &self,
        name: &str,
        outputs: usize,
        inputs: usize,
        factor: f32,
    ) -> Result<Linear, WeightsError> {
        let scaled = self.scaled(name, [outputs, inputs], factor)?;
        Ok(Linear {
            weight: self.kernels.pack(&scaled, outputs, inputs),
            bias: self.vector(&format!("{name}.bias"), outputs, factor)?,
        })
    }

    /// [`Loader::linear`] of an `[outputs, inputs]` map, in the numbers of its kind.
    pub(crate) fn wide_linear(
        &self,
        kind: ProductKind,
        name: &str,
        [outputs, inputs]: [usize; 2],
        factor: f32,
    ) -> Result<WideLinear, WeightsError> {
        let scaled = self.scaled(name, [outputs, inputs], factor)?;
        let weight = self.pack_wide(kind, &scaled, Columns { stride: inputs, first: 0, inputs });
        Ok(WideLinear { weight, bias: self.vector(&format!("{name}.bias"), outputs, factor)? })
    }

    /// `{name}.weight` as it is stored, times `factor`.
    fn scaled(&self, name: &str, shape: [usize; 2], factor: f32) -> Result<Vec<f32>, WeightsError> {
        let weight = &*self.checkpoint.values(&format!("{name}.weight"), &shape)?;
        let mut scaled = self.arithmetic.rounded(weight).into_owned();
        scaled.iter_mut().for_each(|value| *value *= factor);
        Ok(scaled)
    }

    /// Packs columns `first..first + inputs` of a weight whose rows are `stride` numbers long.
    pub(crate) fn pack_columns(&self, weight: &[f32], stride: usize, first: usize, inputs: usize) -> PackedMatrix {
        self.kernels.pack_columns(&self.arithmetic.rounded(weight), stride, first, inputs)
    }

    /// [`Loader::pack_columns`], in the numbers of a kind of product.
    pub(crate) fn pack_wide(&self, kind: ProductKind, weight: &[f32], columns: Columns) -> Weight {
        let Columns { stride, first, inputs } = columns;
        match self.arithmetic {
            Arithmetic::Integers => Weight::Integer(self.kernels.pack_quantized_columns(weight, stride, first, inputs)),
            Arithmetic::Split(mixture) if let Some(terms) = mixture.terms(kind) => {
                Weight::Split(self.kernels.pack_split_columns(weight, stride, first, inputs, terms))
            }
            _ => Weight::Float(self.pack_columns(weight, stride, first, inputs)),
        }
    }

    /// [`Loader::pack_columns`] of the Gaussians' share of a map; `integers` says whether the sums of their integers are
    /// small enough.
    pub(crate) fn pack_radial(&self, weight: &[f32], columns: Columns, integers: bool) -> RadialWeight {
        let Columns { stride, first, inputs } = columns;
        match self.arithmetic {
            Arithmetic::Integers if integers => {
                RadialWeight::Integer(self.kernels.pack_quantized_columns(weight, stride, first, inputs))
            }
            _ => RadialWeight::Float(self.pack_columns(weight, stride, first, inputs)),
        }
    }

    fn norm(&self, name: &str, width: usize) -> Result<Norm, WeightsError> {
        Ok(Norm {
            gain: self.vector(&format!("{name}.weight"), width, 1.0)?,
            bias: self.vector(&format!("{name}.bias"), width, 1.0)?,
            width,
        })
    }
}

/// Columns `first..first + inputs` of a weight whose rows are `stride` numbers long.
#[derive(Clone, Copy)]
pub(crate) struct Columns {
    pub(crate) stride: usize,
    pub(crate) first: usize,
    pub(crate) inputs: usize,
}

/// y = W·x + b
#[derive(Debug)]
pub(crate) struct Linear {
    pub(crate) weight: PackedMatrix,
    pub(crate) bias: Buffer,
}

/// Layer normalization.
#[derive(Debug)]
pub(crate) struct Norm {
    gain: Buffer,
    bias: Buffer,
    width: usize,
}

impl Norm {
    pub(crate) fn load(loader: &Loader<'_>, name: &str, width: usize) -> Result<Norm, WeightsError> {
        loader.norm(name, width)
    }

    pub(crate) fn apply(&self, kernels: Kernels, rows: RowsMut<'_>) {
        kernels.layer_norm(rows, self.width, &self.gain, &self.bias);
    }
}

/// The first two layers of a message or an edge update, W1 split by its input; the caller applies the third.
#[derive(Debug)]
pub(crate) struct Message {
    /// A and b1: the center's share of W1.
    center: Linear,
    /// B: the edge's share.
    pub(crate) edge: Weight,
    /// C: the neighbor's share.
    neighbor: PackedMatrix,
    /// W2, b2
    pub(crate) second: WideLinear,
}

/// Where the parts of W1's input are: `[h_i ; e_ij ; (letter of j) ; h_j]`.
#[derive(Clone, Copy)]
pub(crate) struct MessageNames<'a> {
    /// The layer's prefix, `encoder_layers.0`.
    pub(crate) layer: &'a str,
    /// Tensor names of the first and the second linear map, `W1` and `W2` or `W11` and `W12`.
    pub(crate) maps: [&'a str; 2],
    /// What the products of edges of the two maps are.
    pub(crate) kinds: [ProductKind; 2],
    /// The number of blocks of H inputs of W1: 3 in the encoder, 4 in the decoder.
    pub(crate) blocks: usize,
}

impl<'a> MessageNames<'a> {
    /// W1 and W2 of a decoder layer.
    pub(crate) fn of_decoder(layer: &'a str) -> MessageNames<'a> {
        let kinds = [ProductKind::DecoderEdge, ProductKind::DecoderMessage];
        MessageNames { layer, maps: ["W1", "W2"], kinds, blocks: 4 }
    }
}

impl Message {
    pub(crate) fn load(loader: &Loader<'_>, names: MessageNames<'_>, hidden: usize) -> Result<Message, WeightsError> {
        let MessageNames { layer, maps: [first, second], kinds, blocks } = names;
        let inputs = blocks * hidden;
        let weight = &*loader.checkpoint.values(&format!("{layer}.{first}.weight"), &[hidden, inputs])?;
        let block = |index: usize| loader.pack_columns(weight, inputs, index * hidden, hidden);
        Ok(Message {
            center: Linear { weight: block(0), bias: loader.vector(&format!("{layer}.{first}.bias"), hidden, 1.0)? },
            edge: loader.pack_wide(kinds[0], weight, Columns { stride: inputs, first: hidden, inputs: hidden }),
            neighbor: block(blocks - 1),
            second: loader.wide_linear(kinds[1], &format!("{layer}.{second}"), [hidden, hidden], 1.0)?,
        })
    }

    /// A·h + b1 for each row of `nodes`.
    pub(crate) fn center_terms(&self, kernels: Kernels, nodes: Rows<'_>, out: RowsMut<'_>) {
        kernels.matmul(nodes, &self.center.weight, &self.center.bias, out);
    }

    /// C·h for each row of `nodes`.
    pub(crate) fn neighbor_terms(&self, kernels: Kernels, nodes: Rows<'_>, zeros: &[f32], out: RowsMut<'_>) {
        kernels.matmul(nodes, &self.neighbor, zeros, out);
    }

    /// The center's term of a node whose state is zero: b1.
    pub(crate) fn center_of_zero(&self) -> &[f32] {
        &self.center.bias
    }
}

/// Memory of [`NodeUpdate::apply`], reused.
#[derive(Debug, Default)]
pub(crate) struct NodeScratch {
    wide: Hidden,
    narrow: NarrowRows,
}

/// The messages that nodes received.
#[derive(Clone, Copy)]
pub(crate) struct MessageSums<'a> {
    /// Σ m·g of each node. `[rows, H]`
    pub(crate) sums: Rows<'a>,
    /// Their Σ m. `[rows]`
    pub(crate) counts: &'a [f32],
}

/// From the summed messages of a node to its new state: W3, residual and norm, feed-forward, residual and norm.
#[derive(Debug)]
pub(crate) struct NodeUpdate {
    /// W3 / 30, b3 / 30
    third: WideLinear,
    norm1: Norm,
    /// dense.W_in
    feed_in: WideLinear,
    /// dense.W_out
    feed_out: WideLinear,
    norm2: Norm,
}

impl NodeUpdate {
    pub(crate) fn load(
        loader: &Loader<'_>,
        layer: &str,
        hidden: usize,
        feed_forward: usize,
    ) -> Result<NodeUpdate, WeightsError> {
        use ProductKind::{FeedForward, MessageSum};
        Ok(NodeUpdate {
            third: loader.wide_linear(MessageSum, &format!("{layer}.W3"), [hidden; 2], 1.0 / MESSAGE_SCALE)?,
            norm1: loader.norm(&format!("{layer}.norm1"), hidden)?,
            feed_in: loader.wide_linear(FeedForward, &format!("{layer}.dense.W_in"), [feed_forward, hidden], 1.0)?,
            feed_out: loader.wide_linear(FeedForward, &format!("{layer}.dense.W_out"), [hidden, feed_forward], 1.0)?,
            norm2: loader.norm(&format!("{layer}.norm2"), hidden)?,
        })
    }

    /// `nodes` [rows, H] become the layer's output, given their summed messages. `ones` holds at least one 1 per row.
    pub(crate) fn apply(
        &self,
        kernels: Kernels,
        messages: MessageSums<'_>,
        nodes: &mut [f32],
        scratch: &mut NodeScratch,
        ones: &[f32],
    ) {
        let MessageSums { sums, counts } = messages;
        let rows = counts.len();
        let NodeScratch { wide, narrow } = scratch;
        let stride = padded(self.third.weight.outputs());
        let third = WeightedBias { bias: &self.third.bias, row_weights: counts };
        self.third.weight.matmul_accumulate(kernels, sums, narrow, third, RowsMut::new(nodes, stride));
        self.norm1.apply(kernels, RowsMut::new(nodes, stride));
        let next = Next { weight: &self.feed_out.weight, hidden: wide };
        self.feed_in.weight.matmul_gelu_for(kernels, Rows::new(nodes, stride), narrow, &self.feed_in.bias, next);
        let bias = WeightedBias { bias: &self.feed_out.bias, row_weights: &ones[..rows] };
        self.feed_out.weight.matmul_accumulate(kernels, wide.rows(), narrow, bias, RowsMut::new(nodes, stride));
        self.norm2.apply(kernels, RowsMut::new(nodes, stride));
    }
}

/// `EncLayer` of the published code.
#[derive(Debug)]
pub(crate) struct EncoderLayer {
    pub(crate) message: Message,
    pub(crate) node: NodeUpdate,
    /// W11, W12
    pub(crate) edge: Message,
    /// W13
    pub(crate) edge_third: WideLinear,
    /// norm3
    pub(crate) edge_norm: Norm,
}

impl EncoderLayer {
    pub(crate) fn load(
        loader: &Loader<'_>,
        layer: &str,
        hidden: usize,
        feed_forward: usize,
    ) -> Result<EncoderLayer, WeightsError> {
        let names = |maps, kind| MessageNames { layer, maps, kinds: [kind; 2], blocks: 3 };
        Ok(EncoderLayer {
            message: Message::load(loader, names(["W1", "W2"], ProductKind::EncoderMessage), hidden)?,
            node: NodeUpdate::load(loader, layer, hidden, feed_forward)?,
            edge: Message::load(loader, names(["W11", "W12"], ProductKind::EdgeUpdate), hidden)?,
            edge_third: loader.wide_linear(ProductKind::EdgeUpdate, &format!("{layer}.W13"), [hidden; 2], 1.0)?,
            edge_norm: loader.norm(&format!("{layer}.norm3"), hidden)?,
        })
    }
}

/// `DecLayer` of the published code, with the letters' share of W1 as a table.
#[derive(Debug)]
pub(crate) struct DecoderLayer {
    pub(crate) message: Message,
    /// S·s for each letter of the vocabulary, `[V, H]`: what a decoded neighbor's letter adds.
    pub(crate) letters: Buffer,
    pub(crate) node: NodeUpdate,
}

impl DecoderLayer {
    /// `embedding` is `W_s.weight`, `[V, H]`.
    pub(crate) fn load(
        loader: &Loader<'_>,
        layer: &str,
        hidden: usize,
        feed_forward: usize,
        embedding: &[f32],
    ) -> Result<DecoderLayer, WeightsError> {
        let inputs = 4 * hidden;
        let first = &*loader.checkpoint.values(&format!("{layer}.W1.weight"), &[hidden, inputs])?;
        let letter_map = loader.pack_columns(first, inputs, 2 * hidden, hidden);
        let stride = padded(hidden);
        let mut letters = Buffer::zeros(embedding.len() / hidden * stride);
        let zeros = Buffer::zeros(stride);
        let rows = Rows::new(embedding, hidden);
        loader.kernels.matmul(rows, &letter_map, &zeros, RowsMut::new(&mut letters, stride));
        Ok(DecoderLayer {
            message: Message::load(loader, MessageNames::of_decoder(layer), hidden)?,
            letters,
            node: NodeUpdate::load(loader, layer, hidden, feed_forward)?,
        })
    }
}
