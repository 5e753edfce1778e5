//! Which products of a network are computed from numbers split into bf16, and in how many terms each.
//!
//! Six terms are as exact as f32, three err by 2⁻¹⁶ of each product and take about two thirds of the time. Products differ
//! in how much of the error reaches the result, so a network may mix them.

use fastmpnn_kernels::SplitTerms;

/// The kinds of products that may be in narrow numbers.
///
/// The others are f32 always when products are split: the Gaussians, most of which are zero and left out, W_out, and the
/// nodes' shares of W1 and W11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ProductKind {
    /// W_e
    Features,
    /// W1's share of the edge and W2 of the encoder.
    EncoderMessage,
    /// W11's share of the edge, W12 and W13.
    EdgeUpdate,
    /// W1's share of the edge in the decoder.
    DecoderEdge,
    /// W2 of the decoder.
    DecoderMessage,
    /// W3. Never split: decoding a sample or two computes it for fewer rows than a tile has.
    MessageSum,
    /// dense.W_in and dense.W_out
    FeedForward,
    /// LigandMPNN's messages to a residue's atoms and from them.
    Context,
}

/// The terms of each kind of product; `None` where it is f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mixture {
    pub(crate) features: Option<SplitTerms>,
    pub(crate) encoder_message: Option<SplitTerms>,
    pub(crate) edge_update: Option<SplitTerms>,
    pub(crate) decoder_edge: Option<SplitTerms>,
    pub(crate) decoder_message: Option<SplitTerms>,
    pub(crate) feed_forward: Option<SplitTerms>,
    pub(crate) context: Option<SplitTerms>,
}

impl Mixture {
    /// As exact as f32: six terms. The fastest that `mixtures.tsv` allows.
    pub(crate) const AS_EXACT_AS_F32: Mixture = Mixture::of_edges(Some(SplitTerms::Six));

    /// Three terms.
    pub(crate) const THREE_TERMS: Mixture = Mixture::of_edges(Some(SplitTerms::Three));

    /// One term. Dot products of pairs gain by it with any number of rows, so the feed-forward blocks have one, too.
    pub(crate) const ONE_TERM: Mixture =
        Mixture { feed_forward: Some(SplitTerms::One), ..Mixture::of_edges(Some(SplitTerms::One)) };

    /// These terms in all products of edges and of atoms. The feed-forward blocks are f32: a tile has sixteen rows, and so
    /// many nodes are together only in the encoder, where six terms gain nothing over f32, and when many samples are drawn.
    pub(crate) const fn of_edges(terms: Option<SplitTerms>) -> Mixture {
        Mixture {
            features: terms,
            encoder_message: terms,
            edge_update: terms,
            decoder_edge: terms,
            decoder_message: terms,
            feed_forward: None,
            context: terms,
        }
    }

    /// The terms of a kind of product.
    pub(crate) fn terms(&self, kind: ProductKind) -> Option<SplitTerms> {
        match kind {
            ProductKind::Features => self.features,
            ProductKind::EncoderMessage => self.encoder_message,
            ProductKind::EdgeUpdate => self.edge_update,
            ProductKind::DecoderEdge => self.decoder_edge,
            ProductKind::DecoderMessage => self.decoder_message,
            ProductKind::MessageSum => None,
            ProductKind::FeedForward => self.feed_forward,
            ProductKind::Context => self.context,
        }
    }
}
