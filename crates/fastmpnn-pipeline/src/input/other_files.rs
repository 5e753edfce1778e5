//! Files that are no structures, counted by their endings.

use std::collections::BTreeMap;

/// More endings than this are summed up.
const ENDINGS_NAMED: usize = 6;

/// How many files have each ending that is not read.
#[derive(Debug, Default)]
pub(super) struct OtherFiles(BTreeMap<String, usize>);

impl OtherFiles {
    /// Counts a file of that name.
    pub(super) fn add(&mut self, name: &str) {
        *self.0.entry(ending(name)).or_default() += 1;
    }

    /// `3 files were not read (2 .sdf, 1 .xz)`; `None` where everything is a structure.
    pub(super) fn not_read(&self) -> Option<String> {
        let count: usize = self.0.values().sum();
        if count == 0 {
            return None;
        }
        let mut endings: Vec<(&String, &usize)> = self.0.iter().collect();
        endings.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        let more = if endings.len() > ENDINGS_NAMED { ", …" } else { "" };
        let list: Vec<String> =
            endings.iter().take(ENDINGS_NAMED).map(|(ending, count)| format!("{count} {ending}")).collect();
        let files = if count == 1 { "1 other file was".to_owned() } else { format!("{count} other files were") };
        Some(format!("{files} not read ({}{more})", list.join(", ")))
    }
}

/// `.xz` of `model.pdb.xz`; of what is packed by gzip, `.sdf.gz`.
fn ending(name: &str) -> String {
    let lower = name.to_lowercase();
    let plain = lower.strip_suffix(".gz").unwrap_or(&lower);
    match plain.rfind('.').filter(|&at| at > 0) {
        Some(at) => lower[at..].to_owned(),
        None => "without an ending".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_of_what_is_not_read() {
        for (name, expected) in
            [("a.SDF", ".sdf"), ("a.pdb.xz", ".xz"), ("a.sdf.gz", ".sdf.gz"), ("README", "without an ending")]
        {
            assert_eq!(ending(name), expected);
        }
    }
}
