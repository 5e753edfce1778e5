//! The names of a dataset's files.

use crate::request::Shard;
use crate::table::TableFormat;

/// The names of the files of a run, which is of all inputs or of one shard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    shard: Option<Shard>,
    format: TableFormat,
}

impl Layout {
    pub(super) fn new(shard: Option<Shard>, format: TableFormat) -> Layout {
        Layout { shard, format }
    }

    /// Nothing, or `-2of4`.
    fn suffix(self) -> String {
        self.shard.map_or_else(String::new, |shard| format!("-{}of{}", shard.index(), shard.count()))
    }

    /// `designs-00001`, `designs-2of4-00001`; parts are counted from 0 here and from 1 in names.
    pub(super) fn stem(self, part: u64) -> String {
        format!("designs{}-{:05}", self.suffix(), part + 1)
    }

    /// `parts/designs-00001.parquet`
    pub(super) fn part(self, part: u64) -> String {
        format!("{}/{}.{}", super::manifest::PARTS, self.stem(part), self.format.ending())
    }

    /// Whether a file is the part of one of these runs, and not of another shard.
    pub(super) fn is_own(self, file: &str) -> bool {
        let number = file.rsplit_once('-').and_then(|(_, end)| end.split('.').next()?.parse::<u64>().ok());
        number.is_some_and(|number| number > 0 && self.part(number - 1) == file)
    }

    /// `manifest/designs-00001.json`
    pub(super) fn record(self, part: u64) -> String {
        format!("{}/{}.json", super::manifest::FOLDER, self.stem(part))
    }

    /// `.fastmpnn-unfinished-designs`
    pub(super) fn journal(self) -> String {
        format!("{}{}", super::journal::NAME, self.suffix())
    }

    /// How the names of files on their way begin: `.fastmpnn-staged.`, `.fastmpnn-staged-2of4.`
    pub(super) fn staged(self) -> String {
        format!(".fastmpnn-staged{}.", self.suffix())
    }

    /// How the names of all files begin that a killed process may have left half written: of parts and records, and of the
    /// files that are replaced as a whole.
    pub(super) fn unfinished(self) -> [String; 3] {
        let of_replaced = |file: String| format!(".{file}.");
        [self.staged(), of_replaced(self.failures()), of_replaced(self.summary())]
    }

    /// `failures.csv`
    pub(super) fn failures(self) -> String {
        format!("failures{}.csv", self.suffix())
    }

    /// `summary.json`
    pub(super) fn summary(self) -> String {
        format!("summary{}.json", self.suffix())
    }
}
