//! Which dictionary a file is, by the option that the published programs take it with.

use std::path::PathBuf;

/// A dictionary of the published programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DictionaryKind {
    ChainId,
    FixedPositions,
    TiedPositions,
    OmitAa,
    BiasAa,
    BiasByRes,
    Pssm,
    FixedResidues,
    RedesignedResidues,
    OmitAaPerResidue,
    BiasAaPerResidue,
}

/// The options without `_jsonl` and `_multi`.
const KINDS: [(&str, DictionaryKind); 11] = [
    ("chain_id", DictionaryKind::ChainId),
    ("fixed_positions", DictionaryKind::FixedPositions),
    ("tied_positions", DictionaryKind::TiedPositions),
    ("omit_AA", DictionaryKind::OmitAa),
    ("bias_AA", DictionaryKind::BiasAa),
    ("bias_by_res", DictionaryKind::BiasByRes),
    ("pssm", DictionaryKind::Pssm),
    ("fixed_residues", DictionaryKind::FixedResidues),
    ("redesigned_residues", DictionaryKind::RedesignedResidues),
    ("omit_AA_per_residue", DictionaryKind::OmitAaPerResidue),
    ("bias_AA_per_residue", DictionaryKind::BiasAaPerResidue),
];

impl DictionaryKind {
    pub(super) fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// What a text of the setting says.
#[derive(Debug, PartialEq)]
pub(super) enum Given {
    File(DictionaryKind, PathBuf),
    /// `pssm_multi`
    Weight(f32),
    /// `pssm_threshold`
    Threshold(f32),
}

/// `fixed_positions=fixed.jsonl`; the name may be the whole option, `--fixed_positions_jsonl`. The error is a sentence
/// without the text.
pub(super) fn parse(text: &str) -> Result<Given, String> {
    let (name, value) = text.split_once('=').ok_or("is a dictionary's name and its file, as fixed_positions=FILE")?;
    let option = name.trim().trim_start_matches('-').replace('-', "_");
    let plain = option.strip_suffix("_jsonl").or(option.strip_suffix("_multi").filter(|plain| *plain != "pssm"));
    let plain = plain.unwrap_or(&option);
    let number = || value.trim().parse::<f32>().ok().filter(|value| value.is_finite());
    match plain {
        "pssm_multi" => {
            let weight = number().filter(|value| (0.0..=1.0).contains(value));
            return weight
                .map(Given::Weight)
                .ok_or_else(|| "the weight of profiles is a number from 0 to 1".to_owned());
        }
        "pssm_threshold" => {
            return number().map(Given::Threshold).ok_or_else(|| "the threshold of log odds is a number".to_owned());
        }
        _ => {}
    }
    match KINDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(plain)) {
        Some(&(_, kind)) if !value.is_empty() => Ok(Given::File(kind, value.into())),
        Some(_) => Err("names no file".to_owned()),
        None => {
            let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
            Err(format!("there is no such dictionary; there are {}", known.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_are_called_by_their_options() {
        for (text, kind) in [
            ("fixed_positions=x", DictionaryKind::FixedPositions),
            ("--fixed_positions_jsonl=x", DictionaryKind::FixedPositions),
            ("omit-aa-jsonl=x", DictionaryKind::OmitAa),
            ("omit_AA_per_residue_multi=x", DictionaryKind::OmitAaPerResidue),
            ("pssm_jsonl=x", DictionaryKind::Pssm),
        ] {
            assert_eq!(parse(text), Ok(Given::File(kind, "x".into())), "{text}");
        }
        assert_eq!(parse("pssm_multi=0.3"), Ok(Given::Weight(0.3)));
        assert_eq!(parse("--pssm_threshold=-1"), Ok(Given::Threshold(-1.0)));
        for text in ["x", "y=x", "pssm_multi=2", "pssm=", "pssm_threshold=NaN"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
