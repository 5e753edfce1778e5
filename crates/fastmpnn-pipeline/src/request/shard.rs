//! Shares of the inputs, for several processes.

use std::fmt;
use std::str::FromStr;

/// One of several shares of the inputs: input i of a run, from 0, belongs to share i mod count + 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// The share's number, from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// The number of shares.
    pub fn count(self) -> u32 {
        self.count
    }

    /// The number of inputs in the share, of this number of all.
    pub(crate) fn of(self, all: usize) -> usize {
        all.saturating_sub(self.index as usize - 1).div_ceil(self.count as usize)
    }

    /// The place among all inputs of an input of the share; both are counted from 0.
    pub(crate) fn place(self, index: usize) -> usize {
        index.saturating_mul(self.count as usize).saturating_add(self.index as usize - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parsed = text.split_once('/').and_then(|(index, count)| {
            let (index, count) = (index.trim().parse().ok()?, count.trim().parse().ok()?);
            (1..=count).contains(&index).then_some(Shard { index, count })
        });
        parsed.ok_or_else(|| "a shard is I/N, such as 2/4, with I from 1 to N".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_divide_the_inputs() {
        let shards: Vec<Shard> = ["1/3", "2/3", " 3 / 3"].iter().map(|text| text.parse().unwrap()).collect();
        for all in 0..10 {
            let of = |shard: &Shard| (0..shard.of(all)).map(|index| shard.place(index)).collect::<Vec<_>>();
            let mut places: Vec<usize> = shards.iter().flat_map(of).collect();
            places.sort_unstable();
            assert_eq!(places, (0..all).collect::<Vec<_>>(), "{all}");
        }
        assert_eq!((shards[1].place(0), shards[1].place(1)), (1, 4));
        assert_eq!(shards[1].to_string(), "2/3");
        for text in ["0/3", "4/3", "1", "1/0", "a/b", "-1/3"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
