//! The likelihoods of a structure's residues.

use anyhow::Result;
use fastmpnn::Conditioning;
use fastmpnn::model::Encoding;
use fastmpnn::spec::TiedGroup;

use super::orders::SingleOrders;
use super::settings::ScoreSettings;
use super::statistics::{Logits, SavedOrders};
use crate::decoding_orders;
use crate::ligand::model_type::Network;
use crate::ligand::parsed::ParsedStructure;
use crate::python::torch_random::TorchRandom;

/// The structure being scored, with the network.
pub(super) struct Session<'a> {
    pub(super) network: &'a Network,
    pub(super) settings: &'a ScoreSettings,
    pub(super) parsed: &'a ParsedStructure,
    pub(super) encoding: Encoding,
}

/// The network's logits, sample by sample, and the decoding orders.
pub(super) struct Answers {
    pub(super) logits: Vec<Logits>,
    pub(super) orders: SavedOrders,
}

impl Session<'_> {
    fn logits(&self, given: &Conditioning) -> Result<Logits> {
        Ok(self.network.engine.logits(&self.encoding, &self.parsed.structure, given)?)
    }

    /// The backbone of the residues that are decoded later. The script hides not only the letters of the earlier
    /// residues but also their backbones, which the networks were not trained for.
    fn later_backbone(&self, rank: &[u32]) -> Conditioning {
        let graph = self.encoding.graph();
        let visible = |residue: usize| {
            graph.neighbors(residue).iter().map(move |&neighbor| rank[neighbor as usize] >= rank[residue])
        };
        Conditioning::VisibleNeighbors { visible: (0..graph.len()).flat_map(visible).collect() }
    }

    /// Scores all residues along one order per sample.
    pub(super) fn along(
        &self,
        chosen: &[bool],
        ties: Option<&[TiedGroup]>,
        hidden: bool,
        random: &mut TorchRandom,
    ) -> Result<Answers> {
        let sequence = self.parsed.native();
        let designed: Vec<bool> =
            chosen.iter().zip(self.parsed.resolved()).map(|(&chosen, resolved)| chosen && resolved).collect();
        let (mut logits, mut saved) = (Vec::new(), Vec::new());
        for _ in 0..self.settings.run.batches {
            let mut orders = decoding_orders::orders(random, &designed, self.settings.run.copies);
            if let Some(ties) = ties {
                // All copies follow the order of the first.
                let shared = decoding_orders::tied_order(&orders[0], ties);
                orders.fill(shared);
            }
            for order in &orders {
                let rank = decoding_orders::rank_of(order);
                let given = match hidden {
                    true => self.later_backbone(&rank),
                    false => Conditioning::Earlier { sequence: sequence.clone(), rank },
                };
                logits.push(self.logits(&given)?);
                saved.extend(order.iter().map(|&residue| i64::from(residue)));
            }
        }
        Ok(Answers { logits, orders: SavedOrders::Along(saved) })
    }

    /// Scores each residue in its own order, in which it is first or last.
    pub(super) fn single(&self, last: bool, random: &mut TorchRandom) -> Result<Answers> {
        let sequence = self.parsed.native();
        let length = self.parsed.len();
        let (mut logits, mut saved) = (Vec::new(), Vec::new());
        for _ in 0..self.settings.run.batches {
            let normals = random.normals(self.settings.run.copies * length);
            for normals in normals.chunks_exact(length) {
                let orders = SingleOrders::new(normals, last);
                let rank = orders.rank();
                let before = orders.before.clone();
                logits.push(self.logits(&Conditioning::Moved { sequence: sequence.clone(), rank, before })?);
                saved.extend((0..length as u32).flat_map(|residue| orders.of(residue)).map(|place| place as f32));
            }
        }
        Ok(Answers { logits, orders: SavedOrders::Single(saved) })
    }
}
