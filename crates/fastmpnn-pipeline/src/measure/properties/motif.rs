//! Motifs of sequences: regular expressions whose matches are counted, overlapping ones included.

use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;

/// A motif of the user.
#[derive(Clone, Debug)]
pub struct Motif {
    /// Its name; its column is `motif_` and the name.
    pub name: String,
    regex: Regex,
}

impl Motif {
    /// The regular expression.
    pub fn pattern(&self) -> &str {
        self.regex.as_str()
    }

    pub(super) fn column(&self) -> String {
        format!("motif_{}", self.name)
    }

    /// Where its matches begin in the letters of a polymer: at each letter at most one.
    pub(super) fn starts<'a>(&'a self, letters: &'a str) -> impl Iterator<Item = usize> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = self.regex.find_at(letters, from)?;
            // Letters are ASCII, and the next match may overlap this one.
            from = found.start() + 1;
            Some(found.start())
        })
    }

    /// The number of its matches.
    pub(super) fn count(&self, letters: &str) -> usize {
        self.starts(letters).count()
    }
}

impl FromStr for Motif {
    type Err = String;

    fn from_str(text: &str) -> Result<Motif, String> {
        let form = || format!("{text:?} is not a name and a regular expression, such as glycosylation=N[^P][ST]");
        let (name, pattern) = text.split_once('=').ok_or_else(form)?;
        let name = name.trim();
        let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !is_name {
            return Err(format!("the name of {text:?} is not of letters, digits and underscores"));
        }
        let regex = Regex::new(pattern).map_err(|error| {
            // The last line of the crate's message says what is wrong; those before draw where.
            let message = error.to_string();
            let reason = message.lines().last().unwrap_or_default();
            format!("{pattern:?} is not a regular expression: {}", reason.trim_start_matches("error: "))
        })?;
        if regex.is_match("") {
            return Err(format!("{pattern:?} also matches where there are no letters"));
        }
        Ok(Motif { name: name.to_owned(), regex })
    }
}

/// A protease and what it cuts.
pub(super) struct Protease {
    pub(super) name: &'static str,
    pub(super) column: &'static str,
    pub(super) pattern: &'static str,
    pub(super) motif: Motif,
}

impl Protease {
    fn new(name: &'static str, column: &'static str, pattern: &'static str) -> Protease {
        Protease { name, column, pattern, motif: own(column, pattern) }
    }
}

fn own(name: &str, pattern: &str) -> Motif {
    let regex = Regex::new(pattern).unwrap_or_else(|error| unreachable!("a pattern of the program's own: {error}"));
    Motif { name: name.to_owned(), regex }
}

/// The acceptor of N-glycans: Marshall, Annual Review of Biochemistry 41 (1972) 673.
pub(super) static GLYCOSYLATION: LazyLock<Motif> = LazyLock::new(|| own("glycosylation", "N[^P][ST]"));

/// Recognition sequences, cut after the letters of the first part: those of ExPASy's PeptideCutter (Gasteiger et al., The
/// Proteomics Protocols Handbook, 2005) for trypsin, TEV protease, factor Xa and enterokinase in their strict forms; the
/// thrombin and HRV 3C sites are those of expression vectors (Waugh, Protein Expression and Purification 80, 2011, 283);
/// furin's is that of Hosaka et al., Journal of Biological Chemistry 266 (1991) 12127.
pub(super) static PROTEASES: LazyLock<[Protease; 7]> = LazyLock::new(|| {
    [
        Protease::new("trypsin", "trypsin_sites", "[KR][^P]"),
        Protease::new("thrombin", "thrombin_sites", "LVPRGS"),
        Protease::new("TEV protease", "tev_sites", "E..Y.Q[GS]"),
        Protease::new("furin", "furin_sites", "R.[KR]R"),
        Protease::new("factor Xa", "factor_xa_sites", "I[DE]GR"),
        Protease::new("enterokinase", "enterokinase_sites", "DDDDK"),
        Protease::new("HRV 3C protease", "hrv_3c_sites", "LEVLFQGP"),
    ]
});
