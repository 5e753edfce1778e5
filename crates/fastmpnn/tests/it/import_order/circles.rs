//! Cycles of files that use each other, of any length.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::sources::Uses;

/// The cycles: sets of files each of which uses, directly or not, every other one of its set. One path around each is
/// returned.
pub(super) fn circles(uses: &Uses) -> Vec<Vec<PathBuf>> {
    let reached: BTreeMap<&Path, BTreeSet<&Path>> =
        uses.keys().map(|file| (file.as_path(), reach(uses, file))).collect();
    let mut seen: BTreeSet<&Path> = BTreeSet::new();
    let mut found = Vec::new();
    for (&file, from_here) in &reached {
        if !from_here.contains(file) || !seen.insert(file) {
            continue;
        }
        let members = from_here.iter().filter(|&&other| reached.get(other).is_some_and(|back| back.contains(file)));
        seen.extend(members);
        found.push(way_round(uses, file));
    }
    found
}

/// The files that a file uses, and those that these use, and so on.
fn reach<'u>(uses: &'u Uses, file: &Path) -> BTreeSet<&'u Path> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Path> = uses.get(file).into_iter().flatten().map(PathBuf::as_path).collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(uses.get(file).into_iter().flatten().map(PathBuf::as_path));
        }
    }
    reached
}

/// A shortest way from a file back to itself, which there must be.
fn way_round(uses: &Uses, start: &Path) -> Vec<PathBuf> {
    let mut before: BTreeMap<&Path, &Path> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for next in uses.get(file).into_iter().flatten() {
            if next == start {
                let mut way = vec![start.to_owned(), file.to_owned()];
                let mut place = file;
                while let Some(&previous) = before.get(place) {
                    way.push(previous.to_owned());
                    place = previous;
                }
                way.reverse();
                return way;
            }
            if next != start && !before.contains_key(next.as_path()) {
                before.insert(next, file);
                queue.push_back(next);
            }
        }
    }
    unreachable!("{} is in no circle", start.display())
}
