//! What an entry of a dictionary adds to a structure's specification.

use std::collections::BTreeMap;

use fastmpnn::chemistry::VOCABULARY;
use fastmpnn::spec::{DesignSpec, Pssm};
use fastmpnn::structure::Structure;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::kind::DictionaryKind;
use super::positions::Positions;

/// The settings of profiles, and the structure that is spoken of.
pub(super) struct Addition<'s> {
    pub(super) structure: &'s Structure,
    /// Whether it is a line of parsed structures.
    pub(super) parsed: bool,
    pub(super) weight: Option<f32>,
    pub(super) threshold: Option<f32>,
}

/// A value for each chain.
type ByChain<T> = BTreeMap<String, T>;

/// Positions, or positions with weights.
#[derive(Deserialize)]
#[serde(untagged)]
enum TiedMembers {
    Positions(Vec<u64>),
    Weighted(Vec<u64>, Vec<f64>),
}

/// The profile of a chain.
#[derive(Deserialize)]
struct ChainProfile {
    pssm_coef: Vec<f32>,
    pssm_bias: Vec<[f32; VOCABULARY]>,
    pssm_log_odds: Vec<[f32; VOCABULARY]>,
}

impl Addition<'_> {
    pub(super) fn add(&self, kind: DictionaryKind, value: &Value, spec: &mut DesignSpec) -> Result<(), String> {
        match kind {
            DictionaryKind::ChainId => self.add_chains(value, spec),
            DictionaryKind::FixedPositions => self.add_fixed(value, spec),
            DictionaryKind::TiedPositions => self.add_ties(value, spec),
            DictionaryKind::OmitAa => self.add_omitted(value, spec),
            DictionaryKind::BiasAa => {
                let biases: BTreeMap<String, f64> = read(value, "a number for each letter, such as {\"A\": -1.1}")?;
                spec.bias.extend(biases.iter().map(|(letter, bias)| format!("{letter}={bias}")));
                Ok(())
            }
            DictionaryKind::BiasByRes => self.add_biases(value, spec),
            DictionaryKind::Pssm => self.add_profile(value, spec),
            DictionaryKind::FixedResidues => add_names(value, &mut spec.fix),
            DictionaryKind::RedesignedResidues => add_names(value, &mut spec.redesign),
            DictionaryKind::OmitAaPerResidue => {
                let letters: BTreeMap<String, String> =
                    read(value, "letters for each residue, such as {\"A12\": \"PG\"}")?;
                let some = letters.iter().filter(|(_, letters)| !letters.is_empty());
                spec.omit_at.extend(some.map(|(name, letters)| format!("{name}:{letters}")));
                Ok(())
            }
            DictionaryKind::BiasAaPerResidue => {
                let biases: BTreeMap<String, BTreeMap<String, f64>> =
                    read(value, "biases for each residue, such as {\"A12\": {\"G\": -0.3}}")?;
                for (name, letters) in biases.iter().filter(|(_, letters)| !letters.is_empty()) {
                    let letters: Vec<String> =
                        letters.iter().map(|(letter, bias)| format!("{letter}={bias}")).collect();
                    spec.bias_at.push(format!("{name}:{}", letters.join(",")));
                }
                Ok(())
            }
        }
    }

    fn add_chains(&self, value: &Value, spec: &mut DesignSpec) -> Result<(), String> {
        let lists: Vec<Vec<String>> = read(value, "the designed and the fixed chains, such as [[\"A\"], [\"B\"]]")?;
        let designed = lists.first().filter(|designed| !designed.is_empty()).ok_or("names no chain to design")?;
        spec.chains = Some(designed.join(","));
        Ok(())
    }

    /// The names of the residues at positions, those that the numbering skips left out.
    fn names(&self, chain: &str, positions: &[u64]) -> Result<Vec<String>, String> {
        // The published helpers write empty lists for chains without any atoms.
        if positions.is_empty() {
            return Ok(Vec::new());
        }
        let chain = Positions::of_chain(self.structure, chain, self.parsed)
            .ok_or_else(|| format!("there is no chain {}", chain.escape_debug()))?;
        let found = positions.iter().map(|&position| chain.at(position));
        let found: Vec<_> = found.collect::<Result<_, String>>()?;
        Ok(found.into_iter().flatten().map(|residue| residue.id.to_string()).collect())
    }

    fn add_fixed(&self, value: &Value, spec: &mut DesignSpec) -> Result<(), String> {
        let fixed: ByChain<Vec<u64>> = read(value, "the positions of each chain, such as {\"A\": [1, 2]}")?;
        for (chain, positions) in &fixed {
            let names = self.names(chain, positions)?;
            if !names.is_empty() {
                spec.fix.push(names.join(","));
            }
        }
        Ok(())
    }

    fn add_ties(&self, value: &Value, spec: &mut DesignSpec) -> Result<(), String> {
        let groups: Vec<ByChain<TiedMembers>> = read(value, "groups of positions, such as [{\"A\": [1], \"B\": [1]}]")?;
        for group in &groups {
            let mut members = Vec::new();
            for (chain, tied) in group {
                match tied {
                    TiedMembers::Positions(positions) => members.extend(self.names(chain, positions)?),
                    TiedMembers::Weighted(positions, weights) if positions.len() == weights.len() => {
                        for (&position, weight) in positions.iter().zip(weights) {
                            let names = self.names(chain, &[position])?;
                            members.extend(names.iter().map(|name| format!("{name}*{weight}")));
                        }
                    }
                    TiedMembers::Weighted(positions, weights) => {
                        let (positions, weights) = (positions.len(), weights.len());
                        return Err(format!("chain {chain}: {weights} weights for {positions} positions"));
                    }
                }
            }
            if members.len() > 1 {
                spec.tie.push(members.join("="));
            }
        }
        Ok(())
    }

    fn add_omitted(&self, value: &Value, spec: &mut DesignSpec) -> Result<(), String> {
        let omitted: ByChain<Vec<(Vec<u64>, String)>> =
            read(value, "positions and letters of each chain, such as {\"A\": [[[1, 2], \"GPL\"]]}")?;
        for (chain, list) in &omitted {
            for (positions, letters) in list.iter().filter(|(_, letters)| !letters.is_empty()) {
                let names = self.names(chain, positions)?;
                if !names.is_empty() {
                    spec.omit_at.push(format!("{}:{letters}", names.join(",")));
                }
            }
        }
        Ok(())
    }

    fn add_biases(&self, value: &Value, spec: &mut DesignSpec) -> Result<(), String> {
        let biases: ByChain<Vec<[f32; VOCABULARY]>> =
            read(value, "21 numbers for each position of each chain, such as {\"A\": [[0.0, …], …]}")?;
        let table = &mut spec.by_residue.bias;
        table.resize(self.structure.residues.len(), [0.0; VOCABULARY]);
        for (chain, rows) in &biases {
            for (residue, row) in self.rows(chain, rows.len())? {
                for (sum, bias) in table[residue].iter_mut().zip(rows[row]) {
                    *sum += bias;
                }
            }
        }
        Ok(())
    }

    fn add_profile(&self, value: &Value, spec: &mut DesignSpec) -> Result<(), String> {
        let chains: ByChain<ChainProfile> =
            read(value, "pssm_coef, pssm_bias and pssm_log_odds of each chain, a row for each position")?;
        let count = self.structure.residues.len();
        let mut profile = Pssm {
            weight: self.weight.unwrap_or(0.0),
            coefficient: vec![0.0; count],
            probabilities: vec![[0.0; VOCABULARY]; count],
            log_odds: Vec::new(),
            threshold: self.threshold.unwrap_or(0.0),
        };
        if let Some(threshold) = self.threshold {
            // Residues without log odds take every letter.
            profile.log_odds = vec![[threshold + 1.0; VOCABULARY]; count];
        }
        for (chain, ChainProfile { pssm_coef, pssm_bias, pssm_log_odds }) in &chains {
            let lengths = [pssm_coef.len(), pssm_bias.len(), pssm_log_odds.len()];
            if lengths.iter().any(|&length| length != lengths[0]) {
                return Err(format!("chain {chain}: its three tables have {lengths:?} rows"));
            }
            for (residue, row) in self.rows(chain, lengths[0])? {
                profile.coefficient[residue] = pssm_coef[row];
                profile.probabilities[residue] = pssm_bias[row];
                if let Some(log_odds) = profile.log_odds.get_mut(residue) {
                    *log_odds = pssm_log_odds[row];
                }
            }
        }
        spec.by_residue.pssm = Some(profile);
        Ok(())
    }

    /// The index of each residue of a chain, and of its row in a table with one for each position; none of a chain that has
    /// no atoms.
    fn rows(&self, chain: &str, found: usize) -> Result<Vec<(usize, usize)>, String> {
        let Some(positions) = Positions::of_chain(self.structure, chain, self.parsed) else { return Ok(Vec::new()) };
        positions.rows(found).map_err(|reason| format!("chain {}: {reason}", chain.escape_debug()))
    }
}

/// Names of residues, separated by spaces.
fn add_names(value: &Value, selections: &mut Vec<String>) -> Result<(), String> {
    let names: String = read(value, "residues such as \"A1 A2\"")?;
    let names: Vec<&str> = names.split_whitespace().collect();
    if !names.is_empty() {
        selections.push(names.join(","));
    }
    Ok(())
}

fn read<T: DeserializeOwned>(value: &Value, expected: &str) -> Result<T, String> {
    T::deserialize(value).map_err(|_| format!("expected {expected}"))
}
