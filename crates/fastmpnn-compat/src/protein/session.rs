//! The structure in work: its encodings, its likelihoods, and the files for its arrays.

use std::fs;
use std::io::BufWriter;

use anyhow::Result;
use fastmpnn::Engine;
use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::model::Encoding;
use fastmpnn::structure::Structure;
use fastmpnn::write::{NamedArray, write_npz};

use super::draws;
use super::letters::LetterRule;
use super::settings::ProteinSettings;
use super::target::Target;
use crate::outcome::WritingTo;
use crate::python::torch_random::TorchRandom;

/// ln p by residue and letter, nats. `[N, V]`
pub(super) type LogProbabilities = Vec<[f32; VOCABULARY]>;

/// The script's score and global score: the mean of −ln p, nats.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScorePair {
    /// Over the designed residues.
    pub(super) designed: f32,
    /// Over all residues with a backbone.
    pub(super) global: f32,
}

/// The structure in work, with the network.
pub(super) struct Session<'a> {
    pub(super) engine: &'a Engine,
    pub(super) settings: &'a ProteinSettings,
    pub(super) rule: &'a LetterRule,
    pub(super) target: Target,
    /// The encoding without noise.
    encoding: Encoding,
}

/// The encodings of a batch's copies.
pub(super) enum Encoded<'s> {
    /// The same for all copies.
    Shared(&'s Structure, &'s Encoding),
    /// One for each copy, with its own noise.
    Noisy(Vec<(Structure, Encoding)>),
}

impl Encoded<'_> {
    pub(super) fn copy(&self, copy: usize) -> (&Structure, &Encoding) {
        match self {
            Encoded::Shared(structure, encoding) => (structure, encoding),
            Encoded::Noisy(copies) => (&copies[copy].0, &copies[copy].1),
        }
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        settings: &'a ProteinSettings,
        rule: &'a LetterRule,
        target: Target,
    ) -> Result<Session<'a>> {
        let encoding = engine.encode(&target.structure)?;
        Ok(Session { engine, settings, rule, target, encoding })
    }

    /// The encodings that one call of the published network would make: noise is drawn anew at each.
    pub(super) fn encoded(&self, random: &mut TorchRandom) -> Result<Encoded<'_>> {
        let noise = self.settings.noise;
        if noise <= 0.0 {
            return Ok(Encoded::Shared(&self.target.structure, &self.encoding));
        }
        let (copies, ca_only) = (self.settings.run.copies, self.settings.ca_only);
        let copies = draws::noisy_copies(random, &self.target.structure, noise, copies, ca_only);
        let encode = |structure: Structure| -> Result<(Structure, Encoding)> {
            let encoding = self.engine.encode(&structure)?;
            Ok((structure, encoding))
        };
        Ok(Encoded::Noisy(copies.into_iter().map(encode).collect::<Result<_>>()?))
    }

    /// ln p of a sequence in a decoding order, with the structure as one copy sees it.
    pub(super) fn log_probabilities(
        &self,
        encoded: &Encoded<'_>,
        copy: usize,
        sequence: &[Letter],
        rank: &[u32],
    ) -> Result<LogProbabilities> {
        let (structure, encoding) = encoded.copy(copy);
        Ok(self.engine.autoregressive(encoding, structure, sequence, rank)?)
    }

    /// −ln p averaged over the designed residues, and over all that have a backbone.
    pub(super) fn scores(&self, log_probabilities: &LogProbabilities, sequence: &[Letter]) -> ScorePair {
        let mean = |counted: &[bool]| {
            let (mut total, mut count) = (0.0, 0.0);
            for ((row, letter), _) in
                log_probabilities.iter().zip(sequence).zip(counted).filter(|(_, counted)| **counted)
            {
                total -= f64::from(row[letter.index()]);
                count += 1.0;
            }
            (total / count) as f32
        };
        ScorePair { designed: mean(&self.target.designed), global: mean(&self.target.resolved) }
    }

    /// Writes arrays to `OUT/FOLDER/NAME.npz`.
    pub(super) fn write_arrays(&self, folder: &str, name: &str, arrays: &[NamedArray<'_>]) -> Result<()> {
        let path = format!("{}{folder}/{name}.npz", self.settings.run.folder);
        let file = fs::File::create(&path).writing_to(&path)?;
        write_npz(BufWriter::new(file), arrays).writing_to(&path)?;
        Ok(())
    }

    /// The letters of the designed chains, concatenated.
    pub(super) fn shown(&self, sequence: &[Letter]) -> String {
        let shown = sequence.iter().zip(&self.target.shown).filter(|(_, shown)| **shown);
        shown.map(|(letter, _)| letter.to_char()).collect()
    }
}

/// Booleans as floats, as in the published arrays.
pub(super) fn as_floats(flags: &[bool]) -> Vec<f32> {
    flags.iter().map(|&flag| if flag { 1.0 } else { 0.0 }).collect()
}

/// Letters as indices, as in the published arrays.
pub(super) fn as_indexes(sequence: &[Letter]) -> Vec<i64> {
    sequence.iter().map(|letter| letter.index() as i64).collect()
}
